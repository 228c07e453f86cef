"""``todoku explain``: a requirement, a reason, a bounce or a line of authentication results in words. Touches nothing but standard output."""

from __future__ import annotations

import click

from todoku.cli.command import LANG, Command
from todoku.cli.language import Language, here


@click.command(
    cls=Command,
    name="explain",
    short_help=here(
        "Explain a requirement, a bounce or Authentication-Results.",
        "要件、バウンス、Authentication-Resultsなどを説明します。",
    ),
    help=here(
        "What a requirement asks, what a reason means, what a receiver's refusal (a pasted bounce line) says, or what a "
        "receiver wrote of SPF, DKIM and DMARC (an Authentication-Results, ARC-Authentication-Results or Received-SPF line).\n\n"
        "\b\n"
        "  todoku explain dmarc-alignment\n"
        "  todoku explain ses-default\n"
        '  todoku explain "550-5.7.26 This mail has been blocked because the sender is unauthenticated."\n'
        '  todoku explain "Authentication-Results: spf=pass smtp.mailfrom=amazonses.com; dmarc=fail header.from=example.com"\n'
        "  todoku explain recipient-settings example.com     (a text for recipients at Japanese carriers)",
        "要件の内容、理由タグの意味、受信側の拒否応答(バウンスの行を貼り付け)、受信側が記録したSPF・DKIM・DMARCの結果"
        "(Authentication-Results、ARC-Authentication-Results、Received-SPFの行)を説明します。\n\n"
        "\b\n"
        "  todoku explain dmarc-alignment\n"
        "  todoku explain ses-default\n"
        '  todoku explain "550-5.7.26 This mail has been blocked because the sender is unauthenticated."\n'
        '  todoku explain "Authentication-Results: spf=pass smtp.mailfrom=amazonses.com; dmarc=fail header.from=example.com"\n'
        "  todoku explain recipient-settings example.com     (携帯キャリアの受信者向けの案内文)",
    ),
)
@click.argument("words", nargs=-1, metavar="ID_OR_LINE")
@LANG
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], lang: Language) -> None:
    """Explain one thing; words that the shell split are joined again."""
    if not words:
        raise click.exceptions.NoArgsIsHelpError(ctx)
    from todoku.cli import explain_run  # noqa: PLC0415 -- `--help` must start at once

    explain_run.explain(" ".join(words), lang)
