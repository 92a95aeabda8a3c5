"""Our extractor and trafilatura on the same pages in the same run, as a markdown table.

    python -m tests.bench.extraction [--shared DIR] [--only newsworld|pages] [--limit N]

The shared data lies beside the checkout (`../shared`), or where --shared or WARRAQ_SHARED says.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

Result = Mapping[str, Any]
Extractor = Callable[[bytes, str, str | None], Result]
DAY = 5


def ours(body: bytes, url: str, content_type: str | None) -> Result:
    from archive.extractors import extract_page

    article = extract_page(body, url, content_type)
    return {
        "text": article.text,
        "title": article.title,
        "date": article.published.value
        if article.published and article.published.precision not in ("year", "month")
        else None,
        "authors": list(article.authors),
        "author": ", ".join(article.authors),
        "language": article.language.code,
    }


def trafilatura(body: bytes, url: str, content_type: str | None, *, precision: bool = False) -> Result:
    from trafilatura import bare_extraction

    found: Any = bare_extraction(body, url=url, with_metadata=True, include_comments=False, favor_precision=precision)
    if found is None:
        return {}
    told = {name: getattr(found, name) for name in ("text", "title", "date", "author", "language")}
    return told | {"authors": found.author}


def precise(body: bytes, url: str, content_type: str | None) -> Result:
    return trafilatura(body, url, content_type, precision=True)


EXTRACTORS: dict[str, Extractor] = {"warraq": ours, "trafilatura": trafilatura, "trafilatura precision": precise}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path(os.environ.get("WARRAQ_SHARED", Path(__file__).resolve().parents[3] / "shared")),
    )
    parser.add_argument("--only", choices=("newsworld", "pages"))
    parser.add_argument("--limit", type=int, help="of the pages of each set")
    parser.add_argument(
        "--extractor", action="append", choices=tuple(EXTRACTORS), help="run these only; may be repeated"
    )
    parser.add_argument("--save", type=Path, help="a folder to keep each extractor's rows in")
    options = parser.parse_args()
    chosen = {name: EXTRACTORS[name] for name in options.extractor or EXTRACTORS}
    for name, run in (("newsworld", newsworld), ("pages", pages)):
        folder = options.shared / name
        if options.only in (None, name):
            if folder.is_dir():
                run(folder, chosen, options.limit, options.save)
            else:
                print(f"skipped: no {name} in {options.shared} (set WARRAQ_SHARED or --shared)")
    return 0


def newsworld(folder: Path, chosen: Mapping[str, Extractor], limit: int | None, save: Path | None) -> None:
    """Score every article page of one day of the development world."""
    score = load(folder / "score.py")
    with tempfile.TemporaryDirectory() as name:
        dump = Path(name)
        subprocess.run([sys.executable, folder / "serve.py", "--day", str(DAY), "--dump", dump], check=True)
        golds = [
            (json.loads(path.read_text("utf-8")), path.with_suffix(".html").read_bytes())
            for path in sorted(dump.glob("*.json"))
        ][:limit]
    columns = ("f1", "recall", "whole", "clean", "title", "date", "author", "language")
    print(f"\n### newsworld, day {DAY}, {len(golds)} pages, one page at a time\n")
    head("extractor", (*columns, "zwnj", "pages/s"))
    by_outlet: dict[str, dict[str, list[Any]]] = {}
    for label, extractor in chosen.items():
        rows, spent = timed(extractor, ((gold["url"], body, gold["content_type"]) for gold, body in golds))
        scored = [score.score_one(gold, row) for (gold, _), row in zip(golds, rows, strict=True)]
        joiners = sum(p.count("\u200c") for gold, _ in golds for p in gold["paragraphs"])
        kept = sum(
            min(sum(p.count("\u200c") for p in gold["paragraphs"]), (row.get("text") or "").count("\u200c"))
            for (gold, _), row in zip(golds, rows, strict=True)
        )
        line(
            label,
            [mean(float(row[column]) for row in scored) for column in columns]
            + [kept / max(1, joiners), len(rows) / spent],
        )
        outlets = by_outlet.setdefault(label, defaultdict(list))
        for (gold, _), row in zip(golds, scored, strict=True):
            outlets[gold["outlet"]].append(row)
        keep_rows(
            save,
            f"newsworld-{label}",
            ({"url": gold["url"], **row, **scores} for (gold, _), row, scores in zip(golds, rows, scored, strict=True)),
        )
    first = next(iter(by_outlet))
    print(f"\n#### {first}, by outlet\n")
    head("outlet", columns)
    for outlet, scored in sorted(by_outlet[first].items()):
        line(outlet, [mean(float(row[column]) for row in scored) for column in columns])


def pages(folder: Path, chosen: Mapping[str, Extractor], limit: int | None, save: Path | None) -> None:
    """Score the real pages, all and by language group."""
    evaluate = load(folder / "evaluate.py")
    rows = [json.loads(text) for text in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["gold_quality"] not in evaluate.SILVER][:limit]
    columns = ("n_body", "P", "R", "F1", "snip_P", "snip_R", "title", "date", "date_given", "author", "language")
    print(f"\n### pages, {len(rows)}\n")
    head("extractor, group", (*columns, "pages/s"))
    for label, extractor in chosen.items():
        inputs = (
            (row.get("url") or "", gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes()), None)
            for row in rows
        )
        found, spent = timed(extractor, inputs)
        groups: dict[str, list[Any]] = defaultdict(list)
        for row, got in zip(rows, found, strict=True):
            scored = evaluate.score(row, got)
            groups["ALL"].append(scored)
            groups[evaluate.group(row["lang"])].append(scored)
        for group, scored in sorted(groups.items()):
            summary = evaluate.summarise(scored)
            line(
                f"{label}, {group}",
                [summary.get(column) for column in columns] + [len(found) / spent if group == "ALL" else None],
            )
        keep_rows(save, f"pages-{label}", ({"id": row["id"], **got} for row, got in zip(rows, found, strict=True)))


def timed(extractor: Extractor, inputs: Iterable[tuple[str, bytes, str | None]]) -> tuple[list[Result], float]:
    """Run an extractor over pages; the seconds are its own, of this process, without reading the pages."""
    rows, spent = [], 0.0
    for url, body, content_type in inputs:
        start = time.process_time()
        rows.append(extractor(body, url, content_type))
        spent += time.process_time() - start
    return rows, spent or 1.0


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"shared_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keep_rows(save: Path | None, name: str, rows: Iterator[Result]) -> None:
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        with (save / f"{name.replace(' ', '-')}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / max(1, len(found))


def head(first: str, columns: Iterable[str]) -> None:
    names = [first, *columns]
    print("| " + " | ".join(names) + " |\n|---" + "|---:" * (len(names) - 1) + "|")


def line(first: str, values: Iterable[float | int | None]) -> None:
    cells = ["–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}" for value in values]
    print(f"| {first} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
