"""What do tests of commands stand on? A home that the environment names, as in a shell."""

import pytest

from gator.settings import Settings
from memory import embedding


@pytest.fixture
def at_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that a command in this process reads; what it sets up of its own ends with the test."""
    monkeypatch.setenv("GATOR_HOME", str(settings.home))
    monkeypatch.setenv("GATOR_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GATOR_SECRET_KEY", settings.secret)
    monkeypatch.setattr(embedding._Ours, "serving", None)
    monkeypatch.setattr(embedding._Ours, "wanted", None)
    return settings
