"""One reel: how is it seen, followed, and changed? Its video, its scenes, the texts to post with it.

What is there stays in its place while the page follows the jobs: a film that somebody watches, and the button that the
keyboard is on.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from api.console.asking import sure
from api.console.frame import button, heading, told
from api.console.visit import Visit
from api.performing import perform
from api.routes.reels import asking
from gator.links import captions_url, media_url, small_url
from tools.productions import capabilities as productions
from tools.productions.platforms import NAMES
from tools.productions.redoing import foresee_redo
from tools.productions.shapes import Foreseen, NameReel, RedoReel, ReelShown, StepShown
from tools.unseen import with_unseen_shown

_WAITS = {"queued": "waits", "paused": "held", "failed": "failed", "cancelled": "cancelled"}
_OF_SCENES = ("picture", "clip", "voice")
_WORDS_WAIT_MS = 400  # after the last letter, before it is looked at what the words change
Act = Callable[[], Awaitable[None]]


def small(visit: Visit, asset: str | None, kind: str) -> ui.element:
    """How it looks, or its place; what it shows is said beside it."""
    if asset is None:
        return ui.element("div").classes("thumb").props("aria-hidden=true")
    picture = ui.element("img").classes("thumb").props('alt=""')
    picture.props["src"] = small_url(visit.core.settings, asset, kind)
    return picture


def mark_of(step: StepShown) -> str:
    """How far it is, in a word; nothing of what is done."""
    if step.state == "done":
        return ""
    return f"{step.progress:.0%}" if step.state == "running" else _WAITS[step.state]


class Sheet:
    """The reel as it stands; of it is drawn anew what has changed."""

    def __init__(self, visit: Visit, reel: ReelShown) -> None:
        self._visit, self._reel = visit, reel
        self._cards: list[SceneCard] = []
        self._parts: dict[str, object] = {}
        self.may = visit.may("content:write")

    def draw(self) -> None:
        heading(with_unseen_shown(self._reel.title)).props("dir=auto")
        self._status = ui.label().classes("soft").props("role=status aria-live=polite")
        self._bar = ui.linear_progress(self._reel.progress, show_value=False).props(
            'rounded aria-label="How far it is"'
        )
        self._words = WordsBox(self._foresee, self._make)
        with ui.element("div").classes("beside"):
            self._scenes = ui.element("ol").classes("plain stack").props('aria-label="Scenes"')
            with ui.element("aside").classes("stack first"), ui.element("div").classes("card stack"):
                self._player = ui.element("div").classes("stack")
                self._deeds()
                self._posts = ui.element("div").classes("stack")
        self._show()

    async def refresh(self) -> None:
        turn = self._visit.turn(await self._visit.now("content:read"))
        self._reel = await perform(productions.show_reel, NameReel(reel=self._reel.id), turn, ReelShown)
        self._show()

    def _show(self) -> None:
        self._status.set_text(with_unseen_shown(self._reel.in_words()))
        self._bar.set_value(self._reel.progress)
        self._bar.set_visibility(self._reel.state == "making")
        by_scene = [
            [step for step in self._reel.steps if step.scene == number and step.kind in _OF_SCENES]
            for number in range(1, len(self._reel.script.scenes) + 1)
        ]
        self._once("scenes", [[step.kind for step in steps] for steps in by_scene], lambda: self._draw_scenes(by_scene))
        for card, steps in zip(self._cards, by_scene, strict=True):
            card.show(self._reel.script.scenes[card.number - 1].say, steps)
        whole = {step.kind: step for step in self._reel.steps if step.scene is None}
        shown, poster = self._reel.shown, whole["thumbnail"].shown if "thumbnail" in whole else None
        self._once("player", (shown, poster, shown == self._reel.asset), lambda: self._draw_player(shown, poster))
        self._show_making(whole)
        self._once("posts", self._reel.posts, self._draw_posts)

    def _once(self, name: str, told: object, draw: Callable[[], None]) -> None:
        """Draw the part where it is another than was drawn last."""
        if name not in self._parts or self._parts[name] != told:
            self._parts[name] = told
            draw()

    def _draw_scenes(self, by_scene: Sequence[Sequence[StepShown]]) -> None:
        self._scenes.clear()
        with self._scenes:
            self._cards = [SceneCard(self, number, steps) for number, steps in enumerate(by_scene, 1)]

    def _draw_player(self, shown: str | None, poster: str | None) -> None:
        settings = self._visit.core.settings
        self._player.clear()
        with self._player:
            if shown is not None:
                with ui.element("video").classes("film").props("controls playsinline preload=metadata") as player:
                    player.props["src"] = media_url(settings, shown)
                    player.props["aria-label"] = self._reel.title
                    if poster:
                        player.props["poster"] = media_url(settings, poster)
                    track = ui.element("track").props("kind=captions label=CC")
                    track.props["src"] = captions_url(settings, shown)
            self._making = ui.label().classes("soft").props("role=status")
            if shown is not None:
                with ui.element("div").classes("row"):
                    if shown == self._reel.asset:  # what is made of the one before is no part of the reel
                        ui.link("Edit", f"/videos/{shown}")
                    self._download("Download", shown)
                    if poster:
                        self._download("Thumbnail", poster)

    def _download(self, name: str, asset: str) -> None:
        with ui.element("a").props("download") as link:
            ui.label(name)
        link.props["href"] = media_url(self._visit.core.settings, asset)

    def _show_making(self, whole: dict[str, StepShown]) -> None:
        """What is seen while another video is made, and how far that and its thumbnail are."""
        video = whole["video"]
        edited = "This is a cut of the reel's own video." if video.edited else ""
        if self._reel.shown is None:
            said = f"The video: {mark_of(video)}." if mark_of(video) else ""
        elif self._reel.shown == self._reel.asset:
            said = edited
        elif video.state in ("failed", "cancelled"):
            said = f"This is the video before: the new one {_made_not(video)}"
        else:
            said = f"This is the video before: it is being made anew ({mark_of(video)})."
        thumbnail = whole.get("thumbnail")
        if thumbnail is not None and video.state == "done" and mark_of(thumbnail):
            said = f"{said} The thumbnail: {mark_of(thumbnail)}.".strip()
        self._making.set_text(with_unseen_shown(said))
        self._making.set_visibility(bool(said))

    def _draw_posts(self) -> None:
        self._posts.clear()
        with self._posts:
            for platform, words in self._reel.posts.items():
                heading(NAMES[platform], 3)
                text = "\n\n".join(part for part in (words.title, words.text) if part)
                ui.label(with_unseen_shown(text)).classes("words").props("dir=auto")

    # Made again

    def _deeds(self) -> None:
        if not self.may:
            return
        with ui.element("div").classes("row"):
            self.again("Script shorter", "Write the script shorter", step="script", wish="shorter")
            self.again("Script longer", "Write the script longer", step="script", wish="longer")
            self.again("Another script", "Write another script", step="script")
            self.again("Thumbnail again", "Make another thumbnail", step="thumbnail")
            if self._reel.posts:
                self.again("Texts again", "Write the texts to post again", step="posts")

    def again(self, text: str, what: str, **asked: Any) -> None:
        """A button that makes a step again; asked first where more than that is made."""

        async def press() -> None:
            foreseen = await self._foresee(**asked)
            alone = len(foreseen.steps) + (foreseen.texts > 0) == 1
            more = f"{foreseen.in_words()} All else stays as it is."
            if alone or await sure(f"{what}?", "Make it again", more, harmless=True):
                await self._make(**asked)

        button(text, press, quiet=True, aria_label=what)

    def opening(self, number: int) -> Act:
        async def open_box() -> None:
            scene = self._reel.script.scenes[number - 1]
            drawn = any(step.inputs.get("kind") == "picture.card" for step in self._reel.steps)
            self._words.open(number, scene.say, scene.card if drawn else scene.picture)

        return open_box

    def small(self, step: StepShown | None) -> ui.element:
        moves = step is not None and (step.kind == "clip" or step.inputs.get("shows") == "video")
        return small(self._visit, step.shown if step else None, "video" if moves else "picture")

    async def _foresee(self, **asked: Any) -> Foreseen:
        turn = self._visit.turn(await self._visit.now("content:write"))
        return await perform(foresee_redo, self._ask(asked), turn, Foreseen)

    async def _make(self, **asked: Any) -> None:
        turn = asking(self._visit.core, self._visit.turn(await self._visit.now("content:write")))
        self._reel = await perform(productions.redo_reel, self._ask(asked), turn, ReelShown)
        self._show()

    def _ask(self, asked: dict[str, Any]) -> RedoReel:
        return RedoReel.model_validate({"reel": self._reel.id} | asked)


def _made_not(step: StepShown) -> str:
    return "was cancelled." if step.state == "cancelled" else f"could not be made. {step.error}".rstrip()


class SceneCard:
    """One scene: how it looks, what is said, how far its steps are, and a button for each."""

    def __init__(self, sheet: Sheet, number: int, steps: Sequence[StepShown]) -> None:
        self.number, self._sheet = number, sheet
        self._seen: object = None
        with ui.element("li").classes("card cut"):
            self._picture = ui.element("div")
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("by"):
                    ui.label(f"Scene {number}").classes("name")
                    self._marks = ui.element("div").classes("marks")
                self._say = ui.label().props("dir=auto")
                self._errors = ui.label().classes("soft words").props("role=status")
                if sheet.may:
                    self._buttons(steps)

    def _buttons(self, steps: Sequence[StepShown]) -> None:
        with ui.element("div").classes("row"):
            for kind in (step.kind for step in steps):
                what = f"Make the {kind} of scene {self.number} again"
                self._sheet.again(f"{kind.capitalize()} again", what, step=kind, scene=self.number)
            label = f"Change the words of scene {self.number}"
            button("Words", self._sheet.opening(self.number), quiet=True, aria_label=label)

    def show(self, say: str, steps: Sequence[StepShown]) -> None:
        self._say.set_text(with_unseen_shown(say))
        marks = [(f"{step.kind}: {mark_of(step)}", bool(step.error)) for step in steps if mark_of(step)]
        seen = next((one for one in steps if one.kind in ("clip", "picture") and one.shown), None)
        told = (marks, seen and (seen.shown, seen.kind), [step.error for step in steps])
        if told == self._seen:
            return
        self._seen = told
        self._picture.clear()
        with self._picture:
            self._sheet.small(seen)
        self._marks.clear()
        with self._marks:
            for words, wrong in marks:
                ui.label(words).classes("mark" + (" wanted" if wrong else ""))
        errors = "\n".join(step.error for step in steps if step.error)
        self._errors.set_text(with_unseen_shown(errors))
        self._errors.set_visibility(bool(errors))


class WordsBox:
    """The words of a scene, in a box of their own, which stays while the page follows the jobs."""

    def __init__(self, foresee: Callable[..., Awaitable[Foreseen]], make: Callable[..., Awaitable[None]]) -> None:
        self._foresee, self._make = foresee, make
        self._number, self._before = 1, ("", "")
        with ui.dialog() as self._box, ui.card().classes("sheet"):
            self._title = heading("")
            self._say, self._show = self._field("What is said"), self._field("On the card or the picture")
            self._foreseen = ui.label().classes("soft").props("role=status")
            with ui.element("div").classes("row"):
                button("Save", self._save)
                button("Leave it", self._leave, quiet=True)

    def _field(self, label: str) -> ui.textarea:
        wait = f"outlined autogrow maxlength=500 dir=auto debounce={_WORDS_WAIT_MS}"
        return ui.textarea(label, on_change=self._tell).props(wait)

    def open(self, number: int, say: str, show: str) -> None:
        self._number, self._before = number, (say, show)
        self._title.set_text(f"The words of scene {number}")
        self._box.props["aria-label"] = f"The words of scene {number}"
        self._say.set_value(say)
        self._show.set_value(show)
        self._foreseen.set_text("")
        self._box.open()

    def _changed(self) -> dict[str, str]:
        """What is other than it was."""
        now = (str(field.value or "").strip() for field in (self._say, self._show))
        named = zip(("say", "show"), now, self._before, strict=True)
        return {name: words for name, words, before in named if words and words != before}

    async def _tell(self) -> None:
        changed = self._changed()
        async with told():
            foreseen = await self._foresee(step="scene", scene=self._number, **changed) if changed else None
            self._foreseen.set_text(foreseen.in_words() if foreseen else "")

    async def _save(self) -> None:
        changed = self._changed()
        self._box.close()
        if changed:
            await self._make(step="scene", scene=self._number, **changed)

    async def _leave(self) -> None:
        self._box.close()
