"""Do the paths of the systems before still work, with the permission and the answer of today's?"""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.aliases import ALIASES, rewritten
from api.app import guards
from memory.models import Persona
from tests.api.conftest import SignedIn

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rest.md"


def test_every_alias_leads_to_a_route_and_hides_none(app: FastAPI) -> None:
    routes = [(path, methods) for path, methods, _ in guards(app)]
    there = {(method, re.sub(r"\{\w+\}", "x", path)) for path, methods in routes for method in methods}
    for method, old, _ in ALIASES:
        asked = "/api/v1" + re.sub(r"\{\w+\}", "x", old)
        found = rewritten(method, asked)
        assert found is not None
        assert found[:2] in there
        assert (method, asked) not in there
    assert len(ALIASES) >= 28


def test_the_document_lists_them_all() -> None:
    rows = re.findall(r"^\| `(\w+) (/\S+)` \| `(?:\w+ )?(/\S+)` \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert rows == list(ALIASES)


async def test_an_old_path_answers_as_todays_does(owner: httpx.AsyncClient, nova: Persona) -> None:
    for old, new in (
        ("/users/username/owner", "/users/owner"),
        ("/auth/me", "/me"),
        ("/content/persona/nova?limit=5", "/content?persona=nova&limit=5"),
        ("/feeds/by-topic/tide%20%26%20moon", "/feeds/stories?about=tide%20%26%20moon"),
    ):
        answers = [await owner.get(f"/api/v1{path}") for path in (old, new)]
        assert [one.status_code for one in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
    changed = await owner.put(f"/api/v1/personas/{nova.slug}", json={"home": "Porto"})
    assert changed.status_code == 200
    assert "Porto" in changed.text


@pytest.mark.parametrize("old", ["/publish/accounts", "/users/username/owner", "/dns/domain/x.example"])
async def test_an_old_path_lets_nobody_in_whom_todays_keeps_out(
    anybody: httpx.AsyncClient, signed_in: SignedIn, old: str
) -> None:
    assert (await anybody.get(f"/api/v1{old}")).status_code == 401
    assert (await (await signed_in("viewer")).get(f"/api/v1{old}")).status_code == 403
