"""What one meaning of a reply is, and what its rules share: who replies, what to do about it, how it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from todoku.receivers import NAMES
from todoku.words.verdict import Receiver, Text

Replier = Receiver | Literal["ses", "jcom"]
"""Who replies: a receiver, SES itself, or J:COM, of which no rule is known."""

REPLIERS: Mapping[Replier, str] = {**dict[Replier, str](NAMES.items()), "ses": "Amazon SES", "jcom": "J:COM"}

Handling = Literal["stop", "later", "fix", "recipient", "delist", "account", "find-out"]
"""What to do with the address and the mail. Only ``stop`` means that the address is dead."""

HANDLING: Mapping[Handling, Text] = {
    "stop": Text("Stop sending to this address.", "この宛先への送信を停止してください。"),
    "later": Text(
        "Keep the address. Send again later, more slowly.",
        "宛先は残したまま、時間を置き、送信速度を落として再送してください。",
    ),
    "fix": Text(
        "Keep the address. Fix the message or its setup first: sent again unchanged, it fails again.",
        "宛先は残し、メールまたは送信設定を修正してから再送してください。そのまま再送しても同じ結果になります。",
    ),
    "recipient": Text(
        "Keep the address. Only the recipient or the recipient's administrator can change this: reach them another way.",
        "宛先は残してください。解消できるのは受信者かその管理者だけです。別の手段で連絡してください。",
    ),
    "delist": Text(
        "Keep the address. Stop what caused complaints, then ask for removal: for SES's shared addresses open an AWS Support case.",
        "宛先は残してください。苦情の原因を取り除いてから解除を依頼します。SESの共有IPアドレスの場合はAWSサポートに依頼してください。",
    ),
    "account": Text(
        "Nothing was sent. Change the SES account or how you call SES.",
        "送信されていません。SESアカウントの設定、またはSESの呼び出し方を見直してください。",
    ),
    "find-out": Text(
        "Keep the address until you know more.",
        "原因が分かるまで、宛先を削除しないでください。",
    ),
}


class Rule(msgspec.Struct, frozen=True):
    """One meaning. ``codes`` are basic (``554``), enhanced (``5.7.26``) or both (``421 4.7.0``); none: any code.

    ``words`` must be found in the reply. ``receiver`` None: whoever wrote it. ``recognised``: the reply must show by other
    words that it is this receiver's. ``official``: a page of the receiver's own has it; otherwise it was only seen in bounces
    or is told by third parties. ``ambiguous``: the text names several meanings, because the reply tells no more.
    """

    tag: str
    receiver: Replier | None
    codes: tuple[str, ...]
    words: re.Pattern[str] | None
    requirements: tuple[str, ...]
    text: Text
    handling: Handling
    official: bool = False
    ambiguous: bool = False
    recognised: bool = False


def matching(pattern: str) -> re.Pattern[str]:
    """Words of a reply, in capitals or not."""
    return re.compile(pattern, re.IGNORECASE)
