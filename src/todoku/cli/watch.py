"""``todoku watch``: looks again and again, and tells people what has changed.

It holds the credentials of mailboxes, Google and AWS, and parses their API answers and the DNS; messages and reports are read in a
child that holds nothing (``intake/child.py``). It writes to the store and to the addresses of alerts, and changes nothing else.
"""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from todoku.cli.command import Command
from todoku.cli.language import here
from todoku.cli.stored import store_options


@click.command(
    cls=Command,
    name="watch",
    short_help=here("Keep looking, and tell what has changed.", "継続的に確認し、変化を通知します。"),
    help=here(
        "Look at [watch] subjects, take reports from [ingest] sources, ask Postmaster Tools and SES for their rates, and tell the\n"
        "addresses of [alerts] what fails, what has changed since all was well, and when it is over. Each thing is told once.\n\n"
        "\b\n"
        "  todoku watch           round after round, until SIGTERM or Ctrl-C\n"
        "  todoku watch --once    one round, for cron\n\n"
        "What cannot be looked at neither raises an alarm nor ends one.\n\n"
        "Exit code of --once: 0 no alarm is open, 1 one is, 2 wrong usage, 3 something could not be looked at.",
        "[watch] subjects を判定し、[ingest] sources からレポートを取り込み、Postmaster ToolsとSESの指標を取得します。\n"
        "不適合、正常時からの変化、その解消を、[alerts] の宛先に1回ずつ通知します。\n\n"
        "\b\n"
        "  todoku watch           SIGTERMまたはCtrl-Cまで繰り返し実行\n"
        "  todoku watch --once    1回だけ実行(cron用)\n\n"
        "確認できなかったものについては、警報を出すことも解消することもありません。\n\n"
        "--once の終了コード: 0 警報なし、1 警報あり、2 使い方の誤り、3 確認できないものがあった。",
    ),
)
@click.option("--once", is_flag=True, help=here("Make one round and end.", "1回だけ実行して終了します。"))
@store_options
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import watch_run  # noqa: PLC0415 -- `--help` must start at once

    given = ctx.get_parameter_source("lang") is ParameterSource.COMMANDLINE
    options["language" if given else "locale"] = options.pop("lang")
    ctx.exit(watch_run.run(**options))
