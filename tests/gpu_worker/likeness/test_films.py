"""Are films looked at from their first frame to their last, within bounds, and rated by the strictest?"""

from pathlib import Path

import av
import numpy as np
import pytest

from gator.errors import Refused
from gpu_worker.jobs import MakeClip
from gpu_worker.likeness.checking import is_looked_at, looked_at
from gpu_worker.likeness.films import LEAST, MOST, sampled
from gpu_worker.likeness.judging import Exam, Findings, rating_of, sound, strictest_frame
from gpu_worker.studio import Draft
from memory.models import Job
from tests.gpu_worker.bench_studio import Bench

FINE = {"nude": {"normal": 0.98, "nsfw": 0.02}, "age": {"child": 0.0, "adult": 1.0}}
BARE = {"nude": {"normal": 0.05, "nsfw": 0.95}, "age": {"child": 0.0, "adult": 1.0}}
CHILD = {"nude": {"normal": 0.98, "nsfw": 0.02}, "age": {"child": 0.6, "adult": 0.4}}
NAN = {"nude": {"normal": float("nan"), "nsfw": 0.0}, "age": {"child": 0.0, "adult": 1.0}}


def film(path: Path, frames: int, fps: int = 10) -> Path:
    """Each frame a little lighter than the one before."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(frames):
            shade = np.full((48, 64, 3), 20 + 200 * n // max(1, frames - 1), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shade)))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("frames", "fps", "seen"), [(1, 10, 1), (5, 10, 5), (30, 10, LEAST), (150, 10, 16), (400, 10, MOST), (120, 2, MOST)]
)
def test_a_film_is_seen_from_first_to_last_and_no_more_than_it_takes(
    tmp_path: Path, frames: int, fps: int, seen: int
) -> None:
    shades = [np.asarray(one).mean() for one in sampled(film(tmp_path / "f.mp4", frames, fps))]

    assert len(shades) == seen
    assert shades == sorted(shades)
    assert shades[0] == pytest.approx(20, abs=4)
    assert shades[-1] == pytest.approx(220 if frames > 1 else 20, abs=4)


@pytest.mark.parametrize(
    ("frames", "rating"),
    [
        ([FINE, FINE], "general"), ([FINE, BARE, FINE], "mature"), ([FINE, FINE, CHILD], "minor"), ([CHILD, FINE], "minor"),
        ([BARE, {"nude": FINE["nude"]}], "mature"), ([FINE, {}], "unknown"), ([FINE, NAN], "unknown"),
        ([NAN, CHILD], "minor"),
    ],
)  # fmt: skip
def test_the_strictest_frame_rates_the_film(frames: list[dict[str, dict[str, float]]], rating: str) -> None:
    found = sound(Findings(labels=frames[0], frames=frames[1:]))

    assert rating_of(found) == rating
    if rating in ("minor", "mature"):
        assert strictest_frame(found) in (CHILD, BARE)


@pytest.mark.parametrize(("score", "held_by", "likeness"), [(0.9, "", "held"), (0.1, "first-frame", "drifted")])
async def test_a_clip_with_a_face_is_held_or_drifted_and_not_made_again(
    tmp_path: Path, score: float, held_by: str, likeness: str
) -> None:
    bench = Bench(tmp_path)
    view = bench.put(film(tmp_path / "view.mp4", 1), "picture")
    face = {"appearance": "a", "views": [view], "held_by": held_by, "takes": 0}
    payload = MakeClip.model_validate({"prompt": "she waves", "model": "flow", "face": face})
    job = Job(id="1", kind="video.clip", payload=payload.model_dump(), takes=0, key="1")

    async def examine(exam: Exam) -> Findings:
        assert len(exam.views) == 1
        return Findings(score=score, threshold=0.5, encoder="eye", frames=({}, {}), of="face")

    draft = await looked_at(job, Draft(film(tmp_path / "clip.mp4", 3), "video/mp4"), bench.studio(), examine)
    assert (draft.likeness, draft.provenance["likeness_score"]) == (likeness, score)


async def look(tmp_path: Path, kind: str, *frames: dict[str, dict[str, float]]) -> Draft:
    path = film(tmp_path / "clip.mp4", 3)
    job = Job(id="1", kind=kind, payload=MakeClip(prompt="a heron", model="flow").model_dump(), takes=0, key="1")
    assert is_looked_at(job, path)

    async def examine(exam: Exam) -> Findings:
        assert (exam.picture, exam.views) == (path, ())
        return Findings(labels=frames[0], frames=frames[1:])

    return await looked_at(job, Draft(path, "video/mp4"), Bench(tmp_path).studio(), examine, mature=True)


@pytest.mark.parametrize("kind", ["video.clip", "video.make"])
async def test_a_film_with_a_minor_on_any_frame_is_not_kept(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Refused, match="The video that was made shows somebody who looks like a minor"):
        await look(tmp_path, kind, FINE, CHILD, FINE)


def test_an_editors_preview_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"

    assert [is_looked_at(Job(kind="video.make", key=key), path) for key in ("preview:1", "1")] == [False, True]
    assert not is_looked_at(Job(kind="video.make", key="1"), tmp_path / "clip.srt")


async def test_a_film_says_how_many_frames_were_looked_at(tmp_path: Path) -> None:
    draft = await look(tmp_path, "video.clip", FINE, BARE, FINE)

    assert (draft.rating, draft.likeness) == ("mature", "")
    assert (draft.provenance["frames_looked_at"], draft.provenance["labels"]) == (3, BARE)
