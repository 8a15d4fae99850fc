"""`gator reel`: a short video from one sentence, its steps, and each of them again. Over the REST API."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gator.cli.lists import tell_list
from gator.cli.program import run
from gator.cli.rest import asked, client, seen, the_one

app = typer.Typer(help="Reels: short videos about a topic, made in steps.", no_args_is_help=True)
_NAME = "gator reel"
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
_Reel = Annotated[
    str, typer.Argument(metavar="[ID]", help="the reel's id, or its last characters; left out: the newest")
]
_MOST = 50  # as many as the API gives
_Step = Literal["script", "scene", "picture", "clip", "voice", "video", "posts", "thumbnail"]


@app.command("make")
def make(
    topic: Annotated[str, typer.Argument(help="what it is about")],
    persona: Annotated[str, typer.Option(help="who speaks in it")],
    length: Annotated[float, typer.Option(min=5, max=120, help="seconds")] = 30,
    format: Annotated[Literal["9:16", "1:1", "16:9"] | None, typer.Option(help="left out: the persona's")] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="where it goes, once for each; captions are written")
    ] = None,
    title: Annotated[str, typer.Option(help="left out: from the topic")] = "",
    text: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="file of what is said, word for word")
    ] = None,
    story: Annotated[str | None, typer.Option(metavar="ID", help="a feed's story that it tells")] = None,
    music: Annotated[str | None, typer.Option(metavar="ID", help="a recording that plays underneath")] = None,
    moving: Annotated[
        bool, typer.Option("--moving", help="scenes are clips, where a video model is configured")
    ] = False,
    media: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="a picture or clip for the next scene, once for each; the others are made"),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="another one, though the same is still being made")] = False,
    as_json: _AsJson = False,
) -> None:
    """Have a reel made: script, pictures, voice, video with captions, thumbnail, and texts to post with it."""
    body = {
        "topic": topic,
        "persona": persona,
        "length_s": length,
        "format": format,
        "platforms": platform,
        "title": title,
    }
    body |= {"text": text.read_text("utf-8") if text else None, "story": story, "music": music}
    body |= {"moving": moving or None, "media": media, "again": again or None}
    told = {name: value for name, value in body.items() if value not in (None, [], "")}
    _tell(run(_ask("POST", "", told)), as_json)


@app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="how many at most")] = 20, as_json: _AsJson = False
) -> None:
    """Show the newest reels and how far each is."""
    from tools.productions.shapes import ReelSeen

    def line(one: dict[str, Any]) -> str:
        words = f"{one['id']}  {seen(ReelSeen.model_validate(one).in_words())}"
        return json.dumps(one, ensure_ascii=False) if as_json else words

    found = run(_ask("GET", f"?limit={limit}"))["reels"]
    none = "There is no reel yet: `gator reel make` makes one."
    tell_list([line(one) for one in found], as_json, none, limit=limit, most=_MOST)


@app.command("show")
def show(reel: _Reel = "last", as_json: _AsJson = False) -> None:
    """Show a reel: its steps, its script, and the texts to post with it."""
    _tell(run(_of_one(reel, "GET", "")), as_json, steps=True)


@app.command("redo")
def redo(
    step: Annotated[_Step, typer.Argument(help="script, scene, picture, clip, voice, video, posts or thumbnail")],
    reel: _Reel = "last",
    scene: Annotated[int | None, typer.Option(min=1, help="number of the scene, or of that on the thumbnail")] = None,
    wish: Annotated[Literal["shorter", "longer"] | None, typer.Option(help="how the script is to be")] = None,
    say: Annotated[str, typer.Option(help="new words that are said in the scene")] = "",
    show: Annotated[str, typer.Option(help="new words on its card, or what is seen on its picture")] = "",
    asset: Annotated[str, typer.Option(metavar="ID", help="a picture or clip that the scene shows instead")] = "",
    titled: Annotated[
        bool | None, typer.Option("--title/--no-title", help="whether the title is on the thumbnail")
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="only say what would be made again")] = False,
    as_json: _AsJson = False,
) -> None:
    """Make a step again, and what depends on it; all else is kept."""
    body: dict[str, Any] = {"step": step, "scene": scene, "wish": wish or "", "say": say, "show": show}
    body |= {"asset": asset, "titled": titled}
    if look:
        _tell_foreseen(run(_of_one(reel, "POST", "/redo/foresee", body)), as_json)
    else:
        _tell(run(_of_one(reel, "POST", "/redo", body)), as_json)


async def _of_one(reel: str, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
    async with client(_NAME, thinks=body is not None) as reached:
        if reel != "last":
            there = [one["id"] for one in (await asked(reached, "GET", "/api/v1/reels", limit=50))["reels"]]
            reel = the_one(reel, there, "reel", "`gator reel list` shows the ids there are.")
        return await asked(reached, method, f"/api/v1/reels/{reel}{what}", body)


async def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    async with client(_NAME, thinks=body is not None) as reached:
        return await asked(reached, method, f"/api/v1/reels{path}", body)


def _tell_foreseen(told: dict[str, Any], as_json: bool) -> None:
    from tools.productions.shapes import Foreseen

    typer.echo(json.dumps(told) if as_json else Foreseen.model_validate(told).in_words())


def _tell(told: dict[str, Any], as_json: bool, *, steps: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    from tools.productions.shapes import ReelShown

    reel = ReelShown.model_validate(told)
    typer.echo(f"{reel.id}  {seen(reel.in_words())}")
    if not steps:
        return
    for number, scene in enumerate(reel.script.scenes, 1):
        typer.echo(f"{number:>3}. {seen(scene.say)}")
    for step in reel.steps:
        typer.echo(f"   - {seen(step.in_words())}")
    for platform, words in reel.posts.items():
        typer.echo(f"\n{platform}:\n{seen(words.text)}")
