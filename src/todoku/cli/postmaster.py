"""``todoku postmaster``: Google's Postmaster Tools: sign in, add and verify domains, and read what Google counts and says.

It talks to Google alone, with the credentials that ``[postmaster]`` names, and writes nothing but the file of the consent
(``login``) and the store (``poll``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from todoku.cli.command import LANG, Group, OneOf
from todoku.cli.language import here
from todoku.cli.stored import CONFIG, store_options


@click.group(
    cls=Group,
    name="postmaster",
    short_help=here(
        "Google's Postmaster Tools: sign in, add domains, read rates.",
        "GoogleのPostmaster Toolsに接続し、ドメインの追加と数値の取得を行います。",
    ),
    help=here(
        "Read what Gmail counts of your mail, and what it says of your domains, by the API of Postmaster Tools.\n\n"
        "\b\n"
        "  todoku postmaster login --client client.json once, without a service account\n"
        "  todoku postmaster add example.com            which record is to be published\n"
        "  todoku postmaster verify example.com         ask Google to look for it\n"
        "  todoku postmaster domains                    which domains are there\n"
        "  todoku postmaster poll                       read everything into the store\n\n"
        "Credentials, for a project in Google Cloud with the “Gmail Postmaster Tools API” switched on: a service account's key in\n"
        "[postmaster] credentials_file, its address a user of each domain in Postmaster Tools; or your own consent, by login.",
        "Gmailが集計した数値と、ドメインに対するGoogleの判定を、Postmaster ToolsのAPIで取得します。\n\n"
        "\b\n"
        "  todoku postmaster login --client client.json 最初に1回、ブラウザーで許可\n"
        "  todoku postmaster add example.com            登録するDNSレコードを表示\n"
        "  todoku postmaster verify example.com         Googleに所有権の確認を依頼\n"
        "  todoku postmaster domains                    登録済みドメインの一覧\n"
        "  todoku postmaster poll                       数値と判定をストアに取り込み\n\n"
        "「Gmail Postmaster Tools API」を有効にしたGoogle Cloudプロジェクトの認証情報が必要です。サービスアカウントのキーを "
        "[postmaster] credentials_file に指定し(そのアドレスをPostmaster Toolsの各ドメインのユーザーに追加)、または login で"
        "自分のアカウントの許可を与えます。",
    ),
)
def command() -> None:
    """The group itself does nothing."""


DOMAIN = click.argument("domain", metavar="DOMAIN")
METHOD = click.option(
    "--method",
    type=OneOf(["txt", "cname"]),
    default="txt",
    show_default=True,
    help=here("The kind of record by which Google knows the domain as yours.", "所有権の確認に使うレコードの種類。"),
)
CLIENT = click.option(
    "--client",
    metavar="FILE",
    help=here(
        "The OAuth client's JSON. Default: [postmaster] credentials_file.",
        "OAuthクライアントのJSON。既定は [postmaster] credentials_file。",
    ),
)
PORT = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help=here(
        "The port of this machine that the browser comes back to. Default: any free one. Over SSH, forward it.",
        "ブラウザーからの応答を受けるポート。既定は空いているポート。SSH経由の場合は転送してください。",
    ),
)
FORM = click.option(
    "--format",
    "form",
    type=OneOf(["text", "json"]),
    default="text",
    show_default=True,
    help=here("How to show them.", "出力形式。"),
)


def _run(name: str) -> Callable[..., int]:
    def run(**options: Any) -> int:  # noqa: ANN401 -- click's values
        from todoku.cli import postmaster_run  # noqa: PLC0415 -- `--help` must start at once

        code: int = getattr(postmaster_run, name)(**options)
        return code

    return run


command.add(
    "login",
    here(
        "Allow todoku, in a browser, to read your Postmaster Tools. Make an OAuth client of the type “Desktop app” in Google "
        "Cloud first, and download its JSON. The consent is kept in a file that only you can read.",
        "todokuがPostmaster Toolsを読み取ることを、ブラウザーで許可します。事前にGoogle Cloudで種類「デスクトップアプリ」の"
        "OAuthクライアントを作成し、JSONをダウンロードしてください。許可の情報は、本人だけが読めるファイルに保存します。",
    ),
    _run("login"),
    CLIENT,
    PORT,
    LANG,
    CONFIG,
)
command.add(
    "add",
    here(
        "Add a domain to Postmaster Tools, and show the DNS record by which Google verifies it.",
        "Postmaster Toolsにドメインを追加し、所有権の確認に必要なDNSレコードを表示します。",
    ),
    _run("add"),
    DOMAIN,
    METHOD,
    LANG,
    CONFIG,
)
command.add(
    "verify",
    here(
        "Ask Google to look for the record of a domain.\n\nExit code: 0 it is verified, 1 it is not, 3 Google could not be asked.",
        "ドメインのレコードの確認をGoogleに依頼します。\n\n終了コード: 0 確認済み、1 未確認、3 Googleに問い合わせできない。",
    ),
    _run("verify"),
    DOMAIN,
    METHOD,
    LANG,
    CONFIG,
)
command.add(
    "domains",
    here("List the domains in your Postmaster Tools.", "Postmaster Toolsに登録されているドメインを表示します。"),
    _run("domains"),
    FORM,
    LANG,
    CONFIG,
)
command.add(
    "poll",
    here(
        "Read the last days of every rate, and what Google says of each domain, into the store. Older gaps are filled.\n\n"
        "Exit code: 0 everything was read, 3 something could not be.",
        "直近の数値と、各ドメインに対するGoogleの判定をストアに取り込みます。以前に取得できなかった日も取得し直します。\n\n"
        "終了コード: 0 すべて取得、3 取得できないものがある。",
    ),
    _run("poll"),
    store_options,
)
