"""What every command has in common: its options, its examples, and the Context that it works with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from archive.archive import Archive
    from crawler.console import Console
    from settings.outlet import Outlet
    from settings.site import Site


class Context:
    """What a command is handed first: the console, and the site, outlets and archive, each read when asked for."""

    def __init__(self, console: Console, config: Path | None = None) -> None:
        self.console = console
        self.config = config

    def site(self, **flags: object) -> Site:
        """Read the site's settings; `flags` are dotted keys with `__` for the dot, None where a flag was not given.

        Raises ConfigError.
        """
        from settings.site import load_site

        return load_site(self.config, flags={key.replace("__", "."): value for key, value in flags.items()})

    def outlets(self, site: Site | None = None) -> dict[str, Outlet]:
        """Read every outlet's file, by id."""
        from settings.outlet import load_outlets

        return load_outlets((site or self.site()).outlets_path)

    def choose(self, ids: Iterable[str], site: Site | None = None) -> list[Outlet]:
        """Return the outlets of these ids; one that is not there is a usage error which names the nearest."""
        from settings.names import nearest

        known, chosen = self.outlets(site), []
        for name in dict.fromkeys(ids):
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean `{near}`?" if near else "`warraq outlets list` shows those that are there"
                raise Stop(Exit.USAGE, f"no outlet {name!r}", hint=hint)
            chosen.append(known[name])
        return chosen

    @contextmanager
    def archive(self, site: Site | None = None, *, writable: bool = False) -> Iterator[Archive]:
        """Open the site's archive, and close it whatever happens."""
        from archive.archive import Archive

        with Archive.open(site or self.site(), writable=writable) as archive:
            yield archive


CONTEXT = "warraq.context"
"""Where the Context of this call lies in click's `meta`, shared by a command and its groups."""


def current() -> Context:
    """Return the Context of the running command, made from the common options it was given."""
    meta = click.get_current_context().meta
    if CONTEXT not in meta:
        from crawler.console import Console

        console = Console(
            **{name: meta.get(f"warraq.{name}", False) for name in ("json", "verbose", "quiet", "no_color")}
        )
        meta[CONTEXT] = Context(console, meta.get("warraq.config"))
        click.get_current_context().call_on_close(console.listen())
    found: Context = meta[CONTEXT]
    return found


def _remember(context: click.Context, option: click.Parameter, value: object) -> None:
    """Common options may stand before the command or after it, so their values go to what both share."""
    if value:
        context.meta[f"warraq.{option.name}"] = value


def _common() -> list[click.Parameter]:
    rows: tuple[tuple[tuple[str, ...], str, dict[str, Any]], ...] = (
        (
            ("--config",),
            "Read this warraq.toml.",
            {"type": click.Path(dir_okay=False, path_type=Path), "metavar": "PATH"},
        ),
        (("--json",), "Write JSON: one document, or one line a row.", {"is_flag": True}),
        (("-v", "--verbose"), "Say more; show the traceback of an error.", {"is_flag": True}),
        (("-q", "--quiet"), "Say nothing but results, warnings and errors.", {"is_flag": True}),
        (("--no-color",), "No colour (as with NO_COLOR in the environment).", {"is_flag": True}),
    )
    return [
        click.Option(names, help=text, expose_value=False, callback=_remember, **more) for names, text, more in rows
    ]


class Verb(click.Command):
    """A command with the common options, and two examples at the end of its help."""

    def __init__(self, *args: Any, examples: tuple[str, str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = examples
        self.common = _common()
        self.params += self.common

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the common ones apart."""
        common = [record for option in self.common if (record := option.get_help_record(context))]
        own = [
            record
            for option in self.get_params(context)
            if option not in self.common and (record := option.get_help_record(context))
        ]
        for title, records in (("Options", own), ("Common options", common)):
            with formatter.section(title):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(context, formatter)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own as it would be typed."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def command(name: str, *, examples: tuple[str, str], **attributes: Any) -> Callable[[Callable[..., Any]], Verb]:
    """Make a command of a function, which is handed the Context first and may return an Exit.

    Write it above click's own @option and @argument decorators. `examples` are two real command lines.
    """

    def wrap(function: Callable[..., Any]) -> Verb:
        @functools.wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            return function(current(), *args, **options)

        return click.command(name, cls=Verb, examples=examples, **attributes)(run)

    return wrap
