"""``todoku demo``: a shell in which the other commands meet an empty SES account and a domain without records.

It starts an Amazon SES of its own and a name server on free loopback ports, and ends them with the shell. It reads no
credentials, asks no DNS of the outside, and writes to one temporary folder, which it removes.
"""

from __future__ import annotations

import click

from todoku.cli.command import LANG, Command
from todoku.cli.language import here


@click.command(
    cls=Command,
    name="demo",
    context_settings={"ignore_unknown_options": True},
    short_help=here(
        "Try everything on a demo account, with no AWS account.", "AWSアカウントなしで、すべてを試せます。"
    ),
    help=here(
        "Open a shell with an SES account and a domain (example.com) of its own, both empty, and try there:\n\n"
        "\b\n"
        "  todoku check example.com\n"
        "  todoku plan example.com -o plan.json\n"
        "  todoku apply plan.json --yes\n"
        "  todoku check ses:\n"
        "  todoku undo plan.json --yes --delete-identity\n\n"
        "Leave with exit. With COMMAND it runs that instead of a shell: todoku demo -- sh tour.sh",
        "空のSESアカウントとドメイン(example.com)を用意したシェルを開きます。次の順に試せます。\n\n"
        "\b\n"
        "  todoku check example.com\n"
        "  todoku plan example.com -o plan.json\n"
        "  todoku apply plan.json --yes\n"
        "  todoku check ses:\n"
        "  todoku undo plan.json --yes --delete-identity\n\n"
        "exit で終了します。COMMAND を指定すると、シェルの代わりに実行します(例: todoku demo -- sh tour.sh)。",
    ),
)
@click.argument("command_line", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND...]")
@LANG
@click.pass_context
def command(ctx: click.Context, /, command_line: tuple[str, ...], lang: str) -> None:  # noqa: ARG001 -- read where help is chosen
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import demo_run  # noqa: PLC0415 -- `--help` must start at once

    ctx.exit(demo_run.run(command_line))
