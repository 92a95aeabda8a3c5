"""Pictures made by code: landscapes as SVG or PNG, a favicon, a background pattern. Equal seeds give equal bytes."""

from __future__ import annotations

import random
import struct
import zlib
from math import sin

WIDTH, HEIGHT = 640, 360
SUN = "#f6c65b"
SUN_RADIUS = 34


def _hills(seed: int) -> list[tuple[float, float, float, float]]:
    """Three ridges, far to near: height of the base, swing, wave length, phase (shares of the picture)."""
    chance = random.Random(seed)  # noqa: S311  a picture, no secret
    return [
        (base, chance.uniform(0.04, 0.09), chance.uniform(5, 11), chance.uniform(0, 6)) for base in (0.52, 0.66, 0.8)
    ]


def _ridge(hill: tuple[float, float, float, float], x: float) -> float:
    base, swing, wave, phase = hill
    return base + swing * sin(wave * x + phase) + swing / 3 * sin(2.7 * wave * x + phase)


def _sun(seed: int) -> tuple[float, float]:
    chance = random.Random(seed * 31)  # noqa: S311
    return chance.uniform(0.15, 0.85), chance.uniform(0.18, 0.34)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green, blue of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: tuple[int, int, int], white: float) -> tuple[int, int, int]:
    red, green, blue = (round(part + (255 - part) * white) for part in colour)
    return red, green, blue


def landscape_svg(seed: int, colour: str) -> bytes:
    """A landscape in shades of a colour."""
    base, (sun_x, sun_y) = rgb(colour), _sun(seed)
    shades = ["#{:02x}{:02x}{:02x}".format(*_mix(base, white)) for white in (0.9, 0.6, 0.35, 0.05)]
    paths = []
    for hill, shade in zip(_hills(seed), shades[1:], strict=True):
        points = " ".join(f"{x},{_ridge(hill, x / WIDTH) * HEIGHT:.1f}" for x in range(0, WIDTH + 1, 16))
        paths.append(f'<polygon fill="{shade}" points="0,{HEIGHT} {points} {WIDTH},{HEIGHT}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{shades[0]}"/>'
        f'<circle cx="{sun_x * WIDTH:.0f}" cy="{sun_y * HEIGHT:.0f}" r="{SUN_RADIUS}" fill="{SUN}"/>'
        f"{''.join(paths)}</svg>"
    ).encode()


def landscape_png(seed: int, colour: str) -> bytes:
    """The same landscape as a PNG with a palette: sky, three ridges, sun."""
    base, (sun_x, sun_y), hills = rgb(colour), _sun(seed), _hills(seed)
    palette = [*(_mix(base, white) for white in (0.9, 0.6, 0.35, 0.05)), rgb(SUN)]
    columns = [_column(x, hills, (sun_x * WIDTH, sun_y * HEIGHT)) for x in range(WIDTH)]
    rows = b"".join(b"\0" + bytes(row) for row in zip(*columns, strict=True))  # PNG filter type 0: none
    return _png(rows, b"".join(bytes(shade) for shade in palette))


def _column(x: int, hills: list[tuple[float, float, float, float]], sun: tuple[float, float]) -> bytes:
    """The palette's numbers down one column."""
    column = bytearray(HEIGHT)
    half = SUN_RADIUS**2 - (x - sun[0]) ** 2
    if half > 0:
        first, last = round(sun[1] - half**0.5), round(sun[1] + half**0.5)
        column[first:last] = b"\4" * (last - first)
    for number, hill in enumerate(hills, 1):
        top = round(_ridge(hill, x / WIDTH) * HEIGHT)
        column[top:] = bytes([number]) * (HEIGHT - top)
    return bytes(column)


def icon_svg(colour: str, letter: str) -> bytes:
    """A square mark with the outlet's first letter."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<rect width="64" height="64" rx="12" fill="{colour}"/><text x="32" y="44" font-size="36" '
        f'font-family="serif" text-anchor="middle" fill="#fff">{letter}</text></svg>'
    ).encode()


def pattern_svg(colour: str) -> bytes:
    """A faint background tile, so that style sheets have something of their own to load."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><rect width="24" height="24" fill="#f4f2ee"/>'
        f'<circle cx="12" cy="12" r="1.5" fill="{colour}" fill-opacity="0.18"/></svg>'
    ).encode()


def _png(rows: bytes, palette: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)  # 8 bits, palette (PNG, section 11.2.1)
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)
