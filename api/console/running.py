"""How do the pages run? NiceGUI is set up once for a process, and runs for as long as a console is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from nicegui import app, core, ui

from api.console import (
    approvals_page,
    channels_page,
    chat_page,
    conversation_page,
    inbox_page,
    jobs_page,
    letters_page,
    memory_page,
    models_page,
    personas_page,
    reels_page,
    video_page,
    videos_page,
)

log = structlog.get_logger()

STYLE = Path(__file__).parent / "console.css"
RECONNECT_S = 10.0  # a page whose browser is away for longer is let go, with all that it holds
PAGES = (  # each is there once its module is imported
    chat_page, inbox_page, conversation_page, memory_page, approvals_page, letters_page, jobs_page, videos_page, video_page,
    reels_page, personas_page, models_page, channels_page,
)  # fmt: skip
KEPT = 200  # messages to a page that are kept for a browser that comes back


@cache
def _holder() -> FastAPI:
    """An application that only carries NiceGUI's life; requests go to NiceGUI itself."""
    holder = FastAPI()
    app.on_exception(lambda wrong: log.error("console_failed", exc_info=wrong))
    ui.add_css(STYLE.read_text("utf-8"), shared=True)
    app.colors(primary="#23754f", secondary="#5c5549", accent="#23754f", dark="#1d1b17", dark_page="#14130f")
    ui.run_with(
        holder,
        title="Gator",
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_S,
        message_history_length=KEPT,
        show_welcome_message=False,
    )
    core.app.config.socket_io_js_transports = ["websocket"]  # the door refuses the other one
    return holder


@asynccontextmanager
async def running() -> AsyncIterator[Any]:
    """The pages, as an ASGI application."""
    holder = _holder()
    async with holder.router.lifespan_context(holder):
        yield app
