"""The bounds of a message at n-1, n and n+1, as ``todoku check`` tells them: exit code, verdict, and the limit by name."""

from __future__ import annotations

import pytest

from hostile import Checked, P, checked, signed, todoku, txt
from todoku.auth.dmarc.record import MAX_RECORD
from todoku.mail.message import MAX_FIELDS, MAX_HEADER, MAX_MESSAGE
from todoku.mail.mime import MAX_DEPTH, MAX_PARTS

ZONE = (
    txt("example.com", "v=spf1 ip4:192.0.2.1 -all")
    + "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n1.2.0.192.in-addr.arpa. PTR mx.example.com.\n"
    + txt("_dmarc.example.com", "v=DMARC1; p=none")
    + txt("rsa._domainkey.example.com", f"v=DKIM1; p={P}")
)
SENT = ("--ip", "192.0.2.1", "--helo", "mx.example.com", "--mail-from", "joe@example.com")
HEADER = (
    b"From: Joe <joe@example.com>\r\nTo: suzie@example.net\r\nSubject: Hi\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
)
PLAIN = b"Content-Type: text/plain\r\n"
AROUND = pytest.mark.parametrize("over", [-1, 0, 1])


def looked(tmp_path, raw: bytes) -> Checked:
    return checked(tmp_path, raw, ZONE, *SENT)


def unseen(found: Checked) -> set[str]:
    """The requirements of which the report says that it could not look."""
    return {one["requirement"] for one in found.report["verdicts"] if one.get("missing") == "could-not-look"}


def all_is_well(found: Checked) -> bool:
    kept = ("dmarc-alignment", "dkim", "spf", "message-format")
    return found.code == 0 and not unseen(found) and {found.verdict(one)[0] for one in kept} == {"pass"}


def with_size(size: int) -> bytes:
    """A signed message of exactly so many octets."""
    line = b"x" * 76 + b"\r\n"
    spare = size - len(signed(HEADER + PLAIN + b"\r\n" + line))
    body = line * (spare // len(line)) + b"x" * (76 + spare % len(line)) + b"\r\n"
    raw = signed(HEADER + PLAIN + b"\r\n" + body)
    assert len(raw) == size
    return raw


def with_header(size: int) -> bytes:
    """A signed message whose header has exactly so many octets."""
    spare = size - signed(HEADER + PLAIN + b"\r\nHi.\r\n").index(b"\r\n\r\n") - 2
    extra = b"".join(b"X-%03d: " % number + b"x" * 891 + b"\r\n" for number in range(spare // 900 - 1))
    left = spare - len(extra)
    extra += b"X-1: " + b"x" * 500 + b"\r\n" + b"X-2: " + b"x" * (left - 514) + b"\r\n"
    raw = signed(HEADER + PLAIN + extra + b"\r\nHi.\r\n")
    assert raw.index(b"\r\n\r\n") + 2 == size
    return raw


def with_fields(count: int) -> bytes:
    """A signed message with exactly so many header fields."""
    return signed(HEADER + PLAIN + b"".join(b"X-%d: y\r\n" % number for number in range(count - 8)) + b"\r\nHi.\r\n")


@AROUND
def test_octets_of_a_message(tmp_path, over):
    raw = with_size(MAX_MESSAGE + over)
    if over <= 0:
        assert all_is_well(looked(tmp_path, raw))
        return
    (tmp_path / "large.eml").write_bytes(raw)
    refused = todoku("check", str(tmp_path / "large.eml"))
    assert (refused.code, refused.out) == (2, "")
    assert "25 MiB (26,214,400 bytes)" in refused.err


def test_a_file_that_grows_beyond_the_limit(tmp_path):
    """With LF line ends the file is within the limit; the message in it, whose lines end in CRLF, is not."""
    raw = with_size(MAX_MESSAGE + 1).replace(b"\r\n", b"\n")
    assert len(raw) < MAX_MESSAGE
    found = looked(tmp_path, raw)
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "message-too-large")
    assert found.verdict("dkim") == ("unknown", "over-limit")
    assert str(MAX_MESSAGE) in found.text
    assert "over a limit of ours (message-size)" in found.text
    assert found.verdict("spf")[0] == "pass"  # what does not need the whole body is still judged
    assert found.verdict("dmarc-alignment")[0] in ("pass", "warn")


def test_a_delimiter_beyond_the_limit_is_not_missing(tmp_path):
    text = b"Preamble.\n" * (MAX_MESSAGE // 10 - 40) + b"--b\n\nHi.\n--b--\n"  # within the limit until LF becomes CRLF
    found = looked(tmp_path, HEADER.replace(b"\r\n", b"\n") + b"Content-Type: multipart/mixed; boundary=b\n\n" + text)
    assert found.verdict("message-format") == ("unknown", "message-too-large")


@AROUND
def test_octets_of_a_header(tmp_path, over):
    found = looked(tmp_path, with_header(MAX_HEADER + over))
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "header-too-large")
    assert found.verdict("dmarc-alignment") == found.verdict("dkim") == ("unknown", "over-limit")
    assert str(MAX_HEADER) in found.text
    assert "over a limit of ours (header-size)" in found.text


@AROUND
def test_fields_of_a_header(tmp_path, over):
    found = looked(tmp_path, with_fields(MAX_FIELDS + over))
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "too-many-fields")
    assert found.verdict("dmarc-alignment") == found.verdict("dkim") == ("unknown", "over-limit")
    assert str(MAX_FIELDS) in found.text
    assert "over a limit of ours (field-count)" in found.text


BEYOND = b"".join(b"X-%d: y\r\n" % number for number in range(MAX_FIELDS))


def test_a_second_from_beyond_the_limit_is_not_overlooked(tmp_path):
    raw = signed(HEADER + PLAIN + BEYOND + b"From: ceo@victim.example\r\n\r\nHi.\r\n")
    found = looked(tmp_path, raw)
    assert found.code == 3
    assert found.verdict("dmarc-alignment") == ("unknown", "over-limit")
    assert found.verdict("from-impersonation") == ("unknown", "over-limit")
    assert found.verdict("display-name") == ("unknown", "over-limit")


def test_what_may_stand_beyond_the_limit_is_not_missing(tmp_path):
    raw = b"From: joe@example.com\r\nList-Id: <news.example.com>\r\n" + BEYOND + HEADER.partition(b"\n")[2] + PLAIN
    raw += (
        b"List-Unsubscribe: <https://example.com/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHi.\r\n"
    )
    found = looked(tmp_path, raw)
    failed = {one["requirement"] for one in found.report["verdicts"] if one["result"] == "fail"}
    assert failed == set()
    assert found.verdict("one-click-unsubscribe") == ("unknown", "over-limit")


def nested(depth: int) -> bytes:
    """A message whose innermost part lies so deep."""
    raw, end = b"", b""
    for level in range(depth):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        end = b"\r\n--b%d--" % level + end
    return signed(HEADER + raw + PLAIN + b"\r\nHi.\r\n" + end + b"\r\n")


@AROUND
def test_depth_of_parts(tmp_path, over):
    found = looked(tmp_path, nested(MAX_DEPTH + over))
    assert found.verdict("dkim")[0] == "pass"
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "mime-limit")
    assert f"the {MAX_DEPTH} levels" in " ".join(found.text.split())


@AROUND
def test_number_of_parts(tmp_path, over):
    parts = b"".join(b"--b\r\n" + PLAIN + b"\r\nHi.\r\n" for _ in range(MAX_PARTS - 1 + over))
    found = looked(
        tmp_path, signed(HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n")
    )
    assert found.verdict("dkim")[0] == "pass"
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "mime-limit")
    assert f"the {MAX_PARTS} parts" in " ".join(found.text.split())


@AROUND
def test_octets_of_the_header_of_a_part(tmp_path, over):
    long = PLAIN + b"X-Long: "
    top = HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    fold = b"x" * 900 + b"\r\n "
    left = MAX_HEADER + over - len(long) - len(b"\r\n")
    long += fold * (left // len(fold)) + b"x" * (left % len(fold)) + b"\r\n"
    assert len(long) == MAX_HEADER + over
    found = looked(tmp_path, signed(top + long + b"\r\nHi.\r\n--b--\r\n"))
    assert found.verdict("dkim")[0] == "pass"
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("message-format") == ("unknown", "mime-limit")
    assert f"the {MAX_HEADER // 1024} KiB" in " ".join(found.text.split())


@AROUND
def test_characters_of_a_dmarc_record(tmp_path, over):
    record = "v=DMARC1; p=none; x="
    record += "y" * (MAX_RECORD + over - len(record))
    zone = ZONE.replace(txt("_dmarc.example.com", "v=DMARC1; p=none"), txt("_dmarc.example.com", record))
    found = checked(tmp_path, signed(HEADER + PLAIN + b"\r\nHi.\r\n"), zone, *SENT)
    if over <= 0:
        assert all_is_well(found)
        return
    assert found.code == 3
    assert found.verdict("dmarc-record") == ("unknown", "dmarc-dns-failed")
    assert f"{MAX_RECORD + 1:,} characters" in found.text
