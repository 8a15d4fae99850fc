"""Pictures by providers, over real sockets: what they are asked, what comes of it, and what when they will not or cannot."""

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker.jobs import MakePicture
from gpu_worker.pictures.elsewhere import make
from gpu_worker.studio import Cancelled, Draft
from tests.gpu_worker.bench_studio import Bench, claim
from tests.servers.images import ComfyServer, Hang, ImageServer, Junk, No, Picture, Step
from tests.servers.models import Fail
from tests.servers.running import serving

WORKFLOW = {
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": "{seed}", "steps": "{steps}", "cfg": "{guidance}", "positive": ["6", 0]},
    },
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": "{width}", "height": "{height}", "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "masterpiece, {prompt}"}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "gator"}},
}
Make = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@asynccontextmanager
async def openai(bench: Bench, *script: Step, **more: Any) -> AsyncIterator[tuple[ImageServer, Make]]:
    server = ImageServer([*script])
    async with serving(server.app) as url:
        told = {"home": bench.scratch, "image_base_url": f"{url}/v1", "openai_api_key": "sk-test", **more}

        async def ask(**order: Any) -> Draft:
            payload = MakePicture(**{"prompt": "a heron", "model": "openai:gpt-image-1", **order})
            return await make(claim(payload), bench.studio(Settings(**told)))

        yield server, ask


@asynccontextmanager
async def comfy(
    bench: Bench, *script: Step, workflow: Any = WORKFLOW, looks: int = 0, **more: Any
) -> AsyncIterator[tuple[ComfyServer, Make]]:
    server = ComfyServer([*script], looks)
    file = bench.scratch.parent / "workflow.json"
    file.write_text(json.dumps(workflow))
    async with serving(server.app) as url:
        told = {"home": bench.scratch, "comfyui_url": url, "comfyui_workflow": file, **more}

        async def ask(**order: Any) -> Draft:
            payload = MakePicture(**{"prompt": "a heron", "model": "comfyui", **order})
            return await make(claim(payload, seed=42), bench.studio(Settings(**told)))

        yield server, ask


def a_picture(bench: Bench) -> str:
    path = bench.scratch.parent / "sent.png"
    Image.new("RGB", (60, 40), "red").save(path)
    return bench.put(path, "picture", mime="image/png")


async def test_openais_picture_is_cut_to_the_size_that_was_asked_for(bench: Bench) -> None:
    async with openai(bench, Picture(1024, 1536)) as (server, ask):
        draft = await ask(width=1080, height=1350, negative="people")

    with Image.open(draft.path) as made:
        assert (made.format, made.size) == ("PNG", (1080, 1350))
    assert server.asked == [
        {"model": "gpt-image-1", "prompt": "a heron\n\nDo not show: people", "size": "1024x1536", "n": 1}
    ]
    assert draft.provenance["model"] == "openai:gpt-image-1"
    assert draft.provenance["digital_source_type"].endswith("/trainedAlgorithmicMedia")


async def test_what_openai_made_of_the_words_is_kept(bench: Bench) -> None:
    async with openai(bench, Picture(), Picture()) as (_, ask):
        rewritten, plain = await ask(model="openai:dall-e-3"), await ask()

    assert rewritten.provenance["prompt_as_rewritten"] == "A detailed picture of a heron"
    assert "prompt_as_rewritten" not in plain.provenance


async def test_a_start_and_references_go_to_openai_as_an_edit(bench: Bench) -> None:
    start, reference = a_picture(bench), a_picture(bench)
    async with openai(bench, Picture()) as (server, ask):
        draft = await ask(start=start, references=[reference], mask=start)

    [asked] = server.asked
    assert len(asked["image[]"]) == 2
    with Image.open(io.BytesIO(asked["mask"])) as mask:
        assert (mask.mode, mask.size) == ("RGBA", (60, 40))
    assert draft.provenance["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (Fail(429, "7"), Unavailable, "wait"),
        (Fail(500), Unavailable, "trouble"),
        (Fail(503), Unavailable, "trouble"),
        (Fail(401), Refused, "key"),
        (Fail(404), Refused, "no such model"),
        (No("moderation_blocked"), Refused, "refuses to make"),
        (No("content_policy_violation"), Refused, "refuses to make"),
        (No("invalid_size"), Refused, "400"),
        (Junk(), Unavailable, "no picture"),
    ],
)
async def test_what_openai_says_no_with_is_told_in_our_words(
    bench: Bench, step: Step, error: type[Exception], said: str
) -> None:
    async with openai(bench, step) as (server, ask):
        with pytest.raises(error, match=said) as raised:
            await ask()

    assert len(server.asked) == 1  # when it is tried again is the runner's to say
    if isinstance(step, Fail) and step.retry_after:
        assert raised.value.retry_after_s == 7  # type: ignore[attr-defined]


async def test_openai_that_never_answers_is_given_up(bench: Bench) -> None:
    async with openai(bench, Hang(), image_timeout_s=0.2) as (_, ask):
        with pytest.raises(Unavailable, match="does not answer"):
            await ask()


async def test_openai_without_a_key_says_how_to_give_one(bench: Bench) -> None:
    job = claim(MakePicture(prompt="a heron", model="openai:gpt-image-1"))

    with pytest.raises(Unavailable, match="OPENAI_API_KEY"):
        await make(job, bench.studio(Settings(home=bench.scratch)))


async def test_a_comfyui_workflow_is_filled_in_and_its_picture_fetched(bench: Bench) -> None:
    async with comfy(bench, Picture(512, 512), looks=1) as (server, ask):
        draft = await ask(width=512, height=512, steps=12)

    [asked] = server.asked
    assert asked["3"]["inputs"] == {"seed": 42, "steps": 12, "cfg": 6.0, "positive": ["6", 0]}
    assert asked["5"]["inputs"] == {"width": 512, "height": 512, "batch_size": 1}
    assert asked["6"]["inputs"]["text"] == "masterpiece, a heron"
    with Image.open(draft.path) as made:
        assert made.size == (512, 512)
    assert draft.provenance["engine"] == "ComfyUI"


async def test_a_comfyui_workflow_that_starts_from_a_picture_is_sent_it(bench: Bench) -> None:
    workflow = {**WORKFLOW, "10": {"class_type": "LoadImage", "inputs": {"image": "{start}"}}}
    start = a_picture(bench)
    async with comfy(bench, Picture(), workflow=workflow) as (server, ask):
        await ask(start=start)
        with pytest.raises(Refused, match=r"\{start\}"):
            await ask()

        with pytest.raises(Refused, match=r"no place for that picture: \{mask\}"):
            await ask(start=start, mask=start)

    assert [*server.uploaded] == [f"{start}.png"]
    assert server.asked[0]["10"]["inputs"]["image"] == f"{start}.png"


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (Fail(429, "9"), Unavailable, "busy"),
        (Fail(500), Unavailable, "busy"),
        (No("invalid_prompt", "Node 3 has no model"), Refused, "Node 3 has no model"),
        (No("run", "out of VRAM"), Refused, "KSampler: out of VRAM"),
        (Junk(), Refused, "SaveImage"),
    ],
)
async def test_what_comfyui_cannot_do_is_told(bench: Bench, step: Step, error: type[Exception], said: str) -> None:
    async with comfy(bench, step) as (_, ask):
        with pytest.raises(error, match=said):
            await ask()


async def test_a_picture_that_nobody_waits_for_leaves_comfyuis_queue(bench: Bench) -> None:
    bench.stop_at = 0.1
    async with comfy(bench, Hang()) as (server, ask):
        with pytest.raises(Cancelled):
            await ask()
    assert server.taken_back == ["p1"]


async def test_comfyui_that_takes_too_long_or_is_away_is_tried_later(bench: Bench) -> None:
    async with comfy(bench, Hang(), image_timeout_s=0.2) as (server, ask):
        with pytest.raises(Unavailable, match="no picture within"):
            await ask()
    with pytest.raises(Unavailable, match="does not answer"):  # the server is gone by now
        await ask()
    assert server.taken_back == ["p1"]


@pytest.mark.parametrize("workflow", [[], {"3": {"inputs": {}}}, "text"])
async def test_what_is_no_workflow_is_said_to_be_none(bench: Bench, workflow: Any) -> None:
    async with comfy(bench, Picture(), workflow=workflow) as (_, ask):
        with pytest.raises(Unavailable, match="API format"):
            await ask()
