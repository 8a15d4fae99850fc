"""From the job to the file: what a made file says of itself, read by others' eyes (c2pa's reader, Pillow, libav)."""

import io
import json
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from PIL import Image

from gator.credentials import PURPOSES, Signer, signer
from gator.errors import Unavailable
from gator.settings import Settings
from gpu_worker.runner import Runner
from gpu_worker.stamping import NOT_INSTALLED, SIGNED, Making, Parent, labels, stamp
from gpu_worker.studio import Draft
from gpu_worker.video import film
from gpu_worker.voices import files
from memory import backlog
from memory.blobs import Blobs
from memory.models import Asset
from tests.gator.test_credentials import Key, certificate, given, pem
from tools.capability import Capability, Shape, Turn
from tools.orders import MediaQueued
from tools.pictures import DrawCardAsk, draw_card
from tools.videos import MakeVideoAsk, make_video
from tools.voices import SpeakText, speak_text

ALGORITHMIC = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
# What C2PA's own tools accept (c2pa-rs, valid_eku_oids.cfg).
C2PA_PURPOSES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.4.1.62558.2.1"
PRIVATE = "Meet me at the old pier"


class Bench:
    """A worker that signs, and what it made."""

    def __init__(self, turn: Turn, home: Path, by: Signer | None) -> None:
        self.turn = turn
        self.blobs = Blobs(home / "media")
        self.runner = Runner(turn.store, self.blobs, home / "scratch", "tests", slots=2, signer=by)

    async def order(self, capability: Capability, ask: Shape) -> str:
        queued = await capability(ask, self.turn)
        assert isinstance(queued, MediaQueued)
        return queued.asset

    async def made(self, *ids: str) -> list[Asset]:
        while waiting := await backlog.waiting(self.turn.store, 10):
            for one in waiting:
                await self.runner.work(*one)
        async with self.turn.open_work(reads=True) as work:
            return [await work.assets.get(id) for id in ids]

    def read(self, asset: Asset) -> bytes:
        return self.blobs.get(asset.sha256).read_bytes()


@pytest.fixture
def maker(settings: Settings) -> Signer:
    return signer(settings)


@pytest.fixture
def own(home: Path) -> Signer:
    return signer(Settings(home=home, secret_key="a key for tests only"))


@pytest.fixture
async def bench(turn: Turn, home: Path, maker: Signer) -> AsyncIterator[Bench]:
    bench = Bench(turn, home, maker)
    yield bench
    await bench.runner.stop()


def root_of(maker: Signer) -> str:
    return "-----BEGIN" + maker.chain.rpartition("-----BEGIN")[2]


def verify(data: bytes, mime: str, anchors: str = "") -> dict[str, Any]:
    """What an independent reader makes of the file; `state` is Invalid, Valid, or Trusted under these anchors."""
    settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    settings["trust"] = {"trust_config": C2PA_PURPOSES} | ({"trust_anchors": anchors} if anchors else {})
    context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
    with c2pa.Reader(mime, io.BytesIO(data), context=context) as reader:
        told = json.loads(reader.json())
    return {"state": told["validation_state"], "all": told, **told["manifests"][told["active_manifest"]]}


def assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    return next(one["data"] for one in manifest["assertions"] if one["label"] == label)


def decodes(data: bytes) -> bool:
    with av.open(io.BytesIO(data), "r") as container:
        return next(iter(container.decode(container.streams[0])), None) is not None


async def test_a_card_is_signed_and_still_the_picture_it_was(bench: Bench, maker: Signer) -> None:
    first = await bench.order(draw_card, DrawCardAsk(text=PRIVATE, design="bold"))
    (card,) = await bench.made(first)
    data = bench.read(card)

    told = verify(data, "image/png", root_of(maker))
    assert told["state"] == "Trusted"
    assert verify(data, "image/png")["state"] == "Valid"  # to those who do not know the root
    action = assertion(told, "c2pa.actions.v2")["actions"][0]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", ALGORITHMIC)
    assert action["softwareAgent"]["name"] == "Gator"
    assert assertion(told, "gator.making") == {
        "engine": "Gator cards",
        "design": "bold",
        "seed": card.provenance["seed"],
    }
    assert told["title"] == f"picture {card.id}"
    assert card.provenance["manifest"]["id"] == told["label"]
    assert card.provenance["manifest"]["self_made"] is True
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.size == (card.width_px, card.height_px)
        assert ALGORITHMIC in picture.info["XML:com.adobe.xmp"]


async def test_a_changed_byte_makes_the_manifest_invalid(bench: Bench) -> None:
    (card,) = await bench.made(await bench.order(draw_card, DrawCardAsk(text="Begin")))
    data = bytearray(bench.read(card))
    data[-200] ^= 1
    assert verify(bytes(data), "image/png")["state"] == "Invalid"


@pytest.mark.parametrize(("kind", "mime"), [("mp3", "audio/mpeg"), ("wav", "audio/wav")])
async def test_speech_is_signed_and_still_plays(bench: Bench, kind: str, mime: str, maker: Signer) -> None:
    ask = SpeakText.model_validate({"text": PRIVATE, "format": kind})
    (voice,) = await bench.made(await bench.order(speak_text, ask))
    data = bench.read(voice)
    told = verify(data, mime, root_of(maker))
    assert (told["state"], voice.mime) == ("Trusted", mime)
    assert assertion(told, "c2pa.actions.v2")["actions"][0]["digitalSourceType"] == ALGORITHMIC
    assert PRIVATE not in json.dumps(told["all"])
    assert ALGORITHMIC.encode() in data
    assert decodes(data)


async def test_ogg_says_in_its_tags_what_it_is_and_in_its_row_that_no_manifest_fits(bench: Bench) -> None:
    (voice,) = await bench.made(await bench.order(speak_text, SpeakText(text="Clear skies", format="ogg")))
    with av.open(io.BytesIO(bench.read(voice))) as container:
        told = container.streams[0].metadata
    assert told["DIGITALSOURCETYPE"] == ALGORITHMIC
    assert "AI-generated" in told["comment"]
    assert voice.provenance["manifest"] == {"none": "C2PA has no place in audio/ogg files."}


def test_all_that_the_library_can_sign_of_what_is_made_here_is_signed() -> None:
    made = {*files.MIMES.values(), "image/png", "video/mp4"}

    assert {mime for mime in made if mime in c2pa.Builder.get_supported_mime_types()} == made - {"audio/ogg"}
    assert made - {"audio/ogg"} <= SIGNED


async def test_a_video_names_what_it_was_made_of_and_plays_to_its_end(bench: Bench, home: Path, maker: Signer) -> None:
    picture = await bench.order(draw_card, DrawCardAsk(text=PRIVATE, design="minimal"))
    voice = await bench.order(speak_text, SpeakText(text=PRIVATE))
    ask = MakeVideoAsk(pictures=[picture], speech=voice, format="1:1", duration_s=3)
    (video,) = await bench.made(await bench.order(make_video, ask))
    path = bench.blobs.get(video.sha256)
    data = path.read_bytes()

    told = verify(data, "video/mp4", root_of(maker))
    assert told["state"] == "Trusted"
    actions = assertion(told, "c2pa.actions.v2")["actions"]
    assert [one["action"] for one in actions] == ["c2pa.created", "c2pa.placed"]
    assert actions[0]["digitalSourceType"] == ALGORITHMIC, "no model had a hand in it"
    assert [one["title"] for one in told["ingredients"]] == [f"picture {picture}", f"voice {voice}"]
    assert all(one["relationship"] == "componentOf" and one["active_manifest"] for one in told["ingredients"])
    assert PRIVATE not in json.dumps(told["all"])
    assert data.count(b"DigitalSourceType>" + ALGORITHMIC.encode()) == 1
    measured = film.measure(path)
    assert (measured.frames, measured.width_px) == (90, 1080)


async def test_the_same_seed_gives_the_same_pixels_in_files_of_their_own(bench: Bench) -> None:
    from gpu_worker.cards import draw_card as draw
    from gpu_worker.jobs import DrawCard

    (card,) = await bench.made(await bench.order(draw_card, DrawCardAsk(text="Begin", design="quote")))
    with Image.open(bench.blobs.get(card.sha256)) as stamped:
        again = draw(DrawCard(text="Begin", design="quote"), card.provenance["seed"]).picture
        assert stamped.convert("RGB").tobytes() == again.tobytes()


async def test_what_a_person_sent_is_named_by_its_id_only(bench: Bench, maker: Signer) -> None:
    (drawn,) = await bench.made(await bench.order(draw_card, DrawCardAsk(text="Begin")))
    async with bench.turn.open_work() as work:
        (await work.assets.get(drawn.id)).origin = "operator"
    ask = MakeVideoAsk(pictures=[drawn.id], format="1:1", duration_s=1)
    (video,) = await bench.made(await bench.order(make_video, ask))
    told = verify(bench.read(video), "video/mp4", root_of(maker))
    assert told["state"] == "Trusted"
    assert [one["title"] for one in told["ingredients"]] == [f"picture {drawn.id}"]
    assert len(told["all"]["manifests"]) == 1


async def test_without_the_library_the_asset_says_that_it_has_no_manifest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    (card,) = await bench.made(await bench.order(draw_card, DrawCardAsk(text="Begin")))
    assert card.provenance["manifest"] == {"none": NOT_INSTALLED}
    assert ALGORITHMIC.encode() in bench.read(card)


FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "jpeg": ("image/jpeg", "RGB", {"quality": 80}),
    "jpeg with exif": ("image/jpeg", "RGB", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"}),
    "webp": ("image/webp", "RGB", {"quality": 80}),
    "webp lossless": ("image/webp", "RGB", {"lossless": True}),
    "webp clear": ("image/webp", "RGBA", {"lossless": True}),
    "webp clear and lossy": ("image/webp", "RGBA", {"quality": 80}),
}


@pytest.mark.parametrize("form", FORMS)
def test_jpeg_and_webp_say_what_they_are_are_signed_and_stay_the_picture(home: Path, tmp_path: Path, form: str) -> None:
    mime, mode, how = FORMS[form]
    path = tmp_path / f"drawn.{mime.partition('/')[2]}"
    picture = Image.effect_noise((37, 21), 80).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(path, **how)
    with Image.open(path) as before:
        pixels = before.convert("RGBA").tobytes()
    draft = Draft(path, mime, provenance={"digital_source_type": ALGORITHMIC, "engine": "Gator cards"})

    maker = signer(Settings(home=home, secret_key="a key for tests only"))
    stamped = stamp(draft, Making("a1", "picture", 7), maker)
    labels.put(stamped.path, mime, ALGORITHMIC)  # once more changes nothing
    data = stamped.path.read_bytes()
    told = verify(data, mime, root_of(maker))
    assert told["state"] == "Trusted"
    assert assertion(told, "c2pa.actions.v2")["actions"][0]["digitalSourceType"] == ALGORITHMIC
    with Image.open(io.BytesIO(data)) as after:
        assert after.convert("RGBA").tobytes() == pixels
        assert ALGORITHMIC.encode() in after.info["xmp"]
    assert data.count(b"DigitalSourceType>" + ALGORITHMIC.encode()) == 1


def drawn(tmp_path: Path) -> Draft:
    path = tmp_path / "drawn.png"
    Image.new("RGB", (16, 16), "teal").save(path)
    return Draft(path, "image/png", provenance={"digital_source_type": ALGORITHMIC, "engine": "Gator cards"})


KEYS: dict[str, Callable[[], Key]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize(("kind", "purpose"), [*((kind, "") for kind in KEYS), *(("P-256", one) for one in PURPOSES)])
def test_an_operators_certificate_signs_files_that_verify(home: Path, tmp_path: Path, kind: str, purpose: str) -> None:
    key = KEYS[kind]()
    chain = certificate(key, *([x509.ObjectIdentifier(purpose)] if purpose else []))
    stamped = stamp(drawn(tmp_path), Making("a1", "picture", 7), signer(given(home, chain, pem(key))))
    told = verify(stamped.path.read_bytes(), "image/png", chain.decode())
    assert told["state"] in ("Valid", "Trusted")
    assert told["signature_info"]["issuer"] == "Harbour Studio"
    assert (stamped.provenance["manifest"]["signer"], stamped.provenance["manifest"]["self_made"]) == (
        "O=Harbour Studio",
        False,
    )


def test_a_picture_without_a_label_gets_one_and_is_still_the_same_picture(tmp_path: Path, own: Signer) -> None:
    stamped = stamp(drawn(tmp_path), Making("a1", "picture", 7), own)
    with Image.open(stamped.path) as picture:
        assert picture.getpixel((3, 3)) == (0, 128, 128)
        assert ALGORITHMIC in picture.info["XML:com.adobe.xmp"]
    assert verify(stamped.path.read_bytes(), "image/png")["state"] == "Valid"


def test_a_certificate_that_has_ended_signs_nothing(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    ended = certificate(key, ends=timedelta(days=-1)).decode()
    by = Signer("Harbour Studio", ended, pem(key).decode(), "es256", self_made=False)
    with pytest.raises(Unavailable, match=r"could not be signed\. Look at the certificate"):
        stamp(drawn(tmp_path), Making("a1", "picture", 7), by)


def test_a_part_that_cannot_be_read_is_not_blamed_on_the_certificate(tmp_path: Path, own: Signer) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nonsense")
    making = Making("a1", "video", 7, (Parent("p1", "picture", "image/png", broken),))
    with pytest.raises(Unavailable, match="something that it was made of, cannot be read"):
        stamp(drawn(tmp_path), making, own)


def test_what_was_made_of_a_changed_file_says_so_and_can_be_signed(tmp_path: Path, own: Signer) -> None:
    part = stamp(drawn(tmp_path), Making("p1", "picture", 7), own).path
    data = bytearray(part.read_bytes())
    data[-200] ^= 1
    changed = tmp_path / "changed.png"
    changed.write_bytes(data)
    stamped = stamp(drawn(tmp_path), Making("a1", "video", 7, (Parent("p1", "picture", "image/png", changed),)), own)
    told = verify(stamped.path.read_bytes(), "image/png", root_of(own))
    [ingredient] = told["ingredients"]
    assert told["state"] == "Trusted"
    assert "assertion.dataHash.mismatch" in json.dumps(ingredient["validation_results"])
