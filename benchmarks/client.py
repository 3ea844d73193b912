"""A person at the pages: signs in, keeps the connection, posts forms."""

from __future__ import annotations

import http.client
import re
import time
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from flask import Flask

_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Answer:
    """Status, size and how long it took."""

    status: int
    body: bytes
    seconds: float


@dataclass
class Person:
    """One connection with its cookies. ``token`` signs the forms once signed in."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self._send("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def sign_in(self, username: str, password: str) -> None:
        """Sign in, and take the token of the session's forms from a page."""
        self._take_token("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        assert answer.status == 303, f"sign-in answered {answer.status}"
        self._take_token("/cases/new")

    def _take_token(self, path: str) -> None:
        found = _TOKEN.search(self.get(path).body)
        assert found, f"no form on {path}"
        self.token = found[1].decode()

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers["Accept-Language"] = "zh-CN"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: crumb.value for key, crumb in SimpleCookie(value).items()}
        return Answer(response.status, content, took)


class Insider(Person):
    """The same person without a server between: the app is called in this process."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self.cookies, self.token = {}, ""

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        response = self._client.open(
            path, method=method, data=body, content_type="application/x-www-form-urlencoded" if body else None
        )
        return Answer(response.status_code, response.data, 0.0)


def key() -> str:
    """The key of a form that creates something."""
    return uuid.uuid4().hex
