"""How does a finished file say what it is? IPTC's source type in its metadata, and a signed C2PA manifest.

Done after a handler made its file and before the file gets its name, which is its hash. `labels` writes the source type
where a handler could not, `manifest` tells and signs. The manifest holds a random id and signature: the same job done
again gives the same picture, in a file with another hash.
"""

from dataclasses import replace
from importlib.util import find_spec

from gator.credentials import Signer
from gpu_worker.stamping import labels
from gpu_worker.stamping.making import Making, Parent
from gpu_worker.studio import Draft

__all__ = ["NOT_INSTALLED", "Making", "Parent", "stamp"]

NOT_INSTALLED = "Gator's extra `c2pa` is not installed."
# C2PA has a place in these; an Ogg file has none (C2PA 2.2, appendix A).
SIGNED = {"image/png", "image/jpeg", "image/webp", "audio/mpeg", "audio/wav", "video/mp4"}


def stamp(draft: Draft, making: Making, signer: Signer | None) -> Draft:
    """The draft with its stamped file, in the same folder. Its provenance tells the manifest, or why there is none.

    Memory stays within some 80 MB whatever the file's size. Raises Unavailable when it cannot be signed.
    """
    labels.put(draft.path, draft.mime, draft.provenance["digital_source_type"])
    if reason := _unsigned(draft.mime, signer):
        return replace(draft, provenance={**draft.provenance, "manifest": {"none": reason}})
    from gpu_worker.stamping import manifest

    assert signer is not None
    path = draft.path.with_name(f"stamped{draft.path.suffix}")
    made = manifest.sign(draft, making, signer, path)
    return replace(draft, path=path, provenance={**draft.provenance, "manifest": made})


def _unsigned(mime: str, signer: Signer | None) -> str:
    if mime not in SIGNED:
        return f"C2PA has no place in {mime} files."
    if find_spec("c2pa") is None:
        return NOT_INSTALLED
    return "" if signer else "This worker has no certificate."
