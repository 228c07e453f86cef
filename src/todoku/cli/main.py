"""``todoku``: the command with its subcommands, each found in its own module and imported when it is called.

Trusts the operator's options and files' bytes as bytes; touches only the files, the DNS and the terminal that it is told to.
"""

from __future__ import annotations

import importlib
import sys

import click

from todoku import __version__
from todoku.cli.language import here

COMMANDS = ("check", "explain", "replay", "rules", "schema", "completion")

EXIT_USAGE = 2


class Commands(click.Group):
    """A group whose commands are modules of this package, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        """The command of this name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"todoku.cli.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=here(
        "Prove that mail sent through Amazon SES meets what Gmail, Yahoo, Outlook.com and iCloud ask of senders.\n\n"
        "\b\n"
        "Save a message that you received, then:\n"
        "  todoku check message.eml             every requirement, with evidence and the fix\n"
        "  todoku check message.eml --lang ja   the same in Japanese\n"
        '  todoku explain "550-5.7.26 ..."      what a bounce means\n'
        "  todoku explain dmarc-alignment       what a requirement asks, since when, and of whom\n"
        "  todoku rules                         all requirements",
        "Amazon SESから送るメールが、Gmail・Yahoo・Outlook.com・iCloudの送信者要件を満たすことを、根拠とともに確かめます。\n\n"
        "\b\n"
        "受信したメールを保存して、次のように実行します。\n"
        "  todoku check message.eml             すべての要件を、根拠と対処方法つきで判定\n"
        "  todoku check message.eml --lang en   同じ内容を英語で表示\n"
        '  todoku explain "550-5.7.26 ..."      バウンスの意味を説明\n'
        "  todoku explain dmarc-alignment       要件の内容・適用開始日・対象を説明\n"
        "  todoku rules                         要件の一覧",
    ),
)
@click.version_option(__version__, "--version", "-V", message="todoku %(version)s")
def todoku() -> None:
    """The group itself does nothing."""


def main() -> None:
    """Run the command line; an operator's slip is one line on stderr and exit code 2."""
    from todoku.errors import TodokuError  # noqa: PLC0415 -- the report's words are not needed for --help

    try:
        todoku.main(standalone_mode=True)
    except TodokuError as error:
        click.echo(f"todoku: {here(error.text.en, error.text.ja)}", err=True)
        sys.exit(EXIT_USAGE)
