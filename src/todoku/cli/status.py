"""``todoku status``: what has arrived, what waits, what was set aside and why. It only looks."""

from __future__ import annotations

from typing import Any

import click

from todoku.cli.command import Command, OneOf
from todoku.cli.language import here
from todoku.cli.stored import store_options


@click.command(
    cls=Command,
    name="status",
    short_help=here("Show what the store holds, and what waits.", "ストアの状態を表示します。"),
    help=here(
        "What has arrived, what is not yet read and since when, what was set aside and why, and when each source was last\n"
        "looked at.\n\n"
        "Exit code: 0 nothing is set aside, 1 something is, 2 wrong usage or no such store, 3 the store cannot be used.",
        "取り込み済みのもの、未読のもの(いつから待っているか)、保留したものとその理由、各取得元を最後に確認した日時を表示します。\n\n"
        "終了コード: 0 保留なし、1 保留あり、2 使い方の誤りかストアがない、3 ストアを使用できない。",
    ),
)
@click.option(
    "--format",
    "form",
    type=OneOf(["text", "json"]),
    default="text",
    show_default=True,
    help=here("How to show it.", "出力形式。"),
)
@store_options
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import status_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    ctx.exit(status_run.run(**options))
