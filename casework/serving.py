"""The web server, gunicorn with threads, and its companion, a scheduler that never outlives it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from casework.config import ROOT, Settings
from casework.kernel.db import db

HOST = "127.0.0.1"
PAUSE = 3.0  # seconds before a scheduler that died is started again


class PortTaken(Exception):
    """Somebody else listens there."""


def claim(port: int) -> socket.socket:
    """The socket to serve on, ours from now on; nobody can connect until the server listens.

    Raises:
        PortTaken: another program has the port.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1)  # binding alone would share the port with another that only bound it
    except OSError as error:
        listener.close()
        raise PortTaken(port) from error
    return listener


class Companion:
    """The scheduler: started again when it dies, ended by the end of its standard input."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and the thread that looks after it.

        The first start waits here, before any worker is forked: a fork in the middle of starting a process would
        keep the pipe open by which the start is told to have worked, and the starter would wait for ever.
        """
        self._process = self._started()
        threading.Thread(target=self._look_after, name="scheduler", daemon=True).start()

    def stop(self) -> None:
        """End it; it has a second for the job it is at."""
        self._stopping.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def let_go(self) -> None:
        """In a worker: its copy of the scheduler's standard input must not keep the scheduler alive."""
        if self._process and self._process.stdin:
            self._process.stdin.close()

    def _look_after(self) -> None:
        while self._process:
            self._process.wait()
            if self._stopping.wait(PAUSE):
                return
            self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "casework.cli", "jobs", "--end-with-parent"], stdin=subprocess.PIPE, cwd=ROOT
        )


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn for one app that was made before the fork."""

    def __init__(self, app: Flask, settings: Settings, listener: socket.socket, companion: Companion) -> None:
        self._app = app
        self._settings = settings
        self._listener = listener
        self._companion = companion
        super().__init__()

    def load_config(self) -> None:
        shared = Path("/dev/shm")  # noqa: S108 - gunicorn's heartbeat files belong on no disk
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": "gthread",
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "preload_app": True,
            "keepalive": 30,
            "timeout": 60,
            "graceful_timeout": 1,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": str(shared) if shared.is_dir() else None,
            "when_ready": lambda _server: self._companion.start(),
            "post_fork": lambda _server, _worker: self._forget_connections(),
            "on_exit": lambda _server: self._companion.stop(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _forget_connections(self) -> None:
        self._companion.let_go()
        with self._app.app_context():
            db.engine.dispose(close=False)  # the parent's connections are not ours to use or to close


def serve(app: Flask, settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    Server(app, settings, listener, Companion()).run()
