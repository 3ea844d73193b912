"""Photos: checked before they are decoded, and a small copy to show that knows nothing of the place."""

from __future__ import annotations

import io
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from casework.files import rules

EDGE, PRINT_EDGE = 480, 1000
READ = ("JPEG", "PNG", "WEBP")
"""The decoders that may run; the one for JPEG tells an MPO itself."""
Image.MAX_IMAGE_PIXELS = None  # our own limit is stricter and answers with a sentence, not with a warning
DECODED_LIMIT = 20_000_000
"""Above so many pixels only JPEG, which decodes at a reduced size, gets a small copy: memory stays low."""


def image_kind(file: IO[bytes], name: str) -> rules.Kind:
    """Which picture it is, by its content.

    Raises:
        Refused: no picture that is taken, a damaged one, or more than 40 megapixels.
    """
    file.seek(0)
    try:
        with Image.open(file, formats=READ) as image:
            kind = rules.IMAGES[image.format or ""]
            width, height = image.size
            if width * height > rules.MAX_PIXELS:
                raise rules.refuse(rules.TOO_MANY_PIXELS, name)
            image.verify()
    except UnidentifiedImageError as error:
        raise rules.refuse(rules.OTHER_CONTENT, name) from error
    except (OSError, ValueError, SyntaxError, KeyError, EOFError) as error:
        raise rules.refuse(rules.DAMAGED, name) from error
    return kind


def thumbnail(file: IO[bytes], name: str) -> bytes | None:
    """A WebP copy of at most 480 pixels, upright, without metadata; None when decoding would cost too much.

    Raises:
        Refused: the picture cannot be decoded.
    """
    bare = _bare_copy(file, name, EDGE, EDGE * 2)
    if bare is None:
        return None
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def print_copy(file: IO[bytes], name: str) -> bytes | None:
    """A JPEG copy for paper, upright, on white, without metadata; None when decoding would cost too much.

    Raises:
        Refused: the picture cannot be decoded.
    """
    bare = _bare_copy(file, name, PRINT_EDGE, PRINT_EDGE)
    if bare is None:
        return None
    if bare.mode == "RGBA":
        white = Image.new("RGB", bare.size, "white")
        white.paste(bare, mask=bare.getchannel("A"))
        bare = white
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=78)
    return out.getvalue()


def _bare_copy(file: IO[bytes], name: str, edge: int, decoded: int) -> Image.Image | None:
    """A new picture of at most ``edge`` pixels: EXIF, XMP and profiles stay behind."""
    file.seek(0)
    try:
        with Image.open(file, formats=READ) as image:
            if image.format not in {"JPEG", "MPO"} and image.width * image.height > DECODED_LIMIT:
                return None
            scale = decoded / max(image.size)
            image.draft("RGB", (int(image.width * scale), int(image.height * scale)))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((edge, edge))
            see_through = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            small = upright.convert("RGBA" if see_through else "RGB")
    except (OSError, ValueError, SyntaxError, KeyError, EOFError) as error:
        raise rules.refuse(rules.DAMAGED, name) from error
    bare = Image.new(small.mode, small.size)
    bare.paste(small)
    return bare
