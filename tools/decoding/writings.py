"""Is it a writing? Plain text by reading all of it, a PDF by its frame; both are only ever offered as downloads."""

import re
import shutil
from pathlib import Path

from tools.decoding.found import Found, NotTaken
from tools.unseen import without_unseen

TEXT_CHARACTERS = 20_000  # what a persona is told of it
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Markup that a browser or a viewer would run, whatever it is called.
_MARKUP = re.compile(r"\s*(?:<\?xml|<!doctype|<!--|<svg|<html|<script|<head|<body|<math)", re.IGNORECASE)
_TAIL_BYTES = 66_000  # as far back as a ZIP's directory may end (APPNOTE 4.3.16)


def keep_text(path: Path, to: Path) -> Found:
    """Raises NotTaken for what is not all words: bytes that are no text, or markup."""
    text = _decoded(path.read_bytes())
    if _CONTROL.search(text):
        raise NotTaken("unwanted")
    if _MARKUP.match(text.lstrip("\ufeff")) or "<svg" in text[:4096].lower():
        raise NotTaken("unwanted")
    to.write_text(text, encoding="utf-8")
    return Found("document", "text/plain", text=without_unseen(text[:TEXT_CHARACTERS], lines=True))


def _decoded(body: bytes) -> str:
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as binary:
        raise NotTaken("unwanted") from binary


def keep_pdf(path: Path, to: Path) -> Found:
    """Raises NotTaken for what has not a PDF's beginning and end (ISO 32000-1, 7.5), or is an archive as well."""
    body = path.read_bytes()
    if not re.match(rb"%PDF-[12]\.\d", body) or b"%%EOF" not in body[-1024:]:
        raise NotTaken("broken")
    if b"PK\x05\x06" in body[-_TAIL_BYTES:]:
        raise NotTaken("archive")
    shutil.copyfile(path, to)
    return Found("document", "application/pdf")
