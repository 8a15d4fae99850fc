"""Where does one write? A field that sends with Enter, and keeps what was written when it could not be sent."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from api.console.frame import told

LONGEST = 8_000  # characters, as over REST
# The browser hands the text over and empties the field at once: what is typed before the server has answered is the next
# message. Shift+Enter makes a line; Enter while a word is being composed (Japanese, Chinese) belongs to the composition.
_TAKE = "emit(field.value); field.value = ''; field.dispatchEvent(new Event('input'));"
_ENTER = f"(e) => {{ if (e.shiftKey || e.isComposing) return; e.preventDefault(); const field = e.target; {_TAKE} }}"
# Found from the form: which element has the field's id, the textarea or what is around it, is Quasar's own affair.
_PRESS = f"(e) => {{ const field = e.target.closest('form').querySelector('textarea'); {_TAKE} field.focus(); }}"


class Composer:
    def __init__(self, label: str, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._one_at_a_time = asyncio.Lock()
        with ui.element("form").classes("say").on("submit.prevent", lambda: None) as self.box:
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
        text = str(event.args).strip()
        if not text:
            return
        async with self._one_at_a_time:  # in the order in which they were written
            sent = False
            try:
                async with told():
                    await self._send(text)
                    sent = True
            finally:
                if not sent:
                    self.field.set_value("\n".join(filter(None, (text, self.field.value))))
