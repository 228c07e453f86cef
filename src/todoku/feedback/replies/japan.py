"""Receivers in Japan. None publishes a list of replies, apart from docomo's "Line Too Long"; the rest were seen in bounces.

Their replies have no enhanced codes. docomo answers alike for an address that does not exist and for one whose owner's filter
refused the mail, and au's two forms differ in one blank, so that nothing here says of an address alone that it is dead.
"""

from __future__ import annotations

from todoku.feedback.replies.meanings import DMARC_POLICY, MAILBOX_FULL, NO_DOMAIN, NO_MAILBOX, TOO_BIG, TOO_FAST
from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

JAPAN = (
    Rule("mailbox-full", "docomo", (), matching(r"too much mail data"), (), MAILBOX_FULL, "later"),
    Rule(
        "docomo-unknown-or-refused",
        "docomo",
        (),
        matching(r"unknown user|user unknown"),
        ("bounce-handling",),
        Text(
            "No such address, or the recipient's filter refused it: docomo answers both alike. Do not simply drop a known customer. SES "
            "takes it for a hard bounce and puts the address on your account's suppression list, where that is on: later mail is accepted "
            "by SES and not sent, also when the recipient has allowed your domain, until you call DeleteSuppressedDestination.",
            "宛先が存在しないか、受信者の迷惑メール設定で拒否されたかのどちらかです(ドコモは同じ応答を返します)。既知の顧客であれば受信設定の"
            "確認を依頼してください。SESはハードバウンスとみなし、宛先をアカウントのサプレッションリスト(有効な場合)に登録します。受信者が許可した後も、"
            "DeleteSuppressedDestination で解除するまで、SESは受け付けたメールを送信しません。",
        ),
        "find-out",
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "docomo-recipients",
        "docomo",
        (),
        matching(r"too many recipients"),
        (),
        Text("Too many recipients in one session (100).", "1セッションの宛先数が上限(100件)を超えました。"),
        "later",
        recognised=True,
    ),
    Rule(
        "line-too-long",
        None,
        (),
        matching(r"\bline (?:is )?too long"),
        ("message-format",),
        Text(
            "A line of the message is too long: docomo takes 1,000 bytes with CRLF, RFC 5322 as many.",
            "長すぎる行があります。ドコモの上限は改行を含めて1,000バイトで、RFC 5322の上限と同じです。",
        ),
        "fix",
        official=True,
    ),
    Rule(
        "docomo-504",
        "docomo",
        ("503", "504"),
        None,
        (),
        Text(
            "docomo was seen to answer this, and no page explains it. 503 follows a refusal of the recipient in the same session.",
            "ドコモの応答として確認されていますが、公式な説明は見つかっていません。503は、同じセッションで宛先が拒否された後に返ります。",
        ),
        "find-out",
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "au-filtered",
        "au",
        ("550",),
        matching(r"(?:\A|[^>]) ?: user unknown"),
        ("bounce-handling",),
        Text(
            "The recipient's filter refused it: at au this form, with no address, is not an unknown address.",
            "受信者の迷惑メールフィルターによる拒否とみられます(宛先を含まないこの応答は、宛先不明ではありません)。",
        ),
        "recipient",
        recognised=True,
    ),
    Rule(
        "au-unknown",
        "au",
        ("550",),
        matching(r">: user unknown"),
        ("bounce-handling",),
        Text(
            "No such address; by one report also a refusal that the recipient set.",
            "宛先が存在しません(受信拒否設定でも同じ応答との報告があります)。",
        ),
        "find-out",
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "au-bad-address",
        "au",
        (),
        matching(r"relay access denied"),
        (),
        Text(
            "A malformed address, or a domain that au does not host.", "宛先の書式が不正か、auが扱わないドメインです。"
        ),
        "find-out",
        ambiguous=True,
        recognised=True,
    ),
    Rule(
        "au-disabled",
        "au",
        (),
        matching(r"user\(s\) account is disabled"),
        ("bounce-handling",),
        Text("The account is disabled.", "アカウントが停止されています。"),
        "stop",
    ),
    Rule(
        "au-limited",
        "au",
        (),
        matching(r"user\(s\) account is temporarily limited"),
        (),
        Text(
            "The account is limited for now, perhaps unpaid.",
            "アカウントが一時的に利用制限されています(料金未払いなど)。",
        ),
        "later",
    ),
    Rule("mailbox-full", "au", (), matching(r"user\(s\) account is temporarily over quota"), (), MAILBOX_FULL, "later"),
    Rule(
        "softbank-unknown",
        "softbank",
        ("550",),
        matching(r"invalid recipient"),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        recognised=True,
    ),
    Rule(
        "jcom-unknown",
        "jcom",
        ("550",),
        matching(r"invalid recipient"),
        ("bounce-handling",),
        NO_MAILBOX,
        "stop",
        recognised=True,
    ),
    Rule(
        "mail-from-no-dns",
        None,
        ("553",),
        matching(r"(?:\A|[ :;])553[ -]<?[a-z0-9-]+\.[a-z0-9.-]+>? does not exist"),
        ("sender-domain",),
        NO_DOMAIN,
        "fix",
    ),
    Rule("too-big", None, ("552",), matching(r"message size exceeds"), (), TOO_BIG, "fix"),
    Rule(
        "yahoo-japan-dmarc",
        "yahoo-japan",
        ("554",),
        matching(r"\bDM Email not accepted|\[895\]|H000007355|80870"),
        ("dmarc-policy",),
        DMARC_POLICY,
        "fix",
        recognised=True,
    ),
    Rule("rate-limit", None, ("421",), matching(r"too many messages for this session"), (), TOO_FAST, "later"),
)

UNKNOWN_OR_FILTERED = Rule(
    "unknown-or-filtered",
    None,
    ("550",),
    matching(r"\A(?:smtp; ?)?550 ?: user unknown"),
    ("bounce-handling",),
    Text(
        "From au: the recipient's filter refused the mail, and the address may be a good one. From others: the mailbox does not exist. "
        "The reply does not say who wrote it: look at the recipient's domain.",
        "auの場合は受信者の迷惑メールフィルターによる拒否で、宛先は有効な可能性があります。ほかの受信側の場合は宛先が存在しません。"
        "応答だけではどちらか分からないため、宛先のドメインを確認してください。",
    ),
    "find-out",
    ambiguous=True,
)
"""au's form where nothing shows that it is au's."""
