"""Where does one write? A field that sends with Enter, and keeps what was written when it could not be sent."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.frame import told

LONGEST = 8_000  # characters, as over REST
# Shift+Enter makes a line; Enter while a word is being composed (Japanese, Chinese) belongs to the composition.
_ENTER = "(e) => { if (!e.shiftKey && !e.isComposing) { e.preventDefault(); emit(); } }"


class Composer:
    def __init__(self, label: str, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._sending = False
        with ui.element("form").classes("say").on("submit.prevent", lambda: None) as self.box:
            self.field = ui.textarea(label=label).props(f"autogrow outlined dense maxlength={LONGEST}")
            self.field.on("keydown.enter", self._sent, js_handler=_ENTER)
            self.button = ui.button("Send", on_click=self._sent).props("no-caps unelevated type=button")

    def offer(self, text: str) -> None:
        """Put a text there, to be changed and sent."""
        self.field.set_value(text)
        self.field.run_method("focus")

    def open(self, may: bool) -> None:
        self.box.set_visibility(may)

    async def _sent(self) -> None:
        text = (self.field.value or "").strip()
        if not text or self._sending:
            return
        self._sending = True
        try:
            async with told():
                await self._send(text)
                self.field.set_value("")
        finally:
            self._sending = False
