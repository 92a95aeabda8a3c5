"""The `warraq` command as a process: start-up, help, errors, pipes, signals, colours."""

import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crawler.cli import Lazy, LazyGroup, cli
from crawler.context import Verb
from crawler.exits import Exit

WARRAQ = (sys.executable, "-m", "crawler")

HELP_BUDGET = 0.150
"""CPU seconds of `warraq --help`, by DESIGN.md and the issue."""

HEAVY = {"scrapy", "twisted", "trafilatura", "sqlalchemy", "rich", "msgspec", "lxml", "warcio", "archive", "settings"}
"""What `--help` must not load."""


LOADED = """
import sys
from crawler.cli import main
try:
    main()
except SystemExit:
    pass
print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""
"""Runs the command and tells which packages it loaded."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where children keep compiled modules, so that each is compiled once."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def env(tmp_path: Path, compiled: Path) -> dict[str, str]:
    """The environment of a child, without our variables and the user's own configuration."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("WARRAQ_", "PYTHON"))}
    root = str(Path(__file__).parents[2])
    return kept | {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONPATH": root, "XDG_CONFIG_HOME": str(tmp_path)}


def child(*args: str, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*WARRAQ, *args], env=env, cwd=cwd, capture_output=True, timeout=60, check=False)


@pytest.fixture
def site(tmp_path: Path, env: dict[str, str]) -> Path:
    """A site with enough outlets that a list of them does not fit into a pipe."""
    folder = tmp_path / "site"
    (folder / "outlets").mkdir(parents=True)
    (folder / "warraq.toml").write_text('contact = "crawl@example.org"\n', "utf-8")
    text = 'name = "الجريدة {0}"\nhome = "https://jarida{0}.example/{1}"\n'
    for number in range(200):
        (folder / "outlets" / f"jarida{number}.toml").write_text(text.format(number, "x" * 500), "utf-8")
    return folder


def cpu(command: list[str], env: dict[str, str], cwd: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_is_cheap(env: dict[str, str], tmp_path: Path) -> None:
    """`warraq --help` costs at most 150 ms of CPU, on a machine that starts Python as fast as any.

    The best of five, once compiled. Where a bare interpreter takes more than 25 ms, the machine is busy or slow,
    and the budget grows with it.
    """
    help_ = [*WARRAQ, "--help"]
    cpu(help_, env, tmp_path)
    bare = min(cpu([sys.executable, "-c", "pass"], env, tmp_path) for _ in range(5))
    cost = min(cpu(help_, env, tmp_path) for _ in range(5))
    assert cost <= HELP_BUDGET * max(1.0, bare / 0.025)


@pytest.mark.parametrize("args", [["--help"], ["outlets", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(args: list[str], env: dict[str, str], tmp_path: Path) -> None:
    """Help and version import neither Scrapy nor trafilatura nor SQLAlchemy nor rich, nor even our own lower rooms."""
    done = subprocess.run([sys.executable, "-c", LOADED, *args], env=env, cwd=tmp_path, capture_output=True, check=True)
    assert not HEAVY & set(done.stderr.decode().split())


def test_completion_loads_nothing_heavy(env: dict[str, str], tmp_path: Path) -> None:
    """The Tab key is answered from the table of commands."""
    asked = {"_WARRAQ_COMPLETE": "bash_complete", "COMP_WORDS": "warraq ", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], env=env | asked, cwd=tmp_path, capture_output=True, check=True
    )
    assert "plain,search" in done.stdout.decode().split()
    assert not HEAVY & set(done.stderr.decode().split())


def listed(group: LazyGroup = cli, path: str = "warraq") -> Iterator[tuple[str, LazyGroup | Lazy]]:
    """Every command of the table with its words, none of them loaded."""
    yield path, group
    for name, row in group.lazy.items():
        if isinstance(row, LazyGroup):
            yield from listed(row, f"{path} {name}")
        else:
            yield f"{path} {name}", row


def load(path: str) -> click.Command:
    command: click.Command = cli
    for name in path.split()[1:]:
        assert isinstance(command, LazyGroup)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


COMMANDS = dict(listed())


@pytest.mark.parametrize("path", [path for path, row in COMMANDS.items() if isinstance(row, Lazy)])
def test_table_says_what_the_command_says(path: str) -> None:
    """The line in the table is the first line of the command's own help, under the same name."""
    row, command = COMMANDS[path], load(path)
    assert command.name == path.split()[-1]
    assert (command.help or "").splitlines()[0] == row.help


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_the_common_options_and_two_examples(path: str) -> None:
    """Help ends with two examples of this very command; --json, --config, -v, -q and --no-color are everywhere."""
    command = load(path)
    assert isinstance(command, Verb)
    first, second = command.examples
    assert first != second
    for example in command.examples:
        assert f"{path} " in example or example.endswith(path)
    text = command.get_help(click.Context(command, info_name=path)).rstrip()
    assert text.endswith(f"Examples:\n  {first}\n  {second}")
    for option in ("--json", "--config PATH", "-v, --verbose", "-q, --quiet", "--no-color"):
        assert option in text


def test_commands_of_later_issues_are_absent() -> None:
    """No stubs: what is not built is not there."""
    later = {
        "schedule",
        "runs",
        "export",
        "archive verify",
        "archive stats",
        "outlets check",
        "articles diff",
        "db backup",
    }
    assert not {f"warraq {words}" for words in later} & set(COMMANDS)


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["outlts"], "No such command 'outlts'", "did you mean `outlets`?"),
        (["outlets", "lst"], "No such command 'lst'", "did you mean `list`?"),
        (["search", "x", "--languag", "ar"], "No such option '--languag'", "did you mean `--language`?"),
        (["search"], "Missing argument 'QUERY'", "see `warraq search --help`"),
        (["search", "x", "--from", "soon"], "'soon' is no date", "see `warraq search --help`"),
        ([], "no command given", "see `warraq --help`"),
        (["archive"], "no command given", "see `warraq archive --help`"),
    ],
)
def test_usage_errors(args: list[str], message: str, hint: str) -> None:
    """A wrong command line is one line and its hint, code 2; with --json a document on stdout."""
    result = CliRunner().invoke(cli, args)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    line, hinted = result.stderr.splitlines()
    assert message in line
    assert hint in hinted
    if args:
        error = json.loads(CliRunner().invoke(cli, [*args, "--json"]).stdout)["error"]
        assert error["code"] == 2
        assert hint in error["hint"]


def broken(error: BaseException) -> LazyGroup:
    """Our program with one command that fails."""
    from crawler.cli import Program
    from crawler.context import Context, command

    @command("break", examples=("warraq break", "warraq break -v"))
    def fail(context: Context) -> None:
        raise error

    class One(Program):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            return fail

    return One("warraq", lazy={"break": Lazy("", "")}, examples=("a", "b"))


def test_unexpected_error() -> None:
    """A defect is one line that names -v, and with -v its traceback."""
    result = CliRunner().invoke(broken(ValueError("odd")), ["break"])
    assert result.exit_code == Exit.ERROR
    assert result.stderr == "warraq: unexpected ValueError: odd\n  run it again with -v to see the traceback\n"
    result = CliRunner().invoke(broken(ValueError("odd")), ["break", "-v"])
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith("warraq: unexpected ValueError: odd\n")


def test_interruption() -> None:
    """Ctrl-C ends in 130, said in one line."""
    result = CliRunner().invoke(broken(KeyboardInterrupt()), ["break"])
    assert (result.exit_code, result.stderr) == (Exit.INTERRUPTED, "warraq: interrupted\n")


def test_console_script_and_module_are_the_same(env: dict[str, str], tmp_path: Path) -> None:
    """`python -m crawler` answers as `warraq` does."""
    done = child("--version", env=env, cwd=tmp_path)
    assert re.fullmatch(rb"warraq \d+\.\d+\.\d+\n", done.stdout)
    script = Path(sys.executable).with_name("warraq")
    if script.exists():
        assert subprocess.run([script, "--version"], env=env, capture_output=True, check=True).stdout == done.stdout


def test_closed_pipe_is_silent(env: dict[str, str], site: Path) -> None:
    """`warraq … | head -1` gets its line; warraq ends in 141 and says nothing."""
    process = subprocess.Popen(
        [*WARRAQ, "outlets", "list"], env=env, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"jarida0\t")
    process.stdout.close()
    with process.stderr as stream:
        assert stream.read() == b""
    assert process.wait(60) == Exit.CLOSED_PIPE


def test_closed_pipe_at_the_very_end(env: dict[str, str], tmp_path: Path) -> None:
    """A short output whose reader is gone fails at the last flush only, and as silently."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*WARRAQ, "--version"], env=env, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (Exit.CLOSED_PIPE, b"")


def test_ctrl_c_of_a_process(env: dict[str, str], tmp_path: Path) -> None:
    """SIGINT while a command waits (here for stdin) ends in 130 without a traceback."""
    process = subprocess.Popen(
        [*WARRAQ, "extract", "-"],
        env=env,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (Exit.INTERRUPTED, b"warraq: interrupted\n")


def test_old_charsets_are_survived(env: dict[str, str], site: Path) -> None:
    """In a locale that has no Arabic a list is still written, and JSON is UTF-8 all the same."""
    old = env | {"PYTHONIOENCODING": "ascii"}
    done = child("outlets", "list", env=old, cwd=site)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u0627" in done.stdout
    assert "الجريدة".encode() in child("outlets", "list", "--json", env=old, cwd=site).stdout


def on_terminal(args: list[str], env: dict[str, str], cwd: Path) -> str:
    """Run a command with a terminal for stdout and stderr; return what it showed."""
    near, far = pty.openpty()
    process = subprocess.Popen(
        [*WARRAQ, *args], env=env | {"TERM": "xterm", "COLUMNS": "200"}, cwd=cwd, stdout=far, stderr=far
    )
    os.close(far)
    shown = b""
    while True:
        try:
            part = os.read(near, 65536)
        except OSError:  # the terminal's other end has closed
            break
        if not part:
            break
        shown += part
    os.close(near)
    process.wait(60)
    return shown.decode("utf-8")


def test_terminal_gets_a_table_with_isolated_titles(env: dict[str, str], site: Path) -> None:
    """On a terminal there is a heading, and a right-to-left title stands last between isolates."""
    for path in list((site / "outlets").iterdir())[2:]:
        path.unlink()
    shown = on_terminal(["outlets", "list"], env, site)
    assert "languages" in shown.splitlines()[0]
    assert "\x1b[1m" in shown.splitlines()[0]
    assert re.search("\u2068الجريدة \\d+\u2069", shown.splitlines()[1])


@pytest.mark.parametrize(("option", "variable"), [([], {"NO_COLOR": "1"}), (["--no-color"], {})])
def test_no_colour(env: dict[str, str], site: Path, option: list[str], variable: dict[str, str]) -> None:
    """NO_COLOR and --no-color leave no colour code on a terminal."""
    shown = on_terminal(["outlets", "list", *option], env | variable, site)
    assert not re.search(r"\x1b\[(3|4|9|10)\d", shown)
    assert not re.search(r"\x1b\[38", shown)
