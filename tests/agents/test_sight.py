"""Which models are shown pictures, and what the others are told."""

import base64
import json

import pytest
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from agents.accounts import PICTURE_TOKENS, reserve
from agents.models import Mind
from agents.seeing import showing
from agents.sight import as_seen_by, pictures_in, sees
from gator.errors import Unavailable
from gator.settings import Settings
from tests import files
from tests.servers.models import ModelServer, Say
from tests.servers.running import serving
from tools.capability import Turn

SEEING = [
    "openai:gpt-4o", "openai:gpt-4o-mini-2024-07-18", "openai:gpt-4.1-nano", "openai:gpt-5.4", "openai:o4-mini",
    "openai:o3", "openai:Qwen/Qwen2.5-VL-7B-Instruct", "anthropic:claude-sonnet-4-6", "anthropic:claude-3-haiku-20240307",
    "ollama:llava:13b", "ollama:gemma3:4b", "ollama:llama3.2-vision", "ollama:qwen3-vl:8b",
]  # fmt: skip
BLIND = [
    "builtin", "openai:gpt-3.5-turbo", "openai:gpt-4", "openai:o3-mini", "openai:gpt-4o-audio-preview",
    "openai:mistral-7b", "anthropic:claude-2.1", "ollama:llama3.2", "ollama:gemma3:1b", "ollama:qwen3:8b",
]  # fmt: skip


@pytest.mark.parametrize(("name", "does"), [(name, True) for name in SEEING] + [(name, False) for name in BLIND])
def test_models_that_see_are_known_by_name(name: str, does: bool) -> None:
    assert sees(name, Settings()) is does


def test_the_setting_is_asked_before_the_name() -> None:
    assert sees("openai:house-model", Settings(sees="yes"))
    assert not sees("openai:gpt-4o", Settings(sees="no"))
    assert not sees("builtin", Settings(sees="yes"))


def test_a_model_that_does_not_see_is_sent_words_only() -> None:
    shown = HumanMessage(
        [{"type": "text", "text": "look!"}, {"type": "image", "base64": "AAAA", "mime_type": "image/jpeg"}], id="m"
    )
    assert pictures_in(shown) == 1
    (kept,) = as_seen_by("openai:gpt-4o", [shown], Settings())
    assert kept is shown
    (told,) = as_seen_by("ollama:llama3.2", [shown], Settings())
    assert (told.content, told.id) == ("look!\n(You cannot see pictures.)", "m")


@pytest.mark.parametrize(
    "model", ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5", "ollama:llava", "ollama:llama3.2"]
)
async def test_a_picture_goes_over_the_wire_to_models_that_see_and_to_no_other(
    model: str, settings: Settings, turn: Turn
) -> None:
    server = ModelServer([Say("A dog.")])
    jpeg = files.picture()
    async with serving(server.app) as url:
        there = settings.model_copy(
            update={
                "model": model,
                "openai_base_url": f"{url}/v1",
                "anthropic_base_url": url,
                "ollama_base_url": url,
                "anthropic_api_key": SecretStr("k"),
            }
        )
        said = await Mind(there).think([showing("look!", [jpeg])], [], turn, stream=True)
    assert said.text == "A dog."
    asked = json.dumps(server.asked[0])
    assert "look!" in asked
    assert (base64.b64encode(jpeg).decode() in asked) is sees(model, there)
    assert ("You cannot see pictures." in asked) is not sees(model, there)


async def test_what_a_picture_costs_is_reserved_before_it_is_shown(settings: Settings, turn: Turn) -> None:
    poor = settings.model_copy(update={"daily_budget_usd": 0.02})
    text = HumanMessage("look!")
    assert await reserve("openai:gpt-4o", [text], turn, settings) is not None
    small = await _reserved(turn)
    await reserve("openai:gpt-4o", [showing("look!", [files.picture()] * 4)], turn, settings)
    assert await _reserved(turn) - small > 4 * PICTURE_TOKENS * 2.5 * 0.99  # millionths of a dollar
    with pytest.raises(Unavailable, match="budget"):
        await reserve("openai:gpt-4o", [text], turn, poor)


async def _reserved(turn: Turn) -> int:
    async with turn.open_work(reads=True) as work:
        return await work.spending.since_yesterday()
