"""Can this voice speak here? Asked before a persona is given it, and by `tools.voices` before something is spoken.

Nothing is asked of a provider, so nothing is spent. Piper and XTTS may be on another machine's worker: of these nothing is known.
"""

from importlib.util import find_spec
from pathlib import Path

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker import elevenlabs_account
from tools.personas.character import Voice

OFFLINE = "espeak"


def who_of(provider: str) -> str:
    return provider.partition(":")[0]


def check_set_up(settings: Settings, provider: str) -> None:
    """Raises Unavailable where the provider's key is missing."""
    who = who_of(provider)
    if who == "elevenlabs" and not elevenlabs_account.is_set_up(settings):
        raise Unavailable("ElevenLabs needs a key.", remedy=elevenlabs_account.REMEDY)
    if who == "openai" and not (settings.openai_api_key or settings.voice_base_url or settings.openai_base_url):
        raise Unavailable("OpenAI's voices need a key.", remedy="Set OPENAI_API_KEY and start Gator again.")


def fitting(settings: Settings, before: Voice, told: Voice) -> dict[str, object]:
    """What of a persona's voice changes, where it can speak; a name given to the offline engine is its variant.

    Raises Unavailable for a provider without a key, Refused for a variant that the engine does not know.
    """
    changed = told.model_dump(mode="json", exclude_unset=True)
    provider = changed.get("provider", before.provider) or settings.voice
    if changed.keys() & {"provider", "name"}:
        check_set_up(settings, provider)
    if provider == OFFLINE and changed.get("name"):
        changed["variant"] = changed.pop("name")
    if changed.get("variant"):
        changed["variant"] = _known(str(changed["variant"]))
    return changed


def _known(variant: str) -> str:
    """As the engine spells it."""
    known = _variants()
    found = next((one for one in known if one.casefold() == variant.casefold()), None)
    if found is None and known:
        raise Refused(f"The offline engine has no voice “{variant}”.", remedy=f"It has: {', '.join(known)}.")
    return found or variant


def _variants() -> list[str]:
    """Those that lie beside the engine's library, which is not loaded here; none where it is not installed."""
    spec = find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / "espeak-ng-data" / "voices" / "!v"
    return sorted((one.name for one in folder.iterdir()), key=str.casefold) if folder.is_dir() else []
