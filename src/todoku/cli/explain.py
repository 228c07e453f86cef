"""``todoku explain``: a requirement, a reason, or a bounce in words. Touches nothing but standard output."""

from __future__ import annotations

import click

from todoku.cli.command import LANG, Command
from todoku.cli.language import Language, here


@click.command(
    cls=Command,
    name="explain",
    short_help=here("Explain a requirement, a reason or a bounce.", "要件、理由タグ、バウンスの意味を説明します。"),
    help=here(
        "What a requirement asks, what a reason means, or what a receiver's refusal (a pasted bounce line) says.\n\n"
        "\b\n"
        "  todoku explain dmarc-alignment\n"
        "  todoku explain ses-default\n"
        '  todoku explain "550-5.7.26 This mail has been blocked because the sender is unauthenticated."',
        "要件の内容、理由タグの意味、受信側の拒否応答(バウンスの行を貼り付け)の意味を説明します。\n\n"
        "\b\n"
        "  todoku explain dmarc-alignment\n"
        "  todoku explain ses-default\n"
        '  todoku explain "550-5.7.26 This mail has been blocked because the sender is unauthenticated."',
    ),
)
@click.argument("words", nargs=-1, metavar="ID_OR_BOUNCE")
@LANG
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], lang: Language) -> None:
    """Explain one thing; words that the shell split are joined again."""
    if not words:
        raise click.exceptions.NoArgsIsHelpError(ctx)
    from todoku.cli import explain_run  # noqa: PLC0415 -- `--help` must start at once

    explain_run.explain(" ".join(words), lang)
