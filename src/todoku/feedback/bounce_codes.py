"""All meanings of replies in the order in which they are tried: the first rule that fits a reply decides.

Who replies has a file in ``replies/``. SES is first, because it speaks before any receiver; then each receiver's own codes and
words, and last what many share. Where a code belongs to one receiver its rule names it; codes that anybody uses name none.
"""

from __future__ import annotations

from collections.abc import Mapping

from todoku.feedback.replies.anyone import ANYONE, FIRST, LAST, LATER
from todoku.feedback.replies.gmail import GMAIL, GMAIL_AFTERWARDS
from todoku.feedback.replies.icloud import ICLOUD
from todoku.feedback.replies.japan import JAPAN
from todoku.feedback.replies.outlook import OUTLOOK
from todoku.feedback.replies.recipient import LIMITS, RECIPIENT
from todoku.feedback.replies.rule import Rule
from todoku.feedback.replies.ses import SES, SES_AFTERWARDS, SES_COVER
from todoku.feedback.replies.yahoo import YAHOO, YAHOO_AFTERWARDS
from todoku.words.verdict import Text

RULES: tuple[Rule, ...] = (
    *(*SES, *FIRST, *JAPAN, *YAHOO, *OUTLOOK, *ICLOUD, *GMAIL),
    *(*LIMITS, *ANYONE, *SES_AFTERWARDS, *RECIPIENT, *LATER),
    *(*YAHOO_AFTERWARDS, *GMAIL_AFTERWARDS, *SES_COVER, *LAST),
)

MEANINGS: Mapping[str, Rule] = {rule.tag: rule for rule in reversed(RULES)}
"""What each tag means."""

UNKNOWN = Rule(
    "unknown",
    None,
    (),
    None,
    (),
    Text(
        "This reply names no sender requirement that todoku knows.",
        "todokuが把握している送信者要件に該当する応答ではありません。",
    ),
    "find-out",
)
