"""How long do 200 fans wait who talk at once on three channels? `gator up` as a process, beside a bare aiohttp bot.

    python -m bench.chat_load [--fans 200] [--every 12] [--seconds 24] [--baseline] [--saturate]

Fans talk on Telegram, Discord and our websocket with one persona whose model answers in 300 ms. Platforms, model and fans are
in this process; Gator is in its own. Added latency is the time from a message's reaching the platform's server (the websocket)
to the reply's, without the model's 300 ms; it holds what the platforms' servers and the fans take, which the bare bot's row
shows. Fans say something every `--every` seconds (half to one and a half of it), however long answers take. CPU is the server
process's, from /proc. `--settle` is GATOR_SETTLE_S: 0 here; by default Gator waits that long on purpose for the rest of a burst.

`--saturate` raises the pace step by step until the 99th percentile passes 250 ms, or lowers it until it does not. Exits with 1
when anything was lost, answered twice, out of order or to somebody else.
"""

import argparse
import asyncio
import gc
import os
import resource
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.chat_crowd import Crowd, Platforms, Running, Talk, echo_bot, gator, platforms
from gator.settings import Settings
from tests.chaos.crowd import CHANNELS

GOAL_MS = 250.0
GREETED_PER_S = 8.0
STEP = 1.3
STEP_S = 8.0
MOST_STEPS = 6
LINE = "{:>10} {:>9} | {:>6} {:>8} | {:>7} {:>7} {:>7}"


def _rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    talk: Talk
    cpu_ms: float  # a turn, of the server
    lag_ms: float  # the 99th percentile of how late this process itself was

    @property
    def p99_ms(self) -> float:
        """Of all channels; without end while answers are missing."""
        return _percentile(self.talk.added_ms(), 99) if not self.talk.open else float("inf")


def _percentile(values: list[float], q: float) -> float:
    return float(np.percentile(values, q)) if values else float("nan")


async def _lag(into: list[float]) -> None:
    while True:
        at = time.perf_counter()
        await asyncio.sleep(0.02)
        into.append(1e3 * (time.perf_counter() - at - 0.02))


async def measure(crowd: Crowd, served: Running, every_s: float, seconds: float) -> Measured:
    gc.collect()
    gc.freeze()  # the crowd's collector would be measured with the answers
    late: list[float] = []
    lag = asyncio.create_task(_lag(late))
    cpu = _cpu_s(served.pid)
    talk = await crowd.talk(every_s, seconds, seed=len(crowd.fans))
    cpu = _cpu_s(served.pid) - cpu
    lag.cancel()
    return Measured(talk, 1e3 * cpu / max(1, talk.said()), _percentile(late, 99))


def show(name: str, one: Measured, served: Running) -> None:
    for channel in (*CHANNELS, None):
        added = one.talk.added_ms(channel)
        figures = [f"{_percentile(added, q):.0f}" for q in (50, 99, 100)]
        print(LINE.format(name, channel or "all", one.talk.said(channel), len(added), *figures))
    print(
        f"{name:>10} {one.cpu_ms:.1f} CPU-ms a turn, {_rss_mib(served.pid):.0f} MiB of RSS,"
        f" {one.talk.said() / one.talk.took_s:.1f} turns a second; this process was late by {one.lag_ms:.0f} ms (p99)",
        flush=True,
    )


async def saturate(crowd: Crowd, served: Running, every_s: float, holds: bool) -> None:
    """Faster and faster until the goal is missed; from a pace at which it is missed, slower until it holds."""
    step = STEP if holds else 1 / STEP
    best = 0.0
    for _ in range(MOST_STEPS):
        every_s /= step
        one = await measure(crowd, served, every_s, STEP_S)
        per_s = one.talk.said() / STEP_S
        print(f"{'':>10} {per_s:.0f} turns a second: p99 {one.p99_ms:.0f} ms, {one.cpu_ms:.1f} CPU-ms each", flush=True)
        kept = one.p99_ms <= GOAL_MS
        best = per_s if kept else best
        if kept is not holds:
            break
    at_first = f"{len(crowd.fans) / (every_s * step):.0f}, the pace above," if holds and not best else f"{best:.0f}"
    print(f"p99 stays within {GOAL_MS:.0f} ms up to {at_first} turns a second")


async def run(given: argparse.Namespace) -> list[str]:
    """Measure and print; gives what went wrong."""
    by_default = Settings.model_fields["settle_s"].default
    print(
        f"{given.fans} fans, each says something every {given.every:g} s; GATOR_SETTLE_S={given.settle:g}"
        f" (the default, {by_default:g} s, is waited on purpose and comes on top); load {os.getloadavg()[0]:.1f}"
    )
    print(LINE.format("", "channel", "said", "answered", "p50 ms", "p99 ms", "max ms"))
    wrong: list[str] = []
    async with platforms() as there, AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare = await _baseline(there, given, wrong) if given.baseline else None
        async with gator(there, folder, given.settle) as served:
            crowd = Crowd(there, served, given.fans, first=10_001)
            await crowd.greet(GREETED_PER_S)
            print(f"{'':>10} all have been greeted by process {served.pid}", flush=True)
            ours = await measure(crowd, served, given.every, given.seconds)
            show("Gator", ours, served)
            if bare:
                print(f"Gator / bare bot: {ours.cpu_ms / bare.cpu_ms:.1f}x CPU, p50 {_more(ours, bare):.0f} ms longer")
            if given.saturate:
                await saturate(crowd, served, given.every, ours.p99_ms <= GOAL_MS)
            await asyncio.sleep(1)  # for whatever might still come twice
            wrong += crowd.problems()
            await crowd.leave()
    return wrong


def _more(ours: Measured, bare: Measured) -> float:
    return statistics.median(ours.talk.added_ms()) - statistics.median(bare.talk.added_ms())


async def _baseline(there: Platforms, given: argparse.Namespace, wrong: list[str]) -> Measured:
    """The bare bot under the same load."""
    async with echo_bot(there) as served:
        crowd = Crowd(there, served, given.fans)
        await crowd.greet(GREETED_PER_S * 8)
        bare = await measure(crowd, served, given.every, given.seconds / 2)
        show("bare bot", bare, served)
        wrong += crowd.problems()
        await crowd.leave()
    return bare


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--fans", type=int, default=200)
    arguments.add_argument("--every", type=float, default=12.0, help="seconds between two messages of a fan")
    arguments.add_argument("--seconds", type=float, default=24.0, help="how long they talk")
    arguments.add_argument("--settle", type=float, default=0.0, help="GATOR_SETTLE_S")
    arguments.add_argument("--baseline", action="store_true", help="measure a bare aiohttp bot, too")
    arguments.add_argument("--saturate", action="store_true", help="find the pace at which p99 passes 250 ms")
    problems = asyncio.run(run(arguments.parse_args()))
    for one in problems[:20]:
        print(one)
    print(f"{len(problems)} problems" if problems else "nothing lost, nothing twice, all in order")
    sys.exit(1 if problems else 0)
