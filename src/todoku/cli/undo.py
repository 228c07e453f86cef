"""``todoku undo``: take back what ``todoku apply`` did, by the journal beside the plan; without ``--yes`` it only shows it.

It trusts and touches what ``todoku apply`` does. It deletes nothing at AWS that does not bear the plan's tag.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from todoku.cli.carry_options import carry_options
from todoku.cli.command import Command
from todoku.cli.language import here


@click.command(
    cls=Command,
    name="undo",
    short_help=here("Take back what apply did.", "apply で行った変更を取り消します。"),
    help=here(
        "Take back what todoku apply did for PLAN, the last step first, and nothing else: what others added or changed since\n"
        "stays. Without --yes it shows what would be taken back.\n\n"
        "\b\n"
        "  todoku undo plan.json\n"
        "  todoku undo plan.json --yes\n"
        "  todoku undo plan.json --yes --delete-identity\n\n"
        "Exit code: 0 taken back, 1 something stands against it, 2 wrong usage, 3 not there yet or no answer.",
        "todoku apply で行った変更だけを、最後のステップから順に取り消します。ほかの人が追加・変更した内容は残ります。\n"
        "--yes を付けない場合は、取り消す内容を表示するだけです。\n\n"
        "\b\n"
        "  todoku undo plan.json\n"
        "  todoku undo plan.json --yes\n"
        "  todoku undo plan.json --yes --delete-identity\n\n"
        "終了コード: 0 取り消し完了、1 問題あり、2 使い方の誤り、3 未完了または応答なし。",
    ),
)
@click.argument("plan", type=click.Path(path_type=Path), metavar="PLAN")
@click.option("--yes", is_flag=True, help=here("Do it.", "実際に取り消します。"))
@click.option(
    "--delete-identity",
    is_flag=True,
    help=here(
        "Delete the identity too, if this plan made it: SES then sends nothing for the domain.",
        "計画で作成した検証済みIDも削除します。削除後、SESはこのドメインから送信できなくなります。",
    ),
)
@carry_options
@click.pass_context
def command(ctx: click.Context, /, plan: Path, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import undo_run  # noqa: PLC0415 -- `--help` must start at once

    ctx.exit(undo_run.run(plan, undo_run.Options(**options)))
