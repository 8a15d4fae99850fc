"""What does the terminal show of a conversation? Frames as lines, and the events that a command waits for."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from gator.cli.client import Held, Line

ENDED = ("done", "failed", "cancelled")


class Screen:
    """What the terminal shows of a conversation; the events that a command waits for."""

    def __init__(self, line: "Line", as_json: bool) -> None:
        self.line = line
        self.as_json = as_json
        self.listed: list[str] = []  # approvals, as they were numbered last
        self.answered = asyncio.Event()
        self.jobs_done = asyncio.Event()
        self.failed = False  # the last thing asked for was refused
        self.accepted = ""  # the message that was written down last
        self._replied = False
        self._expected: set[str] = set()  # approvals that a reply names and whose question has yet to come
        self._ended: set[str] = set()  # a quick job may be over before the reply that names its asset
        self._jobs: set[str] = set()  # assets under way that this conversation asked for
        self._streamed = ""
        self._progress: dict[str, int] = {}
        self._replayed = asyncio.Event()  # not set while history is being replayed
        self._replayed.set()

    async def follow(self) -> None:
        """Show frames as they come, until the line ends."""
        async for frame in self.line.frames():
            if self.as_json:
                print(json.dumps(frame, ensure_ascii=False), flush=True)  # noqa: T201
            else:
                self._show(frame)
            self._notice(frame)

    def show_held(self, held: "Held") -> None:
        """Say that nothing answers now, and who will."""
        if self.as_json:
            about = {"why": held.why, "until": held.until.isoformat() if held.until else None}
            print(json.dumps({"type": "held", **about, "conversation_id": self.line.conversation}), flush=True)  # noqa: T201
            return
        if held.for_good:
            who = f"{self.line.persona} is not there any more" if held.why == "gone" else "The message was taken back"
            self._line(f"! {who}, so nothing answers it.")
            return
        when = f"{self.line.persona} answers after {held.until.astimezone():%A %H:%M}" if held.until else ""
        self._line(f"  {when or 'A person answers here now'}. The answer will be in this chat: /history shows it.")

    async def show_history(self) -> None:
        """What was said before, replayed by joining anew."""
        self._replayed.clear()
        await self.line.send("join_conversation", conversation_id=self.line.conversation, after="")
        await self._replayed.wait()

    def _notice(self, frame: dict[str, Any]) -> None:
        """Set what a command waits for."""
        kind = frame["type"]
        if not self._replayed.is_set():
            if kind == "conversation_joined":
                self._replayed.set()
            return
        if kind == "message_accepted":
            self.accepted = frame["message_id"] or ""
        elif kind == "new_message" and not self._is_mine(frame["message"]):
            self._expect_jobs(frame["message"])
            self._replied = bool(frame["message"]["answers"]) or frame["message"]["author"] in ("gator", "operator")
            self._expected.update(frame["message"]["approvals"])
        elif kind == "approval_request":
            self._expected.discard(frame["approval"]["id"])
        elif kind == "decided":
            self._replied = self._replied or not self._goes_on_here(frame)
        elif kind == "job_update" and frame["job"]["state"] in ENDED:
            self._jobs.discard(frame["job"]["asset"])
            self._ended.add(frame["job"]["asset"])
        elif kind == "error":
            self._replied = self.failed = True
        if self._replied and not self._expected:
            self._replied = False
            self.answered.set()
        self.jobs_done.set() if not self._jobs else self.jobs_done.clear()

    def _is_mine(self, message: dict[str, Any]) -> bool:
        return bool(message["author"] == ("operator" if self.line.is_operators else "fan"))

    def _expect_jobs(self, message: dict[str, Any]) -> None:
        """Its assets that are yet to be made. Fans are not told of jobs, so they wait for none."""
        ready = {one["id"] for one in message.get("media", [])}
        self._jobs.update(set(message["assets"]) - self._ended - ready if self.line.is_operators else ())

    def _goes_on_here(self, decided: dict[str, Any]) -> bool:
        """Whether an answer follows in this conversation: not of a turn that asked elsewhere, or still asks."""
        return bool(decided["conversation_id"] == self.line.conversation and not decided["left"])

    def _show(self, frame: dict[str, Any]) -> None:
        shown: dict[str, Callable[[dict[str, Any]], None]] = {
            "message_delta": self._show_delta,
            "message_reset": self._show_reset,
            "new_message": self._show_message,
            "step": self._show_step,
            "job_update": self._show_job,
            "approval_request": self._show_approval,
            "decided": self._show_decided,
            "error": lambda frame: self._line(f"! {frame['message']}"),
        }
        if frame["type"] in shown:
            shown[frame["type"]](frame)

    def _line(self, text: str) -> None:
        if self._streamed:
            sys.stdout.write("\n")
            self._streamed = ""
        typer.echo(text)

    def _show_delta(self, frame: dict[str, Any]) -> None:
        self._streamed += frame["delta"]
        sys.stdout.write(frame["delta"])
        sys.stdout.flush()

    def _show_reset(self, _frame: dict[str, Any]) -> None:
        self._line(" ... (starting over)") if self._streamed else None

    def _show_message(self, frame: dict[str, Any]) -> None:
        message = frame["message"]
        if not self._replayed.is_set():
            mark = "> " if self._is_mine(message) else ""
            self._line(f"{message['timestamp'][:16].replace('T', ' ')}  {mark}{message['content']}")
            return
        if self._is_mine(message):
            return
        streamed, whole = self._streamed.strip(), message["content"]
        if streamed and whole.startswith(streamed):  # code may have added to what the model said
            typer.echo(whole[len(streamed) :])
            self._streamed = ""
        else:
            self._line(whole)
        for one in message.get("media", []):
            self._line(f"  [{one['kind']}] {one['title']}: {one['url']}")

    def _show_step(self, frame: dict[str, Any]) -> None:
        # What was done is told in the reply; what failed is said at once.
        self._line(f"  [{frame['tool']}] {'done' if frame['ok'] else frame['said']}")

    def _show_job(self, frame: dict[str, Any]) -> None:
        job = frame["job"]
        tenth = int(job["progress"] * 10)
        if self._progress.get(job["id"]) == tenth and job["state"] not in ENDED:
            return
        self._progress[job["id"]] = tenth
        eta = f", {job['eta_s']:.0f} s to go" if job["eta_s"] else ""
        error = f": {job['error']}" if job["error"] else ""
        self._line(f"  [{job['kind']}] {job['title']}: {job['state']} {job['progress']:.0%}{eta}{error}")
        if there := job.get("url") or job.get("path"):
            self._line(f"    {there}")

    def _show_approval(self, frame: dict[str, Any]) -> None:
        self._line(f"  Say /approve or /reject (or: gator approve {frame['approval']['id']})")

    def _show_decided(self, frame: dict[str, Any]) -> None:
        if frame["left"]:
            self._line(f"  It is {frame['state']}; {frame['left']} more of the same answer wait: gator approve --list")
        elif not self._goes_on_here(frame):
            self._line(f"  It is {frame['state']}; what comes of it is told where it was asked.")
