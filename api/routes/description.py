"""The API's own description, for those who signed in."""

from typing import Any

from fastapi import APIRouter, Request

from api.deps import needs

router = APIRouter(tags=["description"])


@router.get("/openapi.json", dependencies=[needs("me")])
async def describe_api(request: Request) -> dict[str, Any]:
    """OpenAPI 3.1."""
    document: dict[str, Any] = request.app.openapi()
    return document
