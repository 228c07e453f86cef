"""``todoku store``: rebuild, compact and check the store. It touches nothing but the store."""

from __future__ import annotations

from collections.abc import Callable
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
        "  todoku store rebuild    read everything again from the raw reports",
        "ストアを保守します。\n\n"
        "\b\n"
        "  todoku store check      欠損や破損がないかを検査\n"
        "  todoku store compact    小さなファイルの統合と、古いデータの削除\n"
        "  todoku store rebuild    元データからすべて読み取り直し",
    ),
)
def command() -> None:
    """The group itself does nothing."""


def _run(name: str) -> Callable[..., int]:
    def run(**options: Any) -> int:  # noqa: ANN401 -- click's values
        from todoku.cli import store_run  # noqa: PLC0415 -- `--help` must start at once

        return store_run.run(name, **options)

    return run


command.add(
    "check",
    here(
        "Read all raw reports and all rows, and name what is missing or changed.\n\nExit code: 0 all is there, 1 it is not, 3 the store cannot be used.",
        "すべての元データと行を読み、欠損や変更を表示します。\n\n終了コード: 0 異常なし、1 異常あり、3 ストアを使用できない。",
    ),
    _run("check"),
    store_options,
)
command.add(
    "compact",
    here(
        "Make small files of rows into large ones, forget what is older than keep_months, and remove what counts for nothing.",
        "小さなファイルをまとめ、keep_months より古いものと、不要になったファイルを削除します。",
    ),
    _run("compact"),
    store_options,
)
command.add(
    "rebuild",
    here(
        "Read everything again from the raw reports: after the database was lost or damaged, or to read more than an older\n"
        "version did.\n\n"
        "Exit code: 0 all was read, 1 something was set aside (todoku status says why), 3 the store cannot be used, or none of\n"
        "the files in it is an original.",
        "元データからすべて読み取り直します。データベースを失ったり破損したりしたときや、新しいバージョンで読み取り直すときに使います。\n\n"
        "終了コード: 0 すべて読み取り、1 保留あり(理由は todoku status)、3 ストアを使用できないか、元データとして読めるファイルがない。",
    ),
    _run("rebuild"),
    store_options,
)
