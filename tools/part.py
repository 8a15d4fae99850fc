"""How is one part of this Gator told of? Ready, off with how to enable it, or broken with the reason."""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Literal

from tools.capability import Shape

State = Literal["ready", "off", "broken"]


class Part(Shape):
    name: str
    state: State
    detail: str
    remedy: str = ""


def engine(name: str, detail: str, modules: Iterable[str], remedy: str) -> Part:
    """A part that is there when these modules are installed; none is imported."""
    if missing := lacking(modules):
        return Part(name=name, state="off", detail=f"not installed: {', '.join(missing)}", remedy=remedy)
    return Part(name=name, state="ready", detail=detail)


def lacking(modules: Iterable[str]) -> list[str]:
    return [module for module in modules if find_spec(module) is None]
