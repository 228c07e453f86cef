"""What was done to a message after it was signed, in words: beside the reason why its signature does not verify."""

from __future__ import annotations

from todoku.auth.dkim.damage_kinds import Damage, DamageTag
from todoku.auth.dkim.verify import DkimResult
from todoku.words.verdict import Note, Reason, Text

FOOTER_ADDED = Reason(
    "body-footer-added",
    Text(
        "{octets} octets were added at the end of the body, or of one of its parts, after {domain} signed: without them the "
        "body hash matches.",
        "{domain} の署名の後に、本文またはパートの末尾に{octets}オクテットが追加されています。これを除くと本文ハッシュが一致します。",
    ),
    case="F42",
)
TEXT_ADDED = Reason(
    "body-text-added",
    Text(
        "{octets} octets were put above the text after {domain} signed, such as a warning of mail from outside: without them "
        "the body hash matches.",
        "{domain} の署名の後に、本文の先頭に{octets}オクテット(外部メールの警告文など)が追加されています。これを除くと本文ハッシュが一致します。",
    ),
)
PART_ADDED = Reason(
    "body-part-added",
    Text(
        "A MIME part was added to the message, or put around it, after {domain} signed ({octets} octets): without it the body "
        "hash matches.",
        "{domain} の署名の後に、MIMEパートが追加されたか、全体が別のパートで包まれています({octets}オクテット)。"
        "これを除くと本文ハッシュが一致します。",
    ),
)
CUT = Reason(
    "body-cut",
    Text(
        "The body ends too early: the message seems to have been cut on its way, or when it was saved.",
        "本文が途中で終わっています。配送の途中または保存時に切れたとみられます。",
    ),
)
WHITE_SPACE_LOST = Reason(
    "body-whitespace-lost",
    Text(
        "Blanks at the ends of lines, or empty lines, were lost after {domain} signed; nothing else in the body was changed. "
        "A signature with c=relaxed/relaxed forgives blanks at the ends of lines.",
        "{domain} の署名の後に、行末の空白または空行が失われています。本文のほかの部分は変わっていません。"
        "c=relaxed/relaxedの署名であれば、行末の空白の違いは影響しません。",
    ),
)
WHITE_SPACE_ADDED = Reason(
    "body-whitespace-added",
    Text(
        "Blanks at the ends of lines, or empty lines, were added after {domain} signed: without them the body hash matches.",
        "{domain} の署名の後に、行末の空白または空行が追加されています。これを除くと本文ハッシュが一致します。",
    ),
)
WHITE_SPACE_CHANGED = Reason(
    "body-whitespace-changed",
    Text(
        "Only white space was changed after {domain} signed: a signature beside it with c=relaxed/relaxed still matches.",
        "{domain} の署名の後に変わったのは空白だけです。同時に付いたc=relaxed/relaxedの署名では本文ハッシュが一致します。",
    ),
)
REWRAPPED = Reason(
    "body-rewrapped",
    Text(
        "Lines were broken or joined after {domain} signed: with its former line ends the body hash matches.",
        "{domain} の署名の後に、本文の改行位置が変えられています。元の改行位置に戻すと本文ハッシュが一致します。",
    ),
    case="F39",
)
REENCODED = Reason(
    "body-reencoded",
    Text(
        "The text was converted after {domain} signed ({was}): converted back, the body hash matches.",
        "{domain} の署名の後に、本文の文字コードまたは転送エンコーディングが変換されています({was})。元に戻すと本文ハッシュが一致します。",
    ),
    case="F40",
)
LINE_ENDS_CHANGED = Reason(
    "body-line-ends-changed",
    Text(
        "Line ends were converted after {domain} signed, between CRLF and bare LF or CR. Send every line end as CRLF.",
        "{domain} の署名の後に、改行コードがCRLFとLF(またはCR)の間で変換されています。改行はすべてCRLFで送信してください。",
    ),
    case="F38",
)
FROM_ESCAPED = Reason(
    "body-from-escaped",
    Text(
        "A “>” was put before lines that begin with “From ”, as mailboxes (mbox) do: without it the body hash matches.",
        "「From 」で始まる行の前に「>」が付けられています(mbox形式の処理)。これを除くと本文ハッシュが一致します。",
    ),
)
DOTS_CHANGED = Reason(
    "body-dots-changed",
    Text(
        "Dots at the beginning of lines were doubled or dropped after {domain} signed: a program on the way handles SMTP's dot "
        "stuffing wrongly.",
        "{domain} の署名の後に、行頭のピリオドが二重になったか失われています。途中のプログラムがSMTPの行頭ピリオドの処理を誤っています。",
    ),
)
FIELD_CHANGED = Reason(
    "header-changed",
    Text(
        "{field} was changed after {domain} signed; signed was: {was}",
        "{domain} の署名の後に{field}が変えられています。署名時の値: {was}",
    ),
)
FROM_REWRITTEN = Reason(
    "header-from-rewritten",
    Text(
        "A mailing list seems to have put its own address into From after {domain} signed.",
        "{domain} の署名の後に、メーリングリストがFromを自分のアドレスに書き換えたようです。",
    ),
    case="F42",
)
FIELD_DUPLICATED = Reason(
    "header-duplicated",
    Text(
        "A further {field} was added after {domain} signed; the signed one says: {was}",
        "{domain} の署名の後に{field}がもう1つ追加されています。署名された方の値: {was}",
    ),
)
FIELD_ADDED = Reason(
    "header-added",
    Text(
        "{field} was added after {domain} signed: without it the signature verifies.",
        "{domain} の署名の後に{field}が追加されています。これを除くと署名の検証に成功します。",
    ),
)
FIELD_REMOVED = Reason(
    "header-removed",
    Text(
        "{field} was taken out after {domain} signed; it said: {was}",
        "{domain} の署名の後に{field}が取り除かれています。署名時の値: {was}",
    ),
)
HEADER_DIFFERS = Reason(
    "header-differs",
    Text(
        "The key at {key_name} is the signer's, so DNS is right: a signed header field was changed after signing, and which "
        "one cannot be told.",
        "{key_name} の公開鍵は署名に使った鍵と対になっており、DNSに問題はありません。署名の後にヘッダーのどれかが変えられていますが、"
        "どれかは特定できません。",
    ),
)
KEY_DOES_NOT_MATCH = Reason(
    "key-does-not-match",
    Text(
        "The key at {key_name} is not the one that {domain} signed with; else b= itself would have been changed.",
        "{key_name} の公開鍵は、{domain} の署名に使った鍵と対になっていません(b=の値そのものが変わった場合を除きます)。",
    ),
)

OF_DAMAGE: dict[DamageTag, Reason] = {
    "body-footer-added": FOOTER_ADDED,
    "body-text-added": TEXT_ADDED,
    "body-part-added": PART_ADDED,
    "body-cut": CUT,
    "body-whitespace-lost": WHITE_SPACE_LOST,
    "body-whitespace-added": WHITE_SPACE_ADDED,
    "body-whitespace-changed": WHITE_SPACE_CHANGED,
    "body-rewrapped": REWRAPPED,
    "body-reencoded": REENCODED,
    "body-line-ends-changed": LINE_ENDS_CHANGED,
    "body-from-escaped": FROM_ESCAPED,
    "body-dots-changed": DOTS_CHANGED,
    "header-changed": FIELD_CHANGED,
    "header-duplicated": FIELD_DUPLICATED,
    "header-added": FIELD_ADDED,
    "header-removed": FIELD_REMOVED,
    "header-differs": HEADER_DIFFERS,
    "key-does-not-match": KEY_DOES_NOT_MATCH,
}
"""What each damage is called. The others say no more than the reason why the signature fails."""


def damage_notes(signature: DkimResult, damage: Damage | None) -> tuple[Note, ...]:
    """What was done to the message, where more is known than that the signature fails."""
    if damage is None or damage.tag not in OF_DAMAGE:
        return ()
    suspected = damage.tag == "header-changed" and not damage.confident
    values = {
        "domain": signature.domain,
        "key_name": f"{signature.selector}._domainkey.{signature.domain}",
        "octets": damage.octets,
        "field": damage.field.title(),
        "was": damage.detail,
    }
    return (Note(FROM_REWRITTEN if suspected else OF_DAMAGE[damage.tag], values),)
