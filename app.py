"""The WSGI application, for ``flask --app app`` and for servers that want ``app:app``."""

from __future__ import annotations

from casework import create_app
from casework.config import read_settings

app = create_app(read_settings())
