"""Debian's Chromium without a window, driven by its own debugging protocol."""

import itertools
import json
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

from tests.optional_part import chromium_program

_OPTIONS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "about:blank",
]


class Page:
    """One page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the debugging protocol; return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv(timeout=30))).get("id") != number:
            continue
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def run(self, code: str) -> Any:
        """Run JavaScript in the page; return its value."""
        answer = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, code: str, *, timeout_s: float = 30.0) -> Any:
        """Return the first true value of JavaScript."""
        until = time.monotonic() + timeout_s
        while not (value := self.run(code)):
            assert time.monotonic() < until, f"never true: {code}"
            time.sleep(0.1)
        return value

    def screenshot(self, path: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Write a picture of the page as a window of this size shows it."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        path.write_bytes(b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=False)["data"]))


@contextmanager
def chromium_page(url: str, profile: Path) -> Iterator[Page]:
    """Open an address in a browser of its own; `profile` is a folder that is not there yet."""
    program = chromium_program()
    assert program is not None
    process = subprocess.Popen(
        [program, f"--user-data-dir={profile}", *_OPTIONS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port = _port(profile, process)
        with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
            target = next(one for one in json.load(answer) if one["type"] == "page")
        with connect(target["webSocketDebuggerUrl"], max_size=None) as socket:
            page = Page(socket)
            page.call("Page.navigate", url=url)
            page.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")
            yield page
    finally:
        process.terminate()
        process.wait(30)


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    written = profile / "DevToolsActivePort"
    until = time.monotonic() + 60
    while not written.is_file() or "\n" not in written.read_text():
        assert process.poll() is None, "Chromium ended at once"
        assert time.monotonic() < until, "Chromium did not start"
        time.sleep(0.1)
    return int(written.read_text().split()[0])
