"""What a file is when it is no message, told by its first octets, and what a person should save instead."""

from __future__ import annotations

import re

from todoku.mail.message import MAX_MESSAGE, Message, scan
from todoku.words.errors import NotAMessage
from todoku.words.verdict import Text

_HOW = Text(
    "Save the message itself: in Gmail open it, then More (⋮) > Show original > Download original; in Outlook on the web "
    "and the new Outlook, More actions (…) > Download as EML; in classic Outlook, File > Save As (.msg), or copy the "
    "text of File > Properties > Internet headers.",
    "メールそのものを保存してください。Gmailではメールを開き、その他(⋮)>「メッセージのソースを表示」>「元のメールをダウンロード」、"
    "Outlook(Web版と新しいOutlook)ではその他の操作(…)>「EMLとしてダウンロード」、従来のOutlookでは「ファイル」>「名前を付けて保存」"
    "(.msg)を使うか、「ファイル」>「プロパティ」の「インターネットヘッダー」をコピーします。",
)

# First octets -> what the file is. The longest known kinds of a person's slip, not a catalogue of formats.
_MAGIC: tuple[tuple[bytes, Text], ...] = (
    (b"\xff\xd8\xff", Text("a JPEG picture", "JPEG画像")),
    (b"\x89PNG\r\n", Text("a PNG picture", "PNG画像")),
    (b"GIF8", Text("a GIF picture", "GIF画像")),
    (b"%PDF-", Text("a PDF document", "PDF文書")),
    (b"PK\x03\x04", Text("a ZIP archive (or an Office document)", "ZIP形式のファイル(またはOffice文書)")),
    (b"PK\x05\x06", Text("an empty ZIP archive", "空のZIPファイル")),
    (b"\x1f\x8b", Text("a gzip archive", "gzip形式のファイル")),
    (b"{\\rtf", Text("a rich text (RTF) document", "リッチテキスト(RTF)文書")),
    (b"!BDN", Text("an Outlook data file (.pst or .ost)", "Outlookデータファイル(.pst / .ost)")),
    (b"\x78\x9f\x3e\x22", Text("a winmail.dat attachment (TNEF)", "winmail.dat(TNEF形式の添付ファイル)")),
)
_MAGIC_OCTETS = tuple(magic for magic, _ in _MAGIC)
_WEB_PAGE = Text(
    "a saved web page, not the message that it shows", "Webページを保存したもので、表示されていたメールではありません"
)
_HTML = re.compile(rb"\s*+<(?:!doctype|!--|\?xml|html|head|body|div|table|meta)\b", re.IGNORECASE)
_REPORT_TOP = 4 * 1024  # octets in which a report shows what it is
_DMARC_REPORT = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<(?:\?xml\s[^\0]*?<)?(?:\w{1,32}:)?+feedback[\s>]")
_TLS_REPORT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+\{\s*+\"(?:organization-name|date-range|contact-info|report-id|policies)\""
)
_REPORTS = (
    (_DMARC_REPORT, Text("a DMARC aggregate report", "DMARCの集約レポート")),
    (_TLS_REPORT, Text("a TLS report", "TLSレポート")),
)
_JSON = re.compile(rb"\s*+[{\[]\s*+[\"{\[\]}]")
_WELL_KNOWN = frozenset({
    "from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version", "content-type",
    "delivered-to", "dkim-signature", "authentication-results", "reply-to", "sender", "cc",
})  # fmt: skip


def refuse_file(octets: bytes) -> None:
    """Raise ``NotAMessage`` where the file is plainly something else."""
    if len(octets) > MAX_MESSAGE:
        bound = f"{MAX_MESSAGE // 2**20} MiB ({MAX_MESSAGE:,}"
        raise NotAMessage(
            Text(
                f"The file is larger than the {bound} bytes) that this tool reads.",
                f"ファイルが本ツールの上限 {bound} バイト)を超えています。",
            )
        )
    if not octets or octets.isspace():
        raise _refusal(Text("The file is empty.", "ファイルが空です。"))
    if octets.startswith(_MAGIC_OCTETS):
        name = next(name for magic, name in _MAGIC if octets.startswith(magic))
        raise _refusal(Text(f"This is {name.en}, not a message.", f"これは{name.ja}で、メールではありません。"))
    for report, name in _REPORTS:
        if report.match(octets, 0, _REPORT_TOP):
            raise NotAMessage(
                Text(
                    f"This is {name.en}, not a message: “todoku ingest” takes it in, and “todoku reports” shows what it says.",
                    f"これは{name.ja}で、メールではありません。todoku ingest で取り込み、todoku reports で内容を確認できます。",
                )
            )
    if _HTML.match(octets):
        raise _refusal(Text(f"This is {_WEB_PAGE.en}.", f"これは{_WEB_PAGE.ja}。"))
    if _JSON.match(octets):
        raise _refusal(Text("This is JSON, not a message.", "これはJSONで、メールではありません。"))


def refuse_message(message: Message) -> None:
    """Raise ``NotAMessage`` where what was read bears no field of a message, or is a web page saved as MHTML."""
    if not message.fields:  # empty lines above the header are a defect of a message, not a lack of one
        message = scan(message.raw.lstrip(b"\r\n"))
    author = message.first("from")
    saved_by = author is not None and author.body.lstrip(b" \t\r\n").startswith(b"<Saved by ")
    if saved_by or message.first("snapshot-content-location"):
        raise _refusal(Text(f"This is {_WEB_PAGE.en} (MHTML).", f"これは(MHTML形式で){_WEB_PAGE.ja}。"))
    if not _WELL_KNOWN.isdisjoint(message.by_name):
        return
    if b"\0" in message.raw[:1_000]:
        raise _refusal(
            Text("This is a binary file, not a message.", "これはバイナリファイルで、メールではありません。")
        )
    raise _refusal(
        Text(
            "This is text without a header: no line such as “From: ...” or “Received: ...” begins it.",
            "これはヘッダーのないテキストです。「From: ...」や「Received: ...」のような行で始まっていません。",
        )
    )


def _refusal(what: Text) -> NotAMessage:
    return NotAMessage(Text(f"{what.en} {_HOW.en}", f"{what.ja}{_HOW.ja}"))
