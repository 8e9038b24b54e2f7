"""The Python backend: says who it is, which path it was asked for, and hands /admission on to the R backend."""

import os
import ssl
from typing import Any, Optional

import httpx
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

# No defaults: a wrong guess of the relay's address would be this service itself.
APP_PREFIX = os.environ["APP_PREFIX"]
ADMISSION_URL = "http://{0}:{1}/admission".format(os.environ["RSERVE_HOST"], os.environ["RSERVE_PORT"])

RELAY_SECONDS = 5.0

# Only plain HTTP is spoken here; httpx would else look for a certificate bundle that the image does not have.
NO_CERTIFICATES = ssl.create_default_context()

app = FastAPI(title="{0} API".format(APP_PREFIX), docs_url=None, redoc_url=None, openapi_url=None)


class AdmissionRequest(BaseModel):
    """What is known of an applicant; the R backend fills in what is missing."""

    gre: Optional[int] = Field(None, ge=0, le=800)
    gpa: Optional[float] = Field(None, ge=0.0, le=4.0)
    rank: Optional[str] = None


class AdmissionResponse(BaseModel):
    result: bool


@app.get("/")
async def whoami() -> "dict[str, str]":
    return {"title": app.title}


@app.get("/healthz")
async def healthz() -> "dict[str, str]":
    return {"status": "ok"}


@app.post("/admission", response_model=AdmissionResponse)
async def admission(request: Optional[AdmissionRequest] = None) -> Any:
    """Inside the cluster the R backend asks for no credentials, and none are handed on."""
    known = request.dict(exclude_none=True) if request else {}
    answer = await relay(known)
    if 400 <= answer.status_code < 500:
        raise HTTPException(answer.status_code, detail=json_of(answer).get("detail", "refused by the R backend"))
    result = json_of(answer).get("result")
    if answer.status_code != 200 or not isinstance(result, bool):
        raise HTTPException(502, detail="The R backend answered {0} without a result".format(answer.status_code))
    return {"result": result}


async def relay(known: "dict[str, Any]") -> httpx.Response:
    """Asks the R backend. A 502 when it does not answer in time."""
    try:
        async with httpx.AsyncClient(timeout=RELAY_SECONDS, verify=NO_CERTIFICATES, trust_env=False) as client:
            return await client.post(ADMISSION_URL, json=known)
    except httpx.TimeoutException:
        raise HTTPException(502, detail="The R backend did not answer within {0:g} s".format(RELAY_SECONDS))
    except httpx.HTTPError as error:
        raise HTTPException(502, detail="The R backend cannot be reached: {0}".format(type(error).__name__))


def json_of(answer: httpx.Response) -> "dict[str, Any]":
    """The answer's JSON object; an empty one when it is something else."""
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@app.get("/{path}")
async def which_path(path: str) -> "dict[str, str]":
    return {"title": app.title, "path": path}
