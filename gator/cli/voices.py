"""`gator voice`: which voices there are, and cloning one by its owner's consent. The same capabilities as over REST."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from gator.cli.program import load_settings, open_store, owner, run

if TYPE_CHECKING:
    from tools.capability import Turn

app = typer.Typer(help="Voices of providers and of the models folder.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
_Consent = Annotated[str, typer.Option(metavar="ID", help="the consent of whose voice it is: gator consent list")]


@app.command("list")
def show(as_json: _AsJson = False) -> None:
    """Show the voices that there are: at ElevenLabs, at OpenAI, in the models folder."""
    from tools.capability import Nothing
    from tools.cloned_voices import VoiceList, list_voices

    found = run(_with_turn(lambda turn: list_voices(Nothing(), turn)))
    assert isinstance(found, VoiceList)
    for one in found.voices:
        typer.echo(one.model_dump_json() if as_json else one.in_words())
    for missing in found.missing:
        typer.echo(missing, err=True)
    if not found.voices and not as_json:
        typer.echo("Only the offline voice is set up (docs/studio.md).")


@app.command("give")
def give(
    persona: Annotated[str, typer.Argument(metavar="PERSONA", help="whose voice it is to be")],
    who: Annotated[str | None, typer.Argument(metavar="WHO", help="who speaks, named as in GATOR_VOICE")] = None,
    name: Annotated[str | None, typer.Option(help="the voice there: its name or id")] = None,
    emotion: Annotated[
        str | None, typer.Option(help="cheerful, excited, calm, tender, serious, sad, angry, whispering or ''")
    ] = None,
    speed: Annotated[float | None, typer.Option(min=0.5, max=2.0, help="1.0 is usual")] = None,
) -> None:
    """Have somebody speak for a persona from now on."""
    from pydantic import ValidationError

    from gator.errors import Refused
    from tools.personas.capabilities import give_voice
    from tools.personas.shapes import GiveVoice, PersonaShown

    told = {"provider": who, "name": name, "emotion": emotion, "speed": speed}
    try:
        ask = GiveVoice.model_validate(
            {"persona": persona, "voice": {field: value for field, value in told.items() if value is not None}}
        )
    except ValidationError as wrong:
        said, remedy = _what_is_wrong(str(wrong.errors()[0]["loc"][-1]), told)
        raise Refused(said, remedy=remedy) from wrong
    shown = run(_with_turn(lambda turn: give_voice(ask, turn)))
    assert isinstance(shown, PersonaShown)
    typer.echo("\n".join(shown.changed) or shown.summary)


def _what_is_wrong(field: str, told: dict[str, Any]) -> tuple[str, str]:
    """What to say of what was told, and the remedy."""
    from gpu_worker.jobs import Emotion

    if field == "emotion":
        feelings = ", ".join(one for one in get_args(Emotion) if one)
        return f"There is no feeling “{told[field]}”.", f"There are: {feelings}; '' for none."
    if field == "provider":
        remedy = (
            "There are: espeak, piper, xtts, elevenlabs, openai; the last two may name a model, as elevenlabs:MODEL."
        )
        return f"Nobody called “{told[field]}” speaks here.", remedy
    return f"“{told.get(field)}” is no {field} of a voice.", "See `gator voice give --help`."


@app.command("clone")
def clone(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what the voice is called")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="recordings of it")
    ],
    consent: _Consent,
    as_json: _AsJson = False,
) -> None:
    """Have ElevenLabs learn a voice from recordings, by a consent of its owner that holds."""
    from tools import cloned_voices

    _tell(run(_with_turn(lambda turn: cloned_voices.clone(turn, name, consent, files))), as_json)


@app.command("adopt")
def adopt(
    voice: Annotated[str, typer.Argument(metavar="VOICE", help="its id at ElevenLabs")],
    consent: _Consent,
    as_json: _AsJson = False,
) -> None:
    """Let a voice speak that was cloned at ElevenLabs' own site, by a consent of its owner that holds."""
    from tools.cloned_voices import AdoptVoice, adopt_voice

    _tell(run(_with_turn(lambda turn: adopt_voice(AdoptVoice(voice=voice, consent=consent), turn))), as_json)


def _tell(made: Any, as_json: bool) -> None:
    typer.echo(made.model_dump_json() if as_json else made.in_words())


async def _with_turn(do: "Callable[[Turn], Awaitable[Any]]") -> Any:
    """As the owner of this home."""
    from gator.ids import new_id
    from tools.capability import Turn

    settings = load_settings()
    store = open_store(settings)
    try:
        return await do(Turn(principal=await owner(store), store=store, settings=settings, id=new_id()))
    finally:
        await store.close()
