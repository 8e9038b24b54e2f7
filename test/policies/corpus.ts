import type { Case } from './corpus/case.ts';
import { cisGkeCases } from './corpus/cis-gke.ts';
import { edgeCases } from './corpus/edge.ts';
import { objectCases } from './corpus/objects.ts';
import { podSecurityCases } from './corpus/pod-security.ts';

/** What every rule says of objects that keep it and of objects that break it. */
export const corpus: readonly Case[] = [...podSecurityCases, ...cisGkeCases, ...edgeCases, ...objectCases];
