from tests.bots.conftest import accounts, ada, chat, house, wire  # noqa: F401 - the same house and platform
