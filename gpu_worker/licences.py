"""What does a model's licence allow? Its name as its source gives it, and in plain words what we know of it.

Only what the licence's own text says of commercial use; no advice. Known licences are named as hubs name them
(https://huggingface.co/docs/hub/repositories-licenses).
"""

import re
from dataclasses import dataclass

UNKNOWN = "unknown"
_FREE = {"apache-2.0", "mit", "bsd-3-clause", "bsd-2-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "unlicense"}
_RAIL = "commercial use allowed, with restrictions of what it is used for that go with the model and what it makes"
_SAID = {
    "creativeml-openrail-m": _RAIL,
    "openrail": _RAIL,
    "openrail++": _RAIL,
    "bigscience-openrail-m": _RAIL,
    "stabilityai-ai-community": "commercial use below a yearly revenue of one million US dollars, after registration",
    "stabilityai-community": "commercial use below a yearly revenue of one million US dollars, after registration",
}
# cc-by-nc-4.0, flux-1-dev-non-commercial-license, "research only"
_FORBIDS = re.compile(r"(^|[-_. ])nc([-_. ]|$)|non[-_ ]?commercial|research[-_ ]only|noncommercial", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Licence:
    """`id` is what is accepted."""

    id: str
    link: str = ""

    @property
    def forbids_commerce(self) -> bool:
        return bool(_FORBIDS.search(self.id))

    @property
    def words(self) -> str:
        """In one line."""
        if self.id == UNKNOWN:
            return "no licence is named: without one its owners allow nothing"
        return f"{self.id}: {self._allows}"

    @property
    def _allows(self) -> str:
        if self.forbids_commerce:
            return "FORBIDS COMMERCIAL USE"
        if self.id in _FREE:
            return "commercial use allowed"
        return _SAID.get(self.id, "not known to Gator: read it")


def licence_of(told: object, name: object = None, link: object = None) -> Licence:
    """As a model's card has it: `license`, and for "other" `license_name` and `license_link`."""
    first = told[0] if isinstance(told, list) and told else told
    id = str(first or "").strip().lower()
    if id in ("", "other", "unknown") and name:
        id = str(name).strip().lower()
    return Licence(id[:100] if id and id != "other" else UNKNOWN, str(link or "")[:300])
