"""A real browser for tests: headless Chromium, driven over the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/. Each tab has cookies and storage of its own.
"""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WAIT_S = 20
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
    "--use-fake-device-for-media-stream", "--hide-scrollbars",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[str]:
    """A running browser; gives the address of its DevTools. Skips where there is none."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium here")
    with tempfile.TemporaryDirectory(prefix="gator-browser-", ignore_cleanup_errors=True) as folder:
        running = subprocess.Popen(
            [program, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield _address(running, Path(folder) / "DevToolsActivePort")
        finally:
            running.terminate()
            running.wait(20)


def _address(running: "subprocess.Popen[bytes]", told: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        if told.exists() and len(lines := told.read_text().split()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")


class _Wire:
    """One connection to the DevTools: calls with answers."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.errors: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        asked = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        await self._socket.send(json.dumps(asked))
        return await asyncio.wait_for(self._answers[number], WAIT_S)

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except ConnectionClosed:
            pass

    def _take(self, told: dict[str, Any]) -> None:
        answer = self._answers.pop(told.get("id", 0), None)
        if answer and "error" in told:
            answer.set_exception(AssertionError(told["error"]["message"]))
        elif answer:
            answer.set_result(told["result"])
        elif told.get("method") == "Runtime.exceptionThrown":
            details = told["params"]["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif told.get("method") == "Log.entryAdded" and told["params"]["entry"]["source"] == "security":
            self.errors.append(told["params"]["entry"]["text"])


class Tab:
    """One page, as a person uses it."""

    def __init__(self, wire: _Wire, session: str, context: str) -> None:
        self._wire, self._session, self._context = wire, session, context

    @property
    def errors(self) -> list[str]:
        """Scripts' errors and breaches of the content security policy."""
        return self._wire.errors

    async def call(self, method: str, **params: Any) -> Any:
        return await self._wire.call(method, self._session, **params)

    async def open(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def reload(self) -> None:
        """Load the page anew; the old document is gone when this returns."""
        await self.run("window.beforeReload = true")
        await self.call("Page.reload")
        await self.until("window.beforeReload === undefined")

    async def run(self, script: str) -> Any:
        """The value of the expression, waited for when it is a promise."""
        told = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"].get("exception", {}).get("description", script)
        return told["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait for the expression to be true; gives its value."""
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                if value := await self.run(script):
                    return value
            except AssertionError as gone:
                if "context" not in str(gone) and "null" not in str(gone):
                    raise
            await asyncio.sleep(0.03)
        raise AssertionError(f"never true: {script}\n{await self.run('document.body.innerText')}\n{self.errors}")

    async def click(self, selector: str) -> None:
        """A real press of the mouse in the middle of it."""
        # Where it comes to rest: what is drawn or loaded late moves what stands beside it, and the press would miss.
        where = await self.until(
            f"(async () => {{ const one = document.querySelector({selector!r}); if (!one) return null;"
            " one.scrollIntoView({block: 'nearest'}); const before = one.getBoundingClientRect();"
            " for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);"
            " const box = one.getBoundingClientRect(); const rests = box.x === before.x && box.y === before.y;"
            " return one.isConnected && rests && box.width ? [box.x + box.width / 2, box.y + box.height / 2] : null; })()"
        )
        for type in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=type, x=where[0], y=where[1], button="left", clickCount=1)

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def frame(self, part: str) -> "Tab":
        """The frame of another site whose address has this in it; Chromium runs it as a page of its own."""
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while asyncio.get_running_loop().time() < deadline:
            for one in (await self._wire.call("Target.getTargets"))["targetInfos"]:
                mine = one["type"] == "iframe" and one.get("browserContextId") == self._context
                if mine and part in one["url"]:
                    opened = await self._wire.call("Target.attachToTarget", targetId=one["targetId"], flatten=True)
                    framed = Tab(self._wire, opened["sessionId"], self._context)
                    for domain in ("Runtime", "Log"):
                        await framed.call(f"{domain}.enable")
                    return framed
            await asyncio.sleep(0.03)
        raise AssertionError(f"no frame with {part}")

    async def press(self, key: str, **more: Any) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32}[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code, **more}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def size(self, width: int, height: int, *, phone: bool = False) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )

    async def prefers(self, **features: str) -> None:
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self.call("Emulation.setEmulatedMedia", features=listed)

    async def speaks(self, language: str) -> None:
        await self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    async def offline(self, off: bool) -> None:
        await self.call(
            "Network.emulateNetworkConditions", offline=off, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    async def allow(self, permission: str, setting: str = "granted") -> None:
        await self._wire.call(
            "Browser.setPermission", permission={"name": permission}, setting=setting, browserContextId=self._context
        )

    async def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file input."""
        found = await self.call("Runtime.evaluate", expression=f"document.querySelector({selector!r})")
        await self.call(
            "DOM.setFileInputFiles", files=[str(file) for file in files], objectId=found["result"]["objectId"]
        )

    async def picture(self, to: Path) -> None:
        shot = await self.call("Page.captureScreenshot", format="png")
        to.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def tab(address: str) -> AsyncIterator[Tab]:
    """A new tab, with nothing in its storage."""
    async with connect(address, max_size=1 << 26, proxy=None) as socket:
        wire = _Wire(socket)
        context = (await wire.call("Target.createBrowserContext"))["browserContextId"]
        target = (await wire.call("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
        session = (await wire.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        made = Tab(wire, session, context)
        for part in ("Page", "Runtime", "Network", "Log", "DOM"):
            await made.call(f"{part}.enable")
        try:
            yield made
        finally:
            await wire.call("Target.disposeBrowserContext", browserContextId=context)
