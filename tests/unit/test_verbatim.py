"""What reports say verbatim: the same is read with it as without it, whatever stands in a report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import RECORD, REPORT, xml
from todoku.feedback.aggregate import AggregateReport, head, parse, read, record, tree, verbatim
from todoku.feedback.aggregate.verbatim import MAX_KNOWN, MAX_OCTETS, Known, Octets


def of_elements(pieces: list[bytes]) -> AggregateReport:
    """The report as its elements alone say it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Octets, "of", lambda *_: ())
        patch.setattr(read, "familiar", lambda _: None)
        return parse(pieces)


def with_pieces_of(size: int, octets: bytes) -> AggregateReport:
    """The report, given to the parser so many octets at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "PIECE", size)
        patch.setattr(tree, "PROLOG", 300)
        return parse([octets])


ODD = [
    "<!-- </record> -->",
    "<![CDATA[</record><record>]]>",
    "<?no <record> ?>",
    "<record/>",
    "<record></record >",
    "<record a='1'/>",
    "<d:record xmlns:d='urn:d'/>",
    "<records></records>",
    "record",
    "!",
    "?",
    "<extension name='e' definition='urn:e'/>",
    "<extensions><more/></extensions>",
    "<human_result>a&amp;b</human_result>",
    "<a:b xmlns:a='urn:a'><row><count>9</count></row></a:b>",
    " \n",
    "",
]
CHANGES = [
    ("<record>", "<record >"),
    ("<record>", "<record><!-- <record> -->"),
    ("</record>", "</record >"),
    ("<record>", "<record xmlns='urn:other'>"),
    ("<row>", "<row id='1'>"),
    ("<count>3</count>", "<count> 3</count>"),
    ("<count>3</count>", "<count>4</count>"),
    ("<count>3</count>", "<count>99999999999999999999999</count>"),
    ("192.0.2.1", "2001:DB8::1"),
    ("192.0.2.1", "1.2.3"),
    ("<header_from>example.com", "<header_from>other.example"),
    ("<domain>example.com</domain><selector>s1</selector>", "<domain>example.com<selector>s1</selector></domain>"),
    ("pass", "fail"),
    ("", ""),
]


@st.composite
def a_record(draw: st.DrawFn) -> str:
    """A record with something changed or put somewhere between two of its elements."""
    text = RECORD.replace(*draw(st.sampled_from(CHANGES)), 1)
    at = draw(st.sampled_from([place for place in range(len(text) + 1) if text[place : place + 1] in ("<", "")]))
    return text[:at] + draw(st.sampled_from(ODD)) + text[at:]


@given(st.lists(a_record() | st.just(RECORD), min_size=1, max_size=6), st.sampled_from([48, 300, 1_000, 100_000]))
@settings(max_examples=400, deadline=None)
def test_the_same_is_read_of_elements_alone(records: list[str], size: int) -> None:
    octets = xml((RECORD, "\n".join(records)))
    expected = of_elements([octets])
    for report in (with_pieces_of(size, octets), with_pieces_of(size, octets)):  # the second time it is all known
        assert report == expected if expected.refused is None else report.refused is not None


HEAD, _, TAIL = REPORT.partition(RECORD)
HEAD_CHANGES = [
    ("<org_name>receiver.example", "<org_name>other.example"),
    ("<org_name>receiver.example", "<org_name>a &amp; b"),
    ("<org_name>receiver.example</org_name>", "<org_name/>"),
    ("<org_name>receiver.example", "<org_name>a\r\n b"),
    ("<begin>1764000000", "<begin>1764000001"),
    ("<begin>1764000000", "<begin>\n 1764000001"),
    ("<begin>1764000000", "<begin>soon"),
    ("<policy_published><domain>example.com", "<policy_published><domain>EXAMPLE.net"),
    ("<policy_published><domain>example.com", "<policy_published><domain>"),
    ("<p>quarantine</p>", "<p>none</p><p>reject</p>"),
    ("<testing>n</testing>", "<testing a='>'>y</testing>"),
    ("<testing>n</testing>", "<testing>y<fo>1</fo></testing>"),
    ("</date_range>", "</date_range><error>e1</error><error> </error><error>e2</error>"),
    ("</report_metadata>", "</report_metadata><report_metadata/>"),
    ("<version>1.0</version>", ""),
    (' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', ""),
    ('<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">', "<feedback xmlns:x='urn:x'>"),
    ('<?xml version="1.0" encoding="UTF-8"?>', ""),
    ("", ""),
]
TAIL_CHANGES = [
    ("</feedback>", "<extension name='last'/></feedback>"),
    ("</feedback>", "</feedback><!-- -->"),
    ("</feedback>", "</feedback >"),
    ("</feedback>", "text</feedback>"),
    ("</feedback>", "<policy_published/></feedback>"),
    ("</feedback>", "</feedback></feedback>"),
    ("</feedback>", ""),
    ("", ""),
]


@st.composite
def a_head(draw: st.DrawFn) -> str:
    """A head with something changed and perhaps something put between two of its elements."""
    text = HEAD
    for before, after in draw(st.lists(st.sampled_from(HEAD_CHANGES), max_size=3)):
        text = text.replace(before, after, 1)
    at = draw(st.sampled_from([place for place in range(len(text) + 1) if text[place : place + 1] in ("<", "")]))
    return text[:at] + draw(st.sampled_from([*ODD, *[""] * 20])) + text[at:]


@given(a_head(), st.lists(a_record() | st.just(RECORD), min_size=1, max_size=3), st.sampled_from(TAIL_CHANGES))
@settings(max_examples=600, deadline=None)
def test_the_same_is_read_of_a_head_and_of_its_elements(
    above: str, records: list[str], change: tuple[str, str]
) -> None:
    octets = (above + "".join(records) + TAIL.replace(*change, 1)).encode()
    expected = of_elements([octets])
    assert [parse([octets]), parse([octets])] == [expected, expected]


class TestFamiliar:
    """Short reports of which no tree is made."""

    def test_only_texts_are_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        parse([xml()])
        monkeypatch.setattr(read, "whole", None)
        changed = xml(
            ("r1@receiver", "r2@receiver"),
            ("1764086399", "1764086400"),
            ("192.0.2.1", "192.0.2.2"),
            ("<p>quarantine", "<p>none"),
        )
        report = parse([changed])
        assert (report.metadata.report_id, report.metadata.end) == ("r2@receiver.example", 1764086400)
        assert (report.policy.p, report.records[0].source_ip) == ("none", "192.0.2.2")

    @pytest.mark.parametrize("empty", ["<org_name/>", "<org_name></org_name>"], ids=["one-tag", "two-tags"])
    def test_what_stands_behind_an_element_is_not_its_text(self, empty: str) -> None:
        given = "<org_name>receiver.example</org_name>"
        assert [parse([xml((given, empty + text))]).metadata.org_name for text in (" ", "behind")] == ["", ""]

    @pytest.mark.parametrize("hides", [("<!--", "-->"), ("<![CDATA[", "]]>")], ids=["comment", "cdata"])
    def test_tags_that_a_comment_hides_are_none(self, hides: tuple[str, str]) -> None:
        """The tags are those of the report before it, in the same order; two of them are text now."""
        twice = "<org_name>{}</org_name><org_name>{}</org_name>"
        plain, hidden = (
            xml(("<org_name>receiver.example</org_name>", twice.format(*texts)))
            for texts in (("a", "b"), (f"receiver{hides[0]}", f"{hides[1]}.example"))
        )
        expected = of_elements([hidden])
        parse([plain])
        assert parse([hidden]) == expected

    def test_libxml2_is_the_judge(self) -> None:
        """Nothing here is new but that it is no XML, in a text that is read and in one that is not."""
        parse([xml()])
        for bad in ("a\0b", "a]]>b", "\ufffe"):
            assert parse([xml(("receiver.example</org", f"{bad}</org"))]).refused is not None
            assert parse([xml(("</org_name>", f"</org_name>{bad}"))]).refused is not None
        assert parse([xml()]).refused is None  # the judge is as good as new

    def test_each_thread_has_a_checker_of_its_own(self) -> None:
        good, bad = xml(), xml(("</feedback>", "</feedback"))
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(tree.is_well_formed, [good, bad] * 2_000))
        assert found == [True, False] * 2_000

    def test_heads_are_forgotten_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(head, "_known", {})
        for number in range(head.MAX_HEADS + 1):
            parse([xml(("<version>", f"<new{number}/><version>"))])
        assert len(head._known) == 1

    @pytest.mark.parametrize(("beyond", "kept"), [(-1, 1), (0, 1), (1, 0)])
    def test_long_heads_are_not_kept(self, beyond: int, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(head, "_known", {})
        without = HEAD.replace(' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', "")
        filler = " " * (head.MAX_OCTETS - len(without) + beyond)
        parse([xml(("<version>", f"{filler}<version>"))])
        assert len(head._known) == kept

    def test_tags_without_an_end_cost_no_time(self) -> None:
        """Each would be searched up to the end of the head, 60,000 times 60,000 octets."""
        assert parse([b"<feedback>" + b"<" * 60_000 + b"<record>"]).refused is not None


def test_what_is_known_was_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that this is not merely the same because nothing is ever known."""
    octets = xml((RECORD, RECORD * 500))
    parse([octets])
    monkeypatch.setattr(record, "plan_of", None)
    assert len(parse([octets]).records) == 500
    assert len(with_pieces_of(1_000, octets).records) == 500


def test_nobody_can_have_another_report_read_wrongly() -> None:
    """The same names in another order of nesting, a default namespace, a prefix: none is taken for what it looks like."""
    honest = xml(("<header_from>example.com", "<header_from>honest.example"))
    expected = of_elements([honest])
    inner = "<domain>example.com</domain><selector>s1</selector><result>pass</result>"
    nested = RECORD.replace(inner, "<domain>example.com<selector>s1<result>pass</result></selector></domain>")
    for hostile in (nested + RECORD, RECORD + nested, f"<x:y xmlns:x='urn:x'>{RECORD}</x:y>"):
        parse([xml((RECORD, hostile)).replace(b"<header_from>example.com", b"<header_from>honest.example")])
        assert parse([honest]) == expected


def test_a_namespace_stays_in_its_report() -> None:
    """A generator of 2018 put its report into another element: what that declares means nothing elsewhere."""
    record = RECORD.replace("</record>", "<extensions><foo>1</foo></extensions></record>")
    above = ('<?xml version="1.0" encoding="UTF-8"?>\n', "<schema xmlns='urn:schema'>")
    within = xml(
        (RECORD, record),
        above,
        ("</feedback>", "</feedback></schema>"),
        (' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', ""),
    )
    expected = of_elements([xml((RECORD, record))])
    assert parse([within]).records[0].extensions[0].definition == "urn:schema"
    assert parse([xml((RECORD, record))]) == expected


def test_what_a_comment_says_ends_no_record() -> None:
    """Else what was read of the first report would be known as the beginning of the second."""
    comment = RECORD.replace("<identifiers>", "<!-- </record> --><identifiers>")
    other = comment.replace("<header_from>example.com", "<header_from>other.example")
    assert [parse([xml((RECORD, one))]).records[0].header_from for one in (comment, other)] == [
        "example.com",
        "other.example",
    ]


@pytest.mark.parametrize(
    "text",
    [
        RECORD.replace("</record>", "</record >") + RECORD,
        RECORD.replace("<record>", "<record a='1'>") + RECORD,
        RECORD.replace("</row>", "</row><!-- -->"),
        RECORD.replace("</row>", "</row><![CDATA[ ]]>"),
        RECORD.replace("</row>", "</row><?x ?>"),
        RECORD.replace("</row>", "</row><records/>"),
        RECORD.replace("</record>", ""),
    ],
    ids=["end-tag", "attribute", "comment", "cdata", "instruction", "name", "no-end"],
)
@pytest.mark.parametrize("before", ["", RECORD], ids=["first", "second"])
def test_where_it_is_not_certain_there_is_none(text: str, before: str) -> None:
    octets = Octets()
    if before:
        assert len(octets.of(b"<feedback>" + before.encode(), 1)) == 1
    assert not octets.of(text.encode(), 1)
    assert not octets.of(RECORD.encode(), 1)


def test_octets_of_records_in_pieces() -> None:
    octets = Octets()
    given = f'<?xml version="1.0"?>\n<feedback>\n{RECORD}\n  {RECORD}</feedback>'.encode()
    at = given.index(b"</record>") + 9
    rest = RECORD.encode().partition(b"</count>")[2].removesuffix(b"</record>")
    assert [octets.of(given[:at], 1), octets.of(given[at : at + 50], 0), octets.of(given[at + 50 :], 1)] == [
        [(b"192.0.2.1", b"3", rest)],
        [],
        [(b"192.0.2.1", b"3", rest)],
    ]


@pytest.mark.parametrize(("beyond", "kept"), [(-1, True), (0, True), (1, False)])
def test_long_ones_are_not_kept(beyond: int, kept: bool) -> None:
    known = Known()
    known.keep(b"x" * (MAX_OCTETS + beyond), ())
    assert bool(known) is kept


@pytest.mark.parametrize("octets", [b"<a b='c'>", b"<a:b>", b"<a xmlns='urn:x'>"])
def test_what_hangs_on_its_surroundings_is_not_kept(octets: bytes) -> None:
    known = Known()
    known.keep(octets, ())
    assert not known


def test_all_are_forgotten_at_once() -> None:
    known = Known()
    for number in range(MAX_KNOWN + 1):
        known.keep(b"%d" % number, ())
    assert list(known) == [b"%d" % MAX_KNOWN]
    assert verbatim.MAX_KNOWN * verbatim.MAX_OCTETS <= 8 * 2**20
