"""Which of what makes media is ready? Looked at for `tools.parts`: settings, what is installed, what lies on the shelf.

Nothing is asked of a provider, so nothing is spent.
"""

import shutil

from gator import credentials
from gator.errors import GatorError
from gator.settings import Settings
from gpu_worker.shelf import shelf
from tools import imagery
from tools.clips import clip_model
from tools.clips import ready as ready_clips
from tools.part import Part, State, engine, lacking


def pictures(settings: Settings) -> Part:
    """Who makes pictures of scenes."""
    try:
        return Part(name="pictures", state="ready", detail=f"made by {imagery.ready(settings)}")
    except GatorError as missing:
        state: State = "broken" if imagery.image_model(settings) else "off"
        return Part(name="pictures", state=state, detail=missing.message, remedy=missing.remedy)


def clips(settings: Settings) -> Part:
    """Who makes moving pictures of what happens."""
    try:
        return Part(name="clips", state="ready", detail=f"made by {ready_clips(settings)}")
    except GatorError as missing:
        state: State = "broken" if clip_model(settings) else "off"
        return Part(name="clips", state=state, detail=missing.message, remedy=missing.remedy)


def cards() -> Part:
    return engine(
        "cards",
        "picture cards: HarfBuzz, resvg, Pillow",
        ["PIL", "uharfbuzz", "resvg_py", "fontTools", "fontpkg_inter"],
        "Run `make run` again.",
    )


def voice(settings: Settings) -> Part:
    """Who speaks by GATOR_VOICE. Nothing is asked, so nothing is spent."""
    who, _, model = settings.voice.partition(":")
    if who == "espeak":
        return engine(
            "voice", "offline speech by eSpeak NG", ["espeakng_loader", "av"], "Install Gator's extra `voice`."
        )
    if who in ("piper", "xtts"):
        return _local_voice(settings, who)
    named = f"{who}, {model}" if model else who
    if who == "elevenlabs" and not (settings.elevenlabs_api_key or settings.elevenlabs_base_url):
        return Part(name="voice", state="broken", detail=f"{named} has no key", remedy="Set ELEVENLABS_API_KEY.")
    if who == "openai" and not (settings.openai_api_key or settings.voice_base_url or settings.openai_base_url):
        return Part(name="voice", state="broken", detail=f"{named} has no key", remedy="Set OPENAI_API_KEY.")
    if who == "elevenlabs" and not settings.voice_name:
        named += "; personas need a voice of their own there, or GATOR_VOICE_NAME"
    return Part(name="voice", state="ready", detail=named)


def _local_voice(settings: Settings, who: str) -> Part:
    program = "tts" if who == "xtts" else who
    if shutil.which(program) is None:
        remedy = f"Install it: pipx install {'coqui-tts' if who == 'xtts' else 'piper-tts'}."
        return Part(name="voice", state="broken", detail=f"the program {program} is not installed", remedy=remedy)
    there = [entry.name for entry in shelf(settings).entries("voice", who)]
    if not there:
        remedy = "Put one into the models folder (docs/studio.md)."
        return Part(name="voice", state="broken", detail=f"there is no voice for {who}", remedy=remedy)
    return Part(name="voice", state="ready", detail=f"{who} with {', '.join(there)}")


def elsewhere(settings: Settings) -> list[Part]:
    """Those that make media elsewhere, each with what enables it."""
    eleven = bool(settings.elevenlabs_api_key or settings.elevenlabs_base_url)
    openai = bool(settings.openai_api_key or settings.openai_base_url)
    runway, comfyui = bool(settings.runway_api_key), bool(settings.comfyui_url and settings.comfyui_workflow)
    return [
        _configured("elevenlabs", "voices", eleven, "Set ELEVENLABS_API_KEY."),
        _configured("openai voices", "voices", openai or bool(settings.voice_base_url), "Set OPENAI_API_KEY."),
        _configured(
            "openai images", "pictures", openai or bool(settings.image_base_url),
            "Set OPENAI_API_KEY and GATOR_IMAGE_MODEL=openai:gpt-image-1.",
        ),
        _configured(
            "comfyui", "pictures", comfyui,
            "Set GATOR_IMAGE_MODEL=comfyui, GATOR_COMFYUI_URL and GATOR_COMFYUI_WORKFLOW.",
        ),
        _configured("runway", "clips", runway, "Set RUNWAYML_API_SECRET and GATOR_CLIP_MODEL=runway:gen4_turbo."),
    ]  # fmt: skip


def _configured(name: str, what: str, is_set_up: bool, remedy: str) -> Part:
    if is_set_up:
        return Part(name=name, state="ready", detail=f"{what}: its settings are there; nothing was asked of it")
    return Part(name=name, state="off", detail=f"{what}: not set up", remedy=f"{remedy} See docs/studio.md.")


def video() -> Part:
    return engine("video", "H.264 and AAC by ffmpeg's libraries (PyAV)", ["av", "PIL"], "Run `make run` again.")


def signing(settings: Settings) -> Part:
    """Who signs what is made. Gator's own certificate is not looked at: on a fresh home that would make its key."""
    if lacking(["c2pa"]):
        detail = "made files say that a machine made them (IPTC), and are not signed"
        return Part(name="signing", state="off", detail=detail, remedy="Install Gator's extra `c2pa`.")
    if settings.c2pa_certificate or settings.c2pa_key:
        return Part(name="signing", state="ready", detail=f"C2PA manifests by {credentials.signer(settings).name}")
    remedy = "Set GATOR_C2PA_CERTIFICATE and GATOR_C2PA_KEY to sign with a certificate that verifiers know."
    detail = "C2PA manifests by Gator's own certificate, which verifiers do not know"
    return Part(name="signing", state="ready", detail=detail, remedy=remedy)
