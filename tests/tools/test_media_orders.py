"""Are cards, voice-overs and videos ordered as they were asked for, once, and refused where they cannot be?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused, Unavailable
from gator.ids import new_id
from gator.principal import Principal
from gpu_worker.edit_list import EditList
from gpu_worker.jobs import DrawCard, MakeVideo, Speak
from memory.models import Asset, Job, Story, Workspace
from tools import orders
from tools.capability import Turn
from tools.catalogue import named
from tools.edits import RenderEdit, render_edit
from tools.orders import MediaQueued, shortened
from tools.personas.capabilities import give_voice
from tools.personas.character import Voice
from tools.personas.shapes import GiveVoice, PersonaShown
from tools.pictures import DrawCardAsk, draw_card
from tools.videos import MakeVideoAsk, make_video
from tools.voices import SpeakText, language_of, speak_text


async def job_of(turn: Turn, queued: MediaQueued) -> Job:
    async with turn.open_work(reads=True) as work:
        return await work.jobs.get(queued.job)


async def card(turn: Turn, **fields: Any) -> tuple[MediaQueued, DrawCard]:
    queued = await draw_card(DrawCardAsk(**fields), turn)
    assert isinstance(queued, MediaQueued)
    return queued, DrawCard.model_validate((await job_of(turn, queued)).payload)


async def speech(turn: Turn, **fields: Any) -> tuple[MediaQueued, Speak]:
    queued = await speak_text(SpeakText(**fields), turn)
    assert isinstance(queued, MediaQueued)
    return queued, Speak.model_validate((await job_of(turn, queued)).payload)


async def film(turn: Turn, **fields: Any) -> tuple[MediaQueued, MakeVideo]:
    queued = await make_video(MakeVideoAsk(**fields), turn)
    assert isinstance(queued, MediaQueued)
    return queued, MakeVideo.model_validate((await job_of(turn, queued)).payload)


@pytest.fixture
async def nova(turn: Turn) -> str:
    character = {
        "name": "Nova",
        "age": 27,
        "languages": ["de", "en"],
        "voice": {"pitch": 62, "speed": 1.2, "variant": "f2"},
        "media": {
            "card_design": "editorial",
            "picture_format": "portrait",
            "sound_format": "ogg",
            "video_format": "1:1",
        },
    }
    async with turn.open_work() as work:
        return (await work.personas.create("nova", "Nova", character, author="tests")).id


@pytest.fixture
async def story(turn: Turn) -> str:
    async with turn.open_work() as work:
        feed = await work.feeds.add("http://127.0.0.1/feed", "The Garden Letter")
        item = Story(
            workspace=turn.principal.workspace,
            feed_id=feed.id,
            guid="1",
            title="City bees  are thriving",
            published_at=now(),
        )
        await work.feeds.keep(feed, [item])
        return item.id


async def test_a_card_asked_for_twice_in_a_turn_is_one_job(turn: Turn, woken: list[Any]) -> None:
    one, payload = await card(turn, text="  Begin.  ", design="quote")
    other, _ = await card(turn, text="  Begin.  ", design="quote")
    assert one == other
    assert woken == [one.job]
    assert payload == DrawCard(text="Begin.", design="quote")
    assert (one.kind, one.title) == ("picture", "Begin.")
    assert one.in_words() == 'The picture card "Begin." is being made.'
    async with turn.open_work(reads=True) as work:
        assert (await work.assets.get(one.asset)).state == "pending"


async def test_a_card_about_a_story_says_its_title_and_where_it_is_from(turn: Turn, story: str) -> None:
    _, payload = await card(turn, story=story)
    assert (payload.text, payload.attribution) == ("City bees are thriving", "The Garden Letter")
    _, payload = await card(turn, story=story, text="Bees!", attribution="Me")
    assert (payload.text, payload.attribution) == ("Bees!", "Me")


async def test_a_card_for_a_persona_looks_as_they_like_it(turn: Turn, nova: str) -> None:
    queued, payload = await card(turn, text="Begin.", persona="nova")
    assert (payload.design, payload.format, payload.attribution) == ("editorial", "portrait", "Nova")
    async with turn.open_work(reads=True) as work:
        assert (await work.assets.get(queued.asset)).persona_id == nova
    _, payload = await card(turn, text="Begin.", persona="Nova", design="bold", format="square")
    assert (payload.design, payload.format) == ("bold", "square")


@pytest.mark.parametrize(
    ("fields", "error", "reason"),
    [
        ({"text": " "}, Refused, "nothing to write"),
        ({"text": "x" * 1501}, Refused, "1,501 characters; a card holds 1,500"),
        ({"text": "a", "persona": "Nobody"}, NotFound, "no persona called Nobody"),
        ({"text": "a", "story": "018f0000-0000-7000-8000-000000000000"}, NotFound, "no story"),
    ],
)
async def test_what_cannot_be_a_card_is_refused_at_once(
    turn: Turn, fields: dict[str, Any], error: type[Refused], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        await card(turn, **fields)


async def test_a_full_studio_says_when_to_come_back(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MAX_QUEUED", 1)
    first, _ = await card(turn, text="One")
    with pytest.raises(Unavailable, match="full") as full:
        await card(turn, text="Two")
    assert full.value.retry_after_s == 60
    async with turn.open_work() as work:
        await work.jobs.pause(first.job)
    with pytest.raises(Unavailable, match="full"):  # held jobs make no room for more
        await card(turn, text="Two")


async def test_text_is_spoken_in_the_personas_voice(turn: Turn, nova: str) -> None:
    _, payload = await speech(turn, text="Guten Morgen!", persona="Nova")
    assert payload == Speak(text="Guten Morgen!", language="de", voice="f2", pitch=62, speed=1.2, format="ogg")
    _, payload = await speech(turn, text="Good morning!", persona="Nova", language="en-GB", speed=0.8, format="wav")
    assert (payload.language, payload.speed, payload.format) == ("en-GB", 0.8, "wav")
    _, payload = await speech(turn, text="The sea is calm this morning.", persona="Nova")
    assert payload.language == "en"
    async with turn.open_work() as work:
        await work.personas.create("anna", "Anna", {"name": "Anna", "voice": {"language": "de-AT"}}, author="tests")
    _, payload = await speech(turn, text="The sea is calm this morning.", persona="Anna")
    assert payload.language == "de-AT"
    _, payload = await speech(turn, text="Доброе утро", persona="Anna")
    assert payload.language == "ru"


async def test_a_personas_voice_is_that_of_who_speaks(turn: Turn) -> None:
    """Her own provider's first, else the configured one's; at another provider than hers she has no voice."""
    character = {
        "name": "Vera",
        "voice": {"provider": "piper", "name": "amy", "variant": "f3", "emotion": "calm", "stability": 0.4},
    }
    async with turn.open_work() as work:
        await work.personas.create("vera", "Vera", character, author="tests")
    _, payload = await speech(turn, text="Hello!", persona="Vera")
    assert (payload.provider, payload.voice, payload.emotion, payload.stability) == ("piper", "amy", "calm", 0.4)
    _, payload = await speech(turn, text="Hello!", persona="Vera", provider="espeak", emotion="sad")
    assert (payload.provider, payload.voice, payload.emotion) == ("espeak", "f3", "sad")
    _, payload = await speech(turn, text="Hello!", persona="Vera", provider="xtts")
    assert (payload.provider, payload.voice) == ("xtts", "")

    configured = replace(
        turn, settings=turn.settings.model_copy(update={"voice": "openai:tts-1", "voice_base_url": "x"})
    )
    _, payload = await speech(configured, text="Hello!", voice="coral")
    assert (payload.provider, payload.voice) == ("openai:tts-1", "coral")
    async with turn.open_work(reads=True) as work:
        assert (await work.spending.since_yesterday()) == round(0.1 * 6 / 1000 * 1e6)


async def test_without_a_persona_the_script_tells_the_language(turn: Turn) -> None:
    assert (await speech(turn, text="Доброе утро"))[1].language == "ru"
    assert (await speech(turn, text="Good morning"))[1].language == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("おはよう世界", "ja"),
        ("早上好", "zh"),
        ("안녕", "ko"),
        ("مرحبا hi", "ar"),
        ("Hello", None),
        ("123", None),
        ("สวัสดี", "th"),
        ("Guten Morgen, wie geht es dir? Ich freue mich auf den Tag.", "de"),
        ("Wer tide pools mag, weiß, was ich meine.", "de"),
        ("Ce matin, la mer est calme et les oiseaux chantent pour nous.", "fr"),
        ("El mar está en calma y los pájaros cantan.", "es"),
        ("The sea is calm this morning.", "en"),
        ("La La Land", None),
    ],
)
def test_languages_are_told_by_their_letters(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(("text", "reason"), [("🎉!", "nothing to say"), ("x" * 10_001, "10,001 characters")])
async def test_what_cannot_be_spoken_is_refused_at_once(turn: Turn, text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        await speech(turn, text=text)


async def test_a_video_waits_for_what_is_still_being_made(turn: Turn) -> None:
    picture, _ = await card(turn, text="Begin.")
    voice, _ = await speech(turn, text="Good morning to you all!")
    queued, payload = await film(turn, pictures=[picture.asset], speech=voice.asset, duration_s=10)
    assert (payload.edit.captions.show, payload.edit.captions.text) == ("both", None)  # what the voice says
    assert payload.edit.duration_s == 10
    job = await job_of(turn, queued)
    assert job.needs == [picture.asset, voice.asset]
    async with turn.open_work() as work:
        assert await work.jobs.claim(queued.job, "a worker", timedelta(minutes=1)) is None
        assert await work.jobs.claim(picture.job, "a worker", timedelta(minutes=1))
    assert queued.title == "Good morning to you all!"


async def test_captions_can_be_ones_own_or_none(turn: Turn) -> None:
    picture, _ = await card(turn, text="Begin.")
    voice, _ = await speech(turn, text="Good morning")
    for captions, shown in (("", ("none", None)), ("Other words", ("both", "Other words"))):
        _, payload = await film(turn, pictures=[picture.asset], speech=voice.asset, captions=captions)
        assert (payload.edit.captions.show, payload.edit.captions.text) == shown
    assert (await film(turn, pictures=["last"], format="16:9"))[1].edit.scenes[0].asset == picture.asset


async def test_a_video_for_a_persona_has_their_format(turn: Turn, nova: str) -> None:
    picture, _ = await card(turn, text="Begin.")
    _, payload = await film(turn, pictures=[picture.asset] * 2, persona="Nova", title="Morning")
    assert (payload.edit.width, payload.edit.height) == (1080, 1080)
    assert [scene.asset for scene in payload.edit.scenes] == [picture.asset] * 2
    assert [scene.motion for scene in payload.edit.scenes] == ["zoom_in", "zoom_out"]


async def test_what_is_not_there_or_of_another_kind_is_named(turn: Turn) -> None:
    voice, _ = await speech(turn, text="Good morning")
    picture, _ = await card(turn, text="Begin.")
    gone = "018f0000-0000-7000-8000-000000000000"
    for fields, reason in (
        ({"pictures": [gone]}, f"no picture {gone}"),
        ({"pictures": [voice.asset]}, f"{voice.asset} is a voice, not a picture"),
        ({"pictures": [picture.asset], "speech": picture.asset}, f"{picture.asset} is a picture, not a voice"),
        ({"pictures": [picture.asset], "music": "x"}, "no voice x"),
        ({"pictures": []}, "at least one picture"),
        ({"pictures": [picture.asset] * 61}, "60 pictures"),
    ):
        with pytest.raises(Refused, match=reason):
            await film(turn, **fields)


async def test_a_speech_that_is_too_long_is_refused_with_both_lengths(turn: Turn) -> None:
    voice, _ = await speech(turn, text="Good morning")
    picture, _ = await card(turn, text="Begin.")
    async with turn.open_work() as work:
        (await work.assets.get(voice.asset)).duration_s = 12.34
    with pytest.raises(Refused, match=r"12\.3 s and does not fit into 10 s"):
        await film(turn, pictures=[picture.asset], speech=voice.asset, duration_s=10)


async def test_media_of_another_workspace_are_not_there(turn: Turn) -> None:
    picture, _ = await card(turn, text="Begin.")
    async with turn.open_work() as work:
        work.session.add(other := Workspace(id=new_id(), slug="other", name="Other"))
        await work.session.flush()
    stranger = replace(turn, principal=replace(turn.principal, workspace=other.id))
    with pytest.raises(Refused, match="no picture"):
        await film(stranger, pictures=[picture.asset])


@pytest.mark.parametrize("name", ["draw_card", "speak_text", "make_video"])
async def test_fans_order_nothing(turn: Turn, fan: Principal, name: str) -> None:
    capability = named(name)
    assert capability is not None
    asks = {
        "draw_card": DrawCardAsk(text="a"),
        "speak_text": SpeakText(text="a"),
        "make_video": MakeVideoAsk(pictures=["last"]),
    }
    with pytest.raises(Forbidden):
        await capability(asks[name], replace(turn, principal=fan))


def test_titles_are_one_short_line() -> None:
    assert shortened("Hello\n world") == "Hello world"
    assert shortened("word " * 40) == "word word word word word word word word word word word…"
    assert len(shortened("x" * 100)) == 60


async def test_a_persona_is_given_no_voice_that_cannot_speak_here(turn: Turn, nova: str) -> None:
    with pytest.raises(Unavailable, match="ElevenLabs needs a key"):
        await give_voice(GiveVoice(persona="Nova", voice=Voice(provider="elevenlabs", name="Sarah")), turn)
    with pytest.raises(Refused, match="no voice “f99”") as no:
        await give_voice(GiveVoice(persona="Nova", voice=Voice(provider="espeak", name="f99")), turn)
    assert "f1, f2" in no.value.remedy

    await give_voice(GiveVoice(persona="Nova", voice=Voice(provider="espeak", name="F3")), turn)
    async with turn.open_work(reads=True) as work:
        voice = (await work.personas.get(nova)).character["voice"]
    assert (voice["provider"], voice["name"], voice["variant"]) == ("espeak", "", "f3")


async def test_a_persona_is_given_a_voice_and_the_rest_of_it_stays(turn: Turn, nova: str) -> None:
    turn = replace(turn, settings=turn.settings.model_copy(update={"elevenlabs_api_key": SecretStr("k")}))
    told = Voice(provider="elevenlabs:eleven_v3", name="Sarah", emotion="cheerful")
    shown = await give_voice(GiveVoice(persona="Nova", voice=told), turn)
    assert isinstance(shown, PersonaShown)
    assert shown.version == 2
    async with turn.open_work(reads=True) as work:
        voice = (await work.personas.get(nova)).character["voice"]
    assert (voice["provider"], voice["name"], voice["emotion"]) == ("elevenlabs:eleven_v3", "Sarah", "cheerful")
    assert (voice["pitch"], voice["speed"], voice["variant"]) == (62, 1.2, "f2")
    with pytest.raises(ValidationError):
        Voice(provider="siri")


async def test_what_a_fan_sent_or_was_given_is_in_no_video(turn: Turn, fan: Principal) -> None:
    async with turn.open_work() as work:
        told = {"workspace": turn.principal.workspace, "state": "ready"}
        theirs = Asset(kind="picture", origin="fan", **told)
        given = Asset(kind="voice", fan_id=fan.subject, **told)
        ours = Asset(kind="picture", **told)
        work.session.add_all([theirs, given, ours])
    asks: list[dict[str, Any]] = [
        {"pictures": [theirs.id]},
        {"pictures": [ours.id], "speech": given.id},
        {"pictures": [ours.id], "music": given.id},
    ]
    for told in asks:
        with pytest.raises(Refused, match="stays in their conversation"):
            await make_video(MakeVideoAsk.model_validate(told), turn)
        edit = EditList.model_validate({"scenes": [{"asset": told["pictures"][0]}], "logo": {"asset": theirs.id}})
        with pytest.raises(Refused, match="stays in their conversation"):
            await render_edit(RenderEdit(edit=edit), turn)
