"""The language and script of a text: the detector's word, the letters' where they know better, and hints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from archive.article import ArticleLanguage
from archive.extractors.text import CONTROLS

URL = re.compile(r"https?://\S+|\S+@\S+\.\S+")
SAMPLE = 8_000
"""Characters that the detector sees."""
LEAST = 20
"""Letters under which nothing is said of a text by itself."""
LETTERS = """
    Latn:0041-024F,1E00-1EFF Grek:0370-03FF,1F00-1FFF Cyrl:0400-052F Armn:0530-058F Hebr:0590-05FF
    Arab:0600-06FF,0750-077F,08A0-08FF,FB50-FDFF,FE70-FEFF Syrc:0700-074F Thaa:0780-07BF Deva:0900-097F
    Beng:0980-09FF Guru:0A00-0A7F Gujr:0A80-0AFF Orya:0B00-0B7F Taml:0B80-0BFF Telu:0C00-0C7F
    Knda:0C80-0CFF Mlym:0D00-0D7F Sinh:0D80-0DFF Thai:0E00-0E7F Laoo:0E80-0EFF Tibt:0F00-0FFF
    Mymr:1000-109F Geor:10A0-10FF Kore:1100-11FF,AC00-D7AF Ethi:1200-139F Khmr:1780-17FF Tfng:2D30-2D7F
    Jpan:3040-30FF Hani:3400-4DBF,4E00-9FFF,F900-FAFF
"""
"""Scripts (ISO 15924) and the code points of their letters, hexadecimal."""
RANGES = tuple(
    (int(low, 16), int(high, 16), name)
    for name, _, spans in (row.partition(":") for row in LETTERS.split())
    for low, _, high in (span.partition("-") for span in spans.split(","))
)
CODES = {"iw": "he", "jw": "jv", "in": "id", "ji": "yi", "mo": "ro", "nb": "no", "nn": "no", "un": "und", "fil": "tl"}
"""Old codes, and names of one written language, to ours."""
SORANI = re.compile("[\u06ce\u06c6\u06d5\u06b5\u0695]")
SORANI_OWN = re.compile("[\u06ce\u06b5\u0695]")
NOT_SORANI = re.compile("[\u06c7\u06c8\u06d0]")
PASHTO = re.compile("[\u067c\u0681\u0685\u0689\u0693\u0696\u069a\u06bc\u06cd\u06d0]")
URDU = re.compile("[\u0679\u0688\u0691\u06ba\u06d2\u06be]")
PERSIAN = re.compile("[\u067e\u0686\u0698\u06af\u06a9\u06cc]")
MACRO = frozenset(("hr", "bs", "sr"))
"""One spoken language, which only the outlet's own word parts in Latin letters."""
SCRIPTED = {"zh": ("Hans", "Hant"), "sr": ("Cyrl", "Latn"), "az": ("Latn", "Cyrl"), "uz": ("Latn", "Cyrl")}


def identify(text: str, hints: Iterable[str | None] = ()) -> ArticleLanguage:
    """Say what language a text is in. `hints` are declared tags, the nearest to the article first."""
    sample = URL.sub(" ", text[:SAMPLE])
    script = script_of(sample)
    declared = [hint.strip() for hint in hints if hint and hint.strip()]
    letters = sum(char.isalpha() for char in sample[:400])
    if letters >= LEAST:
        if own := _by_letters(sample, script):
            return ArticleLanguage(code=own, script=script, confidence=0.95, method="letters")
        code, confidence, variant = _detect(sample)
        if code != "und":
            return _named(_settle(code, declared), script, variant, confidence)
    for hint in declared:
        code = hint.replace("_", "-").split("-")[0].lower()
        if 2 <= len(code) <= 3 and code.isalpha():
            return _named(CODES.get(code, code), script, "Hant" if _traditional(hint) else "", 0.3, method="declared")
    return ArticleLanguage(code="und", script=_script("und", script, ""), confidence=0.0, method="detector")


def script_of(text: str) -> str:
    """Return the script (ISO 15924) of most of a text's letters; `Zyyy` where there are none."""
    counts: Counter[str] = Counter()
    for char, number in Counter(text[:SAMPLE]).items():
        if char.isalpha():
            code = ord(char)
            counts[next((name for low, high, name in RANGES if low <= code <= high), "Zyyy")] += number
    if not counts:
        return "Zyyy"
    if counts["Jpan"] and counts["Jpan"] * 10 > counts["Hani"]:
        counts["Jpan"] += counts.pop("Hani", 0)
    return max(counts, key=lambda name: (counts[name], name))


def _by_letters(text: str, script: str) -> str | None:
    """Tell Sorani, Pashto and Urdu by letters that their neighbours do not have; the detector never finds Sorani."""
    if script != "Arab":
        return None
    arabic = sum("\u0600" <= char <= "\u06ff" for char in text)
    if SORANI_OWN.search(text) and not NOT_SORANI.search(text) and len(SORANI.findall(text)) >= max(3, 0.04 * arabic):
        return "ckb"
    if len(PASHTO.findall(text)) >= max(3, 0.02 * arabic):
        return "ps"
    if len(URDU.findall(text)) >= max(4, 0.04 * arabic) and not SORANI_OWN.search(text):
        return "ur"
    return None


def _detect(text: str) -> tuple[str, float, str]:
    """Ask the detector: code, confidence, and the written variant of Chinese."""
    import pycld2

    try:
        reliable, _, details = pycld2.detect(CONTROLS.sub(" ", text), isPlainText=True, bestEffort=True)
    except (pycld2.error, ValueError):  # it refuses texts with code points that it holds for invalid
        return "und", 0.0, ""
    _, code, percent, _ = details[0]
    code, _, variant = code.partition("-")
    code = CODES.get(code.lower(), code.lower())
    return code, round(percent / 100 * (1.0 if reliable else 0.6), 2), variant


def _settle(code: str, declared: list[str]) -> str:
    named = [hint.replace("_", "-").split("-")[0].lower() for hint in declared]
    if code in MACRO:
        return next((hint for hint in named if hint in MACRO), code)
    if code == "fa" and "prs" in named:
        return "prs"
    return code


def _traditional(tag: str) -> bool:
    return any(part in tag.lower() for part in ("hant", "tw", "hk", "mo"))


def _named(code: str, script: str, variant: str, confidence: float, method: str = "detector") -> ArticleLanguage:
    script = _script(code, script, variant)
    full = f"{code}-{script}" if code == "zh" or (code in SCRIPTED and script != SCRIPTED[code][0]) else code
    return ArticleLanguage(code=full, script=script, confidence=confidence, method=method)


def _script(code: str, script: str, variant: str) -> str:
    if code == "zh":
        return "Hant" if variant == "Hant" else "Hans"
    if script == "Hani":
        return {"ja": "Jpan", "ko": "Kore"}.get(code, "Hani")
    return script
