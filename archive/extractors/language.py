"""The language and script of a text: the detector's word, the letters' where they know better, the outlet's as a hint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from archive.article import ArticleLanguage
from archive.extractors.text import CONTROLS

URL = re.compile(r"https?://\S+|\S+@\S+\.\S+")
SAMPLE = 20_000
"""Characters that the detector sees."""
LEAST = 20
"""Letters under which nothing is said of a text by itself."""
RANGES = (
    (0x0041, 0x024F, "Latn"), (0x0370, 0x03FF, "Grek"), (0x0400, 0x052F, "Cyrl"), (0x0530, 0x058F, "Armn"), (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x06FF, "Arab"), (0x0750, 0x077F, "Arab"), (0x08A0, 0x08FF, "Arab"), (0x0700, 0x074F, "Syrc"), (0x0780, 0x07BF, "Thaa"),
    (0x0900, 0x097F, "Deva"), (0x0980, 0x09FF, "Beng"), (0x0A00, 0x0A7F, "Guru"), (0x0A80, 0x0AFF, "Gujr"), (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"), (0x0C00, 0x0C7F, "Telu"), (0x0C80, 0x0CFF, "Knda"), (0x0D00, 0x0D7F, "Mlym"), (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"), (0x0E80, 0x0EFF, "Laoo"), (0x0F00, 0x0FFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Kore"), (0x1200, 0x139F, "Ethi"), (0x1780, 0x17FF, "Khmr"), (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"),
    (0x2D30, 0x2D7F, "Tfng"), (0x3040, 0x30FF, "Jpan"), (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"), (0xAC00, 0xD7AF, "Kore"),
    (0xF900, 0xFAFF, "Hani"), (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFF, "Arab"),
)  # fmt: skip
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

    clean = "".join(char for char in CONTROLS.sub(" ", text) if char.isprintable() or char == " ")
    try:
        reliable, _, details = pycld2.detect(clean, isPlainText=True, bestEffort=True)
    except (pycld2.error, ValueError):
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
