"""``todoku completion``: what a shell needs to complete todoku's commands and options. Touches only standard output."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from todoku.cli.command import Command, OneOf
from todoku.cli.language import here
from todoku.cli.terminal import Screen


@click.command(
    cls=Command,
    name="completion",
    short_help=here("Print a shell's completion script.", "シェルの補完スクリプトを出力します。"),
    help=here(
        'Print the completion script of a shell.\n\n\b\n  eval "$(todoku completion bash)"      in ~/.bashrc\n'
        '  eval "$(todoku completion zsh)"       in ~/.zshrc\n'
        "  todoku completion fish | source       in ~/.config/fish/config.fish",
        'シェルの補完スクリプトを出力します。\n\n\b\n  eval "$(todoku completion bash)"      ~/.bashrc に記述\n'
        '  eval "$(todoku completion zsh)"       ~/.zshrc に記述\n'
        "  todoku completion fish | source       ~/.config/fish/config.fish に記述",
    ),
)
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, /, shell: str) -> None:
    """Print click's own script for the shell."""
    completion = get_completion_class(shell)
    if completion is not None:
        Screen().write(completion(ctx.find_root().command, {}, "todoku", "_TODOKU_COMPLETE").source() + "\n")
