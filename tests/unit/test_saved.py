"""Every shape in which a message is saved, and every slip that is refused with what to do instead."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.address import parse_author
from todoku.mail.envelope import Envelope
from todoku.mail.message import MAX_MESSAGE
from todoku.mail.saved import NOTE_TEXTS, read_message, read_raw, read_saved
from todoku.words.errors import NotAMessage

TRACE = (
    b"Delivered-To: reader@example.net\r\n"
    b"Received: by 2002:a05:6402:1:b0:1:2 with SMTP id x1;\r\n        Mon, 23 Nov 2026 00:30:01 -0800 (PST)\r\n"
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=from:to;\r\n\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYa0=;\r\n\tb=AAAA\r\n"
)
HEADER = (
    TRACE + b"From: News <news@example.com>\r\nTo: reader@example.net\r\nSubject: a subject: that has colons\r\n"
    b"Date: Mon, 23 Nov 2026 08:30:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
)
MESSAGE = HEADER + b"\r\nhello\r\n>From here on\r\n"
UNSENT = b"From: News <news@example.com>\r\nTo: reader@example.net\r\nSubject: hello\r\n\r\nbody\r\n"


def lf(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


PAGE_EN = lf(
    b"Original Message\r\nMessage ID\t<1@example.com>\r\nCreated at:\tMon, Nov 23, 2026 at 5:30 PM (Delivered after 1 second)\r\n"
    b"From:\tNews <news@example.com>\r\nTo:\treader@example.net\r\nSubject:\tReceived: a subject\r\n"
    b"SPF:\tPASS with IP 54.240.1.2 Learn more\r\nDKIM:\t'PASS' with domain example.com Learn more\r\nDMARC:\t'PASS' Learn more\r\n"
    b"\r\n\r\nDownload Original\tCopy to clipboard\r\n"
)
PAGE_JA = (
    "元のメッセージ\nメッセージ ID\t<1@example.com>\n作成日:\t2026年11月23日 17:30 (1 秒後に配信済み)\n"
    "差出人:\tNews <news@example.com>\nTo:\treader@example.net\n件名:\tお知らせ\nSPF:\tPASS(IP: 54.240.1.2)。詳細\n"
    "DKIM:\t'PASS'(ドメイン: example.com)詳細\nDMARC:\t'PASS' 詳細\n\n\n元のメールをダウンロード\tクリップボードにコピー\n"
).encode()

SHAPES = [
    # What was saved, the shape, the notes, and the message in it.
    (MESSAGE, "eml", (), MESSAGE),
    (UNSENT, "eml", (), UNSENT),
    (lf(MESSAGE), "eml", ("lf-line-ends",), MESSAGE),
    (b"\xef\xbb\xbf" + MESSAGE, "eml", ("bom",), MESSAGE),
    (b"\xef\xbb\xbf" + lf(MESSAGE), "eml", ("bom", "lf-line-ends"), MESSAGE),
    (MESSAGE.decode().encode("utf-16"), "eml", ("utf-16",), MESSAGE),
    (b"\xfe\xff" + MESSAGE.decode().encode("utf-16-be"), "eml", ("utf-16",), MESSAGE),
    (MESSAGE.decode().encode("utf-16-le"), "eml", ("utf-16",), MESSAGE),
    (b"From news@example.com Mon Nov 23 08:30:00 2026\n" + lf(MESSAGE), "mbox", ("from-line", "lf-line-ends"), MESSAGE),
    (b"From - Mon Nov 23 08:30:00 2026\r\n" + MESSAGE, "mbox", ("from-line",), MESSAGE),
    (b"From news@example.com\n" + lf(MESSAGE), "mbox", ("from-line", "lf-line-ends"), MESSAGE),
    (
        b"From a@b Mon Nov 23 08:30:00 2026\n" + lf(MESSAGE) + b"\nFrom c@d Mon Nov 23 08:31:00 2026\n" + lf(UNSENT),
        "mbox", ("from-line", "several-messages", "lf-line-ends"), MESSAGE,
    ),
    (
        str(len(lf(MESSAGE))).encode() + b"   \n" + lf(MESSAGE) + b'<?xml version="1.0"?><plist/>\n',
        "eml", ("emlx", "lf-line-ends"), MESSAGE,
    ),
    (PAGE_EN + lf(MESSAGE), "show-original", ("show-original-table", "lf-line-ends"), MESSAGE),
    (PAGE_JA + lf(MESSAGE), "show-original", ("show-original-table", "lf-line-ends"), MESSAGE),
    (PAGE_EN + b"\n" + lf(UNSENT), "show-original", ("show-original-table", "lf-line-ends"), UNSENT),
    (b"\r\n\r\n" + MESSAGE, "eml", ("leading-blank-lines",), MESSAGE),
    (b"\r\n" + UNSENT, "eml", (), b"\r\n" + UNSENT),
    (HEADER, "headers-only", ("headers-only",), HEADER),
    (HEADER + b"\r\n", "headers-only", ("headers-only",), HEADER),
    (lf(HEADER).rstrip(), "headers-only", ("lf-line-ends", "headers-only"), HEADER),
    (HEADER.replace(b"\r\n", b"\r\n    ").rstrip(b" ").join([b"    ", b""]), "headers-only",
     ("indented-headers", "headers-only"), HEADER),
    (b"".join(b"> " + line for line in lf(MESSAGE).splitlines(True)), "eml", ("indented-headers", "lf-line-ends"), MESSAGE),
]  # fmt: skip


@pytest.mark.parametrize(("data", "shape", "notes", "raw"), SHAPES, ids=range(len(SHAPES)))
def test_shapes(data, shape, notes, raw):
    saved = read_saved(data)
    assert saved.message.raw == raw
    assert (saved.shape, saved.notes) == (shape, notes)
    assert saved.message.headers_only == (shape == "headers-only")


def test_the_fields_of_gmails_table_are_not_the_messages():
    message = read_saved(PAGE_EN + lf(MESSAGE)).message
    assert message.fields[0].name == "delivered-to"
    assert [field.value for field in message.all("subject")] == ["a subject: that has colons"]


def test_lost_folding_is_put_back_in_a_header_alone():
    flat = b"\n".join(line.strip() for line in lf(HEADER).split(b"\n"))
    saved = read_saved(flat)
    assert saved.notes == ("lf-line-ends", "lost-folding", "headers-only")
    assert [field.name for field in saved.message.fields] == [
        field.name for field in read_saved(MESSAGE).message.fields
    ]
    assert saved.message.strays == ()


@pytest.mark.parametrize(
    "line",
    [
        b"From:ceo@victim.example",
        b"From :ceo@victim.example",
        b"FROM:<ceo@victim.example>",
        b"From\x00: ceo@victim.example",
        b"\xa0From: ceo@victim.example",
    ],
)
@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n \r\n"])
@pytest.mark.parametrize("folds", [True, False])
def test_no_from_is_folded_away(line, body, folds):
    header = HEADER if folds else b"\r\n".join(part.strip() for part in HEADER.split(b"\r\n"))
    for raw in (header.replace(b"From: News", line + b"\r\nFrom: News"), header + line + b"\r\n"):
        author = parse_author(read_saved(raw + body).message)
        assert author.domain == ""
        assert "victim.example" in author.domains


@pytest.mark.parametrize("line", [b"Sender:x@victim.example", b"Reply-To:x@victim.example", b"X_Y:z", b"Subject:x"])
def test_no_field_is_folded_away(line):
    flat = b"\r\n".join(part.strip() for part in HEADER.split(b"\r\n"))
    saved = read_saved(flat.replace(b"From: News", line + b"\r\nFrom: News"))
    assert line.partition(b":")[0].decode().lower() in [field.name for field in saved.message.fields]


def test_the_names_that_a_signature_goes_on_with_are_no_fields():
    signature = b"DKIM-Signature: v=1; d=example.com; s=s; h=to:date:\r\nfrom:subject;\r\nbh=AAAA; b=BBBB\r\n"
    saved = read_saved(signature + b"Received: by x\r\nFrom: a@example.com\r\n")
    assert [field.name for field in saved.message.fields] == ["dkim-signature", "received", "from"]
    assert "lost-folding" in saved.notes


def test_a_header_that_kept_its_folds_lost_none():
    saved = read_saved(HEADER + b"a line that is no field\r\n")
    assert saved.notes == ("headers-only",)
    assert [stray.raw for stray in saved.message.strays] == [b"a line that is no field"]


OTHER = b"From: ceo@victim.example\nSPF: x\nDKIM: y\n"


@pytest.mark.parametrize(
    "top",
    [
        OTHER,
        b"SPF: x\nDKIM: y\n" + OTHER,
        b"Original Message\n" + OTHER,
        b"Message ID\t<x@victim.example>\n" + OTHER,
        "元のメッセージ\n差出人:\tx <ceo@victim.example>\nSPF: x\n".encode() + OTHER,
    ],
)
def test_a_table_with_another_author_is_no_table(top):
    raw = top + lf(MESSAGE)
    saved = read_saved(raw)
    assert "show-original-table" not in saved.notes
    assert saved.message.raw == raw.replace(b"\n", b"\r\n")


ENVELOPE = Envelope(ip="192.0.2.1", helo="h", mail_from="a@b")


@pytest.mark.parametrize(
    "raw",
    [
        (PAGE_EN + lf(MESSAGE)).replace(b"\n", b"\r\n"),
        HEADER,
        HEADER + b"\r\n",
        b"\xef\xbb\xbf" + MESSAGE,
        b"From - Mon Nov 23 08:30:00 2026\r\n" + MESSAGE,
        b"\r\n" + MESSAGE,
        b"15\r\nFrom: a@b\r\nTo: c\r\n\r\n",
        b"From: a@b\nTo: c\nCc: d\r\n\r\nx\n",
        b"> From: a@b\r\n> To: c\r\n\r\n",
    ],
)
def test_beside_its_envelope_a_message_is_taken_as_it_came(raw):
    saved = read_message(b"Subject: x\r\n" + raw, ENVELOPE)
    assert saved.message.raw == b"Subject: x\r\n" + raw
    assert (saved.shape, saved.message.headers_only, saved.steps) == ("eml", False, ())


def test_what_has_no_crlf_at_all_was_kept_with_lf():
    saved = read_raw(lf(MESSAGE))
    assert saved.message.raw == MESSAGE
    assert saved.steps == ("lf-line-ends",)


@pytest.mark.parametrize(
    ("envelope", "headers_only"),
    [
        (ENVELOPE, False),
        (Envelope(ip="192.0.2.1", source="options"), True),
        (Envelope(mail_from="a@b", source="options"), True),
        (None, True),
    ],
)
def test_only_a_person_has_a_header_without_its_body(envelope, headers_only):
    assert read_message(HEADER, envelope).message.headers_only is headers_only


def test_a_line_that_is_no_field_stays_evidence_in_a_whole_message():
    saved = read_saved(TRACE + b"stray line\r\n" + UNSENT)
    assert saved.notes == ()
    assert [stray.raw for stray in saved.message.strays] == [b"stray line"]


@pytest.mark.parametrize(
    ("body", "headers_only"),
    [(b"", True), (b"\r\n\r\n", True), (b"hello", False)],
)
def test_a_header_alone_is_one_without_body(body, headers_only):
    assert read_saved(HEADER + b"\r\n" + body).message.headers_only is headers_only


@pytest.mark.parametrize(
    "body_hash", [b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3h\r\n SuFU="]
)
def test_a_message_whose_signature_says_that_it_is_empty_is_whole(body_hash):
    header = HEADER.replace(b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYa0=", body_hash)
    saved = read_saved(header + b"\r\n")
    assert saved.shape == "eml"
    assert not saved.message.headers_only


def test_a_message_never_sent_that_forgot_its_empty_line_is_no_header_alone():
    saved = read_saved(b"From: a@example.com\r\nSubject: x\r\n")
    assert (saved.shape, saved.message.headers_only, saved.message.body_start) == ("eml", False, None)


@pytest.mark.parametrize(
    ("data", "raw", "notes"),
    [
        # The first line decides: a CRLF header and an LF body are a fault of the program that wrote them, and stay.
        (b"From: a@b\r\nTo: c\r\n\r\n1\n2\n3\n4\n5\n", b"From: a@b\r\nTo: c\r\n\r\n1\n2\n3\n4\n5\n", ("mixed-line-ends",)),
        (b"From: a@b\r\nTo: c\nCc: d\r\n\r\nx\r\n", b"From: a@b\r\nTo: c\nCc: d\r\n\r\nx\r\n", ("mixed-line-ends",)),
        (b"From: a@b\r\n" + b"X: y\n" * 9 + b"\nTo: c\r\n\r\nx\r\n", b"From: a@b\r\n" + b"X: y\n" * 9 + b"\nTo: c\r\n\r\nx\r\n",
         ("mixed-line-ends",)),
        (b"From: a@b\nTo: c\n\n1\r\n2\r\n3\r\n4\r\n", b"From: a@b\r\nTo: c\r\n\r\n1\r\n2\r\n3\r\n4\r\n",
         ("mixed-line-ends", "lf-line-ends")),
        (b"From: a@b\nTo: c\nCc: d\r\n\r\nx\n", b"From: a@b\r\nTo: c\r\nCc: d\r\n\r\nx\r\n", ("mixed-line-ends", "lf-line-ends")),
    ],
)  # fmt: skip
def test_mixed_line_ends(data, raw, notes):
    saved = read_saved(data)
    assert saved.message.raw == raw
    assert saved.notes == notes


@pytest.mark.parametrize(
    "data",
    [
        b"11\r\nFrom: a@b\r\n<?xml: x\r\nFrom: ceo@victim.example\r\n\r\n",
        b"12\nFrom: a@b\n\nx\nFrom: ceo@victim.example\n\n",
        b"9999\nFrom: a@b\n\nx\n",
    ],
)
def test_a_number_above_a_header_is_no_apple_mail(data):
    assert "emlx" not in read_saved(data).notes


def test_one_line_with_a_blank_is_evidence_not_an_indentation():
    data = b" From: <first@attack.example>\r\n" + UNSENT
    assert read_saved(data).message.raw == data


def test_from_with_a_blank_before_its_colon_is_no_mailbox_line():
    data = b"From : 10:30 <a@example.com> 2026\r\nTo: b@example.net\r\n\r\nx\r\n"
    assert read_saved(data).message.raw == data


REFUSED = [
    (b"", "empty", "空"),
    (b" \r\n\t", "empty", "空"),
    (b"\xff\xd8\xff\xe0JFIF", "JPEG", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG", "PNG"),
    (b"GIF89a", "GIF", "GIF"),
    (b"%PDF-1.7\n", "PDF", "PDF"),
    (b"PK\x03\x04\x14\x00", "ZIP", "ZIP"),
    (gzip.compress(MESSAGE, mtime=0), "gzip", "gzip"),
    (b"{\\rtf1 text}", "RTF", "RTF"),
    (b"!BDN\x00\x00", "Outlook data", "Outlookデータ"),
    (b"\n<!DOCTYPE html><html><body>From: a@b</body></html>", "web page", "Webページ"),
    (b'<?xml version="1.0"?>\n<!-- x -->\n<feedback xmlns="urn:x">\n', "todoku ingest", "DMARCの集約レポート"),
    (b"<feedback>\n", "a DMARC aggregate report", "todoku ingest"),
    (b'{"organization-name": "Google Inc.", "policies": []}', "a TLS report", "TLSレポート"),
    (b'<?xml version="1.0"?>\n<html><p>', "web page", "Webページ"),
    (b"\xef\xbb\xbf<html>", "web page", "Webページ"),
    (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://mail.google.com/\r\nSubject: x\r\n\r\n",
        "MHTML",
        "MHTML",
    ),
    (b'{"Type": "Notification"}', "JSON", "JSON"),
    (b'[{"mail": 1}]', "JSON", "JSON"),
    (b"Dear reader,\n\nthis is: text.\n", "without a header", "ヘッダーのない"),
    (b"Note: buy milk\n", "without a header", "ヘッダーのない"),
    (b"\0" * 1000, "binary", "バイナリ"),
    (b"Subject: x\r\n\r\n" + b"x" * MAX_MESSAGE, "25 MiB", "25 MiB"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "cannot be read", "読み取れません"),
]


@pytest.mark.parametrize(("data", "english", "japanese"), REFUSED, ids=[english for _, english, _ in REFUSED])
def test_refused_with_what_it_is(data, english, japanese):
    with pytest.raises(NotAMessage) as caught:
        read_saved(data)
    assert english in caught.value.text.en
    assert japanese in caught.value.text.ja


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<html>", b"hello"])
def test_refused_with_what_to_save_instead(data):
    with pytest.raises(NotAMessage) as caught:
        read_saved(data)
    assert "Show original" in caught.value.text.en
    assert "Internet headers" in caught.value.text.en
    assert "メッセージのソースを表示" in caught.value.text.ja
    assert "インターネットヘッダー" in caught.value.text.ja


def test_the_largest_file():
    data = UNSENT + b"x" * (MAX_MESSAGE - len(UNSENT))
    assert len(read_saved(data).message.raw) == MAX_MESSAGE


# --- Outlook's .msg -----------------------------------------------------------------------------------------------

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
CUTOFF = 4096  # a shorter stream would live in the mini stream, so each is padded to this length
UNICODE, EIGHT_BIT, SUBJECT = "__substg1.0_007D001F", "__substg1.0_007D001E", "__substg1.0_0037001F"


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) whose root holds these streams: sector 0 is its FAT, then the directory, then they."""
    directory_size = -(-(len(streams) + 1) * 128 // SECTOR)
    entries = [("Root Entry", 5, END, 0)]
    chains = [list(range(1, 1 + directory_size))]
    content = b""
    for name in sorted(streams, key=lambda name: (len(name), name.upper())):
        stream = streams[name].ljust(CUTOFF, b"\0")
        start = 1 + directory_size + len(content) // SECTOR
        content += stream + bytes(-len(stream) % SECTOR)
        entries.append((name, 2, start, len(stream)))
        chains.append(list(range(start, 1 + directory_size + len(content) // SECTOR)))
    table = [FAT] + [FREE] * (SECTOR // 4 - 1)
    for chain in chains:
        for sector, following in pairwise([*chain, END]):
            table[sector] = following
    directory = b"".join(directory_entry(index, *entry, last=len(streams)) for index, entry in enumerate(entries))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
        + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, CUTOFF, END, 0, END, 0)
        + struct.pack("<109I", 0, *[FREE] * 108)
    )  # fmt: skip
    return header + struct.pack("<128I", *table) + directory.ljust(directory_size * SECTOR, b"\0") + content


def directory_entry(index: int, name: str, kind: int, start: int, size: int, *, last: int) -> bytes:
    """The streams hang to the right of one another, which is a legal tree, if a slanted one."""
    encoded = (name + "\0").encode("utf-16-le")
    right = index + 1 if kind == 2 and index < last else FREE
    child = 1 if kind == 5 and last else FREE
    links = struct.pack("<HBBIII", len(encoded), kind, 1, FREE, right, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


EXCHANGE = b"Microsoft Mail Internet Headers Version 2.0\r\n"


@pytest.mark.parametrize(
    "streams",
    [
        {UNICODE: HEADER.decode().encode("utf-16-le"), SUBJECT: b"s\0"},
        {UNICODE: (HEADER + b"\r\n\r\n").decode().encode("utf-16-le")},
        {EIGHT_BIT: HEADER, SUBJECT: b"s\0"},
        {EIGHT_BIT: EXCHANGE + HEADER},
        {EIGHT_BIT: HEADER + b"X-Long: " + b"x" * 900 + b"\r\n"},
    ],
)
def test_the_header_in_an_outlook_message(streams):
    saved = read_saved(compound_file(streams))
    assert (saved.shape, saved.notes, saved.message.headers_only) == ("msg", ("msg-headers",), True)
    assert saved.message.raw.startswith(HEADER)
    assert saved.message.fields[-1].name in ("message-id", "x-long")


@pytest.mark.parametrize("streams", [{SUBJECT: b"s\0"}, {UNICODE: b""}, {}])
def test_an_outlook_item_that_did_not_travel(streams):
    with pytest.raises(NotAMessage, match="no Internet headers") as caught:
        read_saved(compound_file(streams))
    assert "インターネットヘッダー" in caught.value.text.ja


def test_a_short_header_lies_in_the_mini_stream():
    stream = b"From: a@example.com\r\n"
    whole = bytearray(compound_file({EIGHT_BIT: HEADER}))
    directory, content = 2 * SECTOR, 3 * SECTOR
    mini_fat = content + SECTOR
    whole[60:68] = struct.pack("<II", 3, 1)  # the mini FAT is sector 3, which no longer belongs to the stream
    whole[SECTOR + 8 : SECTOR + 20] = struct.pack("<III", END, END, FREE)
    whole[mini_fat : mini_fat + SECTOR] = struct.pack("<128I", END, *[FREE] * 127)
    whole[directory + 116 : directory + 124] = struct.pack("<II", 2, 64)
    whole[directory + 128 + 116 : directory + 128 + 124] = struct.pack("<II", 0, len(stream))
    whole[content : content + SECTOR] = stream.ljust(SECTOR, b"\0")
    assert read_saved(bytes(whole)).message.raw == stream


@pytest.mark.parametrize("field", ["size", "root", "mini", "difat", "fat", "entries"])
def test_an_outlook_file_that_claims_to_be_huge(field):
    whole = bytearray(compound_file({UNICODE: HEADER})[: 5 * SECTOR])  # 2,560 octets
    huge, directory = struct.pack("<I", 0xFFFFFFF0), 2 * SECTOR
    table = struct.pack("<128I", *range(128))  # each sector follows itself
    if field == "size":
        whole[directory + 128 + 120 : directory + 128 + 124] = huge
    elif field == "root":
        whole[directory + 116 : directory + 124] = struct.pack("<I", 2) + huge
    elif field == "mini":
        whole[60:68] = struct.pack("<I", 2) + huge
        whole[directory + 116 : directory + 124] = struct.pack("<I", 2) + huge
        whole[directory + 128 + 116 : directory + 128 + 124] = struct.pack("<II", 0, 4095)
    elif field == "difat":
        whole[44:48], whole[68:76] = huge, struct.pack("<I", 0) + huge
    elif field == "fat":
        whole[76:SECTOR] = bytes(SECTOR - 76)
    whole[SECTOR : 2 * SECTOR] = table
    tracemalloc.start()
    with suppress(NotAMessage):
        read_saved(bytes(whole))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@given(st.integers(0, 2**32 - 1), st.integers(512, 2048), st.binary(min_size=1, max_size=8))
def test_a_damaged_outlook_message_never_raises_anything_else(seed, position, damage):
    whole = compound_file({UNICODE: HEADER.decode().encode("utf-16-le"), SUBJECT: b"s"})
    data = whole[: seed % len(whole)] if seed % 3 == 0 else whole[:position] + damage + whole[position + len(damage) :]
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with suppress(NotAMessage):
            read_saved(data)


# --- Whatever else ------------------------------------------------------------------------------------------------


def test_every_note_has_its_text():
    noted = {note for _, _, notes, _ in SHAPES for note in notes} | {"mixed-line-ends", "lost-folding", "msg-headers"}
    assert noted == set(NOTE_TEXTS)
    assert all(text.en and text.ja for text in NOTE_TEXTS.values())


PIECES = (
    b"\r\n", b"\n", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"From ", b"10:30\n", b"Delivered-To: a\n", b"SPF:\n", b"DKIM:\n",
    b"From: a\n", b"Received: b\r\n", b" ", b"> ", b"12\n", b"<html>", b"{", b"\0", b"word",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join) | st.binary(max_size=100))
def test_never_raises_anything_else(data):
    saved = None
    with suppress(NotAMessage):
        saved = read_saved(data)
    assert saved is None or set(saved.notes) <= set(NOTE_TEXTS)
