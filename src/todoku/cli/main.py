"""``todoku``: the command with its subcommands, each found in its own module and imported when it is called.

Trusts the operator's options and files' bytes as bytes; touches only the files, the DNS and the terminal that it is told to.
"""

from __future__ import annotations

import importlib
import sys

import click

from todoku import __version__
from todoku.cli.command import LANG, Group, slip
from todoku.cli.exit_codes import EXIT_INTERRUPTED, EXIT_USAGE
from todoku.cli.language import here
from todoku.cli.terminal import Screen, tell
from todoku.words.errors import TodokuError
from todoku.words.verdict import Text

COMMANDS = (
    "check",
    "explain",
    "replay",
    "rules",
    "plan",
    "apply",
    "undo",
    "ingest",
    "watch",
    "status",
    "reports",
    "store",
    "postmaster",
    "demo",
    "iam",
    "schema",
    "completion",
)

MAX_SAID = 2000  # characters of an error


class Commands(Group):
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

    def meant_by(self, ctx: click.Context, word: str) -> Text:
        """Which command was probably meant: that of a file's name is ``check``."""
        if "." in word:
            return Text(f" Did you mean todoku check {word}?", f"もしかして todoku check {word} ですか? ")
        return super().meant_by(ctx, word)


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        Screen().write(f"todoku {__version__}\n")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=here(
        "Prove that mail sent through Amazon SES meets what Gmail, Yahoo, Outlook.com and iCloud ask of senders.\n\n"
        "\b\n"
        "Save a message that you received, then:\n"
        "  todoku check message.eml             every requirement, evidence and fix\n"
        "  todoku check message.eml --lang ja   the same in Japanese\n"
        "  todoku check example.com             what DNS shows, before anything is sent\n"
        '  todoku explain "550-5.7.26 ..."      what a bounce means\n'
        "  todoku rules                         all requirements\n\n"
        "\b\n"
        "Then:\n"
        "  todoku plan example.com              what is left to do; apply does it\n"
        "  todoku ingest reports/               keep reports, to ask todoku reports\n"
        "  todoku watch                         keep looking, and tell what fails\n"
        "  todoku demo                          try it without an AWS account",
        "Amazon SESから送るメールが、Gmail・Yahoo・Outlook.com・iCloudの送信者要件を満たすことを、根拠とともに確かめます。\n\n"
        "\b\n"
        "受信したメールを保存して、次のように実行します。\n"
        "  todoku check message.eml             全要件を、根拠と対処方法つきで判定\n"
        "  todoku check message.eml --lang en   同じ内容を英語で表示\n"
        "  todoku check example.com             送信前のドメインを、DNSだけから判定\n"
        '  todoku explain "550-5.7.26 ..."      バウンスの意味を説明\n'
        "  todoku rules                         要件の一覧\n\n"
        "\b\n"
        "続けて、次のことができます。\n"
        "  todoku plan example.com              必要な変更を計画(適用は apply)\n"
        "  todoku ingest reports/               レポートの取り込み(分析は reports)\n"
        "  todoku watch                         継続的に監視し、問題を通知\n"
        "  todoku demo                          AWSアカウントなしで試す",
    ),
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=here("Show the version.", "バージョンを表示します。"),
)
@LANG
def todoku(lang: str) -> None:
    """The group itself does nothing."""


def main() -> None:
    """Run the command line; an operator's slip is one line on stderr and exit code 2."""
    try:
        code = todoku.main(prog_name="todoku", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        tell(error.format_message())
        code = EXIT_USAGE
    except click.UsageError as error:
        code = _told(slip(error))
    except TodokuError as error:
        code = _told(error.text)
    except click.Abort:
        code = EXIT_INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


def _told(text: Text) -> int:
    from todoku.report.words import harmless  # noqa: PLC0415 -- an error may quote a stranger; `--help` must start at once

    said = here(text.en, text.ja)
    cut = said if len(said) <= MAX_SAID else f"{said[:MAX_SAID]}…"  # it may quote what somebody sent
    tell(f"todoku: {harmless(cut)}")
    return EXIT_USAGE
