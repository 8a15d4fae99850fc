"""Do modules import each other in a circle? None may: the lower of two things is named, and the upper one imports it."""

import re
from collections.abc import Iterator

from gator.rooms import ROOMS, ROOT

# Wherever it stands: what is imported late, or for its type only, is known as well.
IMPORT = re.compile(r"^[ \t]*(?:from ([\w.]+) import (\([^)]*\)|[^\n#]*)|import ([\w.]+))", re.MULTILINE)


def imports(name: str, text: str, modules: dict[str, str]) -> Iterator[str]:
    """The modules of ours that a module imports."""
    for source, names, whole in IMPORT.findall(text):
        parts = [f"{source}.{one}" for one in re.findall(r"(?:^|[(,])\s*(\w+)", names)] if source else []
        for one in (*parts, source or whole):
            if one in modules and one != name and (one not in (source, whole) or not {*parts} <= modules.keys()):
                yield one


def way_back(name: str, arrows: dict[str, set[str]]) -> list[str]:
    """The shortest way from a module to itself; none where it is in no circle."""
    ways = {one: [name, one] for one in sorted(arrows[name])}
    seen = list(ways)
    for one in seen:
        if one == name:
            return ways[one]
        for further in sorted(arrows[one] - ways.keys()):
            ways[further] = [*ways[one], further]
            seen.append(further)
    return []


def test_a_circle_is_told_by_its_shortest_way() -> None:
    arrows = {"a": {"b"}, "b": {"c", "d"}, "c": {"d"}, "d": {"b"}}
    assert [way_back(name, arrows) for name in arrows] == [[], ["b", "d", "b"], ["c", "d", "b", "c"], ["d", "b", "d"]]


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file.read_text()
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
    }
    arrows = {name: set(imports(name, text, modules)) for name, text in modules.items()}
    assert len(modules) > 700
    assert sum(map(len, arrows.values())) > 3_000

    assert [way for name in arrows if (way := way_back(name, arrows))] == []
