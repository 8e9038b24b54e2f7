"""The smallest FastAPI service: says that it is there, and under which path it was reached."""

from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/{path:path}")
def reached(path: str, request: Request) -> dict[str, str]:
    return {"service": "fastapi", "path": "/" + path, "host": request.headers.get("host", "")}
