"""Our own pages in several languages, drawn in the kinds of mark-up in which leftovers survive."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).with_name("pages")
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
MARKUPS = ("paragraphs", "breaks", "cells", "boxes", "links")


@dataclass(frozen=True)
class Story:
    """One page's truth, as its TOML file tells it."""

    language: str
    url: str
    title: str
    date_text: str
    date: str
    credit_line: str
    credit: str
    paragraphs: tuple[str, ...]
    inline: tuple[str, ...]
    tail: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join((*self.paragraphs, self.credit_line))


def story(code: str) -> Story:
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    return Story(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


def draw(told: Story, markup: str) -> bytes:
    """Draw a page: headline, date, paragraphs with a leftover after the second, credit, leftovers at the end."""
    first, rest = told.paragraphs[:2], told.paragraphs[2:]
    lines = [*first, *told.inline, *rest, told.credit_line, *told.tail]
    body = _BODIES[markup](told, [escape(line, quote=False) for line in lines])
    title = escape(told.title, quote=False)
    head = f'<head><meta charset="utf-8"><title>{title} | Gazette</title></head>'
    top = '<div id="top"><a href="/">Gazette</a></div>'
    main = f'<div id="page"><h1>{title}</h1><p>{told.date_text}</p>{body}</div>'
    page = f'<!DOCTYPE html><html lang="{told.language}">{head}<body>{top}{main}</body></html>'
    return page.encode()


def _paragraphs(told: Story, lines: list[str]) -> str:
    return "<div>" + "".join(f"<p>{line}</p>" for line in lines) + "</div>"


def _breaks(told: Story, lines: list[str]) -> str:
    return "<div>" + "<br><br>\n".join(lines) + "</div>"


def _cells(told: Story, lines: list[str]) -> str:
    return "<table><tr><td>" + "".join(f"<p>{line}</p>" for line in lines) + "</td></tr></table>"


def _boxes(told: Story, lines: list[str]) -> str:
    kept = set(map(_escaped, (*told.paragraphs, told.credit_line)))
    box = '<div class="related-box"><p>{}</p></div>'
    return "<div>" + "".join(f"<p>{line}</p>" if line in kept else box.format(line) for line in lines) + "</div>"


def _links(told: Story, lines: list[str]) -> str:
    linked = {_escaped(told.inline[0]), _escaped(told.tail[2])}
    link = '<p><a href="/other">{}</a></p>'
    return "<div>" + "".join(link.format(line) if line in linked else f"<p>{line}</p>" for line in lines) + "</div>"


def _escaped(text: str) -> str:
    return escape(text, quote=False)


_BODIES = {"paragraphs": _paragraphs, "breaks": _breaks, "cells": _cells, "boxes": _boxes, "links": _links}
