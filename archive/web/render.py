"""Templates filled in: one environment, escaping always on, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from archive.web import catalogue
from archive.web.catalogue import Catalogue

LONGEST_ADDRESS: Final = 500
"""Characters of an address that a notice shows."""

PARAGRAPHS: Final = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Words:
    """The interface's language in one answer."""

    catalogue: Catalogue
    chosen: bool
    """Whether the address says so (`?ui=`): links then say so too, as there are no cookies."""

    def link(self, path: str, parameters: Mapping[str, object] | None = None) -> str:
        """Return an address within the reading room, keeping the chosen language; empty parameters are left out."""
        given = {name: value for name, value in (parameters or {}).items() if value not in (None, "")}
        if self.chosen:
            given.setdefault("ui", self.catalogue.code)
        return path + (f"?{urlencode(given)}" if given else "")


class Renderer:
    """Fills in templates. Made once; may be used from any thread."""

    def __init__(self) -> None:
        self.catalogues = catalogue.load()
        self._environment = Environment(
            loader=PackageLoader("archive.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {"paragraphs": paragraphs, "segment": segment}
        self._environment.globals |= {
            "direction": catalogue.direction,
            "bdi": bdi,
            "ltr": ltr,
            "path": "/",
            "asked": {},
        }

    def words(self, request: Request) -> Words:
        """Return the language to answer a request in."""
        asked = request.query_params.get("ui")
        code = catalogue.choose(self.catalogues, asked, request.headers.get("accept-language"))
        return Words(self.catalogues[code], asked == code)

    def render(self, template: str, words: Words, **values: object) -> str:
        """Fill in a template of archive/web/templates."""
        context: Mapping[str, object] = {
            "ui": words.catalogue,
            "uis": self.catalogues,
            "t": words.catalogue.text,
            "n": words.catalogue.count,
            "link": words.link,
            "chosen": words.chosen,
            **values,
        }
        return self._environment.get_template(template).render(context)


@dataclass(frozen=True, slots=True)
class Notices:
    """Makes pages that say why there is nothing else, by a template of ours."""

    renderer: Renderer
    template: str

    def __call__(self, request: Request, status: HTTPStatus, message: str, url: str = "") -> Response:
        """Say it in the reader's language. `message` is the key of a text; the address is shown, shortened."""
        words = self.renderer.words(request)
        html = self.renderer.render(
            self.template, words, message=message, url=url[:LONGEST_ADDRESS], status=int(status)
        )
        return Response(html, status, media_type="text/html")


def paragraphs(text: str) -> list[list[str]]:
    """Return a text's paragraphs, each as its lines."""
    return [part.split("\n") for part in PARAGRAPHS.split(text.strip("\n")) if part.strip()]


def segment(text: str) -> str:
    """Return a value as one segment of a path."""
    return quote(text, safe="")


def bdi(text: object, lang: str = "", direction: str = "auto") -> Markup:
    """Return a piece of content to stand in a sentence of the interface without turning it round."""
    if lang:
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(lang, direction, text)
    return Markup("<bdi>{}</bdi>").format(text)


def ltr(text: object) -> Markup:
    """Return an address, digest or path, which reads from the left in every language."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)
