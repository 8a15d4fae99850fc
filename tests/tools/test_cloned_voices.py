"""Is a voice cloned only by its owner's consent, does it speak only while that holds, and is it deleted after?"""

import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gator.clock import now
from gator.errors import Forbidden, Refused, Unavailable
from gpu_worker.jobs import Speak
from gpu_worker.runner import Runner
from memory.blobs import Blobs
from memory.models import Asset
from tests.servers.running import serving
from tests.servers.speech import ElevenLabs
from tools import cloned_voices
from tools.capability import Nothing, Turn
from tools.cloned_voices import AdoptVoice, CloneVoice, VoiceList, VoiceShown, adopt_voice, clone_voice, list_voices
from tools.consents import AddConsent, ConsentShown, NameConsent, add_consent, revoke_consent
from tools.orders import MediaQueued
from tools.voices import SpeakText, speak_text

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def elevenlabs() -> AsyncIterator[tuple[ElevenLabs, str]]:
    server = ElevenLabs()
    async with serving(server.app) as url:
        yield server, url


@pytest.fixture
def server(elevenlabs: tuple[ElevenLabs, str]) -> ElevenLabs:
    return elevenlabs[0]


@pytest.fixture
def studio(turn: Turn, elevenlabs: tuple[ElevenLabs, str]) -> Turn:
    """A turn where ElevenLabs is set up."""
    told = {"elevenlabs_base_url": elevenlabs[1], "elevenlabs_api_key": "key-of-tests"}
    return replace(turn, settings=type(turn.settings)(**{**turn.settings.model_dump(), **told}))


async def agreed(turn: Turn, kind: str = "voice", subject: str = "Ada Berg") -> str:
    ask = AddConsent.model_validate(
        {"subject": subject, "kind": kind, "scope": "It may speak.", "given_at": now(), "evidence_sha256": "ab" * 32}
    )
    made = await add_consent(ask, turn)
    assert isinstance(made, ConsentShown)
    return made.id


async def recording(turn: Turn, tmp_path: Path, **fields: Any) -> str:
    path = tmp_path / "ada.wav"
    path.write_bytes(b"RIFF and so on")
    sha256 = Blobs(turn.settings.media_folder).put(path).sha256
    told = {"kind": "voice", "state": "ready", "origin": "operator", "sha256": sha256, **fields}
    async with turn.open_work() as work:
        asset = Asset(workspace=turn.principal.workspace, **told)
        work.session.add(asset)
        await work.session.flush()
        return asset.id


async def cloned(turn: Turn, tmp_path: Path, consent: str) -> VoiceShown:
    ask = CloneVoice(name="Ada", consent=consent, samples=[await recording(turn, tmp_path)])
    made = await clone_voice(ask, turn)
    assert isinstance(made, VoiceShown)
    return made


async def ordered(turn: Turn, **fields: Any) -> Speak:
    queued = await speak_text(SpeakText(text="Good morning.", **fields), turn)
    assert isinstance(queued, MediaQueued)
    async with turn.open_work(reads=True) as work:
        return Speak.model_validate((await work.jobs.get(queued.job)).payload)


async def test_a_voice_is_cloned_by_consent_and_speaks_by_it(studio: Turn, server: ElevenLabs, tmp_path: Path) -> None:
    consent = await agreed(studio)
    made = await cloned(studio, tmp_path, consent)
    assert server.cloned[made.id] == [b"RIFF and so on"]

    payload = await ordered(studio, provider="elevenlabs", voice="ada")
    assert (payload.voice, payload.consent) == (made.id, consent)
    there = await list_voices(Nothing(), studio)
    assert isinstance(there, VoiceList)
    assert [(one.name, one.cloned) for one in there.voices] == [("Sarah - Mature, Reassuring", False), ("Ada", True)]
    async with studio.open_work(reads=True) as work:
        assert (await work.spending.since_yesterday()) == round(0.1 * len("Good morning.") / 1000 * 1e6)


async def test_a_file_that_is_no_sound_is_not_sent(studio: Turn, server: ElevenLabs, tmp_path: Path) -> None:
    consent = await agreed(studio)
    speech, torn = tmp_path / "ada.wav", tmp_path / "torn.wav"
    with wave.open(str(speech), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(32_000))
    torn.write_bytes(b"RIFF and so on")

    with pytest.raises(Refused, match=r"torn\.wav is no recording"):
        await cloned_voices.clone(studio, "Ada", consent, [speech, torn])
    assert server.cloned == {}

    made = await cloned_voices.clone(studio, "Ada", consent, [speech])
    assert server.cloned[made.id] == [speech.read_bytes()]


async def test_no_voice_is_cloned_without_a_consent_to_it(studio: Turn, server: ElevenLabs, tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="not of their voice"):
        await cloned(studio, tmp_path, await agreed(studio, "likeness"))
    revoked = await agreed(studio)
    await revoke_consent(NameConsent(consent=revoked), studio)
    with pytest.raises(Forbidden, match="taken the consent back"):
        await cloned(studio, tmp_path, revoked)
    sent = await recording(studio, tmp_path, origin="fan")
    with pytest.raises(Refused, match="sent by a fan"):
        await clone_voice(CloneVoice(name="Ada", consent=await agreed(studio), samples=[sent]), studio)
    assert server.cloned == {}


async def test_with_the_consent_the_voice_goes_at_the_provider_too(
    studio: Turn, server: ElevenLabs, tmp_path: Path
) -> None:
    consent = await agreed(studio)
    made = await cloned(studio, tmp_path, consent)
    server.broken = True
    revoked = await revoke_consent(NameConsent(consent=consent), studio)
    assert isinstance(revoked, ConsentShown)
    assert revoked.voices == ["Ada"]  # it is still there, and does not speak
    with pytest.raises(Forbidden, match="taken the consent back"):
        await ordered(studio, provider="elevenlabs", voice=made.id)

    server.broken = False
    assert await cloned_voices.delete_revoked(studio.store, studio.settings, studio.principal) == 0
    assert server.deleted == [made.id]
    async with studio.open_work(reads=True) as work:
        assert await work.consents.voices() == []
        actions = [row.action for row in await work.audit.recent()]
    assert actions[:2] == ["voice.delete", "consent.revoke"]


async def test_a_voice_that_its_provider_keeps_keeps_no_other_there(
    studio: Turn, server: ElevenLabs, tmp_path: Path
) -> None:
    consent = await agreed(studio)
    first, second = await cloned(studio, tmp_path, consent), await cloned(studio, tmp_path, consent)
    server.kept = {first.id}
    revoked = await revoke_consent(NameConsent(consent=consent), studio)
    assert isinstance(revoked, ConsentShown)
    assert (server.deleted, len(revoked.voices)) == ([second.id], 1)


async def test_what_was_ordered_before_a_consent_was_revoked_is_not_said(
    studio: Turn, server: ElevenLabs, tmp_path: Path
) -> None:
    consent = await agreed(studio)
    await cloned(studio, tmp_path, consent)
    queued = await speak_text(SpeakText(text="Hello.", provider="elevenlabs", voice="Ada"), studio)
    assert isinstance(queued, MediaQueued)
    await revoke_consent(NameConsent(consent=consent), studio)

    runner = Runner(studio.store, Blobs(tmp_path / "media"), tmp_path / "scratch", "tests", 1, settings=studio.settings)
    await runner.work(studio.principal.workspace, queued.job)
    async with studio.open_work(reads=True) as work:
        job = await work.jobs.get(queued.job)
    assert job.state == "failed"
    assert "taken the consent back" in job.error
    assert server.asked == []


async def test_what_was_said_is_kept_only_until_the_job_ends(studio: Turn, server: ElevenLabs, tmp_path: Path) -> None:
    queued = await speak_text(SpeakText(text="Hello.", provider="elevenlabs", voice="Sarah"), studio)
    assert isinstance(queued, MediaQueued)
    runner = Runner(studio.store, Blobs(tmp_path / "media"), tmp_path / "scratch", "tests", 1, settings=studio.settings)
    await runner.work(studio.principal.workspace, queued.job)
    async with studio.open_work(reads=True) as work:
        assert (await work.jobs.get(queued.job)).state == "done"
    assert [*(tmp_path / "scratch").iterdir()] == []


async def waits_since_an_hour(turn: Turn) -> None:
    async with turn.open_work() as work:
        for one in await work.consents.voices():
            one.created_at -= timedelta(hours=1)


@pytest.mark.parametrize("loss", ["its answer", "its process"])
async def test_a_voice_of_which_nobody_was_told_is_found_by_its_mark_and_deleted(
    studio: Turn, server: ElevenLabs, tmp_path: Path, loss: str
) -> None:
    consent = await agreed(studio)
    kept = await cloned(studio, tmp_path, consent)
    if loss == "its answer":
        server.loses_answers = True
        with pytest.raises(Unavailable):
            await cloned(studio, tmp_path, consent)
    else:  # killed between the provider's answer and the row
        async with studio.open_work() as work:
            row = await work.consents.keep_voice(await work.consents.get(consent), "elevenlabs", None, "Ada")
        server.cloned["lostlostlostlost0001"], server.told["lostlostlostlost0001"] = [], ("Ada", f"Cloned ({row.id}).")
    [lost] = [id for id in server.cloned if id != kept.id]
    assert (await ordered(studio, provider="elevenlabs", voice="Ada")).voice == kept.id

    await cloned_voices.delete_unnamed(studio.store, studio.settings, studio.principal)
    assert server.deleted == []  # it may be under way
    await waits_since_an_hour(studio)
    server.broken = True
    await cloned_voices.delete_unnamed(studio.store, studio.settings, studio.principal)
    server.broken = False
    await cloned_voices.delete_unnamed(studio.store, studio.settings, studio.principal)

    assert server.deleted == [lost]
    async with studio.open_work(reads=True) as work:
        assert [one.voice for one in await work.consents.voices()] == [kept.id]


async def test_a_clone_that_is_refused_leaves_no_row(studio: Turn, tmp_path: Path) -> None:
    consent = await agreed(studio)
    wrong = replace(studio, settings=studio.settings.model_copy(update={"elevenlabs_api_key": SecretStr("wrong")}))
    with pytest.raises(Refused, match="does not take the key"):
        await cloned(wrong, tmp_path, consent)
    with pytest.raises(Refused, match="too many"):
        await cloned_voices.clone(studio, "Ada", consent, [tmp_path / "ada.wav"] * 26)
    async with studio.open_work(reads=True) as work:
        assert await work.consents.voices() == []


async def test_voices_of_two_people_of_one_name_are_told_apart_by_their_ids(studio: Turn, tmp_path: Path) -> None:
    first = await cloned(studio, tmp_path, await agreed(studio, subject="Ada Berg"))
    second = await cloned(studio, tmp_path, await agreed(studio, subject="Ada Tal"))
    with pytest.raises(Refused, match=f"{second.id}, {first.id}"):
        await ordered(studio, provider="elevenlabs", voice="ada")
    assert (await ordered(studio, provider="elevenlabs", voice=first.id)).voice == first.id


async def test_a_voice_cloned_elsewhere_is_adopted_by_consent(studio: Turn, server: ElevenLabs) -> None:
    server.cloned["clonedclonedcloned42"] = []
    consent = await agreed(studio)
    await adopt_voice(AdoptVoice(voice="clonedclonedcloned42", consent=consent), studio)
    assert (await ordered(studio, provider="elevenlabs", voice="Ada")).consent == consent
    with pytest.raises(Refused, match="known already"):
        await adopt_voice(AdoptVoice(voice="clonedclonedcloned42", consent=consent), studio)
    with pytest.raises(Refused, match="nobody's clone"):
        await adopt_voice(AdoptVoice(voice="sarahsarahsarahsarah", consent=consent), studio)


async def test_without_a_key_nothing_is_queued(turn: Turn) -> None:
    for provider, key in {"elevenlabs": "ELEVENLABS_API_KEY", "openai:tts-1": "OPENAI_API_KEY"}.items():
        with pytest.raises(Unavailable, match=key):
            await ordered(turn, provider=provider)
