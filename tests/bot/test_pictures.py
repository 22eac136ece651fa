"""Pictures and films say nothing of where they were made, and look as they did."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import films, pictures
from tests.pictures import MARK, SVG, bomb, film, moving, opened, photo


def remade(data: bytes, *, reduce: bool = True) -> tuple[pictures.Made, bytes]:
    into = io.BytesIO()
    return pictures.remake(io.BytesIO(data), into, reduce=reduce), into.getvalue()


@pytest.mark.parametrize(
    ("format_", "mime"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("TIFF", "image/jpeg"),
        ("AVIF", "image/jpeg"),
        ("BMP", "image/png"),
    ],
)
def test_nothing_but_the_picture_travels(format_: str, mime: str) -> None:
    before = photo(format_=format_)
    assert (MARK in before) == (format_ != "BMP")
    made, after = remade(before)
    assert MARK not in after
    assert (made.mime, made.width, made.height) == (mime, 30, 20)
    image = opened(after)
    assert dict(image.getexif()) == {}
    assert image.convert("RGB").getpixel((3, 10))[0] > 200  # type: ignore[index]
    assert image.convert("RGB").getpixel((26, 10))[2] > 200  # type: ignore[index]


def test_a_picture_stays_upright() -> None:
    before = photo(turned=True)
    assert opened(before).size == (20, 30)
    made, after = remade(before)
    assert (made.width, made.height) == opened(after).size == (30, 20)
    assert opened(after).getpixel((3, 10))[0] > 200  # type: ignore[index]


def test_what_is_sent_as_a_picture_fits_a_screen_and_what_is_sent_as_a_file_stays_as_large() -> None:
    large = photo(6000, 100)
    assert remade(large)[0].width == pictures.LONGEST_SIDE
    assert remade(large, reduce=False)[0].width == 6000


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_a_moving_picture_still_moves(format_: str) -> None:
    before = moving(format_)
    assert MARK in before
    _made, after = remade(before)
    assert MARK not in after
    assert opened(after).n_frames == 3  # type: ignore[attr-defined]


def test_transparency_stays() -> None:
    image = opened(photo(format_="PNG")).convert("RGBA")
    image.putalpha(0)
    data = io.BytesIO()
    image.save(data, "PNG")
    assert opened(remade(data.getvalue())[1]).getpixel((1, 1))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("data", [b"", b"words", SVG, photo()[:300], photo(format_="PNG")[:60], bomb()])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(pictures.NoPicture):
        remade(data)


@given(st.binary(max_size=40), st.integers(0, 700))
def test_a_spoilt_picture_is_made_or_refused(piece: bytes, at: int) -> None:
    data = photo()
    spoilt = data[:at] + piece + data[at + len(piece) :]
    try:
        _made, after = remade(spoilt)
    except pictures.NoPicture:
        return
    assert MARK not in after


@pytest.mark.parametrize(("at", "side"), [(0, 60_000), (12, 60_000), (0, 12_000), (2000, 9000)])
def test_a_picture_that_grows_while_it_moves_is_refused_before_it_bursts(at: int, side: int) -> None:
    first, second, *more = moving("GIF").split(struct.pack("<BHHHH", 0x2C, 0, 0, 12, 8))
    larger = struct.pack("<BHHHH", 0x2C, at, at, side, side)
    gif = struct.pack("<BHHHH", 0x2C, 0, 0, 12, 8).join([first, larger.join([second, *more])])
    with pytest.raises(pictures.NoPicture):
        remade(gif)


def test_a_film_forgets_where_it_was_made() -> None:
    before = film()
    data = io.BytesIO(before)
    films.forget(data)
    after = data.getvalue()
    assert len(after) == len(before)
    assert MARK not in after
    assert b"PICTURES-AND-SOUND" in after
    assert after.count(b"free") == before.count(MARK) == 4


@given(st.data())
def test_anything_can_be_told_to_forget(data: st.DataObject) -> None:
    whole = film()
    at = data.draw(st.integers(0, len(whole)))
    spoilt = whole[:at] + data.draw(st.binary(max_size=20)) + whole[data.draw(st.integers(0, len(whole))) :]
    held = io.BytesIO(spoilt)
    films.forget(held)
    assert len(held.getvalue()) == len(spoilt)


def test_boxes_without_end_end() -> None:
    nested = b"".join(b"\0\0\0\0moov" for _ in range(100_000))
    films.forget(io.BytesIO(nested))
