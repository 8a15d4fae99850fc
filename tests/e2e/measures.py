"""What holds the file, and is it where people see it? Decoded and measured, never believed."""

import asyncio
import io
from typing import Any

import av
import httpx
import numpy as np

from tests.e2e.program import Program


async def file_of(gator: Program, key: str, asset: str) -> bytes:
    """An asset's bytes over REST, as a program with an API key gets them."""
    async with httpx.AsyncClient(base_url=gator.url, headers={"Authorization": f"Bearer {key}"}) as client:
        async with asyncio.timeout(90):
            while (await client.get(f"/api/v1/content/{asset}")).json()["state"] == "pending":
                await asyncio.sleep(0.2)
        answer = await client.get(f"/api/v1/content/{asset}/file", follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.content


def loudness(data: bytes) -> float:
    """Root mean square of the sound, 1.0 being full scale."""
    with av.open(io.BytesIO(data), "r") as container:
        resampler = av.AudioResampler(format="flt", layout="mono")
        parts = [piece.to_ndarray() for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    return float(np.sqrt(np.mean(np.concatenate(parts, axis=1).astype(np.float64) ** 2)))


def video_facts(data: bytes) -> dict[str, Any]:
    with av.open(io.BytesIO(data), "r") as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        frames = len([None for _ in container.decode(video=0)])
        return {
            "size": (picture.codec_context.width, picture.codec_context.height),
            "codecs": (picture.codec_context.name, sound.codec_context.name),
            "seconds": frames / float(picture.average_rate or 1),
        }


async def published(gator: Program, slug: str, text: str) -> None:
    """Wait until the post is on the persona's page, with its video, which anybody may fetch."""
    async with httpx.AsyncClient(base_url=gator.url) as client, asyncio.timeout(30):
        while text not in (await client.get(f"/p/{slug}")).text:
            await asyncio.sleep(0.3)
        posts = (await client.get(f"/api/v1/public/personas/{slug}/gallery")).json()["items"]
        assert [post["text"] for post in posts] == [text]
        (shown,) = posts[0]["media"]
        answer = await client.get(shown["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "video/mp4"
