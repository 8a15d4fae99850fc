"""Are the rooms ours? The first line of every process: a package of a room's name from elsewhere must not be imported.

`agents` is also the name of openai-agents' package; docs/decisions/0001-flat-rooms.md tells why our names stay plain.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gator", "prompts", "memory", "gpu_worker", "tools", "agents", "bots", "api")


def assert_ours() -> None:
    """End the process, naming the intruder, when a room's name would import somebody else's package."""
    for room in ROOMS:
        spec = find_spec(room)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found != ROOT / room / "__init__.py":
            sys.exit(
                f"gator: the package '{room}' is not Gator's but {found}. "
                "Uninstall what brought it, or give Gator an environment of its own (make run does)."
            )
