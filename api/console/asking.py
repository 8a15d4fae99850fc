"""What does a page ask before it does something? Whether somebody is sure, or for a few words; both in a dialog.

Whoever leaves the page with the dialog open has said no.
"""

from nicegui import ui

from api.console.frame import plain


async def sure(question: str, yes: str, more: str = "", *, harmless: bool = False) -> bool:
    """Whether they said yes to what cannot be undone, or is `harmless`; `more` is what they should know."""
    with ui.dialog() as dialog, ui.card().classes("sheet"):
        ui.label(question).classes("name" if more else "")
        if more:
            ui.label(more)
        with ui.element("div").classes("row"):
            plain(yes, lambda: dialog.submit(True)).classes("do" if harmless else "alarm", remove="plainly")
            plain("Cancel", dialog.close)
    said = bool(await dialog)
    _take_away(dialog)
    return said


async def ask(question: str, yes: str, label: str = "In a few words", value: str = "", most: int = 4000) -> str | None:
    """The words that somebody gives; None when they thought better of it."""
    with ui.dialog() as dialog, ui.card().classes("sheet"):
        ui.label(question)
        field = ui.textarea(label=label, value=value).props(f"autogrow outlined autofocus maxlength={most}")
        with ui.element("div").classes("row"):
            ui.button(yes, color=None, on_click=lambda: dialog.submit(field.value or "")).props("no-caps").classes("do")
            plain("Cancel", dialog.close)
    said: str | None = await dialog
    _take_away(dialog)
    return said


def _take_away(dialog: ui.dialog) -> None:
    if not dialog.is_deleted:  # it went with its page
        dialog.delete()
