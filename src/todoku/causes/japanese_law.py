"""What Japanese law asks of advertising mail, beside the receivers' rules: told where Japan's receivers are judged.

The Act on Regulation of Transmission of Specified Electronic Mail (特定電子メール法), articles 3 and 4, and article 9 of its
regulation. It is no receiver's rule: nothing passes or fails by it. It names no number of hours within which a refusal has to
be honoured, and no one-click unsubscribe.
"""

from __future__ import annotations

from todoku.words.verdict import Reason, Text

LAW_CONSENT = Reason(
    "jp-law-consent",
    Text(
        "In Japan the Act on Regulation of Transmission of Specified Electronic Mail lets you send advertising mail only to people "
        "who agreed beforehand, and asks you to keep a record of it.",
        "日本の特定電子メール法では、広告・宣伝メールを送れるのは、原則として事前に同意した相手だけで、同意の記録を保存する義務があります。",
    ),
)
LAW_UNSUBSCRIBE = Reason(
    "jp-law-unsubscribe",
    Text(
        "In Japan the Act on Regulation of Transmission of Specified Electronic Mail asks that advertising mail shows who sends it, "
        "that it can be refused, an e-mail address or URL to refuse it, your postal address and a contact for complaints. After a "
        "refusal you may not send more.",
        "日本の特定電子メール法では、広告・宣伝メールに、送信者の氏名または名称、受信拒否ができること、受信拒否の通知先(メールアドレスまたは"
        "URL)、住所、苦情や問い合わせの連絡先を表示する必要があります。受信拒否の通知を受けた後は送信できません。",
    ),
)
