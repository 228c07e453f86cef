"""``todoku iam``: the IAM policy that todoku needs, no wider than it must be. Touches nothing but standard output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import click

from todoku.cli.command import LANG, Group, OneOf
from todoku.cli.language import here

Function = Callable[..., Any]


@click.group(
    cls=Group,
    name="iam",
    short_help=here("Print the IAM policies that todoku needs.", "必要なIAMポリシーを出力します。"),
    help=here(
        "The least IAM policy with which todoku reads an SES account, watches it, or applies a plan to it.\n\n"
        "\b\n"
        "  todoku iam read > policy.json\n"
        "  todoku iam read --account 123456789012 --region ap-northeast-1 --identity example.com\n"
        "  todoku iam watch > policy.json\n"
        "  todoku iam apply --format text",
        "todokuがSESアカウントの読み取り、監視、または計画の適用を行うために必要な、最小権限のIAMポリシーを出力します。\n\n"
        "\b\n"
        "  todoku iam read > policy.json\n"
        "  todoku iam read --account 123456789012 --region ap-northeast-1 --identity example.com\n"
        "  todoku iam watch > policy.json\n"
        "  todoku iam apply --format text",
    ),
)
def command() -> None:
    """A group by itself does nothing."""


def _narrowed(function: Function) -> Function:
    """The options that every policy has."""
    options = (
        click.option(
            "--account",
            metavar="ID",
            default="",
            help=here("Only this AWS account (12 digits).", "対象を1つのAWSアカウント(12桁のID)に絞ります。"),
        ),
        click.option(
            "--region",
            "regions",
            metavar="REGION",
            multiple=True,
            help=here("Only this region; may be repeated.", "対象をリージョンに絞ります。複数指定できます。"),
        ),
        click.option(
            "--identity",
            "identities",
            metavar="NAME",
            multiple=True,
            help=here(
                "Only this domain or address; may be repeated. What others hold is then unknown.",
                "対象をドメインまたはメールアドレスに絞ります。複数指定できます。ほかの検証済みIDは判定不能になります。",
            ),
        ),
        click.option(
            "--format",
            "form",
            type=OneOf(["json", "text"]),
            default="json",
            show_default=True,
            help=here(
                "json: the policy. text: what each action is for.", "json はポリシー、text は各アクションの用途。"
            ),
        ),
        LANG,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command(
    "read",
    help=here(
        "To read an account: no action in it changes anything.",
        "アカウントの読み取り用。変更を行うアクションは含みません。",
    ),
)
@_narrowed
def read(**options: Any) -> None:  # noqa: ANN401 -- click's values
    """Print the policy for reading."""
    _print("read", options)


@command.command(
    "watch",
    help=here(
        "To watch an account: what reading takes, and what was sent, bounced and complained about day by day.",
        "アカウントの監視用。読み取りに加え、日々の送信数、バウンス数、苦情数の取得を含みます。変更を行うアクションは含みません。",
    ),
)
@_narrowed
def watch(**options: Any) -> None:  # noqa: ANN401 -- click's values
    """Print the policy for watching."""
    _print("watch", options)


@command.command(
    "apply",
    help=here(
        "To apply a plan, and to undo it: what reading takes, the changes in SES, and the DNS records in Route 53.",
        "計画の適用と取り消し用。読み取りに加え、SESの設定変更とRoute 53のDNSレコード変更を含みます。",
    ),
)
@_narrowed
def apply(**options: Any) -> None:  # noqa: ANN401 -- click's values
    """Print the policy for applying."""
    _print("apply", options)


def _print(use: Literal["read", "watch", "apply"], options: dict[str, Any]) -> None:
    from todoku.cli import iam_run  # noqa: PLC0415 -- `--help` must start at once

    options["language"] = options.pop("lang")
    iam_run.show(use, **options)
