"""``todoku check``: judge saved messages, domains and SES accounts by every receiver's requirements and show the proof.

Trusts nothing in the message. Asks the DNS what the message or the domain makes it ask, within the bounds of
``evidence.MAX_QUESTIONS``, ``domain_evidence.MAX_QUESTIONS`` and ``api.SECONDS``; fetches no link, sends nothing, keeps
nothing but what ``--record``, ``--resume`` and ``-o`` name. AWS credentials are used for ``ses:`` subjects alone, to read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from todoku.cli.command import FORMAT, LANG, Command, OneOf
from todoku.cli.language import here
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, GROUPS

_ALONE = ", ".join(receiver for receiver, facts in FACTS.items() if not facts.group)
_TOGETHER = "; ".join(f"{group} for {', '.join(members)}" for group, members in GROUPS.items())
_TOGETHER_JA = "。".join(f"{'、'.join(members)} はまとめて {group}" for group, members in GROUPS.items())


@click.command(
    cls=Command,
    name="check",
    short_help=here(
        "Judge saved messages, domains or SES accounts by every requirement, with evidence and fixes.",
        "保存したメール、ドメイン、SESアカウントをすべての要件で判定し、根拠と対処方法を示します。",
    ),
    help=here(
        "Judge each SUBJECT: a saved message (.eml, .msg, a pasted header), - for standard input, a recorded bundle.zip,\n"
        "a domain that sends through SES, of which the DNS alone is looked at, or an SES account: ses:REGION,\n"
        "ses:PROFILE@REGION or ses:ROLE_ARN@REGION, of which every identity is looked at, and nothing changed.\n\n"
        "\b\n"
        "  todoku check message.eml\n"
        "  todoku check - < message.eml\n"
        "  todoku check message.eml --receiver gmail,yahoo --mail marketing\n"
        "  todoku check message.eml --ip 192.0.2.1 --helo mail.example.com --mail-from bounce@example.com\n"
        "  todoku check message.eml --dns 1.1.1.1 --format html -o report.html\n"
        "  todoku check message.eml --record proof.zip\n"
        "  todoku check example.com --selector TOKEN1 --selector TOKEN2 --selector TOKEN3\n"
        "  todoku check ses:ap-northeast-1\n"
        "  todoku check ses:PROFILE@ --all-regions --identity '*.example.com' --resume look.jsonl\n\n"
        "Exit code: 0 clean, 1 findings, 2 wrong usage, 3 the evidence could not be had.",
        "SUBJECT(保存したメール .eml・.msg・貼り付けたヘッダー、標準入力は -、記録した bundle.zip、SESで送信するドメイン、SESアカウント)を判定します。\n"
        "ドメインの場合は、DNSだけから分かることを判定します。SESアカウント(ses:リージョン、ses:プロファイル@リージョン、\n"
        "ses:ロールARN@リージョン)の場合は、すべての検証済みIDを読み取って判定します。変更は行いません。\n\n"
        "\b\n"
        "  todoku check message.eml\n"
        "  todoku check - < message.eml\n"
        "  todoku check message.eml --receiver gmail,yahoo --mail marketing\n"
        "  todoku check message.eml --ip 192.0.2.1 --helo mail.example.com --mail-from bounce@example.com\n"
        "  todoku check message.eml --dns 1.1.1.1 --format html -o report.html\n"
        "  todoku check message.eml --record proof.zip\n"
        "  todoku check example.com --selector TOKEN1 --selector TOKEN2 --selector TOKEN3\n"
        "  todoku check ses:ap-northeast-1\n"
        "  todoku check ses:PROFILE@ --all-regions --identity '*.example.com' --resume look.jsonl\n\n"
        "終了コード: 0 問題なし、1 不適合あり、2 使い方の誤り、3 根拠を取得できず判定不能。",
    ),
)
@click.argument("subjects", nargs=-1, metavar="SUBJECT...")
@click.option(
    "--subjects",
    "listed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here("A file with one SUBJECT a line.", "1行に1つSUBJECTを書いたファイル。"),
)
@click.option(
    "--ip",
    metavar="A",
    help=here(
        "The sending address, when you know it better than the message, which is then taken as it came.",
        "送信元IPアドレス(メールのヘッダーより確かな場合)。指定すると、ファイルの内容を補正せずに判定します。",
    ),
)
@click.option("--helo", metavar="H", help=here("The HELO name.", "HELO名。"))
@click.option(
    "--mail-from",
    metavar="M",
    help=here(
        "The envelope sender; of a domain, its custom MAIL FROM domain.",
        "エンベロープFrom(MAIL FROM)。ドメインを判定する場合はカスタム MAIL FROM ドメイン。",
    ),
)
@click.option(
    "--selector",
    "selectors",
    multiple=True,
    metavar="S",
    help=here(
        "A DKIM selector of the domain; may be repeated. DNS cannot list them.",
        "ドメインのDKIMセレクター。複数指定できます。DNSから一覧は取得できません。",
    ),
)
@click.option(
    "--trust",
    metavar="AUTHSERV-ID",
    help=here(
        "Whose Authentication-Results to believe; `none` for nobody's. Default: the receiver's own.",
        "信頼するAuthentication-Resultsの発行元。none で信頼しない。既定は受信側自身のもの。",
    ),
)
@click.option(
    "--receiver",
    "receivers",
    metavar="LIST",
    help=here(
        f"By whose requirements to judge: {_ALONE}; {_TOGETHER}. Default: {', '.join(ASKED_BY_DEFAULT)}, and of the others those "
        "that the message is addressed to.",
        f"どの受信側の要件で判定するか({_ALONE}。{_TOGETHER_JA})。"
        f"既定は {', '.join(ASKED_BY_DEFAULT)} で、宛先がほかの受信側であればそれも加えます。",
    ),
)
@click.option(
    "--volume",
    type=OneOf(["bulk", "small"]),
    help=here(
        "How much you send. Default: bulk, unless the quota of an SES account allows no bulk mail.",
        "送信量(bulk=一括送信者)。既定は bulk。ただし、一括送信できない送信クォータのSESアカウントは small。",
    ),
)
@click.option(
    "--mail",
    "purpose",
    type=OneOf(["marketing", "transactional"]),
    help=here(
        "What the message is. Default: marketing when it carries List-* fields.",
        "メールの種類。既定ではList-*ヘッダーがあればmarketing。",
    ),
)
@click.option(
    "--as-of", metavar="YYYY-MM-DD", help=here("Judge by the rules of that day.", "その日のルールで判定します。")
)
@click.option(
    "--dns",
    multiple=True,
    envvar="TODOKU_DNS",
    metavar="SERVER",
    help=here(
        "system (default), IP[:port], tls://IP, https://URL, or zone:FILE; may be repeated, later zones overlay earlier ones.",
        "system(既定)、IP[:port]、tls://IP、https://URL、zone:FILE。複数指定時は後のゾーンが優先されます。",
    ),
)
@LANG
@FORMAT
@click.option("--json", "as_json", is_flag=True, help=here("Same as --format json.", "--format json と同じ。"))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here("Write the report to a file.", "レポートをファイルに書き出します。"),
)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="BUNDLE.zip",
    help=here(
        "Keep message, answers and rules version: replayable for ever.",
        "メール、DNSの応答、ルールの版を記録し、いつでも再判定できるようにします。",
    ),
)
@click.option(
    "--fail-on",
    type=OneOf(["fail", "warn", "unknown", "never"]),
    default="fail",
    show_default=True,
    help=here(
        "From which result on the exit code is 1. Each counts those before it too: unknown is fail, warn, and what could not be looked at.",
        "終了コード1とする判定の下限。左の判定も含みます(unknown は、不適合・注意と、確認できなかったもの)。",
    ),
)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="GLOB",
    help=here(
        "Of an SES account, only identities that match, e.g. '*.example.com'; may be repeated.",
        "SESアカウントのうち、一致する検証済みIDだけを判定します(例: '*.example.com')。複数指定できます。",
    ),
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="KEY=VALUE",
    help=here(
        "Of an SES account, only identities with this tag; of several, with all of them.",
        "SESアカウントのうち、このタグを持つ検証済みIDだけを判定します。複数指定時はすべてを持つもの。",
    ),
)
@click.option(
    "--tenant",
    metavar="NAME",
    help=here(
        "Of an SES account, only this tenant's identities.",
        "SESアカウントのうち、このテナントの検証済みIDだけを判定します。",
    ),
)
@click.option(
    "--all-regions",
    is_flag=True,
    help=here(
        "Look at an SES account in every region that is on.", "SESアカウントを、有効なすべてのリージョンで判定します。"
    ),
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here(
        "Keep what SES replies in a file as it comes; what it holds is not asked again for a day.",
        "SESの応答を逐次ファイルに保存します。保存済みの応答は1日間再利用し、中断したところから続けます。",
    ),
)
@click.option(
    "--details",
    multiple=True,
    metavar="NAME",
    help=here(
        "Of several subjects, show the whole report of this one too (`all`: of each). Repeatable.",
        "複数のSUBJECTのうち、レポート全体も表示するもの(all はすべて)。繰り返し指定できます。",
    ),
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    help=here(
        "In how many processes to look at many subjects. Default: one for each core, and one alone for few subjects.",
        "多数のSUBJECTを判定するときのプロセス数。既定はCPUコアの数(SUBJECTが少なければ1)。",
    ),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here(
        "Settings, which say where the store is. Default: TODOKU_CONFIG, else todoku.toml.",
        "ストアの場所を含む設定ファイル。既定は TODOKU_CONFIG、なければ todoku.toml。",
    ),
)
@click.option(
    "--store",
    "place",
    metavar="PLACE",
    help=here(
        "The store to ask for what Gmail counts of a domain or an account. Default: that of the settings, if it is there.",
        "ドメインやアカウントに対するGmailの集計を読み取るストア。既定は設定のストア(ある場合)。",
    ),
)
@click.pass_context
def command(ctx: click.Context, /, subjects: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 -- click's values
    """Hand over to ``run``; imported here, so that ``--help`` needs none of it."""
    from todoku.cli import check_options, check_run  # noqa: PLC0415 -- `--help` must start at once

    if options.pop("as_json"):
        options["form"] = "json"
    ctx.exit(check_run.run(subjects, check_options.CheckOptions(**options)))
