"""Serving a file: the page that owns it asks who may see it, then calls ``serve``."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Response, request

from casework.files import service
from casework.files.models import Attachment


def serve(attachment: Attachment, *, thumbnail: bool = False) -> Response:
    """The bytes with our content type, to be saved; pictures and PDF are shown in place with ``?inline=1``.

    The caller has checked that the reader may see the case.

    Raises:
        NoLongerWhole: the bytes are not those that were sealed (410).
    """
    small = thumbnail and attachment.thumbnail_key is not None
    content = service.open_bytes(attachment, thumbnail=thumbnail)
    can_show = attachment.is_image or attachment.content_type == "application/pdf"
    shown_in_place = small or (can_show and request.args.get("inline") == "1")
    response = Response(content, content_type="image/webp" if small else attachment.content_type)
    response.headers["Content-Disposition"] = disposition(attachment.name, inline=shown_in_place)
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def disposition(name: str, *, inline: bool = False) -> str:
    """RFC 6266: a plain ASCII name for old clients, and the real one in ``filename*``."""
    plain = re.sub(r'[^ -~]|["\\\\%;]', "_", name)
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
