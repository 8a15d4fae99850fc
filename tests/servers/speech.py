"""Servers that speak OpenAI's audio.speech and ElevenLabs' API, with their failures. What they say is a hum for each word.

Sources: developers.openai.com/api/reference (audio, speech), elevenlabs.io/docs/api-reference (text-to-speech, voices, models).
The next request for speech gets the next step of the script, and `Say()` when the script has ended.
"""

import asyncio
import base64
import io
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.models import ONCE, Fail, failed

LETTER_S, BLANK_S, STOP_S = 0.06, 0.05, 0.3


@dataclass(frozen=True)
class Say:
    """Says it, so loud; `keeps` is the share of the sound that it sends."""

    level: float = 0.3
    keeps: float = 1.0


@dataclass(frozen=True)
class No:
    """An answer of 400 or the like with ElevenLabs' `status` or OpenAI's `code`."""

    code: str
    status: int = 400


@dataclass(frozen=True)
class Page:
    """200, and a page for people in it."""


@dataclass(frozen=True)
class Hang:
    """Makes it, is paid for it, and never answers."""


Step = Say | Fail | No | Page | Hang


def times_of(text: str) -> tuple[list[float], list[float]]:
    """When each letter begins and ends."""
    starts, ends, clock = [], [], 0.1
    for letter in text:
        starts.append(clock)
        clock += BLANK_S if letter.isspace() else STOP_S if letter in ".!?。" else LETTER_S
        ends.append(clock)
    return starts, ends


def hum(text: str, rate_hz: int, level: float = 0.3) -> NDArray[np.float32]:
    """A hum of its own pitch for each word, with silence between."""
    starts, ends = times_of(text)
    samples = np.zeros(round((ends[-1] + 0.1) * rate_hz), np.float32)
    time = np.arange(len(samples)) / rate_hz
    for letter, start, end in zip(text, starts, ends, strict=True):
        if letter.isalnum():
            at = slice(round(start * rate_hz), round(end * rate_hz))
            samples[at] = level * np.sin(2 * np.pi * (180 + ord(letter) % 40) * time[at])
    return samples


def encoded(samples: NDArray[np.float32], rate_hz: int, kind: str) -> bytes:
    out = io.BytesIO()
    codec = {"wav": "pcm_s16le", "mp3": "libmp3lame"}[kind]
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        pcm = (np.clip(samples, -1, 1) * 32_767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, 0
        resampler = av.AudioResampler(stream.format.name, "mono", rate_hz, stream.frame_size or None)
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return out.getvalue()


@dataclass
class _Scripted:
    script: list[Step] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def _step(self, told: dict[str, Any]) -> Step:
        self.asked.append(told)
        step = self.script[len(self.asked) - 1] if len(self.asked) <= len(self.script) else Say()
        if isinstance(step, Hang):
            await asyncio.sleep(3600)
        return step


@dataclass
class OpenAISpeech(_Scripted):
    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/audio/speech", self.speak, methods=["POST"])])

    async def speak(self, request: Request) -> Response:
        told = await request.json()
        step = await self._step(told)
        if isinstance(step, Fail):
            return failed(step, {"error": {"message": "no", "code": None}})
        if isinstance(step, No):
            return JSONResponse({"error": {"message": "no", "code": step.code}}, step.status, ONCE)
        if not isinstance(step, Say):
            return Response("<html>Welcome!</html>", media_type="text/html", headers=ONCE)
        sound = encoded(hum(told["input"], 24_000, step.level), 24_000, told["response_format"])
        return Response(sound[: round(len(sound) * step.keeps)], media_type="audio/wav", headers=ONCE)


@dataclass
class ElevenLabs(_Scripted):
    """An account with two voices of its own, one of them cloned, and two models."""

    cloned: dict[str, list[bytes]] = field(default_factory=dict)  # by voice id
    deleted: list[str] = field(default_factory=list)
    broken: bool = False  # voices cannot be deleted now
    kept: set[str] = field(default_factory=set)  # those that it refuses to delete
    told: dict[str, tuple[str, str]] = field(default_factory=dict)  # names and descriptions by voice id
    loses_answers: bool = False  # it learns a voice, and says that it has trouble

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/text-to-speech/{voice}/with-timestamps", self.speak, methods=["POST"]),
                Route("/v1/voices", self.voices),
                Route("/v1/voices/add", self.clone, methods=["POST"]),
                Route("/v1/voices/{voice}", self.voice, methods=["GET"]),
                Route("/v1/voices/{voice}", self.delete, methods=["DELETE"]),
                Route("/v1/models", self.models),
            ]
        )

    async def speak(self, request: Request) -> Response:
        if request.headers.get("xi-api-key") != "key-of-tests":
            return JSONResponse({"detail": {"status": "invalid_api_key", "message": "no"}}, 401, ONCE)
        told = await request.json()
        step = await self._step({**told, "voice": request.path_params["voice"], **request.query_params})
        if isinstance(step, Fail):
            return failed(step, {"detail": {"status": "busy", "message": told["text"]}})
        if isinstance(step, No):
            return JSONResponse({"detail": {"status": step.code, "message": told["text"]}}, step.status, ONCE)
        if not isinstance(step, Say):
            return Response("<html>Welcome!</html>", media_type="text/html", headers=ONCE)
        text = told["text"]
        samples = hum(text, 44_100, step.level)
        sound = encoded(samples[: round(len(samples) * step.keeps)], 44_100, "mp3")
        starts, ends = times_of(text)
        alignment = {
            "characters": [*text],
            "character_start_times_seconds": starts,
            "character_end_times_seconds": ends,
        }
        body = {"audio_base64": base64.b64encode(sound).decode(), "alignment": alignment}
        return JSONResponse(body, headers=ONCE)

    @property
    def _voices(self) -> list[dict[str, Any]]:
        there = [(id, *self.told.get(id, ("Ada", ""))) for id in self.cloned if id not in self.deleted]
        cloned = [{"voice_id": id, "name": name, "description": told, "category": "cloned"} for id, name, told in there]
        ready = {"voice_id": "sarahsarahsarahsarah", "name": "Sarah - Mature, Reassuring", "category": "premade"}
        return [{**ready, "labels": {"language": "en"}}, *cloned]

    async def voices(self, _: Request) -> Response:
        return JSONResponse({"voices": self._voices}, headers=ONCE)

    async def voice(self, request: Request) -> Response:
        wanted = request.path_params["voice"]
        for one in self._voices:
            if one["voice_id"] == wanted:
                return JSONResponse(one, headers=ONCE)
        return JSONResponse({"detail": {"status": "voice_not_found", "message": "no"}}, 400, ONCE)

    async def clone(self, request: Request) -> Response:
        async with request.form() as form:
            files = [await each.read() for each in form.getlist("files") if isinstance(each, UploadFile)]
            told = str(form["name"]), str(form.get("description", ""))
        if request.headers.get("xi-api-key") != "key-of-tests":
            return JSONResponse({"detail": {"status": "invalid_api_key", "message": "no"}}, 401, ONCE)
        id = f"clonedclonedcloned{len(self.cloned):02}"
        self.cloned[id], self.told[id] = files, told
        if self.loses_answers:
            return JSONResponse({"detail": "trouble"}, 503, ONCE)
        return JSONResponse({"voice_id": id, "requires_verification": False}, headers=ONCE)

    async def delete(self, request: Request) -> Response:
        if self.broken:
            return JSONResponse({"detail": "trouble"}, 503, ONCE)
        id = request.path_params["voice"]
        if id in self.kept:
            return JSONResponse({"detail": {"status": "voice_in_use", "message": "no"}}, 400, ONCE)
        if id not in self.cloned or id in self.deleted:
            return JSONResponse({"detail": {"status": "voice_not_found", "message": "no"}}, 400, ONCE)
        self.deleted.append(id)
        return JSONResponse({"status": "ok"}, headers=ONCE)

    async def models(self, _: Request) -> Response:
        languages = [{"language_id": id, "name": id} for id in ("en", "de", "pt-br")]
        both = {"can_do_text_to_speech": True, "languages": languages}
        named = ("eleven_multilingual_v2", 10_000), ("eleven_flash_v2_5", 400), ("eleven_v3", 5_000)
        return JSONResponse(
            [{**both, "model_id": id, "maximum_text_length_per_request": most} for id, most in named], headers=ONCE
        )
