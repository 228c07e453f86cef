"""``todoku plan``: what is left to do in SES and DNS for a domain, step by step. It changes nothing.

Trusts nothing that DNS or SES answer: what they say is shown and written as text. Reads SES with the ordinary AWS
credentials, asks the DNS, and writes the one file that ``-o`` names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from todoku.cli.command import LANG, Command, OneOf
from todoku.cli.language import here

RENDERS = ("markdown", "request", "zone", "terraform", "cloudformation", "awscli")


@click.command(
    cls=Command,
    name="plan",
    short_help=here("Work out what is left to do in SES and DNS.", "SESとDNSに必要な変更の計画を作成します。"),
    help=here(
        "Look at SES and DNS and work out every step until SUBJECT, a domain, meets the requirements. Nothing is changed:\n"
        "todoku apply carries the plan out.\n\n"
        "\b\n"
        "  todoku plan example.com -o plan.json\n"
        "  todoku plan example.com --ses ses:PROFILE@ap-northeast-1 --rua dmarc@example.com -o plan.json\n"
        "  todoku plan ses:ap-northeast-1 --identity example.com -o plan.json\n"
        "  todoku plan example.com --render request > request.md\n"
        "  todoku plan --refresh plan.json -o plan.json\n\n"
        "Exit code: 0 the plan is ready, or nothing is left to do, 1 something is in the way that you have to decide about,\n"
        "2 wrong usage, 3 something could not be looked at.",
        "SESとDNSの現状を調べ、SUBJECT(ドメイン)が要件を満たすまでの手順を計画します。何も変更しません。\n"
        "適用は todoku apply で行います。\n\n"
        "\b\n"
        "  todoku plan example.com -o plan.json\n"
        "  todoku plan example.com --ses ses:PROFILE@ap-northeast-1 --rua dmarc@example.com -o plan.json\n"
        "  todoku plan ses:ap-northeast-1 --identity example.com -o plan.json\n"
        "  todoku plan example.com --render request > request.md\n"
        "  todoku plan --refresh plan.json -o plan.json\n\n"
        "終了コード: 0 計画完成または変更不要、1 判断が必要な既存の設定あり、2 使い方の誤り、3 確認できない項目あり。",
    ),
)
@click.argument("subject", required=False, metavar="SUBJECT")
@click.option(
    "--ses",
    metavar="ses:PROFILE@REGION",
    help=here(
        "The SES account and region. Default: the ordinary AWS credentials and their region.",
        "SESのアカウントとリージョン。既定はAWSの標準の認証情報とリージョン。",
    ),
)
@click.option("--region", metavar="REGION", help=here("The SES region.", "SESのリージョン。"))
@click.option(
    "--identity",
    metavar="DOMAIN",
    help=here("The domain, where SUBJECT is an SES account.", "SUBJECTにSESアカウントを指定した場合のドメイン。"),
)
@click.option(
    "--rua",
    metavar="ADDRESS",
    help=here("Have DMARC aggregate reports sent there.", "DMARC集約レポートの送付先アドレス。"),
)
@click.option(
    "--mail-from",
    metavar="NAME",
    help=here(
        "The custom MAIL FROM domain, below the domain. Default: the first free one of the usual names.",
        "カスタム MAIL FROM ドメイン(ドメインのサブドメイン)。既定は一般的な名前のうち未使用のもの。",
    ),
)
@click.option(
    "--require-tls",
    is_flag=True,
    help=here(
        "Never deliver in clear; SES drops what it cannot encrypt.", "暗号化できない配信を行わない設定にします。"
    ),
)
@click.option(
    "--reject-on-mx-failure",
    is_flag=True,
    help=here(
        "Refuse to send rather than fall back to amazonses.com as MAIL FROM.",
        "MAIL FROMがamazonses.comに戻る場合に送信を拒否する設定にします。",
    ),
)
@click.option(
    "--refresh",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    help=here(
        "Make this plan anew with its own options: what is done is gone, values that SES made are filled in.",
        "計画を同じオプションで作り直します。完了した手順は除かれ、SESが発行した値が入ります。",
    ),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here(
        "Write the plan to a file, for todoku apply; -: to standard output, and nothing else there.",
        "計画をファイルに書き出します(todoku apply 用)。- なら標準出力に計画だけを出力します。",
    ),
)
@click.option(
    "--render",
    "form",
    type=OneOf(RENDERS),
    help=here(
        "Print it as a runbook, a request to whoever keeps the DNS, a zone file, or code. Default: for a terminal.",
        "手順書、DNS管理者への依頼書、ゾーンファイル、コードとして出力します。既定は端末向けの表示。",
    ),
)
@click.option(
    "--dns",
    multiple=True,
    envvar="TODOKU_DNS",
    metavar="SERVER",
    help=here(
        "system (default), IP[:port], tls://IP, https://URL, or zone:FILE; may be repeated.",
        "system(既定)、IP[:port]、tls://IP、https://URL、zone:FILE。複数指定できます。",
    ),
)
@LANG
@click.pass_context
def command(ctx: click.Context, /, subject: str | None, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import plan_run  # noqa: PLC0415 -- `--help` must start at once

    ctx.exit(plan_run.run(subject, plan_run.Options(**options)))
