"""Aggregate reports: what is read, what is refused and with which tag, and that what is written reads the same."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from reports import RECORD, REPORT, mail, xml, zipped
from todoku.feedback import values
from todoku.feedback.aggregate import (
    AggregateReport,
    Columns,
    DkimAuth,
    Extension,
    Head,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
    parse,
    read,
    report_key,
    shape,
    stream,
    tree,
)
from todoku.feedback.aggregate.write import format_report

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def tag(octets: bytes, now: datetime | None = None) -> str:
    """Why the report is refused; "" where it is not. A refused one has no records."""
    report = parse([octets], now=now)
    assert (report.refused is None) == bool(report.records)
    return report.refused.tag if report.refused else ""


class TestWhatIsRead:
    def test_every_field(self):
        report = parse([xml()], name="a.xml")
        assert report == AggregateReport(
            metadata=ReportMetadata(
                org_name="receiver.example",
                email="dmarc@receiver.example",
                report_id="r1@receiver.example",
                begin=1764000000,
                end=1764086399,
            ),
            policy=PolicyPublished(
                domain="example.com",
                adkim="r",
                aspf="s",
                p="quarantine",
                sp="none",
                np="reject",
                testing="n",
                discovery_method="treewalk",
            ),
            records=(
                Record(
                    source_ip="192.0.2.1",
                    count=3,
                    disposition="none",
                    dkim="pass",
                    spf="fail",
                    header_from="example.com",
                    auth_dkim=(DkimAuth("example.com", "s1", "pass"),),
                    auth_spf=(SpfAuth("bounce.example.com", "mfrom", "softfail"),),
                ),
            ),
            version="1.0",
            name="a.xml",
        )
        assert report.messages == 3

    @pytest.mark.parametrize(
        ("written", "field", "value"),
        [
            ("<disposition>None</disposition>", "disposition", "none"),
            ("<disposition>pass</disposition>", "disposition", "pass"),  # RFC 9990
            ("<disposition>burn</disposition>", "disposition", ""),
            ("<disposition/>", "disposition", ""),
        ],
    )
    def test_words_of_the_schema(self, written, field, value):
        record = parse([xml(("<disposition>none</disposition>", written))]).records[0]
        assert getattr(record, field) == value

    @pytest.mark.parametrize(
        ("written", "read_as"),
        [("unknown", "temperror"), ("error", "permerror"), ("hardfail", "fail"), ("PASS", "pass"), ("ok", "")],
    )
    def test_words_of_old_drafts(self, written, read_as):
        report = parse([xml(("<result>softfail</result>", f"<result> {written}\n</result>"))])
        assert report.records[0].auth_spf[0].result == read_as

    @pytest.mark.parametrize(
        ("written", "address"),
        [("2001:DB8:0:0::1", "2001:db8::1"), (" 192.0.2.7\n", "192.0.2.7"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1")],
    )
    def test_an_address_in_its_shortest_form(self, written, address):
        assert (
            str(parse([xml(("192.0.2.1", written))]).records[0].source_ip).replace("c000:201", "192.0.2.1") == address
        )

    def test_a_domain_as_a_labels(self):
        report = parse([xml(("<header_from>example.com", "<header_from>日本語.Example."))])
        assert report.records[0].header_from == "xn--wgv71a119e.example"

    def test_what_a_stranger_wrote_is_no_reason_to_refuse(self):
        odd = "a" * 5_000 + "@<&#10;"
        report = parse([xml(("<header_from>example.com", f"<header_from>{odd.replace('<', '&lt;')}"))])
        assert report.refused is None
        assert len(report.records[0].header_from) == values.MAX_NAME

    def test_prefixes_of_namespaces(self):
        prefixed = xml(('<feedback xmlns="', '<d:feedback xmlns:d="'), ("</feedback>", "</d:feedback>"))
        assert parse([prefixed]).records == parse([xml()]).records

    def test_the_same_name_in_another_namespace_is_not_read(self):
        extended = xml(("</auth_results>", '</auth_results><x:row xmlns:x="urn:x"><count>9</count></x:row>'))
        record = parse([extended]).records[0]
        assert (record.count, record.extensions) == (3, (Extension("row", "urn:x"),))

    def test_records_of_one_shape_nested_otherwise_in_another_report(self):
        """Plans outlive a report, so they must not be taken for a tree that only has the same names in the same order."""
        inner = "<domain>example.com</domain><selector>s1</selector><result>pass</result>"
        assert parse([xml()]).records[0].auth_dkim == (DkimAuth("example.com", "s1", "pass"),)
        nested = xml((inner, "<domain>example.com<selector>s1<result>pass</result></selector></domain>"))
        assert parse([nested]).records[0].auth_dkim == (DkimAuth("example.com", "", ""),)
        assert parse([xml()]).records[0].auth_dkim == (DkimAuth("example.com", "s1", "pass"),)

    def test_several_signatures_and_reasons(self):
        more = "<dkim><domain>amazonses.com</domain><result>pass</result></dkim><spf>"
        why = "<reason><type>Local_Policy</type><comment>arc=pass</comment></reason><reason><type/></reason>"
        record = parse(
            [xml(("<spf><domain>", f"{more}<domain>"), ("</policy_evaluated>", f"{why}</policy_evaluated>"))]
        ).records[0]
        assert [one.domain for one in record.auth_dkim] == ["example.com", "amazonses.com"]
        assert record.reasons == (OverrideReason("local_policy", "arc=pass"),)

    def test_octets_that_are_no_utf8_become_a_mark(self):
        octets = xml(("<org_name>receiver", "<org_name>re?eiver")).replace(b"re?", b"re\xe7")
        assert parse([octets]).metadata.org_name == "re\ufffdeiver.example"

    @pytest.mark.parametrize(
        "charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "iso-8859-1", "windows-1252", "shift_jis"]
    )
    def test_charsets(self, charset):
        named = "UTF-16" if charset.startswith("utf-16") else charset.removesuffix("-sig")
        octets = xml(("UTF-8", named)).decode().encode(charset)
        assert tag(octets) == ""

    @pytest.mark.parametrize(
        ("charset", "name"), [("iso-8859-1", "Zürich"), ("windows-1252", "a “b”"), ("shift_jis", "受信側")]
    )
    def test_declared_charsets(self, charset, name):
        octets = xml(("UTF-8", charset), ("<org_name>receiver.example", f"<org_name>{name}")).decode().encode(charset)
        assert parse([octets]).metadata.org_name == name

    def test_pieces_may_be_cut_anywhere(self):
        octets = xml(("receiver.example</org", "受信側.example</org"))
        whole = parse([octets])
        assert all(parse([octets[:at], octets[at:]]) == whole for at in range(0, len(octets), 7))
        assert parse([bytes([octet]) for octet in octets]) == whole


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("before", "after", "why"),
        [
            ("<count>3", "<count>-5", "report-negative-count"),
            ("<count>3", "<count>" + "9" * 26, "report-huge-count"),
            ("<count>3", "<count>1e308", "report-count"),
            ("<count>3", "<count>3.5", "report-count"),
            ("<count>3", "<count>" + "9" * 100_000, "report-count"),
            ("<count>3</count>", "", "report-incomplete"),
            ("<count>3</count>", "<count>3</count><count>4</count>", "report-repeated"),
            ("<source_ip>192.0.2.1</source_ip>", "<source_ip/>", "report-incomplete"),
            ("192.0.2.1", "999.1.1.1", "report-address"),
            ("192.0.2.1", "1.1.1.1' OR 1=1--", "report-address"),
            ("192.0.2.1", "mail.example.com", "report-address"),
            ("192.0.2.1", "fe80::1%eth0", "report-address"),
            ("<end>1764086399", "<end>1600000000", "report-dates"),
            ("<end>1764086399", "<end>1900000000", "report-dates"),
            ("<begin>1764000000", "<begin>2025-11-24T00:00:00Z", "report-dates"),
            ("<begin>1764000000", "<begin>-1", "report-dates"),
            ("<begin>1764000000", "<begin>-1.5", "report-dates"),
            ("<begin>1764000000", "<begin>1764000000,5", "report-dates"),
            ("<begin>1764000000", "<begin>1.764e9", "report-dates"),
            ("<end>1764086399", "<end>99999999999999999", "report-dates"),
            ("<domain>example.com</domain><adkim>", "<adkim>", "report-incomplete"),
            ("<domain>example.com</domain><adkim>", "<domain>not a domain</domain><adkim>", "report-domain"),
            (RECORD, "", "report-incomplete"),
            (RECORD, f"<junk>{RECORD}</junk>", "report-structure"),
            ("<feedback ", "<!DOCTYPE feedback [<!ENTITY a 'b'>]><feedback ", "report-dtd"),
            ("<feedback ", "<!-- first --> <!doctype feedback SYSTEM 'file:///etc/passwd'><feedback ", "report-dtd"),
            ("<feedback ", "<!DOCTYPE feedback SYSTEM 'http://127.0.0.1:9/x'><feedback ", "report-dtd"),
            ("receiver.example</org", "&undefined;</org", "report-malformed"),
            ("receiver.example</org", "&#0;</org", "report-malformed"),
            ("<org_name>", "<org_name", "report-malformed"),
            ("</feedback>", "</feedback>garbage", "report-malformed"),
            ("</feedback>", "", "report-truncated"),
            (REPORT, "", "report-empty"),
            (REPORT, " \n", "report-empty"),
            (REPORT, "unused", "report-not-xml"),
            (REPORT, "<html><body>no</body></html>", "report-not-aggregate"),
            ("UTF-8", "x-klingon", "report-charset"),
        ],
    )
    def test_with_its_reason(self, before, after, why):
        octets = xml((before, after)) if before != REPORT else after.encode()
        assert tag(octets) == why

    def test_two_heads(self):
        start, end = REPORT.index("<report_metadata>"), REPORT.index("<policy_published>")
        assert tag(xml(("<policy_published>", f"{REPORT[start:end]}<policy_published>"))) == "report-repeated"

    def test_cut_at_every_octet(self):
        octets = xml().rstrip()
        assert {tag(octets[:at]) for at in range(1, len(octets))} <= {
            "report-truncated",
            "report-not-xml",
            "report-incomplete",
        }

    def test_what_was_read_of_the_head_is_told(self):
        report = parse([xml(("<count>3", "<count>-5"))], name="x.xml")
        assert report.metadata.org_name == "receiver.example"
        assert report.policy.domain == "example.com"
        assert report.refused.name == "x.xml"
        assert report.refused.text.en == "A count is negative: -5."
        assert report.refused.text.ja == "件数が負の値です: -5。"

    def test_one_wrong_count_among_many_records(self):
        many = [xml(("</feedback>", ""))] + [RECORD.encode()] * 9_000
        assert tag(b"".join([*many, b"</feedback>"])) == ""
        assert (
            tag(b"".join([*many, RECORD.replace("<count>3", "<count>-3").encode(), b"</feedback>"]))
            == "report-negative-count"
        )
        assert tag(b"".join(many)) == "report-truncated"

    def test_a_deep_tree_is_refused(self):
        assert tag(xml((RECORD, "<a>" * 100_000 + "</a>" * 100_000 + RECORD))) == "report-malformed"

    def test_days_to_come(self):
        at = datetime.fromtimestamp(1764086399, UTC)
        assert tag(xml(), now=at - values.AHEAD) == ""
        assert tag(xml(), now=at - values.AHEAD - values.timedelta(seconds=1)) == "report-future"
        assert tag(xml(), now=None) == ""


@pytest.mark.parametrize("fraction", [".0", ".739", ".999999999", "."])
def test_seconds_with_a_fraction(fraction):
    metadata = parse(
        [xml(("<begin>1764000000", f"<begin>1764000000{fraction}"), ("<end>1764086399", f"<end>1764086399{fraction}"))]
    ).metadata
    assert (metadata.begin, metadata.end) == (1764000000, 1764086399)


class TestBounds:
    """Each at n-1, n and n+1."""

    @pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-huge-count")])
    def test_count(self, beyond, why):
        assert tag(xml(("<count>3", f"<count>{values.MAX_COUNT + beyond}"))) == why

    @pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-dates")])
    def test_period(self, beyond, why):
        assert tag(xml(("<begin>1764000000", f"<begin>{1764086399 - values.MAX_PERIOD - beyond}"))) == why

    @pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-old")])
    def test_age(self, beyond, why):
        now = datetime.fromtimestamp(1764086399 + beyond, UTC) + values.MAX_AGE
        assert tag(xml(), now=now) == why

    @pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-dates")])
    def test_last_time(self, beyond, why):
        last = values.MAX_TIME + beyond
        assert tag(xml(("<begin>1764000000", f"<begin>{last}"), ("<end>1764086399", f"<end>{last}"))) == why

    @pytest.mark.parametrize("beyond", [-1, 0, 1])
    def test_texts_and_names_are_cut(self, beyond):
        long, name = "x" * (values.MAX_TEXT + beyond), "y" * (values.MAX_NAME + beyond)
        report = parse(
            [xml(("<org_name>receiver.example", f"<org_name>{long}"), ("<selector>s1", f"<selector>{name}"))]
        )
        assert report.metadata.org_name == long[: values.MAX_TEXT]
        assert report.records[0].auth_dkim[0].selector == name[: values.MAX_NAME]

    @pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-records")])
    def test_records(self, beyond, why, monkeypatch):
        monkeypatch.setattr(read, "MAX_RECORDS", 50)
        octets = xml((RECORD, RECORD.replace("</row>", "</row><!-- -->") * (50 + beyond)))  # of a short one nobody asks
        assert tag(octets) == why

    @pytest.mark.parametrize(("more", "why"), [(-1, ""), (2, "report-sparse")])
    def test_stretch_without_a_record(self, more, why):
        filler = b"<x>" + b" " * (tree.STRETCH + more * tree.PIECE) + b"</x>"
        octets = xml((RECORD, f"{RECORD}FILLER{RECORD}")).replace(b"FILLER", filler)
        assert tag(octets) == why

    def test_one_record_as_long_as_a_stretch(self):
        long = RECORD.replace("</auth_results>", "<x/>" * ((tree.STRETCH + 2 * tree.PIECE) // 4) + "</auth_results>")
        assert tag(xml((RECORD, RECORD * 200 + long))) == "report-sparse"

    @pytest.mark.parametrize(("beyond", "why"), [(-100, ""), (100, "report-not-xml")])
    def test_prolog(self, beyond, why):
        assert tag(xml(("<feedback ", f"<!--{'x' * (tree.PROLOG + beyond - 60)}--><feedback "))) == why

    def test_shapes_are_forgotten(self):
        records = "".join(RECORD.replace("</row>", f"</row><n{number}/>") for number in range(shape.MAX_SHAPES * 2 + 1))
        report = parse([xml((RECORD, records))])
        assert len(report.records) == shape.MAX_SHAPES * 2 + 1
        assert set(report.records) == set(parse([xml()]).records)
        assert len(shape._known) <= shape.MAX_SHAPES

    def test_what_is_remembered_is_forgotten(self):
        memo = values.Memo(lambda written: written)
        assert [memo[str(number)] for number in range(values.MAX_KNOWN + 1)][-1] == str(values.MAX_KNOWN)
        assert len(memo) == 1
        for long in ("x" * (values.MAX_NAME + 1), ("x" * (values.MAX_NAME + 1),), ("x",) * (values.MAX_GROUP + 1)):
            assert memo[long] == long
        assert len(memo) == 1


class TestStream:
    def test_head_then_records_by_the_thousand(self):
        octets = xml((RECORD, RECORD * 10_000))
        head, *columns = stream([octets])
        assert isinstance(head, Head)
        assert all(isinstance(one, Columns) for one in columns)
        assert [record for one in columns for record in one.records()] == list(parse([octets]).records)
        assert len(columns) > 1

    def test_refusal_comes_last(self):
        *before, last = stream([xml((RECORD, RECORD * 10_000), ("</feedback>", ""))])
        assert last.tag == "report-truncated"
        assert before


class TestKey:
    def test_reports_of_one_name_on_two_days_are_two(self):
        one = parse([xml()])
        other = parse([xml(("1764000000", "1763913600"), ("1764086399", "1763999999"))])
        again = parse([xml(("<count>3", "<count>4"))])
        assert report_key(one.metadata, one.policy) == report_key(again.metadata, again.policy)
        assert report_key(one.metadata, one.policy) != report_key(other.metadata, other.policy)


class TestInterface:
    def test_several_in_one_message(self):
        raw = mail(
            ("application/zip", zipped(("1.xml", xml()), ("2.xml", xml(("<count>3", "<count>-1"))), ("3.txt", b"no")))
        )
        first, second, third = todoku.parse_aggregate(raw)
        assert (first.refused, first.name) == (None, "1.xml")
        assert (second.refused.tag, second.records) == ("report-negative-count", ())
        assert third.refused.tag == "report-not-xml"

    @pytest.mark.parametrize(
        ("raw", "why"),
        [(b"", "report-empty"), (b"hello", "report-not-xml"), (mail(), "report-none"), (b'{"a": 1}', "report-none")],
    )
    def test_nothing_to_read(self, raw, why):
        with pytest.raises(todoku.ReportRefused) as refused:
            todoku.parse_aggregate(raw)
        assert refused.value.tag == why
        assert str(refused.value) == refused.value.text.en

    def test_days_to_come(self):
        before = datetime(2025, 1, 1, tzinfo=UTC)
        with pytest.raises(todoku.ReportRefused) as refused:
            todoku.parse_aggregate(xml(), now=before)
        assert refused.value.tag == "report-future"


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
DOMAINS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?\.(example|com)", fullmatch=True)
LABELS = st.from_regex(r"[a-z0-9_-]{1,20}", fullmatch=True)
EXTENSIONS = st.lists(
    st.builds(
        Extension,
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,9}", fullmatch=True),
        st.from_regex(r"urn:[a-z]{1,9}", fullmatch=True),
    ),
    max_size=2,
).map(tuple)


def one_of(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from((*words, ""))


RECORDS = st.builds(
    Record,
    source_ip=st.ip_addresses().map(str),
    count=st.integers(0, values.MAX_COUNT),
    disposition=one_of("none", "pass", "quarantine", "reject"),
    dkim=one_of("pass", "fail"),
    spf=one_of("pass", "fail"),
    header_from=DOMAINS,
    envelope_from=st.just("") | DOMAINS,
    envelope_to=st.just("") | DOMAINS,
    auth_dkim=st.lists(
        st.builds(DkimAuth, DOMAINS, LABELS, one_of("pass", "fail", "none", "temperror"), st.just("") | WORDS),
        max_size=3,
    ).map(tuple),
    auth_spf=st.lists(
        st.builds(
            SpfAuth, DOMAINS, one_of("mfrom", "helo"), one_of("pass", "softfail", "permerror"), st.just("") | WORDS
        ),
        max_size=2,
    ).map(tuple),
    reasons=st.lists(st.builds(OverrideReason, LABELS, st.just("") | WORDS), max_size=2).map(tuple),
    extensions=EXTENSIONS,
)
REPORTS = st.builds(
    AggregateReport,
    metadata=st.builds(
        lambda days, **rest: ReportMetadata(begin=1764000000, end=1764000000 + days * 86_400, **rest),
        days=st.integers(0, 30),
        org_name=WORDS,
        email=WORDS,
        extra_contact_info=st.just("") | WORDS,
        report_id=WORDS,
        errors=st.lists(WORDS, max_size=3).map(tuple),
        generator=st.just("") | WORDS,
    ),
    policy=st.builds(
        PolicyPublished,
        domain=DOMAINS,
        adkim=one_of("r", "s"),
        aspf=one_of("r", "s"),
        p=one_of("none", "quarantine", "reject"),
        sp=one_of("none", "quarantine", "reject"),
        np=one_of("none", "quarantine", "reject"),
        testing=one_of("y", "n"),
        discovery_method=one_of("psl", "treewalk"),
        fo=st.just("") | st.from_regex(r"[01ds](:[01ds]){0,3}", fullmatch=True),
        pct=st.none() | st.integers(0, 100),
    ),
    records=st.lists(RECORDS, min_size=1, max_size=4).map(tuple),
    version=one_of("1.0", "2.0"),
    extensions=EXTENSIONS,
)


class TestProperties:
    @pytest.mark.parametrize(
        ("read_value", "most"),
        [(values.label, values.MAX_NAME), (values.domain, values.MAX_NAME), (values.shown, values.MAX_SHOWN)],
        ids=["label", "domain", "shown"],
    )
    def test_what_is_cut_at_a_blank_reads_the_same_again(self, read_value, most):
        once = read_value("x" * (most - 1) + " y")
        assert once == read_value(once) == "x" * (most - 1)

    @pytest.mark.parametrize("charset", ["utf-16", "UTF-16LE", "utf-32", "UTF-32"])
    def test_one_that_says_its_characters_are_wide_and_has_narrow_ones_is_read(self, charset):
        report = parse([xml(('encoding="UTF-8"', f'encoding="{charset}"'))])
        assert report.refused is None
        assert report == parse([xml()])

    @pytest.mark.parametrize("charset", ["iso-2022-jp", "iso-2022-jp-2004", "iso-2022-kr"])
    def test_an_escape_that_does_not_end_is_refused(self, charset):
        assert tag(xml(('encoding="UTF-8"', f'encoding="{charset}"')) + b"\x1b" + b"(" * 20) == "report-malformed"

    @pytest.mark.parametrize("more", ["", " " * 70_000], ids=["at-once", "in-stretches"])
    def test_a_prefix_that_nobody_declared_is_refused(self, more):
        odd = xml(("</record>", f"<b:c><row/></b:c></record>{more}"), ("<row>", "<row><b:count>9</b:count>"))
        assert tag(odd) == "report-malformed"

    @given(REPORTS)
    @settings(max_examples=60, deadline=None)
    def test_what_is_written_reads_the_same(self, report):
        assert parse([format_report(report)]) == report

    @given(st.binary(max_size=400))
    @settings(max_examples=200, deadline=None)
    def test_any_octets(self, octets):
        assert tag(octets)

    @given(st.data())
    @settings(max_examples=200, deadline=None)
    def test_any_change_of_a_report(self, data):
        octets = xml()
        at = data.draw(st.integers(0, len(octets)))
        changed = octets[:at] + data.draw(st.binary(max_size=8)) + octets[at + data.draw(st.integers(0, 30)) :]
        report = parse([changed], now=NOW)
        assert (report.refused is None) == bool(report.records)
        assert all(0 <= record.count <= values.MAX_COUNT for record in report.records)
        msgspec.json.encode(report.records)
