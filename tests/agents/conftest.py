"""What tests of remembering begin with: a persona and a fan who know each other."""

import pytest

from gator.principal import Principal
from memory.store import Store
from memory.vault import VaultKey
from tests.memory.people import acquaint


@pytest.fixture
async def key(store: Store, operator: Principal) -> VaultKey:
    """The vault of Nova and Ada."""
    async with store.open_work(operator) as work:
        return await acquaint(work, "nova", "ada")
