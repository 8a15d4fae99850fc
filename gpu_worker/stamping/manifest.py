"""What does the C2PA manifest tell, and is it sound? Made by a machine, when nothing else: no words of people, no names.

https://spec.c2pa.org/: one `c2pa.created` action with IPTC's source type, one `c2pa.placed` for each asset it was made
of, and `gator.making` with the engine and the seed. No time-stamping server and nothing else on the network is asked.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from gator.credentials import PURPOSES, Signer
from gator.errors import Unavailable
from gpu_worker.stamping.making import Making, Parent
from gpu_worker.studio import Draft

if TYPE_CHECKING:
    import c2pa

_MAKING = "gator.making"
# Thumbnails would carry a picture that somebody sent into what was made of it; the rest keeps the library off the network
# and its memory small.
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "core": {"backing_store_memory_threshold_in_mb": 8},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "trust": {"trust_config": "\n".join(PURPOSES)},  # by itself it knows e-mail only
}
_CERTIFICATE = "Look at the certificate (GATOR_C2PA_CERTIFICATE), or unset it to sign as Gator itself."
_FILES = (
    "It, or something that it was made of, cannot be read as its kind; the worker's log says more under not_signed."
)
log = structlog.get_logger()


def sign(draft: Draft, making: Making, signer: Signer, to: Path) -> dict[str, Any]:
    """Write the draft's file with its manifest to `to`; says which manifest that is, as it was read back from the file.

    Raises Unavailable when the certificate does not do for it.
    """
    import c2pa

    try:
        _write(draft, making, signer, to)
        return _read_back(to, draft.mime) | {"signer": signer.name, "self_made": signer.self_made}
    except c2pa.C2paError as failed:
        log.warning("not_signed", asset=making.asset, reason=str(failed)[:200])
        by_certificate = isinstance(failed, c2pa.C2paError.Signature | c2pa.C2paError.Verify)
        raise Unavailable(
            "The file could not be signed.", remedy=_CERTIFICATE if by_certificate else _FILES
        ) from failed


def _write(draft: Draft, making: Making, signer: Signer, to: Path) -> None:
    import c2pa

    told = json.dumps(_told(draft, making))
    info = c2pa.C2paSignerInfo(signer.algorithm, signer.chain.encode(), signer.key.encode(), None)
    with c2pa.Builder.from_json(told, context=_context()) as builder, c2pa.Signer.from_info(info) as hand:
        for parent in making.parents:
            _add(builder, parent)
        with draft.path.open("rb") as source, to.open("w+b") as stamped:
            builder.sign(hand, draft.mime, source, stamped)


def _read_back(path: Path, mime: str) -> dict[str, Any]:
    """The proof that the file verifies. Whether the signer is trusted is each reader's to say."""
    import c2pa

    with path.open("rb") as file, c2pa.Reader(mime, file, context=_context()) as reader:
        read = json.loads(reader.json())
    if read.get("validation_state") not in ("Valid", "Trusted"):
        raise RuntimeError(f"the manifest came out as {read.get('validation_state')}")
    return {"id": read["active_manifest"]}


def _context() -> "c2pa.Context":
    import c2pa

    return c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))


def _told(draft: Draft, making: Making) -> dict[str, Any]:
    software = {"name": "Gator", "version": version("gator")}
    return {
        "claim_generator_info": [software],
        "title": f"{making.kind} {making.asset}",
        "format": draft.mime,
        "ingredients": [_named(parent) for parent in making.parents if not _is_read(parent)],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": list(_actions(draft, making, software))}},
            {"label": _MAKING, "data": making.told(draft.provenance)},
        ],
    }


def _actions(draft: Draft, making: Making, software: dict[str, str]) -> Iterator[dict[str, Any]]:
    source_type = draft.provenance["digital_source_type"]
    yield {"action": "c2pa.created", "digitalSourceType": source_type, "softwareAgent": software}
    if making.parents:
        used = [parent.id for parent in making.parents]
        yield {"action": "c2pa.placed", "softwareAgent": software, "parameters": {"ingredientIds": used}}


def _named(parent: Parent) -> dict[str, str]:
    return {
        "title": f"{parent.kind} {parent.id}",
        "format": parent.mime,
        "instance_id": parent.id,
        "label": parent.id,
        "relationship": "componentOf",
    }


def _is_read(parent: Parent) -> bool:
    """Whether its own manifest is taken along; what people sent may carry their names in one."""
    import c2pa

    return parent.path is not None and parent.mime in c2pa.Reader.get_supported_mime_types()


def _add(builder: "c2pa.Builder", parent: Parent) -> None:
    if _is_read(parent):
        assert parent.path is not None
        with parent.path.open("rb") as file:
            builder.add_ingredient(_named(parent), parent.mime, file)
