"""The words of reports about one message: what kind of report it is, what failed, and what became of the message.

The kinds are those of IANA's registry of Feedback Report Type Values
(https://www.iana.org/assignments/marf-parameters/marf-parameters.xhtml), each from the RFC beside it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.words.verdict import Text

FeedbackType = Literal["abuse", "auth-failure", "fraud", "not-spam", "virus", "other"]
AuthFailure = Literal["adsp", "bodyhash", "revoked", "signature", "spf", "dmarc", ""]
"""RFC 6591 section 3.3 with the one that RFC 9991 adds; "" where it is not said, or in another word."""
Delivery = Literal["delivered", "spam", "policy", "reject", "other", ""]
"""RFC 6591 section 3.2.2."""


class Kind(msgspec.Struct, frozen=True):
    """What a kind of report says, and whether it is a complaint about the message."""

    meaning: Text
    is_complaint: bool = False


FEEDBACK_TYPES: dict[str, Kind] = {
    "abuse": Kind(Text("unwanted mail", "迷惑メール"), is_complaint=True),  # RFC 5965 7.3
    "fraud": Kind(Text("fraud or phishing", "詐欺・フィッシング"), is_complaint=True),  # RFC 5965 7.3
    "virus": Kind(Text("virus", "ウイルス"), is_complaint=True),  # RFC 5965 7.3
    "other": Kind(Text("other", "その他"), is_complaint=True),  # RFC 5965 7.3
    "not-spam": Kind(Text("no unwanted mail", "迷惑メールではない")),  # RFC 6430 2
    "auth-failure": Kind(Text("failed authentication", "認証の失敗")),  # RFC 6591 3.1
}

COMPLAINTS: tuple[str, ...] = tuple(word for word, kind in FEEDBACK_TYPES.items() if kind.is_complaint)
"""The kinds that say that somebody did not want the message."""

AUTH_FAILURES: dict[str, Text] = {
    "dmarc": Text("DMARC: none aligned", "DMARC(一致なし)"),  # RFC 9991 4
    "spf": Text("SPF", "SPF"),
    "signature": Text("DKIM: signature", "DKIM(署名)"),
    "bodyhash": Text("DKIM: body changed", "DKIM(本文の変更)"),
    "revoked": Text("DKIM: key revoked", "DKIM(鍵の失効)"),
    "adsp": Text("ADSP (historic)", "ADSP(廃止済み)"),
    "": Text("not said", "記載なし"),
}

DELIVERIES: dict[str, Text] = {
    "delivered": Text("delivered", "配信"),
    "spam": Text("spam folder", "迷惑メール"),
    "policy": Text("not in the inbox", "受信トレイに入らず"),
    "reject": Text("rejected", "拒否"),
    "other": Text("other", "その他"),
    "": Text("not said", "記載なし"),
}
