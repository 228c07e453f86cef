"""Reports in whatever they come in: each by itself, whole or refused, and never more unpacked than the bounds allow."""

from __future__ import annotations

import base64
import bz2
import gzip
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import GZIPPED, REPORT, mail, tls, xml, zipped
from todoku.feedback.aggregate import parse
from todoku.feedback.inflate import MAX_GZIP_MEMBERS
from todoku.feedback.wrapping import DEFAULT, KEPT, Document, Limits, unwrap

PLAIN = REPORT.encode()
FROM = b"From dmarc@receiver.example Tue Nov 24 08:00:00 2026\n"
ATTACHED = (
    b"--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(GZIPPED).replace(b"\n", b"\r\n")
    + b"--b\r\n"
)
SMALL = Limits(packed=4_000, unpacked=8_000, members=3, depth=2)


def gz(octets: bytes) -> bytes:
    """Gzip without a date, so that a test has the same name in each process."""
    return gzip.compress(octets, mtime=0)


def found(raw: bytes, limits: Limits = DEFAULT) -> list[str]:
    """The kind of each document that holds what was packed, the tag of each that is refused."""
    told = []
    for one in unwrap(raw, limits):
        if isinstance(one, Document):
            whole = one.content() in (PLAIN, tls())
            told.append(one.kind if whole else f"{one.kind}, not what was packed")
        else:
            assert one.text.en
            assert one.text.ja
            told.append(one.tag)
    return told


class TestShapes:
    @pytest.mark.parametrize(
        "raw",
        [
            PLAIN,
            GZIPPED,
            gz(GZIPPED),
            gz(zipped(("a.xml", PLAIN))),
            zipped(("a.xml", PLAIN)),
            zipped(("a.xml", PLAIN), method=zipfile.ZIP_STORED),
            zipped(("a.xml.gz", GZIPPED)),
            zipped(("folder/", b""), ("folder/a.xml", PLAIN), ("__MACOSX/._a.xml", b"\0\5")),
            b"PK\x03\x04" + zipped(("a.xml", PLAIN)),  # with something before it
            gz(PLAIN[:500]) + gz(PLAIN[500:]),
            gz(PLAIN[:500]) + gz(b"") + gz(PLAIN[500:]),
            GZIPPED + b"garbage",
            GZIPPED + b"\0" * 512,
            base64.b64encode(GZIPPED),
            base64.encodebytes(PLAIN),
            base64.encodebytes(zipped(("a.xml", PLAIN))),
            mail(("application/gzip", GZIPPED)),
            mail(("application/gzip", GZIPPED), line_end="\n"),
            mail(("application/octet-stream", zipped(("a.xml", PLAIN)))),
            mail(("text/plain", gz(GZIPPED))),
            mail(("application/gzip", base64.encodebytes(GZIPPED)), encoding="7bit"),
            mail(("image/png", b"\x89PNG" + b"\0" * 90), ("application/gzip", GZIPPED)),
            mail(("text/html", b"<html><body>A report is attached</body></html>"), ("application/gzip", GZIPPED)),
            b"From dmarc@receiver.example Tue Nov 24 08:00:00 2026\n"
            + mail(("application/gzip", GZIPPED), line_end="\n"),
        ],
    )
    def test_aggregate_report(self, raw):
        assert found(raw) == ["xml"]

    def test_a_message_that_is_nothing_but_the_attachment(self):
        head = b"From: a@b.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        assert found(head + base64.encodebytes(GZIPPED).replace(b"\n", b"\r\n")) == ["xml"]

    def test_tls_report(self):
        assert found(tls()) == ["json"]
        assert found(mail(("application/tlsrpt+gzip", gz(tls())))) == ["json"]
        assert found(mail(("application/tlsrpt+json", tls()))) == ["json"]

    def test_a_forwarded_message(self):
        inner = mail(("application/gzip", GZIPPED)).decode("latin-1")
        raw = "From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" + inner
        assert found(raw.encode("latin-1")) == ["xml"]

    def test_complaint_is_itself_the_report(self):
        raw = mail(
            ("message/feedback-report", b"Feedback-Type: abuse\r\n"), encoding="7bit", content_type="multipart/report"
        )
        (document,) = unwrap(raw)
        assert (document.kind, document.octets) == ("mail", raw)

    def test_every_report_of_one_message_is_read(self):
        """One reader of today takes the first and loses the second without a word."""
        raw = mail(
            ("application/zip", zipped(("1.xml", PLAIN), ("2.xml", PLAIN))),
            ("application/gzip", GZIPPED),
            ("text/xml", PLAIN),
        )
        assert found(raw) == ["xml"] * 4
        assert [one.name for one in unwrap(raw)] == ["1.xml", "2.xml", "", ""]

    def test_one_that_is_broken_takes_no_other_with_it(self):
        broken = zipped(("1.xml", PLAIN), ("2.xml.gz", GZIPPED[:-5]), ("3.txt", b"hello"), ("4.xml", PLAIN))
        assert found(broken) == ["xml", "report-truncated", "report-not-xml", "xml"]

    @pytest.mark.parametrize(
        ("kind", "octets", "encoding", "why"),
        [
            ("application/octet-stream", mail(("application/gzip", GZIPPED)), "base64", "xml"),
            ("message/rfc822", mail(("application/gzip", GZIPPED)), "base64", "xml"),
            ("application/mbox", FROM + mail(("application/gzip", GZIPPED), line_end="\n"), "base64", "xml"),
            ("application/x-bzip2", bz2.compress(PLAIN), "base64", "report-attachment"),
            ("text/plain", bz2.compress(PLAIN), "base64", "report-attachment"),
            ("application/octet-stream", b"\0" * 90, "base64", "report-attachment"),
            ("text/xml", b"ort_metadata><org_name>cut off in front</org_name>", "7bit", "report-attachment"),
            ("message/external-body", b"somewhere else, at some server", "7bit", "report-attachment"),
        ],
    )
    def test_nothing_beside_a_report_is_passed_over(self, kind, octets, encoding, why):
        other = mail((kind, octets), encoding=encoding)
        assert found(other.replace(b"--b\r\n", ATTACHED, 1)) == ["xml", why]

    @pytest.mark.parametrize(
        ("kind", "octets"),
        [
            ("image/png", b"\x89PNG" + b"\0" * 90),
            ("application/pdf", b"%PDF-1.7 and so on, a page for people"),
            ("application/pkcs7-signature", b"0" * 90),
            ("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----"),
            ("text/html", b"<html><body>A report is attached</body></html>"),
            ("text/plain", b"Note: this text begins as a header does"),
            ("application/octet-stream", b" " * 90),
        ],
    )
    def test_what_holds_no_report_is_no_reason_to_look(self, kind, octets):
        assert found(mail(("application/gzip", GZIPPED), (kind, octets))) == ["xml"]
        assert found(mail((kind, octets))) == ["report-none"]

    def test_messages_in_messages_are_bounded(self):
        raw = mail(("application/gzip", GZIPPED))
        for times in range(1, 5):
            raw = mail(("application/octet-stream", raw))
            assert found(raw) == (["xml"] if times < DEFAULT.depth else ["report-nested"])

    def test_messages_of_a_mailbox_are_bounded(self):
        one = FROM + mail(("text/xml", PLAIN), line_end="\n") + b"\n"
        assert found(one * 2, Limits(members=4)) == ["xml"] * 2
        assert found(one * 3, Limits(members=4))[-1] == "report-members"

    def test_a_name_is_for_display_only(self):
        (document,) = unwrap(zipped(("../../../../etc/cron.d/x", PLAIN)))
        assert (document.name, document.content()) == ("../../../../etc/cron.d/x", PLAIN)

    def test_a_large_one_stays_packed(self):
        for more, packed in ((-1, False), (0, False), (1, True)):
            large = PLAIN.replace(b"<feedback", b" " * (DEFAULT.packed - len(PLAIN) + more) + b"<feedback")
            for raw in (
                gz(large),
                zipped(("a.xml", large)),
                mail(("application/gzip", gz(large))),
            ):
                (document,) = unwrap(raw)
                assert (len(document.octets) < 100_000) == packed
                assert document.content() == large

    def test_so_do_those_for_which_there_is_no_room(self):
        half = PLAIN.replace(b"<feedback", b" " * (KEPT // 2 - len(PLAIN)) + b"<feedback")
        found = unwrap(zipped(*((f"{number}.xml", half) for number in range(3))))
        assert [len(document.octets) == len(half) for document in found] == [True, True, False]
        assert [document.content() == half for document in found] == [True] * 3

    def test_plain_xml_in_a_message_with_bare_lf(self):
        (document,) = unwrap(mail(("text/xml", PLAIN), encoding="7bit", line_end="\n"))
        assert parse(document.pieces()) == parse([PLAIN])


class TestRefused:
    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            (b"", "report-empty"),
            (b" \r\n", "report-empty"),
            (b"unused", "report-not-xml"),
            (gz(b""), "report-empty"),
            (bz2.compress(PLAIN), "report-not-xml"),
            (b"<html><body>no</body></html>", "report-not-xml"),
            (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'></html>", "report-not-xml"),
            (mail(), "report-none"),
            (mail(("text/plain", b"Your report, as text.")), "report-none"),
            (b"From: a@b.example\r\nSubject: x\r\n", "report-truncated"),
            (zipped(), "report-none"),
            (zipped(("folder/", b"")), "report-none"),
            (zipped(("a.xml", PLAIN), method=zipfile.ZIP_BZIP2), "report-compression"),
            (zipped(("a.xml", PLAIN), method=zipfile.ZIP_LZMA), "report-compression"),
            (zipped(("a.xml", PLAIN)).replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0"), "report-encrypted"),
            (
                zipped(("a.xml", PLAIN)).replace(b"PK\x01\x02\x14\3\x14\0\0\0", b"PK\x01\x02\x14\3\x14\0\1\0"),
                "report-encrypted",
            ),
            (GZIPPED[:-1], "report-truncated"),
            (GZIPPED[:-8], "report-truncated"),
            (GZIPPED[:11], "report-truncated"),
            (GZIPPED[:-8] + b"\0\0\0\0" + GZIPPED[-4:], "report-corrupt"),
            (GZIPPED + GZIPPED[:30], "report-truncated"),
            (b"\x1f\x8b\x08\x00" + b"\xff" * 100, "report-corrupt"),
            (base64.b64encode(GZIPPED)[:-3], "report-truncated"),
            (b"PK\x03\x04", "report-truncated"),
        ],
    )
    def test_with_its_reason(self, raw, why):
        assert found(raw) == [why]

    def test_gzip_cut_at_every_octet(self):
        assert {tuple(found(GZIPPED[:at])) for at in range(2, len(GZIPPED))} == {("report-truncated",)}

    def test_zip_cut_at_every_octet(self):
        archive = zipped(("a.xml", PLAIN))
        assert {tuple(found(archive[:at])) for at in range(4, len(archive))} == {("report-truncated",)}

    def test_mail_cut_at_every_octet(self):
        raw = mail(("application/gzip", GZIPPED))
        whole = raw.index(b"\r\n--b--")
        told = {tuple(found(raw[:at])) for at in range(raw.index(b"\r\n\r\n") + 4, whole - 2)}
        assert told == {("report-none",), ("report-truncated",)}

    def test_zip_that_lies_about_its_sizes(self):
        archive = zipped(("a.xml", PLAIN))
        entry = archive.rindex(b"PK\x01\x02")
        for place in (20, 24):  # packed, unpacked
            lie = archive[: entry + place] + struct.pack("<L", 0xFFFFFFFF) + archive[entry + place + 4 :]
            assert found(lie) == ["xml"]
        short = archive[: entry + 20] + struct.pack("<L", 10) + archive[entry + 24 :]
        assert found(short) == ["report-truncated"]
        wrong = archive[: entry + 16] + struct.pack("<L", 1) + archive[entry + 20 :]
        assert found(wrong) == ["report-corrupt"]

    @pytest.mark.parametrize("place", range(-22, 0))
    def test_zip_whose_end_is_damaged(self, place):
        archive = bytearray(zipped(("a.xml", PLAIN)))
        archive[place] ^= 0xFF
        assert len(found(bytes(archive))) >= 1

    def test_one_member_named_many_times(self):
        archive = zipped(("a.xml", PLAIN))
        entry, end = archive.rindex(b"PK\x01\x02"), archive.rindex(b"PK\x05\x06")
        directory = archive[entry:end] * 200
        tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 200, 200, len(directory), entry, 0)
        assert found(archive[:entry] + directory + tail) == ["report-members"]


class TestBounds:
    """Each at n-1, n and n+1."""

    @pytest.mark.parametrize(("beyond", "why"), [(-1, "xml"), (0, "xml"), (1, "report-too-large")])
    def test_packed(self, beyond, why):
        assert found(PLAIN, Limits(packed=len(PLAIN) - beyond)) == [why]

    @pytest.mark.parametrize(("beyond", "why"), [(-1, "xml"), (0, "xml"), (1, "report-bomb")])
    @pytest.mark.parametrize("raw", [GZIPPED, zipped(("a.xml", PLAIN))], ids=["gzip", "zip"])
    def test_unpacked(self, raw, beyond, why):
        assert found(raw, Limits(unpacked=len(PLAIN) - beyond)) == [why]

    def test_unpacked_is_of_all_together(self):
        archive = zipped(*((f"{number}.xml", PLAIN) for number in range(3)))
        assert found(archive, Limits(unpacked=2 * len(PLAIN))) == ["xml", "xml", "report-bomb"]
        assert found(gz(GZIPPED), Limits(unpacked=len(PLAIN) + len(GZIPPED) - 1)) == ["report-bomb"]

    @pytest.mark.parametrize(("number", "why"), [(2, ["xml"] * 2), (3, ["xml"] * 3), (4, ["report-members"])])
    def test_members(self, number, why):
        members = [(f"{one}.xml", PLAIN) for one in range(number)]
        assert found(zipped(*members), Limits(members=3)) == why
        assert found(mail(*(("text/xml", octets) for _, octets in members)), Limits(members=3)) == why

    @pytest.mark.parametrize(("times", "why"), [(1, "xml"), (2, "xml"), (3, "xml"), (4, "report-nested")])
    def test_depth(self, times, why):
        raw = packed = PLAIN
        for _ in range(times):
            raw, packed = gz(raw), zipped(("a", packed))
        assert found(raw) == [why]
        assert found(packed) == [why]

    @pytest.mark.parametrize(("beyond", "why"), [(-1, "report-empty"), (0, "report-empty"), (1, "report-members")])
    def test_gzip_members(self, beyond, why):
        assert found(gz(b"") * (MAX_GZIP_MEMBERS + beyond)) == [why]

    def test_bombs_are_let_out_only_as_far_as_the_bound(self):
        stream = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(stream.compress(b" " * 2**20) for _ in range(200)) + stream.flush()
        for raw in (bomb, zipped(("a.gz", bomb)), mail(("application/gzip", bomb))):
            tracemalloc.start()
            try:
                assert found(raw) == ["report-bomb"]
                assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
            finally:
                tracemalloc.stop()


class TestProperties:
    @given(st.binary(max_size=300))
    @settings(max_examples=200, deadline=None)
    def test_any_octets(self, octets):
        for start in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\x00", b"H4sI", b"From: a\r\n\r\n", b"<?xml "):
            for one in unwrap(start + octets):
                assert not isinstance(one, Document) or one.content() is not None

    @given(st.data())
    @settings(max_examples=200, deadline=None)
    def test_any_change(self, data):
        """Whatever is let out was let out whole before, so that it can be again."""
        raw = data.draw(st.sampled_from([GZIPPED, zipped(("a.xml", PLAIN)), gz(zipped(("a.xml", PLAIN)))]))
        at = data.draw(st.integers(0, len(raw)))
        changed = raw[:at] + data.draw(st.binary(max_size=4)) + raw[at + data.draw(st.integers(0, 4)) :]
        for one in unwrap(changed, DEFAULT):
            assert not isinstance(one, Document) or one.content()

    def test_xml_is_told_from_its_first_octets(self):
        assert found(xml(("<?xml", "\n <!-- a --> <?xml"))) == ["xml, not what was packed"]
