"""`warraq completion SHELL`: what makes the Tab key know our commands."""

from __future__ import annotations

import click

from crawler.context import Context, command


@command(
    "completion",
    examples=("warraq completion bash >> ~/.bashrc", "warraq completion fish > ~/.config/fish/completions/warraq.fish"),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(context: Context, shell: str) -> None:
    """Write the completion script of a shell.

    It completes commands, options and the ids of your outlets.
    """
    from click.shell_completion import get_completion_class

    from crawler.cli import cli

    kind = get_completion_class(shell)
    if kind is None:  # click knows all three; a fourth cannot pass the argument's choice
        raise click.BadParameter(shell)
    complete = kind(cli, {}, "warraq", "_WARRAQ_COMPLETE")
    # source() would look for the shell itself and complain where it is not installed: the script is wanted there too.
    script = complete.source_template % complete.source_vars()
    context.console.document(
        "completion", {"shell": shell, "script": script}, lambda: context.console.line(script.rstrip())
    )
