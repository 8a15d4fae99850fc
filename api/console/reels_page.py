"""Which reels are there, how far is each step, and what is to be made again?

A step is made again by a button; words are changed in a box of their own, which stays while the page follows the jobs.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.frame import button, empty, go, heading, page
from api.console.visit import Visit
from api.performing import perform
from api.routes.reels import asking
from gator.links import captions_url, media_url, small_url
from tools.capability import Turn
from tools.clips import able
from tools.productions import capabilities as productions
from tools.productions.platforms import NAMES
from tools.productions.shapes import ListReels, MakeReel, NameReel, RedoReel, ReelList, ReelSeen, ReelShown, StepShown
from tools.unseen import with_unseen_shown

EVERY_S = 2.0
MOST = 20
_LENGTHS = (10, 15, 30, 45, 60, 90)
_WAITS = {"queued": "waits", "paused": "held", "failed": "failed", "cancelled": "cancelled"}


@page("/reels", "Reels", "content:read")
async def reels_page(visit: Visit) -> None:
    """A new one, and the newest, as they go."""
    if visit.may("content:write"):
        await _new(visit)
    there = ui.element("ul").classes("plain stack")
    shown: object = None

    async def refresh() -> None:
        nonlocal shown
        turn = visit.turn(await visit.now("content:read"))
        found = await perform(productions.list_reels, ListReels(limit=MOST), turn, ReelList)
        if found == shown:
            return
        shown = found
        there.clear()
        with there:
            for one in found.reels:
                _listed(visit, one)
            if not found.reels:
                empty("No reels yet.")

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)


async def _new(visit: Visit) -> None:
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        names = [one.name for one in await work.personas.all()]
    if not names:
        return
    with ui.element("section").classes("card stack").props('aria-label="A new reel"'):
        topic = ui.input("What is it about?").props("outlined maxlength=500")
        with ui.element("div").classes("row"):
            persona = ui.select(names, value=names[0], label="Persona").props("outlined")
            length = ui.select({one: f"{one} s" for one in _LENGTHS}, value=30, label="Length").props("outlined")
            moving = ui.checkbox("Moving scenes") if able(visit.core.settings)[0] else None

            async def make() -> None:
                turn = _asking(visit, await visit.now("content:write"))
                moves = bool(moving and moving.value)
                ask = MakeReel(topic=topic.value or "", persona=persona.value, length_s=length.value, moving=moves)
                made = await perform(productions.make_reel, ask, turn, ReelShown)
                go(f"/console/reels/{made.id}")

            button("Make it", make)


def _asking(visit: Visit, caller: Any) -> Turn:
    return asking(visit.core, visit.turn(caller))


def _listed(visit: Visit, one: ReelSeen) -> None:
    with ui.element("li").classes("card cut"):
        _small(visit, one.asset if one.state == "ready" else None, "video")
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("by"):
                ui.link(with_unseen_shown(one.title), f"/reels/{one.id}").classes("name")
                ui.label(with_unseen_shown(one.persona or "")).classes("soft")
                ui.label(one.state).classes("mark" + (" wanted" if one.state == "failed" else ""))
            if one.state == "making":
                ui.linear_progress(one.progress, show_value=False).props(
                    f'rounded aria-label="{one.progress:.0%} made"'
                )


def _small(visit: Visit, asset: str | None, kind: str) -> None:
    """How it looks, or its place; what it shows is said beside it."""
    if asset is None:
        ui.element("div").classes("thumb").props("aria-hidden=true")
        return
    picture = ui.element("img").classes("thumb").props('alt=""')
    picture.props["src"] = small_url(visit.core.settings, asset, kind)


@page("/reels/{reel}", "A reel", "content:read")
async def reel_page(visit: Visit, reel: str) -> None:
    """One reel: the video, its scenes, the texts to post with it."""
    caller = await visit.now("content:read")
    told = await perform(productions.show_reel, NameReel(reel=reel), visit.turn(caller), ReelShown)
    sheet = Sheet(visit, told)
    sheet.draw()
    ui.timer(EVERY_S, sheet.refresh, immediate=False)


class Sheet:
    """The reel as it stands; drawn anew where something of it has changed."""

    def __init__(self, visit: Visit, reel: ReelShown) -> None:
        self._visit, self._reel = visit, reel
        self._scene = 1

    def draw(self) -> None:
        heading(with_unseen_shown(self._reel.title)).props("dir=auto")
        self._status = ui.label().classes("soft").props("role=status aria-live=polite")
        self._bar = ui.linear_progress(self._reel.progress, show_value=False).props(
            'rounded aria-label="How far it is"'
        )
        self._box = self._words_box()
        with ui.element("div").classes("beside"):
            self._scenes = ui.element("ol").classes("plain stack").props('aria-label="Scenes"')
            with ui.element("aside").classes("stack"):
                self._whole = ui.element("div").classes("card stack")
        self._show_state()
        self._show_parts()

    async def refresh(self) -> None:
        turn = self._visit.turn(await self._visit.now("content:read"))
        self._take(await perform(productions.show_reel, NameReel(reel=self._reel.id), turn, ReelShown))

    def _take(self, reel: ReelShown) -> None:
        before, self._reel = self._reel, reel
        self._show_state()
        if _parts(before) != _parts(reel):
            self._show_parts()

    def _show_state(self) -> None:
        self._status.set_text(with_unseen_shown(self._reel.in_words()))
        self._bar.set_value(self._reel.progress)
        self._bar.set_visibility(self._reel.state == "making")

    def _show_parts(self) -> None:
        steps = {step.name: step for step in self._reel.steps}
        self._scenes.clear()
        with self._scenes:
            for number, scene in enumerate(self._reel.script.scenes, 1):
                found = (steps.get(f"{kind}-{number}") for kind in ("picture", "clip", "voice"))
                self._scene_card(number, scene.say, [step for step in found if step])
        self._whole.clear()
        with self._whole:
            self._player()
            self._deeds()
            for platform, words in self._reel.posts.items():
                heading(NAMES[platform], 3)
                told = "\n\n".join(part for part in (words.title, words.text) if part)
                ui.label(with_unseen_shown(told)).classes("words").props("dir=auto")

    def _scene_card(self, number: int, say: str, steps: list[StepShown]) -> None:
        seen = next((one for one in steps if one.kind in ("clip", "picture") and one.state == "done"), None)
        with ui.element("li").classes("card cut"):
            moves = seen is not None and (seen.kind == "clip" or seen.inputs.get("shows") == "video")
            _small(self._visit, seen.asset if seen else None, "video" if moves else "picture")
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("by"):
                    ui.label(f"Scene {number}").classes("name")
                    for step in steps:
                        if step.state != "done":
                            how = f"{step.progress:.0%}" if step.state == "running" else _WAITS[step.state]
                            ui.label(f"{step.kind}: {how}").classes("mark" + (" wanted" if step.error else ""))
                ui.label(with_unseen_shown(say)).props("dir=auto")
                for step in steps:
                    if step.error:
                        ui.label(with_unseen_shown(step.error)).classes("soft")
                if self._visit.may("content:write"):
                    with ui.element("div").classes("row"):
                        for step in steps:
                            name = step.kind.capitalize()
                            self._again(
                                f"{name} again", f"Make the {step.kind} of scene {number} again", step.kind, number
                            )
                        button(
                            "Words", self._opening(number), quiet=True, aria_label=f"Change the words of scene {number}"
                        )

    def _player(self) -> None:
        settings, asset = self._visit.core.settings, self._reel.asset
        if self._reel.state != "ready" or asset is None:
            return
        with ui.element("video").props("controls playsinline preload=metadata") as player:
            player.props["src"] = media_url(settings, asset)
            track = ui.element("track").props("kind=captions default")
            track.props["src"] = captions_url(settings, asset)
        with ui.element("div").classes("row"):
            ui.link("Edit", f"/videos/{asset}")
            with ui.element("a").props("download").classes("soft") as link:
                ui.label("Download")
            link.props["href"] = media_url(settings, asset)

    def _deeds(self) -> None:
        if not self._visit.may("content:write"):
            return
        with ui.element("div").classes("row"):
            self._again("Script shorter", "Write the script shorter", "script", wish="shorter")
            self._again("Script longer", "Write the script longer", "script", wish="longer")
            self._again("Another script", "Write another script", "script")
            self._again("Thumbnail again", "Make the thumbnail again", "thumbnail")
            self._again("Texts again", "Write the texts to post again", "posts")

    def _again(self, text: str, label: str, step: str, scene: int | None = None, wish: str = "") -> None:
        async def make() -> None:
            await self._redo(step=step, scene=scene, wish=wish)

        button(text, make, quiet=True, aria_label=label)

    async def _redo(self, **told: object) -> None:
        turn = _asking(self._visit, await self._visit.now("content:write"))
        ask = RedoReel.model_validate({"reel": self._reel.id} | told)
        self._take(await perform(productions.redo_reel, ask, turn, ReelShown))

    def _words_box(self) -> ui.dialog:
        with ui.dialog() as box, ui.card().classes("sheet"):
            heading("The words of the scene")
            self._say = ui.textarea("What is said").props("outlined autogrow maxlength=500")
            self._card = ui.textarea("On the card or the picture").props("outlined autogrow maxlength=500")
            with ui.element("div").classes("row"):
                button("Save", self._save)
                button("Leave it", self._close, quiet=True)
        return box

    def _opening(self, number: int) -> Callable[[], Awaitable[None]]:
        async def open_box() -> None:
            scene = self._reel.script.scenes[number - 1]
            self._scene = number
            self._say.set_value(scene.say)
            self._card.set_value(self._seen(number))
            self._box.open()

        return open_box

    def _seen(self, number: int) -> str:
        """The words on the scene's card, or what its picture shows."""
        scene = self._reel.script.scenes[number - 1]
        drawn = any(step.inputs.get("kind") == "picture.card" for step in self._reel.steps)
        return scene.card if drawn else scene.picture

    async def _save(self) -> None:
        scene = self._reel.script.scenes[self._scene - 1]
        say, show = str(self._say.value or "").strip(), str(self._card.value or "").strip()
        changed = {"say": say if say != scene.say else "", "show": show if show != self._seen(self._scene) else ""}
        self._box.close()
        if any(changed.values()):
            await self._redo(step="scene", scene=self._scene, **changed)

    async def _close(self) -> None:
        self._box.close()


def _parts(reel: ReelShown) -> tuple[Any, ...]:
    """What of it is seen beside how far the whole is."""
    steps = [(step.name, step.take, step.state, round(step.progress, 1), step.error) for step in reel.steps]
    return reel.script, steps, reel.posts, reel.state
