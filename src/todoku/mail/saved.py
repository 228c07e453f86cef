"""Every shape in which a person saves a received message, turned into the exact message: or why it is none.

A signature is computed over exact octets, so what a file's way through editors and clipboards did to them is undone
only where there is no doubt, and each such step is named in ``Saved.notes``. What a sender could have written to be mended
away stays: of a received copy the first line is the receiver's, and what is given beside its envelope (``read_raw``) is no
file that a person saved.

- **Line ends.** Mail has CRLF, files often have LF. The first line decides, which in a received copy no sender can write:
  where it ends in a bare LF, the file was saved with LF and every bare LF becomes CRLF. Else the message is taken as it is,
  and a bare LF in it is evidence: a program that sends CRLF headers and LF bodies is a fault that receivers refuse mail for.
- **mbox.** The ``From `` line above the header goes, and so does a further message below. A ``>From`` in the body stays:
  nobody can tell whether the mailbox or the author wrote the ``>``.
- **A pasted page or header.** What stands above the header (Gmail's table), before each line (a common indentation), or is
  missing at the start of every continued line (lost folding) is mended. A pasted header is still a header alone. Nothing
  that a program could read as a From field is taken away.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from todoku.arguments import octets
from todoku.mail.address import parse_author, parse_mailboxes, reads_as_from
from todoku.mail.envelope import Envelope
from todoku.mail.mbox import from_line_end, message_end
from todoku.mail.message import MAX_HEADER, Message, scan
from todoku.mail.msg import MAGIC, transport_headers
from todoku.mail.refused import refuse_file, refuse_message
from todoku.words.verdict import Text

Shape = Literal["eml", "mbox", "show-original", "headers-only", "msg"]


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """The message in a file and what was normalised to get at it.

    ``steps`` and ``notes`` are tags, each with its text in ``NOTE_TEXTS``. ``headers_only`` is on the message itself.
    """

    message: Message
    shape: Shape
    steps: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The steps that were taken, and whether line ends stayed mixed: a look at every line, so only for who asks."""
        message = self.message
        known = self.shape == "msg" or "mixed-line-ends" in self.steps
        stayed = not known and message.has_bare_lf and b"\r\n" in message.raw
        return ("mixed-line-ends", *self.steps) if stayed else self.steps


NOTE_TEXTS: dict[str, Text] = {
    "lf-line-ends": Text(
        "The file had LF line ends; they were turned into the CRLF that mail has.",
        "ファイルの改行がLFでしたので、メール本来のCRLFに直しました。",
    ),
    "mixed-line-ends": Text(
        "The file has both CRLF and bare LF line ends. If it came straight from your program, that is a defect of the message.",
        "ファイルにCRLFとLFだけの改行が混在しています。プログラムの出力をそのまま保存したものであれば、メール自体の不備です。",
    ),
    "bom": Text(
        "A byte order mark before the header was left out. If your program sends it, receivers refuse the message.",
        "ヘッダーの前にあったBOMを除きました。プログラムがBOMを付けて送っている場合は、受信側で拒否されます。",
    ),
    "utf-16": Text(
        "The file was UTF-16 text (as Windows programs save it) and was turned back; 8-bit octets of the message may have changed.",
        "ファイルがUTF-16のテキスト(Windowsのプログラムによる保存)でしたので元に戻しました。8ビット文字は変わっている可能性があります。",
    ),
    "from-line": Text(
        "The “From ” line that mailboxes (mbox) put above a message was left out.",
        "メールボックス(mbox)形式がメールの前に置く「From 」行を除きました。",
    ),
    "several-messages": Text(
        "The mailbox holds more than one message; only the first was read.",
        "メールボックスに複数のメールがあります。先頭の1通だけを読みました。",
    ),
    "emlx": Text(
        "The size and the property list that Apple Mail (.emlx) puts around a message were left out.",
        "Apple Mail(.emlx)がメールの前後に付けるサイズとプロパティリストを除きました。",
    ),
    "show-original-table": Text(
        "The table that Gmail's “Show original” page shows above the message was left out.",
        "Gmailの「メッセージのソースを表示」の画面がメールの上に示す表を除きました。",
    ),
    "leading-blank-lines": Text(
        "Empty lines above the header were left out.",
        "ヘッダーの前にあった空行を除きました。",
    ),
    "indented-headers": Text(
        "Every line was indented or quoted alike; that was taken away.",
        "すべての行に付いていた字下げ(または引用記号)を除きました。",
    ),
    "lost-folding": Text(
        "Continued header lines had lost the blank that they begin with; it was put back. Signatures may not verify.",
        "ヘッダーの継続行の先頭にあるはずの空白が失われていたため補いました。署名を検証できないことがあります。",
    ),
    "msg-headers": Text(
        "An Outlook .msg file keeps the header alone: nothing can be said about the body, and DKIM cannot be verified.",
        "Outlookの .msg ファイルに残っているのはヘッダーだけです。本文は判定できず、DKIM署名も検証できません。",
    ),
    "headers-only": Text(
        "This is a header without its body: nothing can be said about the body, and DKIM cannot be verified.",
        "ヘッダーだけで本文がありません。本文は判定できず、DKIM署名も検証できません。",
    ),
}

# Who pastes a header has what receivers put there; who forgot the empty line in a message to be sent has not.
_TRACE = ("received", "return-path", "authentication-results", "arc-seal")
# bh= of no body at all: RFC 6376 sections 3.4.3 and 3.4.4.
_EMPTY_BODY_HASHES = (
    b"bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=",
    b"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
)
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_PLIST = b"<?xml"
_EMLX_SIZE = re.compile(rb"([0-9]{1,9}) *\r?\n")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9_-]*+)[ \t]*+:")
_SIGNATURES = (b"dkim-signature", b"arc-message-signature")
_INDENTED_FIELD = re.compile(rb"([ \t>]{1,64}+)[A-Za-z][A-Za-z0-9-]*+:")

# Gmail's page: words of its table and buttons that begin a line, in English and Japanese ...
_PAGE_WORD = re.compile(
    "^[ \t]*(Original Message|Message ID|Created (?:at|on)|SPF:|DKIM:|DMARC:|Download Original|Copy to clipboard|"
    "元のメッセージ|元のメール|メッセージ ?ID|作成日|差出人|クリップボードにコピー)".encode(),
    re.MULTILINE | re.IGNORECASE,
)
_PAGE_AUTHOR = re.compile("(?:From|差出人)[ \t]*+[::]?[ \t]*+".encode(), re.IGNORECASE)
# ... and the fields that a message can begin with and the table has not.
_FIRST_FIELD = re.compile(
    rb"^(?:Delivered-To|Received|X-Received|X-Google-[A-Za-z-]+|Return-Path|ARC-Seal|DKIM-Signature|MIME-Version|Date):",
    re.MULTILINE | re.IGNORECASE,
)
_PAGE_TOP = 16 * 1024  # octets in which the table must end


def read_message(data: bytes, envelope: Envelope | None) -> Saved:
    """The message as it came, where the envelope that it came in is given beside it; else the one in a saved file.

    A person may know the envelope of a header that was copied without its body; a server has the whole message. Raises
    ``errors.UsageError`` for what is no ``bytes``.
    """
    octets("raw", data)
    if envelope is None or envelope.ip is None:
        return read_saved(data)
    saved = read_raw(data)
    if envelope.source == "session" or saved.message.body_start is not None or not _is_header_alone(saved.message):
        return saved
    header = scan(saved.message.raw, headers_only=True)
    return Saved(message=header, shape="headers-only", steps=(*saved.steps, "headers-only"))


def read_raw(data: bytes) -> Saved:
    """The message in the octets that came over SMTP, which nobody saved. Raises ``errors.NotAMessage``.

    Nothing is mended, since a sender could have written it to be mended. Only where there is no CRLF at all, which SMTP
    cannot bring, the octets were kept with LF.
    """
    octets("raw", data)
    refuse_file(data)
    notes: list[str] = []
    message = scan(data if b"\r\n" in data else _with_crlf(data, notes))
    refuse_message(message)
    return Saved(message=message, shape="eml", steps=tuple(notes))


def read_saved(data: bytes) -> Saved:
    """The message in the bytes of a file. Raises ``errors.NotAMessage`` with what it is and what to save instead."""
    if data.startswith(MAGIC):
        return Saved(message=scan(transport_headers(data), headers_only=True), shape="msg", steps=("msg-headers",))
    notes: list[str] = []
    data = _as_octets(data, notes)
    refuse_file(data)
    data = _unwrapped(data, notes)
    data = _unindented(data, notes)
    message = scan(_with_crlf(data, notes))
    refuse_message(message)
    shape: Shape = "show-original" if "show-original-table" in notes else "mbox" if "from-line" in notes else "eml"
    if _is_header_alone(message):
        message = scan(_refolded(message, notes), headers_only=True)
        shape = "headers-only"
        notes.append("headers-only")
    return Saved(message=message, shape=shape, steps=tuple(notes))


def _is_header_alone(message: Message) -> bool:
    """Whether the body was left behind when the header was copied, rather than never written or forgotten."""
    if (message.body and not message.body.isspace()) or not any(message.first(name) for name in _TRACE):
        return False
    signatures = b"".join(field.raw for field in message.all("dkim-signature"))
    signatures = signatures.translate(None, b" \t\r\n")
    return not any(body_hash in signatures for body_hash in _EMPTY_BODY_HASHES)


def _as_octets(data: bytes, notes: list[str]) -> bytes:
    """The file without its byte order mark, and UTF-16 text turned back into one octet for each ASCII character."""
    encoding = ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data[1:8:2] == b"\0\0\0\0"[: len(data[1:8:2])] and b"\0" not in data[:8:2] and len(data) > 8:
        encoding = "utf-16-le"
    if encoding:
        notes.append("utf-16")
        return data.decode(encoding, "replace").encode("utf-8", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        notes.append("bom")
        return data[3:]
    return data


def _unwrapped(data: bytes, notes: list[str]) -> bytes:
    """The file without what a mailbox, Apple Mail or Gmail's page put around the message."""
    inner = _in_emlx(data)
    if inner:
        notes.append("emlx")
        return inner
    start = from_line_end(data)
    if start:
        notes.append("from-line")
        further = message_end(data, start)
        if further:
            notes.append("several-messages")
        return data[start : further or len(data)]
    table = _page_table(data)
    if table:
        notes.append("show-original-table")
        return data[table:]
    start = len(data) - len(data.lstrip(b"\r\n"))
    if start and re.match(
        rb"(?:Received|Delivered-To|Return-Path|X-Received):", data[start : start + 20], re.IGNORECASE
    ):
        # The receiver's own field is the first line that it wrote: the empty ones came with the saving.
        notes.append("leading-blank-lines")
        return data[start:]
    return data


def _in_emlx(data: bytes) -> bytes:
    """The message in a file of Apple Mail: so many octets, then a property list. No part of a header is cut off."""
    size = _EMLX_SIZE.match(data)
    if size is None:
        return b""
    end = size.end() + int(size[1])
    inner = data[size.end() : end]
    whole = end <= len(data) and data.startswith(_PLIST, end) and scan(_with_crlf(inner, [])).body_start is not None
    return inner if whole else b""


def _page_table(data: bytes) -> int:
    """Where the message begins below the table of Gmail's page; 0 where there is no such table.

    A message does not begin as the page does; and the table's author is the message's, or else a From would be lost.
    """
    top = data[: len(data) - len(data.lstrip())]
    word = _PAGE_WORD.match(data, len(top))
    if word is None or _FIELD.match(word[1]):
        return 0
    end = _table_end(data)
    return end if end and _same_author(data[:end], data[end:]) else 0


def _same_author(table: bytes, message: bytes) -> bool:
    """Whether each domain that the table names as the author's is in the message's From."""
    header = message[:MAX_HEADER].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    domains = set(parse_author(scan(header)).domains)
    for line in table.splitlines():
        label = _PAGE_AUTHOR.match(line)
        if label and {address.domain for address in parse_mailboxes(line[label.end() :])[0]} - domains:
            return False
    return True


def _table_end(data: bytes) -> int:
    first = _FIRST_FIELD.search(data, 0, _PAGE_TOP)
    end = first.start() if first else _PAGE_TOP
    words = list(_PAGE_WORD.finditer(data, 0, end))
    if len({word[1].lower() for word in words}) < 2:
        return 0
    if first:
        return first.start()
    below = data.find(b"\n", words[-1].end()) + 1  # a copy of sent mail may begin with any field
    return below + len(data[below:]) - len(data[below:].lstrip(b" \t\r\n")) if below else 0


def _unindented(data: bytes, notes: list[str]) -> bytes:
    """The text without the blanks or quote marks that every line of its header begins with."""
    match = _INDENTED_FIELD.match(data)
    if match is None:
        return data
    indent = match[1]
    header = data[: _header_end(data)].splitlines()
    if len(header) < 2 or not all(line.startswith(indent) for line in header if line.strip()):
        return data  # one odd line is evidence
    notes.append("indented-headers")
    return data.removeprefix(indent).replace(b"\n" + indent, b"\n")


def _header_end(data: bytes) -> int:
    end = _EMPTY_LINE.search(data)
    return end.start() + 1 if end else len(data)


def _with_crlf(data: bytes, notes: list[str]) -> bytes:
    """The message with the line ends of mail, where its first line shows that the file had others."""
    first = data.find(b"\n")
    if first < 0 or data[first - 1 : first] == b"\r":  # so it is with all that was saved as it was received
        return data
    crlf = b"\r\n" in data
    notes += ["mixed-line-ends", "lf-line-ends"] if crlf else ["lf-line-ends"]
    return (data.replace(b"\r\n", b"\n") if crlf else data).replace(b"\n", b"\r\n")


def _refolded(message: Message, notes: list[str]) -> bytes:
    """The octets of a header alone, its last line ended, and its continued lines begun with the blank that they lost."""
    raw = message.raw[: MAX_HEADER + 1]  # what is beyond is left out and named by ``scan``
    lines = raw.rstrip(b"\r\n").split(b"\r\n")
    if any(line.startswith((b" ", b"\t")) for line in lines):  # it kept its folds: what is no field is evidence
        return b"\r\n".join(lines) + b"\r\n"
    signature = False
    for index, line in enumerate(lines):
        name = _FIELD.match(line)
        if index and (_goes_on(line) if name is None else signature and _is_name_list(lines[index - 1], line)):
            notes += () if "lost-folding" in notes else ("lost-folding",)
            lines[index] = b" " + line
        elif name is not None:
            signature = name[1].lower() in _SIGNATURES
    return b"\r\n".join(lines) + b"\r\n"


def _goes_on(line: bytes) -> bool:
    """Whether a line that is no field can only go on with the one above: no program reads it as a From."""
    return not reads_as_from(line.partition(b":")[0])


def _is_name_list(above: bytes, line: bytes) -> bool:
    """Whether a line goes on with the field names in a signature's h=, and so holds no address."""
    return above.endswith(b":") and b"@" not in line
