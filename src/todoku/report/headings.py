"""The headings of a report, the same in every form."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.report.words import Language, say
from todoku.words.verdict import Text

FOUND = Text("What was found", "判定の詳細")
TO_DO = Text("What to do", "対処方法")
MET = Text("Met", "適合している要件")
UNTOLD_BY_MESSAGE = Text(
    "Cannot be told from a message, or does not apply", "メールからは判定できない要件・対象外の要件"
)
UNTOLD_BY_DOMAIN = Text("Cannot be told from a domain alone", "ドメインだけでは判定できない要件")
UNTOLD_BY_ACCOUNT = Text("Cannot be told from an SES account alone", "SESアカウントの設定だけでは判定できない要件")
UNTOLD = {"message": UNTOLD_BY_MESSAGE, "domain": UNTOLD_BY_DOMAIN, "account": UNTOLD_BY_ACCOUNT}
REQUIREMENT = Text("Requirement", "要件")
AUTHENTICATION = Text("Authentication", "送信ドメイン認証")
PUBLISHED = Text("What the domain publishes", "ドメインが公開しているレコード")
FIX = Text("Fix", "対処方法")
SET_UP = Text("Set up", "設定手順")


class Headings(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above each part of a report, and before the numbers of fixes and the page that tells how to set up."""

    found: str
    to_do: str
    met: str
    untold: str
    requirement: str
    authentication: str
    published: str
    fix: str
    set_up: str


def headings(language: Language, kind: Literal["message", "domain", "account"]) -> Headings:
    """The headings of a report on a message, a domain, or an SES account."""
    return Headings(
        found=say(FOUND, language),
        to_do=say(TO_DO, language),
        met=say(MET, language),
        untold=say(UNTOLD[kind], language),
        requirement=say(REQUIREMENT, language),
        authentication=say(AUTHENTICATION, language),
        published=say(PUBLISHED, language),
        fix=say(FIX, language),
        set_up=say(SET_UP, language),
    )
