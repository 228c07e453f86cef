"""What several receivers say, each in words of their own: one tag has one text, whoever replies."""

from __future__ import annotations

from todoku.words.verdict import Text

UNAUTHENTICATED = Text("Neither SPF nor DKIM passed.", "SPFもDKIMも認証に成功していません。")
DMARC_POLICY = Text(
    "Neither SPF nor DKIM passed in alignment with From, and the DMARC policy of the From domain asks for refusal.",
    "ヘッダーFromとアライメントの取れた認証がなく、そのドメイン自身のDMARCポリシーに従って拒否されました。",
)
REVERSE_DNS = Text(
    "The sending address has no PTR record, or its name does not resolve back to the address.",
    "送信元IPアドレスのPTRレコードがないか、正引き・逆引きが一致していません。",
)
CLEAR_TEXT = Text("The connection did not use TLS.", "接続がTLSで暗号化されていません。")
SPF_FAILED = Text("SPF did not pass for MAIL FROM.", "MAIL FROMのSPF認証に成功していません。")
DKIM_FAILED = Text("DKIM did not pass.", "DKIM認証に成功していません。")
NO_MAILBOX = Text("The mailbox does not exist or is closed.", "宛先が存在しないか、停止されています。")
MAILBOX_FULL = Text("The mailbox is full.", "宛先のメールボックスがいっぱいです。")
NO_DOMAIN = Text(
    "The domain of MAIL FROM or From does not exist in the DNS, or has no records that mail needs.",
    "MAIL FROMまたはFromのドメインがDNSに存在しないか、メールに必要なレコードがありません。",
)
REPUTATION = Text(
    "The message is taken for spam, or the sending domain or address has a bad reputation. No header fixes this.",
    "迷惑メールと判断されたか、ドメインまたはIPアドレスの評価が低下しています。ヘッダーの修正では解決しません。",
)
MALFORMED = Text(
    "The header breaks RFC 5322: a field is missing, repeated or malformed, or holds characters that are not allowed.",
    "ヘッダーがRFC 5322に違反しています(フィールドの欠落、重複、書式の誤り、使えない文字)。",
)
TOO_BIG = Text("The message is larger than the receiver accepts.", "メールのサイズが受信側の上限を超えています。")
TOO_FAST = Text(
    "A rate limit, not a requirement: too many messages, connections or recipients at once.",
    "要件ではなく流量制限です。通数、接続数、宛先数のいずれかが多すぎます。",
)
RECIPIENT_RATE = Text(
    "The recipient gets more mail than the receiver delivers to one mailbox in that time. The mailbox exists.",
    "この宛先に届くメールが多すぎるため、一時的に受け付けられていません。宛先は存在します。",
)
BLOCK_LIST = Text(
    "The sending address, or a domain in the message, is on a block list that the receiver uses. The reply names the list.",
    "送信元IPアドレスまたはメール内のドメインが、受信側の参照するブロックリストに載っています。リスト名は応答に記載されています。",
)
CONTENT = Text(
    "The receiver refuses the content: an attachment, a link or a file type.",
    "内容(添付ファイル、リンク、ファイル形式)を理由に拒否されました。",
)
TEMPORARY = Text("A temporary failure at the receiver.", "受信側の一時的な障害です。")
RESTRICTED = Text(
    "A policy of the recipient's organization, or a setting of the recipient, refuses this mail.",
    "受信側の組織のポリシー、または受信者の設定により拒否されました。",
)
