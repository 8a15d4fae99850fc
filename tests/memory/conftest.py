"""What most tests of the memory begin with: a persona and a fan who know each other, and a folder for media."""

import pytest

from gator.principal import Principal
from gator.settings import Settings
from memory.blobs import Blobs
from memory.store import Store
from memory.vault import VaultKey
from tests.memory.people import acquaint


@pytest.fixture
async def key(store: Store, operator: Principal) -> VaultKey:
    """The vault of Nova and Ada."""
    async with store.open_work(operator) as work:
        return await acquaint(work, "nova", "ada")


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings.media_folder)
