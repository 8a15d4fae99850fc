"""What is configured? One typed object, read once in `gator/cli` and handed down; nothing else reads the environment.

Every name is `GATOR_` and the field in capitals. The usual names of providers' keys are read too.
"""

import difflib
import os
import re
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gator.crypto import key_file
from gator.errors import Refused

PREFIX = "GATOR_"
_ORIGIN = re.compile(
    r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?"
)  # as browsers write it (RFC 6454 section 6.2)


def _key(name: str, provider: str) -> Any:
    """A provider's key: GATOR_<name> or the name its own tools read."""
    return Field(None, validation_alias=AliasChoices(PREFIX + name, name), description=f"key for {provider}; or {name}")


class Settings(BaseSettings):
    """Gator's settings. Each field's description is its line in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, populate_by_name=True)

    home: Path = Field(Path(".gator"), description="where Gator keeps everything on embedded defaults")
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the server listens on; 0 takes a free one")
    public_url: str = Field("", description="address that people see; default http://HOST:PORT")
    secret_key: SecretStr = Field(SecretStr(""), description="seals and signs; made in the home on first start")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins of other sites that may call the API from a browser and embed a chat, comma-separated"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed, comma-separated",
    )
    database_url: str = Field("", description="sqlite or postgresql URL; default SQLite in the home")
    broker_url: str = Field("", description="redis:// or amqp:// URL; default embedded in the home")
    chroma_url: str = Field("", description="http URL of a Chroma server; default embedded in the home")
    storage_url: str = Field(
        "", description="where media lie: file:///FOLDER or s3://BUCKET/PREFIX; default in the home"
    )
    storage_endpoint: str = Field(
        "",
        pattern=r"^(https?://[^/?#\s]+/?)?$",
        description="address of an S3-compatible service; default Amazon's in the region",
    )
    storage_region: str = Field("us-east-1", pattern=r"^[a-z0-9-]+$", description="region of the bucket")
    storage_key_id: str = Field("", description="id of the bucket's access key; unset: found as Amazon's tools do")
    storage_secret: SecretStr | None = Field(None, description="secret of that access key")
    storage_cache_mb: int = Field(
        10_000, ge=100, description="about how much of the bucket is kept on this machine's disk, in MB"
    )
    storage_redirect: bool = Field(
        False, description="whether browsers fetch media from the bucket themselves, by links of an hour at most"
    )
    storage_timeout_s: float = Field(30, gt=0, description="longest silence of the bucket's service, in seconds")
    media_quota_mb: int = Field(0, ge=0, description="most that a workspace's media may take, in MB; 0: no limit")
    media_quota_files: int = Field(0, ge=0, description="most files of media that a workspace may have; 0: no limit")
    model: str = Field("builtin", description="builtin, openai:NAME, anthropic:NAME or ollama:NAME")
    fallback_models: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="models to try, in order, when the first one fails; comma-separated"
    )
    model_timeout_s: float = Field(60, gt=0, description="longest wait for a model's answer, in seconds")
    openai_base_url: str = Field("", description="base URL of an OpenAI-compatible server")
    anthropic_base_url: str = Field("", description="base URL of an Anthropic-compatible server")
    ollama_base_url: str = Field("http://127.0.0.1:11434", description="base URL of an Ollama server")
    openai_api_key: SecretStr | None = _key("OPENAI_API_KEY", "OpenAI")
    anthropic_api_key: SecretStr | None = _key("ANTHROPIC_API_KEY", "Anthropic")
    embedder: str = Field(
        "local", description="who compares by meaning: local, openai:MODEL or sentence-transformers:NAME_OR_FOLDER"
    )
    sees: Literal["auto", "yes", "no"] = Field(
        "auto", description="whether models are shown pictures; auto goes by the model's name"
    )
    transcriber: str = Field(
        "",
        description="who listens to voice notes: openai, openai:MODEL, whisper:SIZE or whisper:FOLDER; empty: nobody",
    )
    transcriber_base_url: str = Field(
        "", description="base URL of an OpenAI-compatible transcriber; default GATOR_OPENAI_BASE_URL"
    )
    settle_s: float = Field(
        1.0, ge=0, le=10, description="how long a chat app's fan may add to a message before it is answered, in seconds"
    )
    daily_budget_usd: float = Field(
        10, ge=0, allow_inf_nan=False, description="most that models may cost a workspace in a day, in US dollars"
    )
    fan_daily_budget_usd: float = Field(
        2,
        ge=0,
        allow_inf_nan=False,
        description="most that models may cost one fan in a day, in US dollars; 0: no limit",
    )
    fan_daily_tokens: int = Field(
        5_000_000, ge=0, description="most tokens that models may read and write for one fan in a day; 0: no limit"
    )
    timezone: str = Field("UTC", description="zone of operators who name none, such as Europe/Berlin")
    language: Literal["en", "de"] = Field("en", description="language of system texts where the reader's is unknown")
    region: str = Field("", description="two-letter country that help lines are for when a fan's is unknown")
    fetch_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="HOST:PORT of private servers that feeds may come from, comma-separated"
    )
    dns_provider: str = Field("", description="a dns-lexicon provider: cloudflare, godaddy, powerdns, ...")
    dns_credentials: SecretStr | None = Field(
        None, description="the provider's dns-lexicon options, as KEY=VALUE pairs, comma-separated"
    )
    worker_concurrency: int = Field(2, ge=1, le=64, description="jobs that one worker does at once")
    devices: str = Field(
        "all",
        pattern=r"^(all|none|cpu|mps|\d+)(\s*,\s*(cpu|mps|\d+))*$",
        description="devices for pictures and clips on models: all, none, cpu, or numbers of GPUs such as 0,1",
    )
    share_devices: bool = Field(False, description="work on GPUs that another Gator of this machine works on, too")
    image_model: str = Field(
        "",
        description="who makes pictures: a model's name in the models folder, openai:MODEL or comfyui; empty: the first there is",
    )
    image_base_url: str = Field(
        "", description="base URL of a server that speaks OpenAI's images; default GATOR_OPENAI_BASE_URL"
    )
    image_price_usd: float = Field(
        0.05, ge=0, description="what one picture of openai:MODEL is reckoned to cost, in US dollars"
    )
    image_timeout_s: float = Field(180, gt=0, description="longest wait for a provider's picture, in seconds")
    comfyui_url: str = Field("", description="address of a ComfyUI server, such as http://127.0.0.1:8188")
    comfyui_workflow: Path | None = Field(
        None, description="ComfyUI workflow in API format, with {prompt} and the like where values go"
    )
    mature_media: Literal["no", "made", "shown"] = Field(
        "no",
        description="nudity and sex of adults: no: not made; made: for those who run Gator; shown: fans of proven age get it",
    )
    clip_model: str = Field(
        "",
        description="who makes clips: a video model of the models folder, runway or runway:MODEL; empty: the first there is",
    )
    clip_timeout_s: float = Field(900, gt=0, description="longest wait for a provider's clip, in seconds")
    runway_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("GATOR_RUNWAY_API_KEY", "RUNWAYML_API_SECRET"),
        description="key for Runway; or RUNWAYML_API_SECRET",
    )
    runway_base_url: str = Field(
        "https://api.dev.runwayml.com", description="address of Runway's API, or of a server that speaks it"
    )
    voice: str = Field(
        "espeak",
        pattern=r"^(espeak|piper|xtts|(openai|elevenlabs)(:[\w./-]+)?)$",
        description="who speaks: espeak, piper, xtts, openai, openai:MODEL, elevenlabs or elevenlabs:MODEL",
    )
    voice_name: str = Field(
        "", description="that speaker's voice of a persona who has none of their own: its name or id"
    )
    voice_base_url: str = Field(
        "", description="base URL of a server that speaks OpenAI's audio; default GATOR_OPENAI_BASE_URL"
    )
    voice_price_usd: float = Field(
        0.1,
        ge=0,
        description="what 1,000 characters spoken by openai or elevenlabs are reckoned to cost, in US dollars",
    )
    voice_timeout_s: float = Field(120, gt=0, description="longest wait for a provider's voice, in seconds")
    elevenlabs_base_url: str = Field("", description="base URL of a server that speaks ElevenLabs' API")
    elevenlabs_api_key: SecretStr | None = _key("ELEVENLABS_API_KEY", "ElevenLabs")
    models_folder: Path | None = Field(
        None,
        description="folder of models that make pictures, clips and voices, one in each folder; default in the home",
    )
    hub_url: str = Field(
        "",
        validation_alias=AliasChoices("GATOR_HUB_URL", "HF_ENDPOINT"),
        description="address of the hub that models are pulled from; default https://huggingface.co; or HF_ENDPOINT",
    )
    hub_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("GATOR_HUB_TOKEN", "HF_TOKEN"),
        description="token for models of the hub that ask for one; or HF_TOKEN",
    )
    c2pa_certificate: Path | None = Field(
        None, description="PEM file of the certificate that signs made media, and its chain; default one of Gator's own"
    )
    c2pa_key: Path | None = Field(None, description="PEM file of that certificate's private key")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe line to log")

    @field_validator("cors_origins", "trusted_proxies", "fallback_models", "fetch_allow", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = next((one for one in value if not _ORIGIN.fullmatch(one)), None)
        if wrong is not None:
            raise ValueError(f"'{wrong}' is no origin; write them like https://fans.example, without a path or a star")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(one, strict=False)) for one in value)
        except ValueError as wrong:
            raise ValueError(f"{wrong}; write addresses or networks like 10.0.0.1, 172.16.0.0/12") from wrong

    @field_validator("secret_key")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 16:  # whoever holds one signed address can try short keys at home
            raise ValueError("it is shorter than 16 characters; `openssl rand -base64 32` makes a good one")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError(f"'{value}' is no time zone; write it like Europe/Berlin") from unknown
        return value

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy URL, its async driver named."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.home.resolve() / 'gator.db'}"
        scheme, _, rest = self.database_url.partition("://")
        drivers = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite+aiosqlite"}
        return f"{drivers.get(scheme, scheme)}://{rest}"

    @cached_property
    def shelf_folder(self) -> Path:
        """Where the models lie."""
        return (self.models_folder or self.home / "models").resolve()

    @cached_property
    def secret(self) -> str:
        """The key that seals and signs: GATOR_SECRET_KEY, or the one kept in the home."""
        return self.secret_key.get_secret_value() or key_file(self.home / "secret.key")

    @cached_property
    def media_folder(self) -> Path:
        """Where media lie; where a bucket has them, what this machine keeps of them."""
        scheme, _, path = self.storage_url.partition("://")
        if self.storage_url and scheme not in ("file", "s3"):
            raise Refused(
                "GATOR_STORAGE_URL must be a file:// folder or an s3:// bucket.",
                remedy="Unset it to keep media in the home.",
            )
        if scheme == "s3":
            return self.home.resolve() / "media-cache"
        return Path(path) if path else self.home.resolve() / "media"

    @cached_property
    def url(self) -> str:
        """The address people see, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def known_names() -> list[str]:
    return [PREFIX + name.upper() for name in Settings.model_fields]


def load() -> Settings:
    """The settings of this environment. Raises Refused for a GATOR_* name or value that we do not know."""
    known = known_names()
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            raise Refused(f"{name} is no setting of Gator's.", remedy=f"Did you mean {near[0]}?")
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = str(first["loc"][0]).upper()
        name = name if name.startswith(PREFIX) else PREFIX + name
        reason = first["msg"].removeprefix("Value error, ")
        if first["type"] == "string_pattern_mismatch":  # nobody is to read a pattern
            field = name.removeprefix(PREFIX).lower()
            reason = f"it takes {Settings.model_fields[field].description}"
        raise Refused(f"{name} is malformed: {reason}.", remedy=f"Correct or unset {name}.") from wrong
