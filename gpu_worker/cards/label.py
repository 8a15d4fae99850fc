"""How does a picture say what it is? By XMP in the PNG: made by software, from which words, with whose artwork.

`DigitalSourceType` is IPTC's (https://cv.iptc.org/newscodes/digitalsourcetype/): what platforms read to label media.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from PIL import PngImagePlugin

from gpu_worker.stamping.labels import SOFTWARE, packet
from gpu_worker.stamping.source_types import ALGORITHMIC


def png_info(alt_text: str, owed: Iterable[str]) -> PngImagePlugin.PngInfo:
    """The chunks to save with a card. They carry no time, so that the same card has the same bytes."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", _xmp(alt_text, sorted(owed)))
    info.add_text("Software", SOFTWARE)
    info.add_itxt("Description", alt_text)
    return info


def _xmp(alt_text: str, owed: list[str]) -> str:
    credit = f"<photoshop:Credit>{escape('; '.join(owed))}</photoshop:Credit>" if owed else ""
    alternative = f'<rdf:li xml:lang="x-default">{escape(alt_text)}</rdf:li>'
    return packet(
        ALGORITHMIC,
        f"{credit}<Iptc4xmpCore:AltTextAccessibility><rdf:Alt>{alternative}</rdf:Alt></Iptc4xmpCore:AltTextAccessibility>",
    )
