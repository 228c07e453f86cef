"""What records say verbatim: the same is read with it as without it, whatever stands in a report."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import RECORD, xml
from todoku.feedback.aggregate import AggregateReport, parse, record, tree, verbatim
from todoku.feedback.aggregate.verbatim import MAX_KNOWN, MAX_OCTETS, Known, Octets


def of_elements(pieces: list[bytes]) -> AggregateReport:
    """The report as its elements alone say it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Octets, "of", lambda *_: ())
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
