"""The `warraq` command: what there is to call, loaded only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from crawler.context import CONTEXT, Verb
from crawler.exits import Ending, Exit, ending

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Lazy(NamedTuple):
    """A command that is not loaded: its line in the list of commands, and where it lies (`module:name`)."""

    help: str
    target: str


class LazyGroup(Verb, click.Group):
    """A group that knows its commands' names and help without importing them."""

    def __init__(self, *args: Any, lazy: dict[str, Lazy | LazyGroup], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: the order of a user's first day."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing it now."""
        found = self.lazy.get(cmd_name)
        if not isinstance(found, Lazy):
            return found
        module, _, name = found.target.partition(":")
        loaded: click.Command = getattr(importlib.import_module(module), name)
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; for an unknown one name the nearest."""
        if args and args[0] not in self.lazy and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=self.lazy, ctx=ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=text) for name, text in self._listed() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(self._listed())

    def _listed(self) -> list[tuple[str, str]]:
        return [
            (name, found.help if isinstance(found, Lazy) else found.get_short_help_str(limit=100))
            for name, found in self.lazy.items()
        ]


class Program(LazyGroup):
    """The whole command: runs what was asked for and ends with the exit code that DESIGN.md promises."""

    def main(self, args: Any = None, prog_name: str | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run a command line and exit."""
        arguments = list(sys.argv[1:] if args is None else args)
        # A site's own folder `archive` must not stand before our package of that name: Python processes that we start
        # (the server that extraction's workers are forked from) do not look for modules in the current folder.
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        self._main_shell_completion({}, "warraq")
        try:
            code = self._call(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            _leave_the_pipe()
            code = Exit.CLOSED_PIPE
        sys.exit(int(code))

    def _call(self, args: list[str]) -> int:
        """Run a command line; return its exit code, having told of whatever went wrong."""
        context = None
        try:
            with self.make_context("warraq", [*args]) as context:
                code = self.invoke(context)
            return code if isinstance(code, int) else Exit.DONE
        except click.exceptions.Exit as done:
            return done.exit_code
        except BrokenPipeError:
            raise
        except KeyboardInterrupt as error:
            return _tell(error, args, context)
        except Exception as error:  # noqa: BLE001 - the one place where an error ends: whatever it is, one line tells it
            return _tell(error, args, context)


def _tell(error: BaseException, args: list[str], context: click.Context | None) -> Exit:
    """Say in one line what went wrong, and return the exit code for it."""
    from crawler.console import Console

    known = context.meta.get(CONTEXT) if context is not None else None
    options = args[: args.index("--")] if "--" in args else args
    # Where the command line could not be read, what it says of --json holds all the same.
    console = (
        known.console if known else Console(json="--json" in options, verbose=bool({"-v", "--verbose"} & {*options}))
    )
    found = ending(error) or _of_click(error)
    if found is None:
        name = type(error).__name__
        hint = "" if console.verbose else "run it again with -v to see the traceback"
        found = Ending(Exit.ERROR, f"unexpected {name}: {error}" if str(error) else f"unexpected {name}", hint)
    if console.verbose and not isinstance(error, click.ClickException | KeyboardInterrupt):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    console.fail(found)
    return found.code


def _of_click(error: BaseException) -> Ending | None:
    """Return how a wrong command line ends: what is wrong, and where its right form stands."""
    if isinstance(error, click.Abort):
        return Ending(Exit.INTERRUPTED, "interrupted")
    if not isinstance(error, click.ClickException):
        return None
    context = getattr(error, "ctx", None)
    hint = f"see `{context.command_path} --help`" if context is not None else "see `warraq --help`"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return Ending(Exit.USAGE, "no command given", hint)
    if isinstance(error, click.NoSuchOption | click.NoSuchCommand):
        near = f"did you mean `{error.possibilities[0]}`?" if error.possibilities else hint
        return Ending(Exit.USAGE, error.message.rstrip("."), near)
    return Ending(Exit.USAGE, error.format_message().rstrip("."), hint)


def _leave_the_pipe() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain either."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())


def _version(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"warraq {version('warraq')}")
        context.exit()


HERE = "crawler.commands"

OUTLETS = LazyGroup(
    "outlets",
    help="Look at the outlets, add one, switch one on or off.",
    examples=("warraq outlets add https://www.example.org", "warraq outlets list"),
    lazy={
        "add": Lazy("Find out how to follow a news site and write its outlet file.", f"{HERE}.probe:add_outlet"),
        "probe": Lazy("Show what `outlets add` would find, and write nothing.", f"{HERE}.probe:probe"),
        "list": Lazy("List the outlets.", f"{HERE}.outlets:list_outlets"),
        "show": Lazy("Show one outlet's settings.", f"{HERE}.outlets:show"),
        "enable": Lazy("Switch outlets on: `crawl --all` follows them.", f"{HERE}.outlets:enable"),
        "disable": Lazy("Switch outlets off, keeping what is archived.", f"{HERE}.outlets:disable"),
    },
)

ARTICLES = LazyGroup(
    "articles",
    help="List and read the archive's articles.",
    examples=("warraq articles list --language ar", "warraq articles show https://www.example.org/2026/01/flood"),
    lazy={
        "list": Lazy("List articles, newest first.", f"{HERE}.articles:list_articles"),
        "show": Lazy("Show an article's text, and where it comes from.", f"{HERE}.articles:show"),
    },
)

ARCHIVE = LazyGroup(
    "archive",
    help="Look at the originals in the archive.",
    examples=("warraq archive ls --outlet example", "warraq archive cat https://www.example.org/ --head"),
    lazy={
        "ls": Lazy("List captures, oldest first.", f"{HERE}.archive:ls"),
        "cat": Lazy("Write the bytes of a capture to stdout.", f"{HERE}.archive:cat"),
    },
)

DB = LazyGroup(
    "db",
    help="Look after the database of derived tables.",
    examples=("warraq db check", "warraq db upgrade"),
    lazy={
        "upgrade": Lazy("Bring the database to this program's version, making it if need be.", f"{HERE}.db:upgrade"),
        "check": Lazy("Check that the database is of this version and whole.", f"{HERE}.db:check"),
    },
)

CONFIG = LazyGroup(
    "config",
    help="Show the settings in force, and what can be set.",
    examples=("warraq config show --origin", "warraq config schema outlet"),
    lazy={
        "show": Lazy("Show every setting and its value.", f"{HERE}.config:show"),
        "schema": Lazy("Write the JSON Schema of warraq.toml and of outlet files.", f"{HERE}.config:schema"),
    },
)

cli = Program(
    "warraq",
    help="A multilingual news scraper and archiver: byte-exact WARC originals, clean articles, search, replay.",
    examples=("warraq demo", "warraq search 'الميناء OR port' --count-by outlet"),
    lazy={
        "init": Lazy("Make warraq.toml, the folders and the database.", f"{HERE}.init:init"),
        "demo": Lazy("Crawl the bundled news site into an archive of its own.", f"{HERE}.demo:demo"),
        "outlets": OUTLETS,
        "crawl": Lazy("Crawl outlets: fetch what is new, archive it, extract the articles.", f"{HERE}.crawl:crawl"),
        "add": Lazy("Archive single addresses.", f"{HERE}.crawl:add"),
        "extract": Lazy("Extract the article of a page, a WARC file or stdin.", f"{HERE}.extract:extract"),
        "search": Lazy("Search the articles' text, in any language.", f"{HERE}.search:search"),
        "serve": Lazy("Serve the archive on the web: articles beside their originals.", f"{HERE}.serve:serve"),
        "articles": ARTICLES,
        "archive": ARCHIVE,
        "rebuild": Lazy("Derive articles, versions and search again; no network.", f"{HERE}.rebuild:rebuild"),
        "db": DB,
        "doctor": Lazy("Check that all is ready for a crawl.", f"{HERE}.doctor:doctor"),
        "config": CONFIG,
        "completion": Lazy("Write the completion script of a shell.", f"{HERE}.completion:completion"),
    },
    params=[
        click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
        )
    ],
)


def main() -> NoReturn:
    """Run the command line of this process."""
    # scrapy.cfg is not part of an installed package: children (`scrapy crawl`, workers) find the settings by this.
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "settings.base")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal in an old charset shows \u…, rather than a traceback
    cli.main()
