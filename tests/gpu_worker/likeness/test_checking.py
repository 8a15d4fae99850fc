"""Is a picture compared with the face that it should have, made again when it drifted, and rated by what classifiers see?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")

import torch
import transformers

from gator.clock import now
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.jobs import Face, MakePicture
from gpu_worker.likeness.examining import examiner
from gpu_worker.likeness.judging import Exam
from gpu_worker.likeness.made_faces import another_take, face
from gpu_worker.likeness.seeing import Encoder
from gpu_worker.runner import Runner
from gpu_worker.shelf import Shelf, ShelfEntry
from gpu_worker.studio import Claim, Draft, Studio
from memory.blobs import Blobs
from memory.models import Asset, Job
from memory.store import Store
from tests.gpu_worker.tiny import texts

HERS, OTHER = 3, 12
THRESHOLD = 0.995  # measured on made faces for this encoder: test_an_encoder_tells_made_faces_apart


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with an image encoder of random weights."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(3)
    texts.vision().save_pretrained(folder / "eye", safe_serialization=True)
    Shelf(folder).put(ShelfEntry(name="eye", kind="clip-vision", family="clip", path=folder / "eye"))
    return folder


def classifier(folder: Path, sees: str) -> None:
    """Certain of that label, whatever it sees."""
    labels = {0: "normal", 1: "nsfw"} if sees in ("normal", "nsfw") else {0: "adult", 1: "child"}
    config = transformers.ViTConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=16,
        id2label=labels, label2id={name: n for n, name in labels.items()},
    )  # fmt: skip
    model = transformers.ViTForImageClassification(config)
    wanted = next(n for n, name in labels.items() if name == sees)
    with torch.no_grad():
        last: Any = model.classifier
        last.weight.zero_()
        last.bias.copy_(torch.tensor([8.0 if n == wanted else -8.0 for n in labels]))
    name = f"sees-{sees}"
    model.save_pretrained(folder / name, safe_serialization=True)
    Shelf(folder).put(ShelfEntry(name=name, kind="classifier", family="vit", path=folder / name))


class Painter:
    """Draws the faces that it is told to, one after another, as pictures of them come out; the last one for ever."""

    def __init__(self, *faces: int) -> None:
        self.faces = list(faces)
        self.seeds: list[int] = []

    async def paint(self, job: Claim[MakePicture], studio: Studio) -> Draft:
        self.seeds.append(job.seed)
        seed = self.faces.pop(0) if len(self.faces) > 1 else self.faces[0]
        path = studio.scratch / "picture.png"
        another_take(face(seed), len(self.seeds)).save(path)
        return Draft(path, "image/png", 256, 256)


Order = Callable[..., Any]


@pytest.fixture
async def order(store: Store, operator: Principal, home: Path, settings: Settings, models: Path) -> Order:
    """Orders a picture of Nova and has it made by a painter; gives its job and asset."""
    blobs = Blobs(home / "media")

    async def made(painter: Painter, shelf: Path = models, rating: str = "unknown", **more: Any) -> tuple[Job, Asset]:
        front = home / "front.png"
        face(HERS).save(front)
        with blobs.bring(front) as arrival:
            arrival.keep()
        async with store.open_work(operator) as work:
            view = Asset(workspace=operator.workspace, kind="picture", state="ready", sha256=arrival.blob.sha256)
            work.session.add(view)
            await work.session.flush()
            told = {"appearance": view.id, "views": (view.id,), "held_by": "img2img", "threshold": THRESHOLD, **more}
            payload = MakePicture(prompt="Nova", model="openai:x", face=Face.model_validate(told))
            job = await work.jobs.queue(
                "picture.make", payload.model_dump(mode="json"), key=str(now()), makes="picture", needs=payload.needs,
                rating=rating,
            )  # fmt: skip
        examine = examiner(settings.model_copy(update={"models_folder": shelf}), here=True)
        runner = Runner(
            store, blobs, home / "scratch", "tests", slots=1, handler=lambda _kind: painter.paint, examine=examine
        )
        while job.state in ("queued", "running"):
            await runner.work(job.workspace, job.id)
            async with store.open_work(operator, reads=True) as work:
                job = await work.jobs.get(job.id)
        await runner.stop()
        async with store.open_work(operator, reads=True) as work:
            return job, await work.assets.get(str(job.asset_id))

    return made


def test_an_encoder_tells_made_faces_apart(models: Path) -> None:
    encoder = Encoder(models / "eye")
    measured = encoder.measured()
    wrong = 0
    for seed in range(100, 105):
        seen = encoder.see([face(seed), another_take(face(seed), seed), face(seed + 500)])
        wrong += int(seen[1] @ seen[0] < measured) + int(seen[2] @ seen[0] >= measured)
    assert wrong <= 2, "of 10: its weights are random"
    assert face(5).tobytes() == face(5).tobytes() != face(6).tobytes()


async def test_a_picture_with_her_face_is_held(order: Order) -> None:
    job, asset = await order(painter := Painter(HERS))

    assert (job.state, job.takes, asset.likeness, len(painter.seeds)) == ("done", 0, "held", 1)
    assert asset.provenance["likeness_score"] >= asset.provenance["likeness_threshold"] == THRESHOLD
    assert asset.provenance["likeness_by"] == "eye"
    assert asset.rating == "unknown"


async def test_another_face_is_made_again_with_another_seed(order: Order) -> None:
    job, asset = await order(painter := Painter(OTHER, HERS))

    assert (job.state, job.takes, job.attempts, asset.likeness) == ("done", 1, 1, "held")
    assert len(set(painter.seeds)) == 2
    assert (job.seed, asset.provenance["seed"]) == (painter.seeds[1], painter.seeds[1])


async def test_a_face_that_drifts_each_time_is_flagged(order: Order) -> None:
    job, asset = await order(painter := Painter(OTHER))

    assert (job.state, job.takes, asset.state, asset.likeness) == ("done", 2, "ready", "drifted")
    assert len(set(painter.seeds)) == 3
    assert asset.provenance["takes"] == 3
    assert (await order(paid := Painter(OTHER), takes=0))[1].likeness == "drifted"
    assert len(paid.seeds) == 1


async def test_without_an_encoder_it_is_said_that_nobody_compared(order: Order, tmp_path: Path) -> None:
    assert (await order(Painter(OTHER), tmp_path))[1].likeness == "unchecked"
    assert (await order(Painter(OTHER), tmp_path, held_by=""))[1].likeness == "unheld"


async def test_a_broken_model_leaves_the_picture_unrated(order: Order, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    Shelf(tmp_path).put(ShelfEntry(name="broken", kind="classifier", family="vit", path=tmp_path / "broken"))
    job, asset = await order(Painter(HERS), tmp_path)
    assert (job.state, asset.likeness, asset.rating) == ("done", "unchecked", "unknown")
    assert (await order(Painter(HERS), tmp_path, rating="general"))[1].rating == "unknown", "it fails closed"


async def test_classifiers_rate_what_was_made_or_refuse_it(order: Order, tmp_path: Path) -> None:
    classifier(tmp_path, "normal")
    job, asset = await order(Painter(HERS), tmp_path)
    assert (job.state, asset.rating) == ("done", "general")
    classifier(tmp_path, "nsfw")
    assert (await order(Painter(HERS), tmp_path))[1].rating == "unknown"
    classifier(tmp_path, "adult")
    assert (await order(Painter(HERS), tmp_path))[1].rating == "mature"
    classifier(tmp_path, "child")
    job, asset = await order(Painter(HERS), tmp_path)
    assert (job.state, asset.state, asset.sha256) == ("failed", "failed", "")
    assert "looks like a minor" in job.error


@pytest.mark.slow  # it imports torch once more
async def test_a_process_beside_sees_the_same(home: Path, models: Path) -> None:
    settings = Settings(home=home, models_folder=models, secret_key="a key for tests only")
    files = [home / name for name in ("picture.png", "front.png", "side.png")]
    for file, picture in zip(
        files, (another_take(face(HERS), 1), face(HERS), another_take(face(HERS), 2)), strict=True
    ):
        picture.save(file)
    exam = Exam(files[0], tuple(files[1:]), THRESHOLD)

    apart = await examiner(settings, here=False)(exam)
    here = await examiner(settings, here=True)(exam)
    assert apart.score == pytest.approx(here.score, abs=1e-4)
    assert (apart.encoder, apart.threshold) == ("eye", THRESHOLD)
