"""Where does one write? A field that sends with Enter, and keeps what was written when it could not be sent.

With a room, files and voice notes go along: the page uploads them for that conversation (`api/static/chat/attaching.js`), as
the chat of fans does, and hands their ids over with the words.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader
from nicegui import ui
from nicegui.events import GenericEventArguments

from api.console.frame import told
from api.pages import HERE, static
from api.texts import Texts
from gator.ids import is_id

LONGEST = 8_000  # characters, as over REST
MOST_FILES = 10
# The browser hands the text over and empties the field at once: what is typed before the server has answered is the next
# message. Shift+Enter makes a line; Enter while a word is being composed (Japanese, Chinese) belongs to the composition.
_TAKE = (
    "if (!window.gatorHands?.(field.closest('form'), field.value)) emit(field.value); "
    "field.value = ''; field.dispatchEvent(new Event('input'));"
)
_ENTER = f"(e) => {{ if (e.shiftKey || e.isComposing) return; e.preventDefault(); const field = e.target; {_TAKE} }}"
# Found from the form: which element has the field's id, the textarea or what is around it, is Quasar's own affair.
_PRESS = f"(e) => {{ const field = e.target.closest('form').querySelector('textarea'); {_TAKE} field.focus(); }}"

Send = Callable[[str, Sequence[str]], Awaitable[None]]


class Composer:
    """`send` takes the words and the ids of the files that were uploaded for the conversation `room`."""

    def __init__(self, label: str, send: Send, room: str) -> None:
        self._send = send
        self._one_at_a_time = asyncio.Lock()
        self._left: list[str] = []  # files of what could not be sent: they go with the next words
        ui.run_javascript(f'import("{static("chat/attaching.js")}")')
        with ui.element("form").classes("say").on("submit.prevent", lambda: None) as self.box:
            self.box.props["data-room"], self.box.props["data-words"] = room, Texts("en").of_chat("")
            self.box.on("handed", self._given, js_handler="(e) => emit(e.detail)")
            ui.html(_part("above"), sanitize=False).classes("above")
            ui.html(_part("before"), sanitize=False).classes("before")
            self.field = ui.textarea(label=label).props(f"autogrow outlined dense maxlength={LONGEST}")
            self.field.on("keydown.enter", self._given, js_handler=_ENTER)
            self.button = ui.button("Send", color=None).props("no-caps unelevated type=button").classes("do")
            self.button.on("click", self._given, js_handler=_PRESS)

    def offer(self, text: str) -> None:
        """Put a text there, to be changed and sent."""
        self.field.set_value(text)
        self.field.run_method("focus")

    def open(self, may: bool) -> None:
        self.box.set_visibility(may)

    async def _given(self, event: GenericEventArguments) -> None:
        text, files = _read(event.args)
        async with self._one_at_a_time:  # in the order in which they were written
            files, self._left = [*self._left, *files][:MOST_FILES], []
            if not text and not files:
                return
            sent = False
            try:
                async with told():
                    await self._send(text, files)
                    sent = True
            finally:
                if not sent:
                    self._left = files
                    self.field.set_value("\n".join(filter(None, (text, self.field.value))))


def _read(given: Any) -> tuple[str, list[str]]:
    """The words and the ids of files, of an event that any program may send."""
    if not isinstance(given, dict):
        return str(given).strip(), []
    files = given.get("files")
    ids = [one for one in files if isinstance(one, str) and is_id(one)] if isinstance(files, list) else []
    return str(given.get("text", "")).strip(), ids


@cache
def _part(name: str) -> str:
    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True)
    return templates.get_template("console_composer.html").render(t=Texts("en"), part=name)
