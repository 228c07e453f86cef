"""``todoku store``: rebuild, compact and check the store. It touches nothing but the store."""

from __future__ import annotations

from typing import Any

import click

from todoku.cli.command import Group
from todoku.cli.language import here
from todoku.cli.stored import store_options


@click.group(
    cls=Group,
    name="store",
    short_help=here("Rebuild, compact or check the store.", "ストアの再構築・整理・検査を行います。"),
    help=here(
        "Keep the store in order.\n\n"
        "\b\n"
        "  todoku store check      is everything there, and as it was?\n"
        "  todoku store compact    few large files for many; forget what is old\n"
        "  todoku store rebuild    read everything again from the raw octets",
        "ストアを保守します。\n\n"
        "\b\n"
        "  todoku store check      欠損や破損がないかを検査\n"
        "  todoku store compact    小さなファイルの統合と、古いデータの削除\n"
        "  todoku store rebuild    元データからすべて読み取り直し",
    ),
)
def command() -> None:
    """The group itself does nothing."""


@command.command(
    "check",
    help=here(
        "Read all raw octets and all rows, and name what is missing or changed.\n\nExit code: 0 all is there, 1 it is not, 3 the store cannot be used.",
        "すべての元データと行を読み、欠損や変更を表示します。\n\n終了コード: 0 異常なし、1 異常あり、3 ストアを使用できない。",
    ),
)
@store_options
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Check the store."""
    _hand_over(ctx, "check", options)


@command.command(
    "compact",
    help=here(
        "Make small files of rows into large ones, forget what is older than keep_months, and remove what counts for nothing.",
        "小さなファイルをまとめ、keep_months より古いものと、不要になったファイルを削除します。",
    ),
)
@store_options
@click.pass_context
def compact(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Compact the store."""
    _hand_over(ctx, "compact", options)


@command.command(
    "rebuild",
    help=here(
        "Read everything again from the raw octets: after the database was lost, or to read more than an older version did.",
        "元データからすべて読み取り直します。データベースを失ったときや、新しいバージョンで読み取り直すときに使います。",
    ),
)
@store_options
@click.pass_context
def rebuild(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Rebuild the store."""
    _hand_over(ctx, "rebuild", options)


def _hand_over(ctx: click.Context, name: str, options: dict[str, Any]) -> None:
    from todoku.cli import store_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    ctx.exit(store_run.run(name, **options))
