"""Is a picture compared with the face that it should have, made again when it drifted, and rated by what classifiers see?"""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")

import av
import numpy as np
import torch
import transformers
from PIL import Image

from gator.clock import now
from gator.errors import Refused
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.jobs import Face, MakePicture
from gpu_worker.likeness.examining import examiner
from gpu_worker.likeness.judging import Exam
from gpu_worker.likeness.made_faces import another_take, face
from gpu_worker.likeness.seeing import Detector, Encoder, Likeness, examine, least
from gpu_worker.pictures.images import opened
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

    async def made(
        painter: Painter, shelf: Path = models, rating: str = "unknown", mature: str = "made", **more: Any
    ) -> tuple[Job, Asset]:
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
        told_so = settings.model_copy(update={"models_folder": shelf, "mature_media": mature})
        runner = Runner(
            store, blobs, home / "scratch", "tests", slots=1, handler=lambda _kind: painter.paint,
            examine=examiner(told_so, here=True), settings=told_so,
        )  # fmt: skip
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


async def test_nudity_that_nobody_allowed_is_not_kept(order: Order, tmp_path: Path) -> None:
    classifier(tmp_path, "nsfw")
    classifier(tmp_path, "adult")
    job, asset = await order(Painter(HERS), tmp_path, mature="no")
    assert (job.state, asset.state, asset.sha256) == ("failed", "failed", "")
    assert "shows nudity or sex" in job.error
    assert "GATOR_MATURE_MEDIA" in job.error
    assert (await order(Painter(HERS), tmp_path, mature="made"))[1].rating == "mature"


def clip(path: Path, *whose: int) -> Path:
    """A second of each face."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=4, options={"preset": "ultrafast", "crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv444p"
        for seed in [one for one in whose for _ in range(4)]:
            pixels = np.array(face(seed).convert("RGB").resize((256, 256)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())
    return path


def test_a_clip_is_as_like_her_as_the_frame_that_is_least_like_her(models: Path, tmp_path: Path) -> None:
    view = tmp_path / "view.png"
    face(HERS).save(view)
    hers, turned = (clip(tmp_path / f"{len(who)}.mp4", *who) for who in ((HERS, HERS), (HERS, OTHER, HERS)))

    found = [examine(Shelf(models), Exam(film, (view,), THRESHOLD), {}) for film in (hers, turned)]
    assert [one.drifted for one in found] == [False, True]
    assert [(one.encoder, one.of, len(one.frames) >= 7) for one in found] == [("eye", "picture", True)] * 2
    assert examine(Shelf(models), Exam(turned), {}).score is None


BOX = (0.7, 0.3, 0.25, 0.25)  # middle, width and height of the face, as shares of the picture


def detector(folder: Path, label: str = "face") -> None:
    """Certain of one face, which is in BOX, whatever it sees."""
    config = transformers.YolosConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=[64, 64],
        patch_size=16, num_detection_tokens=1, id2label={0: label}, label2id={label: 0},
    )  # fmt: skip
    model: Any = transformers.YolosForObjectDetection(config)
    with torch.no_grad():
        for head, wanted in (
            (model.class_labels_classifier, (8.0, -8.0)),
            (model.bbox_predictor, torch.logit(torch.tensor(BOX))),
        ):
            head.layers[-1].weight.zero_()
            head.layers[-1].bias.copy_(torch.as_tensor(wanted))
    model.save_pretrained(folder / "finder", safe_serialization=True)
    told = {"image_processor_type": "YolosImageProcessor", "size": {"height": 64, "width": 64}, "do_pad": False}
    (folder / "finder" / "preprocessor_config.json").write_text(json.dumps(told))
    Shelf(folder).put(ShelfEntry(name="finder", kind="face-detector", family="yolos", path=folder / "finder"))


def scene(path: Path, seed: int, whose: int | None) -> Path:
    """A large picture with a small face in BOX, or with none of it."""
    noise = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    made = Image.fromarray(noise).resize((512, 512), Image.Resampling.BICUBIC)
    if whose is not None:
        made.paste(another_take(face(whose), seed).resize((180, 180)), (268, 64))
    made.save(path)
    return path


@pytest.fixture
def finding(models: Path, tmp_path: Path) -> Shelf:
    """A models folder with the encoder and a face detector."""
    shutil.copytree(models, tmp_path / "finding")
    detector(tmp_path / "finding")
    return Shelf(tmp_path / "finding")


def test_faces_are_compared_and_not_what_is_around_them(finding: Shelf, models: Path, tmp_path: Path) -> None:
    view = scene(tmp_path / "view.png", 1, HERS)
    hers_elsewhere = Exam(scene(tmp_path / "a.png", 2, HERS), (view,), THRESHOLD)
    another_there = Exam(scene(tmp_path / "b.png", 1, OTHER), (view,), THRESHOLD)

    whole = [examine(Shelf(models), exam, {}) for exam in (hers_elsewhere, another_there)]
    cut = [examine(finding, exam, {}) for exam in (hers_elsewhere, another_there)]

    assert [one.of for one in (*whole, *cut)] == ["picture", "picture", "face", "face"]
    assert (whole[0].score or 0) < (whole[1].score or 0), (
        "all of it taken together, the place counts more than the face"
    )
    assert [one.drifted for one in cut] == [False, True]


def test_where_no_face_is_found_nothing_is_compared(finding: Shelf, tmp_path: Path) -> None:
    class Shy(Detector):
        def faces(self, picture: Image.Image) -> list[Image.Image]:
            return super().faces(picture) if picture.width == 512 else []

    shy, encoder = Shy(finding.folder / "finder"), Encoder(finding.folder / "eye")
    view, away = (opened(scene(tmp_path / f"{n}.png", n, HERS)) for n in (1, 2))
    away = away.resize((100, 100))

    faces, whole, without = (Likeness(encoder, "eye", *told) for told in ((shy, [view]), (shy, [away]), (None, [away])))
    assert (faces.of, faces.score(away)) == ("face", None)
    assert (whole.of, without.of) == ("picture", "picture"), "a drawing may have no face for it"
    assert whole.score(away) == pytest.approx(1)


def test_a_frame_of_which_nothing_is_known_is_not_outvoted_by_others() -> None:
    assert least([0.9, 0.2]) == 0.2
    assert math.isnan(least([0.9, math.nan]))
    assert math.isnan(least([math.nan, 0.9]))


def test_a_detector_that_knows_no_faces_is_refused(tmp_path: Path) -> None:
    detector(tmp_path, "cat")
    with pytest.raises(Refused, match="knows no faces"):
        Detector(tmp_path / "finder")


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
