"""``todoku rules``: what receivers ask on a day, and what changed between two days. Touches nothing but standard output."""

from __future__ import annotations

from typing import Any

import click

from todoku.cli.command import LANG, Group, OneOf
from todoku.cli.language import here


@click.group(
    cls=Group,
    name="rules",
    short_help=here("List the requirements of a day, or what changed.", "要件の一覧や、変更点を表示します。"),
    invoke_without_command=True,
    help=here(
        "Every requirement in force: who asks, of whom, since when, and whether SES meets it by itself.\n\n"
        "\b\n"
        "  todoku rules\n"
        "  todoku rules --as-of 2024-02-15\n"
        "  todoku rules diff 2024-02-15 2026-07-02",
        "有効なすべての要件(どの受信側が、誰に、いつから求めているか。SESが既定で満たすか)を表示します。\n\n"
        "\b\n"
        "  todoku rules\n"
        "  todoku rules --as-of 2024-02-15\n"
        "  todoku rules diff 2024-02-15 2026-07-02",
    ),
)
@click.option("--as-of", metavar="YYYY-MM-DD", help=here("The rules of that day.", "その日のルールを表示します。"))
@click.option("--format", "form", type=OneOf(["text", "json", "markdown"]), default="text", show_default=True)
@LANG
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """List the rules, unless a subcommand is called."""
    from todoku.cli import rules_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    if ctx.invoked_subcommand is None:
        rules_run.list_rules(**options)


@command.command(
    "diff",
    help=here(
        "What came or went after the first day and up to the second.",
        "2つの日付の間に始まった・なくなったルールを表示します。",
    ),
)
@click.argument("first", metavar="YYYY-MM-DD")
@click.argument("last", metavar="YYYY-MM-DD")
@LANG
def diff(**options: Any) -> None:  # noqa: ANN401 -- click's values
    """Show the changes."""
    from todoku.cli import rules_run  # noqa: PLC0415 -- `--help` must start at once

    rules_run.show_changes(options["first"], options["last"], options["lang"])
