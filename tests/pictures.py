"""Pictures and other files for the tests, with things in them that must not travel."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

from PIL import Image, PngImagePlugin

#: Stands in all metadata of what is made here.
MARK = b"48.2082N-16.3738E"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script></svg>"
HTML = b"<!doctype html><script>document.title = 'taken over'</script>"


def photo(width: int = 30, height: int = 20, *, format_: str = "JPEG", turned: bool = False, **more: Any) -> bytes:
    """A picture that is red on its left and blue on its right, as a camera writes it: with place and maker.

    ``turned``: the camera was held upright, so the dots lie on their side and EXIF says so.
    """
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    if turned:
        image = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1
    exif[0x010F] = exif[0x010E] = MARK.decode()
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    how: dict[str, Any] = {"exif": exif}
    if format_ == "JPEG":
        how |= {"comment": MARK, "xmp": b"<x>" + MARK + b"</x>"}
    if format_ == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Location", MARK.decode())
        how["pnginfo"] = info
    if format_ == "GIF":
        how = {"comment": MARK}
    data = io.BytesIO()
    image.save(data, format_, **how, **more)
    return data.getvalue()


def moving(format_: str) -> bytes:
    """A moving picture of three frames."""
    frames = [Image.new("RGB", (12, 8), colour) for colour in ("red", "green", "blue")]
    data = io.BytesIO()
    how: dict[str, Any] = {"comment": MARK} if format_ == "GIF" else {"xmp": MARK}
    frames[0].save(data, format_, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, **how)
    return data.getvalue()


@cache
def bomb() -> bytes:
    """A picture of 100 kB that would need almost a gigabyte of memory; to make it takes none of that."""
    side, row = 30_000, bytes(1 + 30_000 // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _row in range(side)) + packer.flush()

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    # One bit a pixel, without colours: section 11.2.2 of the PNG specification.
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def box(kind: bytes, content: bytes, *, wide: bool = False) -> bytes:
    """A box of an ISO media file."""
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def film() -> bytes:
    """The frame of a film as telephones write it, with the place in all the boxes where it may stand."""
    place = box(b"udta", box(b"\xa9xyz", MARK))
    track = box(b"trak", box(b"tkhd", bytes(84)) + box(b"meta", MARK, wide=True))
    movie = box(b"moov", box(b"mvhd", bytes(100)) + place + track + box(b"meta", MARK))
    return (
        box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", b"PICTURES-AND-SOUND", wide=True) + movie + box(b"uuid", MARK)
    )
