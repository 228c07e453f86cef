"""``todoku ingest``: take the reports of receivers from where they arrive into the store.

It trusts nothing that it takes. It holds the credentials of the source and of the store and parses nothing itself: the
process that reads reports has neither (``intake/child.py``). It writes to the store, and to the source only what
acknowledges: an IMAP flag, the removal of a queue's message.
"""

from __future__ import annotations

from typing import Any

import click

from todoku.cli.command import Command
from todoku.cli.language import here
from todoku.cli.stored import store_options


@click.command(
    cls=Command,
    name="ingest",
    short_help=here("Take reports of receivers into the store.", "受信側からのレポートをストアに取り込みます。"),
    help=here(
        "Take DMARC aggregate reports, SMTP TLS reports, complaints and failure reports into the store,\n"
        "in any wrapping: e-mail, gzip, zip, base64.\n\n"
        "\b\n"
        "  todoku ingest reports/               every file below; none is changed\n"
        "  todoku ingest - < message.eml        what a mail server's pipe hands over\n"
        "  todoku ingest imaps://dmarc@mail.example.com/INBOX\n"
        "                                       a mailbox; [ingest] password_file\n"
        "  todoku ingest s3://BUCKET/PREFIX     what SES's receipt rule stores\n"
        "  todoku ingest sqs://QUEUE            events of SES; [ingest] topics\n"
        "  todoku ingest                        all of [ingest] sources in todoku.toml\n"
        "  todoku ingest --retry                read again what was set aside\n\n"
        "What is taken is on the disk before anything is read, and is counted once however often it comes. The DKIM signature of\n"
        "its mail shows whether a report comes from whom it names; for the keys the DNS is asked ([ingest] dns, else TODOKU_DNS).\n\n"
        "Exit code: 0 all was read, 1 something was set aside (todoku status says why), 2 wrong usage, 3 the store or the\n"
        "source cannot be used: nothing was lost, run it again. With - alone it is 0 once the message is stored, even if it is\n"
        "set aside, and 75 (EX_TEMPFAIL) while it is not: a mail server tries again then.",
        "DMARC集約レポート・SMTP TLSレポート・苦情・失敗レポートをストアに取り込みます。\n"
        "メール・gzip・zip・base64のどの形でも読み取れます。\n\n"
        "\b\n"
        "  todoku ingest reports/               フォルダー以下の全ファイル(変更なし)\n"
        "  todoku ingest - < message.eml        メールサーバーのパイプから1通\n"
        "  todoku ingest imaps://dmarc@mail.example.com/INBOX\n"
        "                                       メールボックス([ingest] password_file)\n"
        "  todoku ingest s3://BUCKET/PREFIX     SESの受信ルールが保存したメール\n"
        "  todoku ingest sqs://QUEUE            SESのイベント([ingest] topics)\n"
        "  todoku ingest                        todoku.toml の [ingest] sources すべて\n"
        "  todoku ingest --retry                保留したものをもう一度読み取り\n\n"
        "読み取る前に必ず元データをディスクに保存します。同じものが何度届いても、数えるのは1回だけです。\n"
        "レポートが名乗りどおりの送信元から届いたかを、メールのDKIM署名で確かめます。公開鍵は\n"
        "DNS([ingest] dns、なければ TODOKU_DNS)から取得します。\n\n"
        "終了コード: 0 すべて読み取り、1 保留あり(理由は todoku status)、2 使い方の誤り、\n"
        "3 ストアまたは取得元を使用できない(失われたものはありません。再実行してください)。\n"
        "- だけを指定したときは、保存できれば(保留になっても)0、保存できない間は75(EX_TEMPFAIL)で終わります。\n"
        "75ならメールサーバーが再送します。",
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--retry", is_flag=True, help=here("Read again what was set aside.", "保留したものをもう一度読み取ります。")
)
@click.option(
    "--offline",
    is_flag=True,
    help=here(
        "Ask no DNS: who sent a report stays unknown.",
        "DNSに問い合わせません。レポートの送信元は「不明」になります。",
    ),
)
@store_options
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import ingest_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    ctx.exit(ingest_run.run(**options))
