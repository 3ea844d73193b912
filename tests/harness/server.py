"""The real product in its own processes, on a free port, with the demo office, for the browser."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from casework.config import ROOT

DEMO_PASSWORD = "demo-pass-2020-gongye"


class LiveServer:
    """``casework serve`` as a user starts it. ``url`` is where it answers.

    Raises:
        RuntimeError: it did not become ready; the message ends with its last lines.
    """

    def __init__(self, folder: Path, *, wait: float = 120, environment: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.database_url = f"sqlite:///{folder / 'casework.db'}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        self.environment = {
            **clean,
            "CASEWORK_DATABASE_URL": self.database_url,
            "CASEWORK_STORAGE": str(folder / "files"),
            "CASEWORK_SECRET_KEY": "x" * 40,
            "CASEWORK_PORT": str(self.port),
            "CASEWORK_DEMO_PASSWORD": DEMO_PASSWORD,
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [ROOT / "bin" / "casework", "serve"],
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._until_ready(wait)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process that was started; the workers are below it."""
        return self._process.pid

    def _until_ready(self, wait: float) -> None:
        end = time.monotonic() + wait
        while time.monotonic() < end and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise RuntimeError(f"`casework serve` did not become ready:\n{self.log.read_text()[-3000:]}")

    def run(self, *arguments: str) -> str:
        """A ``casework`` command against the same database; what it printed."""
        done = subprocess.run(
            [ROOT / "bin" / "casework", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """Ask the whole group to end, and make sure of it."""
        for way, wait in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, way)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=wait)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
