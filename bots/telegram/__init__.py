"""Telegram: bots of the Gator agent and of personas, by polling or webhook. `platform.py` is where to begin.

`receiving.py` reads an update, `attending.py` acts on it, `channel.py` sends; the library is imported in this folder only.
"""

import os

# Durations as timedelta; without it the library warns at each `retry_after` (python-telegram-bot 22.2 and later).
os.environ.setdefault("PTB_TIMEDELTA", "1")
