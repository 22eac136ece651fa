"""Pictures are made anew before they travel: what a camera wrote beside them (where, when, by whom) stays behind."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import ExifTags, Image, ImageSequence
from PIL.JpegImagePlugin import jpeg_factory

# The formats that can be opened; MPO is what some telephones make of JPEG. Some become another one.
_OPENED = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
_BECOMES = {"MPO": "JPEG", "AVIF": "JPEG", "TIFF": "JPEG", "BMP": "PNG"}
_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}

# A camera's largest picture has 200 million dots. More than the lower figure is opened only where the format can
# be read smaller than it is; the frames of a moving picture count together.
_MOST_DOTS, _MOST_DOTS_REDUCED, _MOST_FRAMES = 60_000_000, 250_000_000, 1000
# Pillow looks at each frame before it makes room for it, which may be larger than the picture says that it is.
Image.MAX_IMAGE_PIXELS = _MOST_DOTS
warnings.simplefilter("error", Image.DecompressionBombWarning)
# A screen shows no more of a picture than this, along its longer side.
LONGEST_SIDE = 4096
_QUALITY = 90
# What may stay beside the dots: it says how they are shown, and nothing else.
_KEPT = ("icc_profile", "transparency", "duration", "loop")

# How a picture has to be turned, by what EXIF says of the camera.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NoPicture(Exception):
    """It cannot be opened as a picture, or is far too large."""


@dataclass(frozen=True)
class Made:
    """A picture that was made anew."""

    mime: str
    ending: str
    width: int
    height: int


def remake(source: BinaryIO, into: BinaryIO, *, reduce: bool) -> Made:
    """Write a picture anew, upright and without metadata; with ``reduce`` no larger than a screen needs.

    Raises `NoPicture`. It needs much memory for a moment, so no two should be made at once.
    """
    try:
        with _opened(source) as image:
            return _remade(image, into, reduce)
    except NoPicture:
        raise
    except Exception as error:
        # Pillow raises anything at all over files that are made to break it.
        raise NoPicture(type(error).__name__) from None


def _opened(source: BinaryIO) -> Image.Image:
    """A picture of any format. Those that can be read smaller than they are may be larger than Pillow would open."""
    head = source.read(3)
    source.seek(0)
    return jpeg_factory(source) if head == b"\xff\xd8\xff" else Image.open(source, formats=_OPENED)


def _remade(image: Image.Image, into: BinaryIO, reduce: bool) -> Made:
    format_ = _BECOMES.get(image.format or "", image.format or "")
    if reduce and image.format in ("JPEG", "MPO"):
        _check(image, _MOST_DOTS_REDUCED)
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    _check(image, _MOST_DOTS)
    if getattr(image, "n_frames", 1) > 1 and format_ in ("GIF", "WEBP"):
        return _moving(image, format_, into)
    upright = _upright(image)
    if reduce:
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if format_ == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    kept = _kept(upright)
    upright.info = {}
    upright.save(into, format_, **kept, **_how(format_))
    return _made(format_, upright)


def _upright(image: Image.Image) -> Image.Image:
    """The picture as a viewer would turn it. Metadata that nobody can read says nothing about that."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        turn = None
    image.load()
    return image if turn is None else image.transpose(turn)


def _moving(image: Any, format_: str, into: BinaryIO) -> Made:
    if image.width * image.height * image.n_frames > _MOST_DOTS_REDUCED or image.n_frames > _MOST_FRAMES:
        raise NoPicture("too many frames")
    frames = list(_frames(image))
    kept = {**_kept(image), "duration": [frame.info.get("duration", 100) for frame in frames]}
    for frame in frames:
        frame.info = {name: value for name, value in frame.info.items() if name in _KEPT}
    frames[0].save(into, format_, save_all=True, append_images=frames[1:], **kept, **_how(format_))
    return _made(format_, image)


def _frames(image: Any) -> Iterator[Any]:
    """The frames one by one. One of a GIF that lies beyond the picture makes it larger from there on."""
    dots = 0
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        size = frame.width * frame.height
        if dots + size * (image.n_frames - number) > _MOST_DOTS_REDUCED:
            raise NoPicture("frames that grow too large")
        dots += size
        yield frame.copy()


def _check(image: Image.Image, most: int) -> None:
    if not 0 < image.width * image.height <= most:
        raise NoPicture("too large")


def _kept(image: Image.Image) -> dict[str, Any]:
    return {name: image.info[name] for name in _KEPT if name in image.info}


def _how(format_: str) -> dict[str, Any]:
    return {"quality": _QUALITY} if format_ in ("JPEG", "WEBP") else {}


def _made(format_: str, image: Image.Image) -> Made:
    return Made(_MIMES[format_], _ENDINGS[format_], image.width, image.height)
