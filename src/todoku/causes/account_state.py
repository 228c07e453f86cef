"""What keeps an account or a configuration set from sending at all: no receiver asks for it, but everybody has to know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from todoku.account.sending import ConfigurationSet, SesAccount
from todoku.words.verdict import Note, Reason, Text

SANDBOX = Reason(
    "sandbox",
    Text(
        "The account is in the sandbox in {region}: SES sends only to verified addresses, {per_day} messages a day. Ask for production "
        "access (in the SES console: Account dashboard).",
        "このアカウントは {region} でサンドボックスにあり、検証済みのアドレスにしか送信できません(1日{per_day}通まで)。SESコンソールの"
        "アカウントダッシュボードから、本稼働アクセスを申請してください。",
    ),
)
PAUSED = Reason(
    "sending-paused",
    Text(
        "Sending is switched off for the account in {region}: SES refuses every message.",
        "このアカウントは {region} で送信が無効になっており、SESはすべての送信を拒否します。",
    ),
)
SET_PAUSED = Reason(
    "configuration-set-paused",
    Text(
        "Sending is switched off for the configuration set {name} in {region}: what is sent through it SES refuses.",
        "{region} の設定セット {name} で送信が無効になっているため、この設定セットを使う送信は拒否されます。",
    ),
)


def standing(account: SesAccount, sets: Iterable[ConfigurationSet]) -> tuple[Note, ...]:
    """What stands above all verdicts on the identities of one region."""
    return tuple(_notes(account, sets))


def _notes(account: SesAccount, sets: Iterable[ConfigurationSet]) -> Iterator[Note]:
    region = account.region
    if not account.production:
        yield Note(SANDBOX, {"region": region, "per_day": f"{account.quota.per_day:g}"})
    if not account.sending:
        yield Note(PAUSED, {"region": region})
    for one in sets:
        if not one.sending:
            yield Note(SET_PAUSED, {"region": region, "name": one.name})
