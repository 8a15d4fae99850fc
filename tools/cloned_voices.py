"""Cloned voices: have a provider learn somebody's voice, by their consent, and forget it when they take that back.

Doors: REST, `gator voice`. People ask for it, never a model. What a provider could not delete is tried again by `keep_watch`.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from pydantic import Field

from gator.clock import now
from gator.errors import GatorError, Refused, Unavailable
from gator.principal import Kind, Principal, service
from gator.settings import Settings
from gpu_worker import elevenlabs_account as account
from gpu_worker.shelf import shelf
from memory.founding import workspaces
from memory.media_place import blobs_of
from memory.media_threads import in_media_thread
from memory.store import Store
from tools.capability import Effect, Nothing, Shape, Turn, capability
from tools.incoming import LONGEST_SOUND_S, Examiner

PEOPLE = {Kind.operator, Kind.admin}
_WATCH_S = 600.0
_MOST_SAMPLES, _MOST_BYTES = 25, 11_000_000  # elevenlabs.io/docs/product-guides/voices/voice-cloning
_OPENAI = "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse"
log = structlog.get_logger()


class CloneVoice(Shape):
    name: str = Field(min_length=1, max_length=100, description="what the voice is called")
    consent: str = Field(description="id of the consent of whose voice it is")
    samples: list[str] = Field(min_length=1, max_length=_MOST_SAMPLES, description="ids of recordings (assets) of it")


class AdoptVoice(Shape):
    voice: str = Field(
        min_length=1, max_length=100, description="id of a voice that was cloned at the provider's own site"
    )
    consent: str = Field(description="id of the consent of whose voice it is")


class VoiceShown(Shape):
    provider: str
    id: str
    name: str
    cloned: bool = False
    language: str = ""

    def in_words(self) -> str:
        more = [self.language, "cloned" if self.cloned else ""]
        told = ", ".join(part for part in more if part)
        return f"{self.provider}  {self.name}  {self.id}{f'  ({told})' if told else ''}"


class VoiceList(Shape):
    voices: list[VoiceShown]
    missing: list[str] = Field(default_factory=list, description="whose voices could not be listed, and why")


@capability(audience=PEOPLE, effect=Effect.read)
async def list_voices(ask: Nothing, turn: Turn) -> VoiceList:  # noqa: ARG001
    """The voices that there are: of the account at ElevenLabs, of OpenAI, and of the models folder."""
    entries = shelf(turn.settings).entries("voice")
    found = [VoiceShown(provider=one.family, id=one.name, name=one.name) for one in entries]
    if turn.settings.openai_api_key or turn.settings.voice_base_url or turn.settings.openai_base_url:
        found += [VoiceShown(provider="openai", id=name, name=name) for name in _OPENAI.split()]
    missing = []
    if account.is_set_up(turn.settings):
        try:
            async with account.connected(turn.settings) as client:
                there = await account.voices(client)
            found += [
                VoiceShown(provider=account.NAME, id=one.id, name=one.name, cloned=one.cloned, language=one.language)
                for one in there
            ]
        except GatorError as trouble:
            missing.append(f"{account.NAME}: {trouble}")
    return VoiceList(voices=found, missing=missing)


@capability(audience=PEOPLE, effect=Effect.write)
async def clone_voice(ask: CloneVoice, turn: Turn) -> VoiceShown:
    """Have ElevenLabs learn a voice from recordings. Raises Forbidden without a consent of its owner that holds."""
    async with turn.open_work(reads=True) as work:
        await work.consents.holding(ask.consent, "voice")
        there = await work.assets.by_ids(ask.samples)
    for id in ask.samples:
        if id not in there or there[id].kind != "voice" or there[id].state != "ready":
            raise Refused(f"{id} is no recording here.", remedy="Upload the recordings, then name their assets.")
        if there[id].origin == "fan" or there[id].fan_id:
            raise Refused(f"{id} was sent by a fan: no voice is cloned from that.")
    blobs = blobs_of(turn.settings)
    paths = [await in_media_thread(blobs.get, there[id].sha256) for id in ask.samples]
    return await _clone(turn, ask.name, ask.consent, paths)


async def clone(turn: Turn, name: str, consent: str, samples: Sequence[Path]) -> VoiceShown:
    """As `clone_voice`, from files of this machine. Raises Refused for one that is no sound."""
    _check_samples(samples)
    async with turn.open_work(reads=True) as work:
        await work.consents.holding(consent, "voice")
    account.check_set_up(turn.settings)
    await _check_sound(samples)
    return await _clone(turn, name, consent, samples)


async def _clone(turn: Turn, name: str, consent: str, samples: Sequence[Path]) -> VoiceShown:
    _check_samples(samples)
    account.check_set_up(turn.settings)
    async with turn.open_work() as work:
        ordered = await work.consents.keep_voice(
            await work.consents.holding(consent, "voice"), account.NAME, None, name
        )
    try:
        async with account.connected(turn.settings) as client:
            voice = await account.clone(client, name, samples, ordered.id)
    except Refused:
        await _drop(turn.store, turn.principal, ordered.id)
        raise  # after anything else nobody knows whether it learnt the voice: `delete_unnamed` looks
    try:
        await _keep(turn, consent, voice, name, ordered.id)
    except Refused:  # the consent was revoked meanwhile
        with contextlib.suppress(GatorError):  # else `delete_unnamed` does it
            await _delete(turn.settings, voice)
            await _drop(turn.store, turn.principal, ordered.id)
        raise
    return VoiceShown(provider=account.NAME, id=voice, name=name, cloned=True)


def _check_samples(samples: Sequence[Path]) -> None:
    if len(samples) > _MOST_SAMPLES:
        raise Refused(f"{len(samples)} recordings are too many.", remedy=f"Give {_MOST_SAMPLES} at most.")
    for path in samples:
        if path.stat().st_size > _MOST_BYTES:
            raise Refused(
                f"The recording {path.name} has more than {_MOST_BYTES // 10**6} MB.",
                remedy="Two minutes of clear speech are enough.",
            )


async def _check_sound(samples: Sequence[Path]) -> None:
    """An upload was decoded when it came; a file of this machine is here."""
    examiner = Examiner()
    with TemporaryDirectory(prefix="gator-") as folder:
        for path in samples:
            examined = await examiner.examine(path, Path(folder) / "heard")
            if examined.problem == "too_long":
                raise Refused(
                    f"The recording {path.name} lasts more than {LONGEST_SOUND_S / 60:.0f} minutes.",
                    remedy="Two minutes of clear speech are enough.",
                )
            if examined.found is None or examined.found.kind != "voice":
                raise Refused(
                    f"{path.name} is no recording that can be played.", remedy="Give sound: WAV, MP3, M4A, OGG or FLAC."
                )


@capability(audience=PEOPLE, effect=Effect.write)
async def adopt_voice(ask: AdoptVoice, turn: Turn) -> VoiceShown:
    """Let a voice speak that was cloned at ElevenLabs' own site. Raises Forbidden without a consent that holds."""
    async with account.connected(turn.settings) as client:
        found = await account.voice(client, ask.voice)
    if not found.cloned:
        raise Refused(f"{found.name} is nobody's clone: it needs no consent.", remedy="Use it as it is.")
    await _keep(turn, ask.consent, found.id, found.name)
    return VoiceShown(provider=account.NAME, id=found.id, name=found.name, cloned=True, language=found.language)


async def _keep(turn: Turn, consent: str, voice: str, name: str, ordered: str | None = None) -> None:
    async with turn.open_work() as work:
        row = await work.consents.holding(consent, "voice")  # once more: it may have been revoked meanwhile
        if ordered:
            await work.consents.voice_is_called(ordered, voice)
        elif (known := await work.consents.voice(account.NAME, voice)) and known.voice == voice:
            raise Refused(f"The voice {name} is known already.")
        else:
            await work.consents.keep_voice(row, account.NAME, voice, name)
        await work.audit.note("voice.clone", voice, consent=row.id, provider=account.NAME)


async def _drop(store: Store, by: Principal, ordered: str) -> None:
    async with store.open_work(by) as work:
        await work.consents.no_voice(ordered)


async def delete_revoked(store: Store, settings: Settings, by: Principal) -> int:
    """Have providers delete the voices whose consent was revoked; how many are left because that did not work yet."""
    async with store.open_work(by, reads=True) as work:
        due = [
            (one.id, one.voice or "", one.consent_id, one.provider) for one in await work.consents.voices_to_delete()
        ]
    left = len(due)
    for id, voice, consent, provider in due:  # each by itself: one that its provider refuses to delete keeps no other
        try:
            await _delete(settings, voice)
        except Unavailable:  # so it would be for the others
            break
        except GatorError:
            continue
        async with store.open_work(by) as work:
            await work.consents.voice_is_gone(id)
            await work.audit.note("voice.delete", voice, consent=consent, provider=provider)
        left -= 1
    return left


async def _delete(settings: Settings, voice: str) -> None:
    try:
        async with account.connected(settings) as client:
            await account.delete(client, voice)
    except GatorError as trouble:
        log.warning("voice_not_deleted", voice=voice, reason=str(trouble))
        raise


async def delete_unnamed(store: Store, settings: Settings, by: Principal) -> None:
    """Have voices deleted of which nobody was told that they are there: the process that ordered them died, or got no answer."""
    surely_over = now() - timedelta(seconds=max(_WATCH_S, 2 * settings.voice_timeout_s))
    async with store.open_work(by, reads=True) as work:
        due = [one.id for one in await work.consents.unnamed_voices(surely_over)]
    if not due:
        return
    async with account.connected(settings) as client:
        there = await account.voices(client)
    for ordered in due:
        with contextlib.suppress(GatorError):  # it is tried again, and keeps no other there
            for voice in [voice.id for voice in there if ordered in voice.description]:
                await _delete(settings, voice)
                log.info("unknown_voice_deleted", voice=voice)
            await _drop(store, by, ordered)


async def keep_watch(store: Store, settings: Settings) -> None:
    """For as long as the process serves: try again what could not be deleted."""
    while True:
        await asyncio.sleep(_WATCH_S)
        try:
            for by in [service(workspace, "voices") for workspace in await workspaces(store)]:
                await delete_revoked(store, settings, by)
                await delete_unnamed(store, settings, by)
        except GatorError as trouble:  # of the provider, which may pass
            log.warning("voices_not_looked_at", reason=str(trouble))
        except Exception:
            log.exception("voice_watch_failed")  # a database that is away comes back
