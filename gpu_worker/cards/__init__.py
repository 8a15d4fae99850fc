"""Picture cards: words set as a designer would, in any script. The job `picture.card`; `card.draw_card` does it."""

import asyncio
from pathlib import Path

from PIL import Image

from gpu_worker.cards.card import Card, draw_card
from gpu_worker.jobs import DrawCard
from gpu_worker.studio import Claim, Draft, Studio, handles

__all__ = ["draw", "draw_card"]


@handles("picture.card")
async def draw(job: Claim[DrawCard], studio: Studio) -> Draft:
    """Draw one card: sRGB PNG. Run twice, it gives the same bytes.

    Raises Refused when the text is empty, too long, or in a script that no font here has.
    """
    await studio.progress(0.1, eta_s=1.0)
    path = studio.scratch / "card.png"
    card = await asyncio.to_thread(_make, job, path)
    await studio.progress(0.9, eta_s=0.1)
    width_px, height_px = await asyncio.to_thread(_measure, path)
    provenance = {
        "engine": "Gator cards",
        "design": job.payload.design,
        "seed": job.seed,
        "credits": list(card.credits),
    }
    return Draft(path, "image/png", width_px, height_px, provenance=provenance, alt_text=card.alt_text)


def _make(job: Claim[DrawCard], path: Path) -> Card:
    card = draw_card(job.payload, job.seed)
    card.save(path)
    return card


def _measure(path: Path) -> tuple[int, int]:
    """The size of the file as it decodes: the proof that there is a picture."""
    with Image.open(path) as picture:
        picture.load()
        return picture.size
