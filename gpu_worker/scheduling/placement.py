"""On which device of a machine does each part of a model lie that is too large for one? Pure: sizes in, names out.

The denoiser works all the time and stays where the jobs are done; a text encoder works once before it and a decoder once
behind it, so the way to another device and back costs them little.
"""

from collections.abc import Collection, Mapping

_LEFT = 0.1  # of another device's free memory: its own process works there


def apart(parts: Mapping[str, int], stay: Collection[str], home: str, rooms: Mapping[str, int]) -> dict[str, str]:
    """By part the device that it is to lie on, one of `rooms`; what finds room nowhere is left out.

    `parts` are bytes by name and `rooms` free bytes by device. Those that `stay` are at home in any case. The largest others
    leave, each for where most room is, until the rest fits; nothing leaves that need not.
    """
    there = dict.fromkeys(parts, home)
    left = {name: room * (1 - _LEFT) for name, room in rooms.items() if name != home}
    over = sum(parts.values()) - rooms.get(home, 0)
    for name in sorted((one for one in parts if one not in stay), key=lambda one: (-parts[one], one)):
        if over <= 0:
            break
        roomiest = max(left, key=lambda one: (left[one], one), default="")
        if roomiest and left[roomiest] >= parts[name]:
            there[name] = roomiest
            left[roomiest] -= parts[name]
        else:
            del there[name]
        over -= parts[name]
    return there
