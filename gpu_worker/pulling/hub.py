"""A model in a hub's repository, by the hub's own client (https://huggingface.co/docs/hub/api).

The client brings files whole or not at all when a process dies, so what is half here is ours: its `http_get` goes on
where our file ends. The token is sent to the hub only, never to where it redirects.
"""

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import structlog

from gator.errors import Forbidden, GatorError, NotFound, Refused, Unavailable
from gator.settings import Settings
from gpu_worker.licences import Licence, licence_of
from gpu_worker.pulling.listing import Hints, Listed, Moved

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

T = TypeVar("T")
DEFAULT = "https://huggingface.co"
_PAUSES_S = (1.0, 4.0, 15.0, 60.0)  # between tries; a file goes on where it ended
_LOOK_PAUSES_S = (1.0, 4.0)  # somebody waits to see what there is
_ANSWER_S = 20.0
_SMALL_BYTES = 8 * 2**20
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
_PASSES = (408, 425, 429, 500, 502, 503, 504)
log = structlog.get_logger()


def is_repository(told: str) -> bool:
    return _REPOSITORY.fullmatch(told) is not None


class HubSource:
    """See `listing.Source`. Asks the hub when it is made; raises NotFound, Forbidden, Unavailable."""

    def __init__(self, settings: Settings, repository: str, revision: str = "") -> None:
        _quiet()
        self._endpoint = (settings.hub_url or DEFAULT).rstrip("/")
        token = settings.hub_token.get_secret_value() if settings.hub_token else ""
        self._token: str | bool = token or False  # never one that lies about on this machine
        self.source = repository
        told = self._patiently(lambda: self._info(revision or None), _LOOK_PAUSES_S)
        self.revision = str(told.sha or "")
        if not re.fullmatch(r"[0-9a-f]{40,64}", self.revision):
            raise Unavailable(f"{self._endpoint} does not say which commit {repository} is at.")
        self._gated = bool(told.gated)
        self.licence = _licence(told)
        self.files = tuple(_listed(one) for one in told.siblings or [])
        card: Any = told.card_data or {}
        based = card.get("base_model") if hasattr(card, "get") else None
        based_on = tuple(map(str, based)) if isinstance(based, list) else (str(based),) if based else ()
        self.hints = Hints(repository.partition("/")[2], based_on, tuple(map(str, told.tags or ())))

    def read(self, path: str) -> bytes:
        """See Source.read."""
        import io

        one = next((one for one in self.files if one.path == path), None)
        if one is None or one.size > _SMALL_BYTES:
            raise Refused(f"{self.source} has no small file {path}.")
        held = io.BytesIO()

        def get() -> bytes:
            held.seek(0)
            held.truncate()
            self._get(one, cast(BinaryIO, _Counted(held, one, lambda _more: None)), 0)
            return held.getvalue()

        return self._patiently(get, _LOOK_PAUSES_S)

    def fetch(self, one: Listed, to: Path, moved: Moved) -> None:
        """See Source.fetch."""
        if not one.key:
            raise Refused(f"{self._endpoint} gives no hash of {one.path}, so it could not be checked.")

        def get() -> None:
            have = to.stat().st_size if to.exists() else 0
            if have > one.size:
                to.unlink()
                moved(-have)
                have = 0
            with to.open("r+b" if have else "wb") as file:
                file.seek(have)
                self._get(one, cast(BinaryIO, _Counted(file, one, moved)), have)
                file.flush()

        self._patiently(get, _PAUSES_S)

    def _info(self, revision: str | None) -> "ModelInfo":
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self._endpoint, token=self._token)
        return api.model_info(self.source, revision=revision, files_metadata=True, timeout=_ANSWER_S)

    def _get(self, one: Listed, to: BinaryIO, have: int) -> None:
        """The bytes from `have` on."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils._headers import build_hf_headers

        url = hf_hub_url(self.source, one.path, revision=self.revision, endpoint=self._endpoint)
        about = get_hf_file_metadata(url, token=self._token, timeout=_ANSWER_S, endpoint=self._endpoint)
        headers: dict[str, str] = build_hf_headers(token=self._token)
        place = url if about.xet_file_data else about.location
        if urlsplit(place)[:2] != urlsplit(url)[:2]:
            headers.pop("authorization", None)
        if one.size:
            http_get(place, to, resume_size=have, headers=headers, expected_size=one.size)

    def _patiently(self, ask: Callable[[], T], pauses_s: Sequence[float]) -> T:
        """Ask again after pauses while it may pass. Raises what is left of it as an error of ours."""
        import httpx2  # what the hub's client speaks HTTP with

        for pause_s in (*pauses_s, None):
            try:
                return ask()
            except GatorError:
                raise
            except (OSError, ValueError, httpx2.HTTPError) as wrong:
                named = self._named(wrong)
                if pause_s is None or not isinstance(named, Unavailable):
                    raise named from wrong
                log.info("hub_asked_again", source=self.source, reason=type(wrong).__name__, pause_s=pause_s)
                time.sleep(pause_s)
        raise AssertionError  # the last of the pauses is None

    def _named(self, wrong: Exception) -> GatorError:
        from huggingface_hub import errors

        match wrong:
            case errors.GatedRepoError():
                return self._is_gated()
            case errors.RevisionNotFoundError():
                return NotFound(f"{self.source} has no such revision.", remedy="Leave --revision out for the newest.")
            case errors.RepositoryNotFoundError():
                remedy = "Look at its name; a private one needs a token that may read it in GATOR_HUB_TOKEN."
                return NotFound(f"{self._endpoint} has no model {self.source} that you may see.", remedy=remedy)
            case errors.EntryNotFoundError():
                return NotFound(f"{self.source} lacks a file that it lists.", remedy="Try again later.")
            case errors.HFValidationError():
                return Refused(f"{self.source} is no name of a repository.", remedy="Write it like owner/name.")
            case errors.OfflineModeIsEnabled():
                return Unavailable("HF_HUB_OFFLINE is set, so no hub is asked.", remedy="Unset it, or pull a folder.")
            case errors.HfHubHTTPError():
                return self._named_by_status(wrong.response.status_code)
            case ValueError() if not isinstance(wrong, json.JSONDecodeError):
                return Refused(f"{self.source} cannot be pulled: {str(wrong).splitlines()[0][:200]}")
            case OSError() if wrong.errno is not None:  # of this machine: the disk is full, a file cannot be written
                return Refused(f"It cannot be written: {wrong.strerror}.", remedy="Make room, or look at the disk.")
        return Unavailable(f"{_place(self._endpoint)} does not answer, or broke off.", remedy=_LATER)

    def _named_by_status(self, status: int) -> GatorError:
        if status == 401:
            return Forbidden("The hub does not know this token.", remedy="Set GATOR_HUB_TOKEN to one that is valid.")
        if status == 403:
            return self._is_gated()
        if status == 416:
            return Unavailable("The hub has another file by now than the half that is here.", remedy=_LATER)
        if status in _PASSES:
            said = "asks us to wait" if status == 429 else f"is in trouble ({status})"
            return Unavailable(f"{_place(self._endpoint)} {said}.", remedy=_LATER, retry_after_s=60.0)
        return Refused(f"{_place(self._endpoint)} refuses {self.source} ({status}).")

    def _is_gated(self) -> Forbidden:
        token = "of the account whose token you set" if self._token else "and set GATOR_HUB_TOKEN to a token of yours"
        return Forbidden(
            f"{self.source} is gated: its owners want to know who uses it.",
            remedy=f"Agree to their terms at {self._endpoint}/{self.source}, {token}; then pull again.",
        )


_LATER = "Pull again later: it goes on where it ended."


class _Counted:
    """A file that tells how far it grew, and shrank. What is sent of it beyond its size would fill the disk for nothing."""

    def __init__(self, file: BinaryIO, listed: Listed, moved: Moved) -> None:
        self._file = file
        self._listed = listed
        self._moved = moved

    def write(self, data: bytes) -> int:
        if self._file.tell() + len(data) > self._listed.size:
            raise Refused(f"More is sent of {self._listed.path} than its {self._listed.size:,} bytes.")
        written = self._file.write(data)
        self._moved(written)
        return written

    def truncate(self, size: int | None = None) -> int:
        """Called when the hub begins a file anew instead of going on."""
        at = self._file.tell()
        before = self._file.seek(0, os.SEEK_END)
        self._file.seek(at)
        left = self._file.truncate(size)
        self._moved(left - before)
        return left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _listed(one: Any) -> Listed:
    size = int((one.lfs.size if one.lfs else one.size) or 0)
    return Listed(str(one.rfilename), size, str(one.lfs.sha256) if one.lfs else "", str(one.blob_id or ""))


def _licence(told: Any) -> Licence:
    card = told.card_data.to_dict() if told.card_data else {}
    tagged = next((tag.partition(":")[2] for tag in told.tags or () if str(tag).startswith("license:")), "")
    return licence_of(card.get("license") or tagged, card.get("license_name"), card.get("license_link"))


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _quiet() -> None:
    """No bars and warnings of the client's own, and nothing told to the hub but what is asked of it."""
    from huggingface_hub import constants
    from huggingface_hub.utils.logging import set_verbosity_error
    from huggingface_hub.utils.tqdm import disable_progress_bars

    constants.HF_HUB_DISABLE_TELEMETRY = True
    disable_progress_bars()
    set_verbosity_error()  # type: ignore[no-untyped-call]
