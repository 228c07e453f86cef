"""``todoku reports``: questions to the reports that were stored. It only looks; what strangers wrote is shown harmless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from todoku.cli.command import Command, OneOf
from todoku.cli.language import here
from todoku.cli.stored import clock, store_options
from todoku.report.answers.document import QUESTIONS

FORMS = ("text", "json", "csv", "markdown", "html")
BY = ("day", "week", "month", "configuration-set", "tag")
POLICIES = ("none", "quarantine", "reject")


@click.command(
    cls=Command,
    name="reports",
    short_help=here("Ask what stored reports tell.", "保存したレポートを分析します。"),
    help=here(
        "What the reports tell that todoku ingest has stored.\n\n"
        "\b\n"
        "  overview     what to know on a Monday; without a QUESTION (the last 30 days)\n"
        "  sources      who sends as your domains\n"
        "  passing      how much passes DMARC, --by day, week or month\n"
        "  unaligned    where mail that fails comes from\n"
        "  reporters    who reports, and who has stopped\n"
        "  whatif       what --policy reject would have kept out (the last 30 days)\n"
        "  tls          whether others reach you over TLS\n"
        "  bounces      what did not arrive, by receiver and what its reply means\n"
        "  complaints   who pressed the spam button, by Feedback-ID\n"
        "  failures     single messages that failed, from failure reports (ruf)\n\n"
        "Days are those of UTC on which a report's period begins.\n\n"
        "Exit code: 0 answered, 2 wrong usage or no such store, 3 there is no report to answer from, or the store cannot be used.",
        "todoku ingest で保存したレポートを分析します。\n\n"
        "\b\n"
        "  overview     週明けに見るべき全体像。QUESTION省略時はこれ(直近30日間)\n"
        "  sources      自社ドメインを名乗る送信元\n"
        "  passing      DMARC合格率の推移(--by day、week、month)\n"
        "  unaligned    不合格のメールの送信元\n"
        "  reporters    レポートの送信元と、途絶えているもの\n"
        "  whatif       --policy reject にした場合に届かなくなるメール(直近30日間)\n"
        "  tls          受信メールのTLSの成否\n"
        "  bounces      届かなかったメール(受信側と応答の意味ごと)\n"
        "  complaints   迷惑メール報告(Feedback-ID別)\n"
        "  failures     失敗レポート(ruf)で届いた不合格のメール\n\n"
        "日付はUTCで、レポートの対象期間が始まる日です。\n\n"
        "終了コード: 0 回答あり、2 使い方の誤りかストアがない、3 該当するレポートがない、またはストアを使用できない。",
    ),
)
@click.argument("question", type=OneOf(QUESTIONS), default="overview", metavar="[QUESTION]")
@click.option(
    "--domain", metavar="D", help=here("Only this domain and names below it.", "このドメインとその配下だけ。")
)
@click.option("--since", metavar="YYYY-MM-DD", help=here("From this day on.", "この日から。"))
@click.option("--until", metavar="YYYY-MM-DD", help=here("Up to this day, included.", "この日まで(当日を含む)。"))
@click.option(
    "--by",
    type=OneOf(BY),
    help=here(
        "For passing: a row for each day, week or month. Default: week. For bounces also configuration-set and tag.",
        "passing の集計単位。既定は week。bounces では configuration-set と tag も指定できます。",
    ),
)
@click.option(
    "--policy",
    type=OneOf(POLICIES),
    help=here("For whatif: the policy to try. Default: reject.", "whatif で試算するポリシー。既定は reject。"),
)
@click.option(
    "--subdomain-policy",
    type=OneOf(POLICIES),
    help=here(
        "For whatif: the policy of subdomains. Default: that of --policy.",
        "whatif でのサブドメインのポリシー。既定は --policy と同じ。",
    ),
)
@click.option(
    "--verified",
    is_flag=True,
    help=here(
        "Count only reports whose mail was signed by the reporter that they name.",
        "名乗る送信元の署名を確認できたレポートだけを集計します。",
    ),
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help=here(
        "Rows of a table at most; 0: all. JSON and CSV hold all.", "表の最大行数。0は無制限。JSONとCSVは常に全件。"
    ),
)
@click.option(
    "--format", "form", type=OneOf(FORMS), default="text", show_default=True, help=here("How to show it.", "出力形式。")
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here("Write to a file.", "ファイルに書き込みます。"),
)
@store_options
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import reports_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    ctx.exit(reports_run.run(reports_run.Wanted(**options), clock().date()))
