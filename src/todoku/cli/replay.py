"""``todoku replay``: judge again from a record, without any network. Trusts nothing in the bundle; reads it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from todoku.cli.command import FORMAT, LANG, Command
from todoku.cli.language import here


@click.command(
    cls=Command,
    name="replay",
    short_help=here("Judge again from a record, without any network.", "記録から、ネットワークなしで判定し直します。"),
    help=here(
        "Judge a message again from the bundle that `todoku check --record` wrote. Nothing is asked of the network: what the\n"
        "record lacks stays unknown. The same version gives the same verdicts; another version lists what differs.\n\n"
        "\b\n"
        "  todoku check message.eml --record proof.zip\n"
        "  todoku replay proof.zip",
        "`todoku check --record` で作成した記録から、ネットワークを使わずに判定し直します。記録にない応答は判定不能のままです。\n"
        "同じバージョンなら同じ判定になり、異なるバージョンでは差分を表示します。\n\n"
        "\b\n"
        "  todoku check message.eml --record proof.zip\n"
        "  todoku replay proof.zip",
    ),
)
@click.argument("bundle", type=click.Path(path_type=Path))
@FORMAT
@LANG
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Replay and say whether anything differs."""
    from todoku.cli import replay_run  # noqa: PLC0415 -- `--help` must start at once

    ctx.exit(replay_run.replay(**options))
