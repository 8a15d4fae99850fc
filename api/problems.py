"""How does the API say no? RFC 9457 problem+json from our errors; what we cannot name is a bug, logged and shown as one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from gator.errors import GatorError, TooMany, Unauthenticated, Unavailable

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it; `code` is stable, `remedy` says what to do."""

    type: str = Field(description="a URI reference that names the kind of problem")
    title: str
    status: int
    detail: str
    code: str
    remedy: str = ""
    request_id: str = ""
    errors: list[dict[str, str]] | None = Field(None, description="which fields are wrong, and why")


def problem(
    request: Request, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    body = Problem(
        type=f"urn:gator:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=request.scope.get("gator_request_id", ""),
        **more,
    )
    if _for_a_person(request):
        drawn: Response = request.app.state.draw_problem(body, dict(headers or {}))
        return drawn
    return JSONResponse(body.model_dump(exclude_none=True), status, dict(headers or {}), MEDIA_TYPE)


def _for_a_person(request: Request) -> bool:
    """Whether a browser asked for one of our pages."""
    return "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith("/api/")


def _headers(error: GatorError) -> dict[str, str]:
    headers = {}
    wait = error.retry_after_s if isinstance(error, (TooMany, Unavailable)) else None
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="gator"'
    return headers


def of_error(request: Request, error: GatorError) -> Response:
    return problem(request, error.status, error.code, error.message, headers=_headers(error), remedy=error.remedy)


def _of_validation(request: Request, wrong: RequestValidationError) -> Response:
    # The value itself is not repeated: it may be a password, and it may be huge.
    errors = [
        {"at": ".".join(map(str, one["loc"])), "why": one["msg"].removeprefix("Value error, ")}
        for one in wrong.errors()[:50]
    ]
    return problem(request, 422, "malformed", "The request is malformed.", errors=errors)


def _of_http(request: Request, error: HTTPException) -> Response:
    code = HTTPStatus(error.status_code).name.lower()
    return problem(request, error.status_code, code, str(error.detail), headers=error.headers)


def _of_database(request: Request, away: Exception) -> Response:
    log.error("database_failed", reason=str(getattr(away, "orig", away)).splitlines()[0][:200])
    detail, remedy = "The database does not answer as it should.", "Try again soon; `gator doctor` says why."
    return problem(request, 503, Unavailable.code, detail, headers={"Retry-After": "5"}, remedy=remedy)


def of_bug(request: Request, bug: Exception) -> Response:
    log.error("request_failed", exc_info=bug, path=request.scope.get("path"), method=request.method)
    return problem(request, 500, "bug", "Something went wrong on our side; it has been logged.")


def install(app: FastAPI) -> None:
    """Turn every error of this app's API routes into a problem."""
    app.add_exception_handler(GatorError, of_error)  # type: ignore[arg-type]  # Starlette types all handlers alike
    app.add_exception_handler(RequestValidationError, _of_validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _of_http)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _of_database)
    app.add_exception_handler(InterfaceError, _of_database)
