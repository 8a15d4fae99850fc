"""How are the parts of an edit list shown and changed? Scenes in order, captions, titles, sound; fields and buttons only."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

from nicegui import ui

from api.console.frame import button, empty, heading
from api.console.visit import Visit
from gator.links import small_url
from gpu_worker.edit_list import LONGEST_EDIT_S, Captions, Cut, Fit, Motion, Title
from memory.models import Asset
from tools.edit_draft import Draft
from tools.unseen import with_unseen_shown

_MOST_CUES = 120  # that are shown at once
_PLACES = get_args(Title.model_fields["place"].annotation)
_SHOWN = get_args(Captions.model_fields["show"].annotation)
_STYLES = get_args(Captions.model_fields["style"].annotation)
# What choices are called; the others say it themselves.
_NAMES = {
    "both": "in the picture and as files",
    "burnt": "in the picture",
    "file": "as files",
    "word": "word by word",
    "cover": "fill the frame",
    "contain": "whole",
    "blur": "whole, on blur",
}
# What may be told in fields of numbers; those of an edit list, but no scene of no length.
_BOUNDS = {
    "duration_s": (0.1, LONGEST_EDIT_S),
    "in_s": (0.0, LONGEST_EDIT_S),
    "at_s": (0.0, LONGEST_EDIT_S),
    "gain_db": (-60.0, 24.0),
    "duck_db": (-60.0, 0.0),
}
Act = Callable[[], Awaitable[None]]


class Parts:
    """The parts on the page."""

    def __init__(
        self, visit: Visit, draft: Draft, assets: dict[str, Asset], changed: Callable[[], None] = lambda: None
    ) -> None:
        self._visit, self._draft, self._assets = visit, draft, assets
        self._changed = changed  # told of every change
        self._may = visit.may("content:write")
        self._numbers: list[tuple[ui.number, dict[str, Any], str]] = []

    def draw(self) -> None:
        with ui.element("div").classes("stack"):
            with ui.element("section").classes("stack").props('aria-label="Scenes"'):
                self._length = ui.label("").classes("soft").props("role=status")
                self._scenes = ui.element("ol").classes("plain stack")
            self._captions = ui.element("section").classes("card stack").props('aria-label="Captions"')
            self._titles = ui.element("section").classes("card stack").props('aria-label="Titles"')
            self._music()
        self._draw_scenes()
        self._draw_captions()
        self._draw_titles()

    def wrong(self) -> str:
        """What a field of a number holds that does not do, in words; empty where all do."""
        for field, part, label in self._numbers:
            if field.error and not field.is_deleted:
                place = next((place for place, scene in enumerate(self._draft.scenes, 1) if scene is part), 0)
                name, _, unit = label.removesuffix(")").partition(" (")
                where = f"Scene {place}: {name.lower()}" if place else name
                return f"{where}: {field.error.lower()} {unit}."
        return ""

    # Scenes

    def _draw_scenes(self, focus: tuple[int, str] | None = None) -> None:
        """All of them anew; `focus` is the scene and the button that the keyboard is on."""
        self._count()
        self._scenes.clear()
        with self._scenes:
            for place, scene in enumerate(self._draft.scenes):
                buttons = self._scene(place, scene)
                if focus and focus[0] == place and buttons:
                    again = buttons.get(focus[1]) or next(iter(buttons.values()))
                    ui.run_javascript(f"document.getElementById('c{again.id}')?.focus()")

    def _count(self) -> None:
        noun = "scene" if len(self._draft.scenes) == 1 else "scenes"
        self._length.set_text(f"{len(self._draft.scenes)} {noun}, {self._draft.length_s:.1f} s")

    def _scene(self, place: int, scene: dict[str, Any]) -> dict[str, ui.button]:
        asset = self._assets.get(scene["asset"])
        name = with_unseen_shown((asset.title if asset else "") or "It was removed")
        with ui.element("li").classes("card cut"):
            thumb = ui.element("img").classes("thumb").props('alt="" loading=lazy')
            if asset and asset.state == "ready":
                thumb.props["src"] = small_url(self._visit.core.settings, asset.id, asset.kind)
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("by"):
                    ui.label(f"Scene {place + 1}").classes("name")
                    ui.label(name).classes("soft").props("dir=auto")
                with ui.element("div").classes("row fields"):
                    self._scene_fields(scene)
                return self._order(place) if self._may else {}

    def _scene_fields(self, scene: dict[str, Any]) -> None:
        self._number(scene, "duration_s", "Length (s)", take=self._lasting(scene))
        if scene["kind"] == "clip":
            self._number(scene, "in_s", "From (s)")
        else:
            self._choice(scene, "motion", "Motion", get_args(Motion))
        self._choice(scene, "fit", "Fit", get_args(Fit))
        self._choice(scene["transition"], "kind", "Comes by", get_args(Cut))
        self._text(scene, "title", "Title over it", 200)

    def _lasting(self, scene: dict[str, Any]) -> Callable[[Any], None]:
        def take(seconds: Any) -> None:
            if seconds is None:  # the field is empty while somebody writes in it
                return
            self._draft.last(scene, seconds)
            self._count()
            self._draw_captions()

        return take

    def _order(self, place: int) -> dict[str, ui.button]:
        last = len(self._draft.scenes) - 1

        def moving(to: int, way: str) -> Act:
            async def move() -> None:
                self._draft.move(place, to)
                self._changed()
                self._draw_scenes((to, way))
                self._draw_captions()

            return move

        async def remove() -> None:
            self._draft.remove(place)
            self._changed()
            self._draw_scenes((max(place - 1, 0), "Remove"))
            self._draw_captions()

        made: dict[str, ui.button] = {}
        with ui.element("div").classes("row"):
            for way, to in (("Up", place - 1), ("Down", place + 1)):
                if 0 <= to <= last:
                    label = f"Move scene {place + 1} {way.lower()}"
                    made[way] = button(way, moving(to, way), quiet=True, aria_label=label)
            if last:
                made["Remove"] = button("Remove", remove, quiet=True, aria_label=f"Remove scene {place + 1}")
        return made

    # Captions, titles, music

    def _draw_captions(self) -> None:
        captions: dict[str, Any] = self._draft.told["captions"]
        cues: list[dict[str, Any]] = captions["cues"] or []
        self._captions.clear()
        with self._captions:
            heading("Captions")
            with ui.element("div").classes("row fields"):
                self._choice(captions, "show", "Shown", _SHOWN)
                self._choice(captions, "style", "Style", _STYLES)
            if not cues:
                empty("There are none: nothing is said in this video.")
            for cue in cues[:_MOST_CUES]:
                self._text(cue, "text", f"{cue['start_s']:.1f} to {cue['end_s']:.1f} s", 500, then=_untimed(cue))
            if len(cues) > _MOST_CUES:
                ui.label(f"{len(cues) - _MOST_CUES} more are in the list that REST gives.").classes("soft")

    def _draw_titles(self) -> None:
        titles: list[dict[str, Any]] = self._draft.told["titles"]
        self._titles.clear()
        with self._titles:
            heading("Titles")
            for place, title in enumerate(titles):
                with ui.element("div").classes("row fields"):
                    self._text(title, "text", "Title", 200)
                    self._number(title, "at_s", "From (s)")
                    self._number(title, "duration_s", "For (s)")
                    self._choice(title, "place", "Where", _PLACES)
                    if self._may:
                        button(
                            "Remove", self._removing(titles, place), quiet=True, aria_label=f"Remove title {place + 1}"
                        )
            if not titles:
                ui.label("None yet.").classes("soft")
            if self._may:
                button("Add a title", self._adding(titles), quiet=True)

    def _removing(self, titles: list[dict[str, Any]], place: int) -> Act:
        async def remove() -> None:
            titles.pop(place)
            self._changed()
            self._draw_titles()

        return remove

    def _adding(self, titles: list[dict[str, Any]]) -> Act:
        async def add() -> None:
            titles.append(Title(text="A title").model_dump(mode="json"))
            self._draw_titles()

        return add

    def _music(self) -> None:
        music = self._draft.told["music"]
        if music:
            with ui.element("section").classes("card stack").props('aria-label="Music"'):
                heading("Music")
                with ui.element("div").classes("row fields"):
                    self._number(music, "gain_db", "Loudness (dB)", step=1.0)
                    self._number(music, "duck_db", "Under a voice (dB)", step=1.0)

    # Fields

    def _number(
        self, part: dict[str, Any], name: str, label: str, take: Callable[[Any], None] | None = None, step: float = 0.1
    ) -> None:
        least, most = _BOUNDS[name]

        def fits(value: Any) -> bool:
            return value is None or least <= value <= most

        def taken(event: Any) -> None:
            if not fits(event.value):  # the field says so, and takes the nearest that fits when it is left
                return
            if take:
                take(event.value)
            else:
                part[name] = event.value

        shown = None if part[name] is None else round(part[name], 2)
        told: dict[str, Callable[[Any], bool]] = {f"From {least:g} to {most:g}": fits}
        field = ui.number(label=label, value=shown, step=step, min=least, max=most, on_change=taken, validation=told)
        self._dressed(field, label).classes("short")
        self._numbers.append((field, part, label))

    def _text(
        self, part: dict[str, Any], name: str, label: str, most: int, then: Callable[[], None] | None = None
    ) -> None:
        def take(event: Any) -> None:
            part[name] = event.value or ""
            if then:
                then()

        field = ui.input(label=label, value=part[name], on_change=take).props(f"maxlength={most} dir=auto")
        self._dressed(field, label).classes("long")

    def _choice(self, part: dict[str, Any], name: str, label: str, choices: tuple[str, ...]) -> None:
        def take(event: Any) -> None:
            part[name] = event.value

        named = {one: _NAMES.get(one, one.replace("_", " ")) for one in choices}
        field = ui.select(named, label=label, value=part[name], on_change=take)
        self._dressed(field, label).classes("short")

    def _dressed(self, field: Any, label: str) -> Any:
        field.props("outlined dense hide-bottom-space no-error-icon")
        field.props["aria-label"] = label
        field.set_enabled(self._may)
        field.on_value_change(lambda: self._changed())
        return field


def _untimed(cue: dict[str, Any]) -> Callable[[], None]:
    """Other words are not said when the old ones were: theirs are found anew."""

    def forget() -> None:
        cue["words"] = []

    return forget
