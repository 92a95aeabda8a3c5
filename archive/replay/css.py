"""Style sheets with their addresses turned into replay addresses. Pure."""

from __future__ import annotations

import re

from archive.replay.address import Links

# What can hold an address, and what can hide one: comments and other strings are stepped over whole.
# Possessive (*+), and strings that need no end: hostile sheets must not make the search go back.
TOKEN = re.compile(
    r"""
      (?P<comment> /\* .*? (?: \*/ | \Z ) )
    | (?P<charset> @charset \s++ (?: "[^"]*+" | '[^']*+' ) \s*+ ; )
    | (?P<import> @import \s*+ ) (?: "(?P<double> (?: [^"\\\n] | \\. )*+ )" | '(?P<single> (?: [^'\\\n] | \\. )*+ )' )
    | (?P<url> \b url\( \s*+ )
      (?: "(?P<quoted> (?: [^"\\\n] | \\. )*+ )" | '(?P<quoted1> (?: [^'\\\n] | \\. )*+ )'
        | (?P<bare> (?: [^\s"'()\\] | \\[0-9a-f]{1,6}\s? | \\. )*+ ) )
      \s*+ \)
    | (?P<string> " (?: [^"\\\n] | \\. )*+ "? | ' (?: [^'\\\n] | \\. )*+ '? )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)
UNSAFE = re.compile(r"[\"\\<>\x00-\x1f\x7f]")


def rewrite_css(text: str, links: Links) -> str:
    """Return a style sheet, or the value of a style attribute, whose images, fonts and imports come from the archive.

    No `<` is left in it, so that it can stand in a style element of whatever document.
    """
    return TOKEN.sub(lambda token: _token(token, links), text).replace("<", r"\3c ")


def _token(token: re.Match[str], links: Links) -> str:
    if token["comment"] is not None or token["charset"] is not None:
        # The charset is ours now. Comments show nothing; one is left out, and still parts what it parted.
        return " "
    if token["string"] is not None:
        return token[0]
    address = next(part for part in token.group("double", "single", "quoted", "quoted1", "bare") if part is not None)
    written = _plain(address)
    found = links.part(written) if written.strip() and not written.startswith("#") else written
    quoted = f'"{UNSAFE.sub(_escaped, found or "data:,")}"'
    return f"@import {quoted}" if token["import"] else f"url({quoted})"


def _plain(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        if escape[1]:
            code = int(escape[1], 16)
            return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        return escape[3] or ""

    return ESCAPE.sub(character, text)


def _escaped(character: re.Match[str]) -> str:
    return f"\\{ord(character[0]):x} "
