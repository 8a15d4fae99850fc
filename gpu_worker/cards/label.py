"""How does a picture say what it is? By XMP in the PNG: made by software, from which words, with whose artwork.

`DigitalSourceType` is IPTC's (https://cv.iptc.org/newscodes/digitalsourcetype/): what platforms read to label media.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from PIL import PngImagePlugin

# Laid out by code from words that a person or a model gave; IPTC's term for it.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
SOFTWARE = "Gator"


def png_info(alt_text: str, owed: Iterable[str]) -> PngImagePlugin.PngInfo:
    """The chunks to save with a card. They carry no time, so that the same card has the same bytes."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", _xmp(alt_text, sorted(owed)))
    info.add_text("Software", SOFTWARE)
    info.add_itxt("Description", alt_text)
    return info


def _xmp(alt_text: str, owed: list[str]) -> str:
    credit = f"<photoshop:Credit>{escape('; '.join(owed))}</photoshop:Credit>" if owed else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
        ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>{credit}"
        "<Iptc4xmpCore:AltTextAccessibility><rdf:Alt>"
        f'<rdf:li xml:lang="x-default">{escape(alt_text)}</rdf:li>'
        "</rdf:Alt></Iptc4xmpCore:AltTextAccessibility>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
