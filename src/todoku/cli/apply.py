"""``todoku apply``: carry out a plan in SES and DNS, step by step; without ``--yes`` it only shows the steps.

Trusts the plan no further than that it must be whole and of the account that the credentials are of. It makes the calls of
the plan in SES, changes the plan's record sets in Route 53 or at the name server that is named, writes the journal beside
the plan, and touches nothing else. It parses answers of DNS and AWS alone, and no message.
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
    name="apply",
    short_help=here("Carry out a plan in SES and DNS.", "計画をSESとDNSに適用します。"),
    help=here(
        "Carry out PLAN, made by todoku plan. Without --yes it shows what would be done and does nothing.\n\n"
        "\b\n"
        "  todoku apply plan.json\n"
        "  todoku apply plan.json --yes\n"
        "  todoku apply plan.json --yes --via rfc2136://192.0.2.53 --tsig update.key\n"
        "  todoku apply plan.json --yes --via hand --timeout 0\n\n"
        "Each step is written down in plan.journal before and after it is done. Run it again at any time: what is done is\n"
        "left alone, and what is missing is done. todoku undo takes it back.\n\n"
        "Exit code: 0 done and all requirements met, 1 something stands against it, 2 wrong usage, 3 not there yet or no answer.",
        "todoku plan で作成した計画(PLAN)を適用します。--yes を付けない場合は、実行内容を表示するだけです。\n\n"
        "\b\n"
        "  todoku apply plan.json\n"
        "  todoku apply plan.json --yes\n"
        "  todoku apply plan.json --yes --via rfc2136://192.0.2.53 --tsig update.key\n"
        "  todoku apply plan.json --yes --via hand --timeout 0\n\n"
        "各ステップの前後に plan.journal へ記録します。いつでも再実行でき、完了済みの変更はそのままに、残りだけを実行します。\n"
        "todoku undo で取り消せます。\n\n"
        "終了コード: 0 完了し全要件に適合、1 問題あり、2 使い方の誤り、3 未完了または応答なし。",
    ),
)
@click.argument("plan", type=click.Path(path_type=Path), metavar="PLAN")
@click.option("--yes", is_flag=True, help=here("Do it.", "実際に適用します。"))
@click.option(
    "--only",
    multiple=True,
    metavar="ID",
    help=here(
        "Only this step of the plan; may be repeated.", "指定したIDのステップだけを実行します。複数指定できます。"
    ),
)
@click.option(
    "--prove-by-mail",
    metavar="ADDRESS",
    help=here(
        "Afterwards send a message there through SES, to be saved and checked.",
        "適用後にSESから確認用メールを送信します。受信後に保存して判定できます。",
    ),
)
@click.option(
    "--from",
    "author",
    metavar="ADDRESS",
    help=here("The From address of that message.", "確認用メールのFromアドレス。"),
)
@carry_options
@click.pass_context
def command(ctx: click.Context, /, plan: Path, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import apply_run  # noqa: PLC0415 -- `--help` must start at once

    ctx.exit(apply_run.run(plan, apply_run.Options(**options)))
