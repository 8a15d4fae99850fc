"""`gator user`, as typed in a shell: a link for who is new, and what they are from then on."""

import json

import pytest

from gator.settings import Settings
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_user_is_added_by_a_link_made_something_else_and_disabled(settings: Settings) -> None:
    async def user(*words: str) -> str:
        return (await gator(settings, "user", *words))[1]

    said = await user("add", "Mia Berg")
    assert said.startswith("Mia Berg  operator  invited\n")
    assert "/sign-in?code=" in said
    assert json.loads(await user("invite", "Mia Berg", "--json"))["url"] not in said
    assert await user("role", "Mia Berg", "reviewer", "viewer") == "Mia Berg  reviewer, viewer  invited\n"
    assert await user("disable", "Mia Berg") == "Mia Berg  reviewer, viewer  disabled\n"
    assert await user("list") == "owner  owner  active\nMia Berg  reviewer, viewer  disabled\n"
    assert await user("enable", "Mia Berg") == "Mia Berg  reviewer, viewer  invited\n"
    assert "There are: admin, operator, reviewer, viewer." in await user("role", "Mia Berg", "boss")
    assert await gator(settings, "user", "disable", "owner") == (
        1,
        "gator: The owner stays: commands on this machine act for them. Take access to its home away.\n",
    )
