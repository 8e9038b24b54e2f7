#!/usr/bin/env python3
"""Writes the data that the admission model is fitted on: 400 made-up applicants, as CSV on standard output.

    python3 make-data.py > admissions.csv

Nobody's records are in it. Each applicant has a rank of the school they come from (1 is best; 2 is the most
frequent), a gre score around 590 in steps of 20 and a gpa around 3.4; higher scores and a better rank make admission
likelier, by the weights below. Only `random()` of a seeded generator is used, whose sequence Python keeps between
versions: the same bytes come out everywhere.
"""

import math
import random

ROWS = 400
SEED = 1867
RANK_SHARES = [(1, 0.15), (2, 0.39), (3, 0.29), (4, 0.17)]
INTERCEPT, GRE_WEIGHT, GPA_WEIGHT, RANK_WEIGHT = -6.4, 0.005, 1.2, -0.8

source = random.Random(SEED)


def bell(mean: float, deviation: float) -> float:
    """About normal: the sum of twelve uniform numbers has variance 1."""
    return mean + deviation * (sum(source.random() for _ in range(12)) - 6)


def clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def draw_rank() -> int:
    drawn, reached = source.random(), 0.0
    for rank, share in RANK_SHARES:
        reached += share
        if drawn < reached:
            return rank
    return RANK_SHARES[-1][0]


def applicant() -> str:
    rank = draw_rank()
    gre = int(clamp(round(bell(590, 115) / 20) * 20, 200, 800))
    gpa = clamp(round(bell(3.4, 0.38), 2), 0.0, 4.0)
    odds = INTERCEPT + GRE_WEIGHT * gre + GPA_WEIGHT * gpa + RANK_WEIGHT * (rank - 1)
    admit = int(source.random() < 1 / (1 + math.exp(-odds)))
    return f"{admit},{gre},{gpa:.2f},{rank}"


print("admit,gre,gpa,rank")
for _ in range(ROWS):
    print(applicant())
