"""`warraq extract`: from a file, stdin, a WARC file and the archive."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.article import Article, ArticleLanguage, Block
from crawler.commands.extract import markdown, plain
from crawler.commands.sources import is_warc
from crawler.exits import Exit
from tests.crawler.commands import filled
from tests.crawler.commands.conftest import Run

PAGE = filled.page("ar", "افتتاح الميناء الجديد", filled.ARABIC_BODY, "2026-01-09T18:00:00+01:00", filled.PORT)
UNKNOWN = ArticleLanguage(code="und", script="Zyyy", confidence=0, method="letters")


def test_file_without_a_site(run: Run) -> None:
    """A saved page needs neither warraq.toml nor an archive; title and text are printed."""
    Path("page.html").write_bytes(PAGE)
    answer = run("extract", "page.html")
    assert answer.code == Exit.DONE
    assert answer.lines[0] == "افتتاح الميناء الجديد"
    assert "الرصيف الثاني" in answer.out
    assert "home" not in answer.out


def test_stdin_as_json(run: Run) -> None:
    """Stdin gives one document, its letters unescaped, without its blocks."""
    answer = run("extract", "-", "--url", filled.PORT, "--json", stdin=PAGE)
    assert answer.code == Exit.DONE
    assert "الميناء" in answer.out
    document = answer.document
    assert (document["schema"], document["url"]) == ("warraq.extracted/1", filled.PORT)
    assert document["language"]["code"] == "ar"
    assert document["published"]["value"].startswith("2026-01-09")
    assert "blocks" not in document
    assert run("extract", "-", "--url", filled.PORT, "-f", "json", stdin=PAGE).out == answer.out


def test_explain(run: Run) -> None:
    """--explain gives every block with its verdict and its rule, as lines and as JSON."""
    Path("page.html").write_bytes(PAGE)
    lines = [line.split("\t") for line in run("extract", "page.html", "--explain").lines]
    assert {line[0] for line in lines} <= {"+", "-"}
    assert all(len(line) == 4 and line[1] for line in lines)
    assert any("الرصيف الثاني" in line[3] and line[0] == "+" for line in lines)
    blocks = run("extract", "page.html", "--explain", "--json").document["blocks"]
    assert [block["rule"] for block in blocks] == [line[1] for line in lines]


def test_no_article(run: Run) -> None:
    """An empty page is a bad answer with its reason, for people and for scripts."""
    answer = run("extract", "-", stdin=b"")
    assert (answer.code, answer.out) == (Exit.BAD_ANSWER, "")
    assert "no article here: empty" in answer.err
    answer = run("extract", "-", "--json", stdin=b"")
    assert answer.code == Exit.BAD_ANSWER
    assert answer.document["not_article"] == "empty"


def test_missing_file(run: Run) -> None:
    """A file that is not there is a usage error."""
    answer = run("extract", "nowhere.html")
    assert answer.code == Exit.USAGE
    assert "nowhere.html: no such file" in answer.err


@pytest.mark.parametrize("packed", [True, False])
def test_warc_file(run: Run, full: Path, packed: bool) -> None:
    """Each article page of a WARC file is a line of JSON, gzipped or not; other records are passed over."""
    paths = sorted(path for path in (full / "archive").rglob("*.warc.gz*") if ".cdxj" not in path.name)
    found = []
    for path in paths:
        if not packed:
            Path("plain.warc").write_bytes(gzip.decompress(path.read_bytes()))
        answer = run("extract", path if packed else "plain.warc")
        assert answer.code == Exit.DONE
        found += answer.documents
    assert [(row["url"], row["schema"]) for row in sorted(found, key=lambda row: row["url"])] == [
        (filled.PORT, "warraq.extracted/1"),
        (filled.FLOOD, "warraq.extracted/1"),
        (filled.FLOOD, "warraq.extracted/1"),
    ]
    assert all(row["record"] for row in found)


def test_warc_from_stdin_as_text(run: Run, full: Path) -> None:
    """A WARC file may come by stdin, and its articles as text."""
    (path,) = (
        path for path in (full / "archive").rglob("*.warc.gz*") if "jarida" in path.name and "cdxj" not in path.name
    )
    answer = run("extract", "-", "-f", "text", stdin=path.read_bytes())
    assert answer.lines[0] == "افتتاح الميناء الجديد"
    assert answer.err == "1 articles; 0 other pages\n"


@pytest.mark.parametrize("url", [filled.FLOOD, filled.MOVED])
def test_archived_address(run: Run, full: Path, url: str) -> None:
    """An address gives the last capture of it that the archive has, behind redirects too."""
    answer = run("extract", url)
    assert answer.code == Exit.DONE
    assert "Two people were slightly hurt." in answer.out


def test_archived_address_without_a_page(run: Run, full: Path) -> None:
    """An address whose last capture is no page is a bad answer that says why."""
    answer = run("extract", filled.GONE)
    assert answer.code == Exit.BAD_ANSWER
    assert "status 410" in answer.err


class Site(BaseHTTPRequestHandler):
    """A site of one article, behind a redirect."""

    def do_GET(self) -> None:
        found = {"/moved": (301, b""), "/article": (200, PAGE)}.get(self.path, (404, b"no"))
        self.send_response(found[0])
        if found[0] == 301:
            self.send_header("Location", "/article")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(found[1])))
        self.end_headers()
        self.wfile.write(found[1])

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@pytest.fixture
def server() -> Iterator[str]:
    """The site on loopback; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()
        thread.join()


def fetched(url: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Extract an address in a process of its own: Scrapy's event loop starts only once in a process."""
    given = {"WARRAQ_CRAWL__ALLOW_PRIVATE": "1", "WARRAQ_CRAWL__DELAY": "0", "WARRAQ_CONTACT": "crawl@example.org"}
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])} | given | variables
    return subprocess.run([sys.executable, "-m", "crawler", "extract", url], env=env, capture_output=True, check=False)


def test_address_is_fetched_without_a_site(server: str) -> None:
    """Without any site an address is fetched, redirects and all, and nothing stays behind."""
    done = fetched(f"{server}/moved")
    assert done.returncode == Exit.DONE, done.stderr.decode()
    assert done.stdout.decode().splitlines()[0] == "افتتاح الميناء الجديد"
    assert not list(Path.cwd().iterdir())


def test_address_that_answers_no_page(server: str) -> None:
    """A fetched address that is no page is a bad answer."""
    done = fetched(f"{server}/none")
    assert done.returncode == Exit.BAD_ANSWER
    assert b"status 404" in done.stderr


def test_private_address_is_refused(server: str) -> None:
    """Without crawl.allow_private nothing of this machine is fetched."""
    done = fetched(f"{server}/article", WARRAQ_CRAWL__ALLOW_PRIVATE="0")
    assert done.returncode == Exit.FAILED
    assert done.stdout == b""


def test_fetching_needs_a_contact() -> None:
    """Nobody is asked without saying who asks: a configuration error that names the key."""
    done = fetched("http://www.example.invalid/", WARRAQ_CONTACT="", WARRAQ_CRAWL__ALLOW_PRIVATE="0")
    assert done.returncode == Exit.CONFIG
    assert b"contact" in done.stderr


def test_kinds_of_files(tmp_path: Path) -> None:
    """WARC files are known by their first bytes, not by their names."""
    for content, expected in (
        (b"WARC/1.1\r\n", True),
        (gzip.compress(b"WARC/1.0\r\n"), True),
        (b"<html>", False),
        (gzip.compress(b"<html>"), False),
        (b"\x1f\x8bbroken", False),
        (b"", False),
    ):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert is_warc(path) is expected, content


def test_markdown() -> None:
    """Kept blocks become markdown by their tags; what would mean something is escaped; the title comes once."""
    blocks = (
        Block("A *title*", True, "title", "h1"),
        Block("Part", True, "body", "h1"),
        Block("- not a list\nC# and a_b", True, "body"),
        Block("cut", False, "nav"),
        Block("one", True, "body", "li"),
        Block("said\ntwice", True, "body", "blockquote"),
        Block("1. first", True, "body"),
    )
    article = Article(url="", canonical_url=None, title="A *title*", text="x", language=UNKNOWN, blocks=blocks)
    assert markdown(article) == (
        "# A \\*title\\*\n\n## Part\n\n\\- not a list\nC# and a\\_b\n\n- one\n\n> said\n> twice\n\n1\\. first"
    )
    assert plain(article) == "A *title*\n\nx"


def test_formats_of_one_page(run: Run) -> None:
    """Markdown begins with a heading; an unknown format is a usage error."""
    Path("page.html").write_bytes(PAGE)
    assert run("extract", "page.html", "-f", "markdown").lines[0] == "# افتتاح الميناء الجديد"
    assert run("extract", "page.html", "-f", "tei").code == Exit.USAGE
    assert json.loads(run("extract", "page.html", "-f", "json").out)["title"] == "افتتاح الميناء الجديد"
