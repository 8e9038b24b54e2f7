"""Forward auth: tells the edge whether a request may pass, by its bearer token.

The token is the content of the file that TOKEN_FILE names, a mounted Secret. It is read for each request, so a
changed Secret counts at once. Without it nobody passes: the answer is 503.
"""

import os
from hashlib import sha256
from hmac import compare_digest
from typing import Optional

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI(title="Forward Auth API", docs_url=None, redoc_url=None, openapi_url=None)

# The edge asks with GET, or with the method of the request it asks about.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

# Who holds the one token there is; the edge hands it on to the app.
USER = "admission-client"


def read_token() -> Optional[bytes]:
    """The token that passes; None when there is none. One line end after it is not a part of it."""
    try:
        with open(os.environ["TOKEN_FILE"], "rb") as file:
            token = file.read()
    except (KeyError, OSError):
        return None
    return token.removesuffix(b"\n") or None


def expected_token() -> bytes:
    """The token that passes; a 503 when there is none."""
    token = read_token()
    if token is None:
        raise HTTPException(503, detail="No token is configured: TOKEN_FILE must name a file that holds one")
    return token


def same(given: bytes, expected: bytes) -> bool:
    """Compares digests, so that neither content nor length shows in the time it takes."""
    return compare_digest(sha256(given).digest(), sha256(expected).digest())


class Bearer(HTTPBearer):
    """`Authorization: Bearer TOKEN`, once. FastAPI's own answers for its absence and for another scheme are 403."""

    async def __call__(self, request: Request, expected: bytes = Depends(expected_token)) -> None:
        if len(request.headers.getlist("authorization")) > 1:
            raise HTTPException(403, detail="Invalid authentication credentials")
        credentials: HTTPAuthorizationCredentials = await super().__call__(request)
        # Header bytes are latin-1 in ASGI servers.
        if not same(credentials.credentials.encode("latin-1"), expected):
            raise HTTPException(401, detail="Invalid Token", headers={"WWW-Authenticate": "Bearer"})


@app.api_route("/auth", methods=METHODS, dependencies=[Depends(Bearer())])
async def auth(response: Response) -> "dict[str, str]":
    response.headers["X-Auth-User"] = USER
    return {"status": "ok"}


@app.get("/healthz", dependencies=[Depends(expected_token)])
async def healthz() -> "dict[str, str]":
    return {"status": "ok"}
