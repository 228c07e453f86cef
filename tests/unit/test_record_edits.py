"""What is proposed in place of a record keeps everything in it but what is mended, and lets nobody in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from todoku.auth.ask import Answer, Question
from todoku.auth.dmarc import parse_record
from todoku.auth.spf import record
from todoku.auth.spf.reach import Range, reach
from todoku.auth.spf.record import Fault
from todoku.causes.dmarc import tag_edit
from todoku.causes.spf import term_edit
from todoku.words.change import DnsRecord, Instruction

# --- SPF

SES = "v=spf1 ip4:54.240.0.0/18 -all"
ANSWERS = [
    Answer(Question("amazonses.com", "TXT"), (SES,)),
    Answer(Question("b.example", "TXT"), ("v=spf1 ip4:192.0.2.0/24 ip4:20.0.0.0/8 ?all",)),
    Answer(Question("c.example", "TXT"), ("v=spf1 -ip4:20.1.0.0/16 ip4:20.0.0.0/9 redirect=b.example",)),
    Answer(Question("open.example", "TXT"), ("v=spf1 +all",)),
]
TERM = st.builds(
    str.__add__,
    st.sampled_from(["", "", "+", "-", "~", "?"]),
    st.one_of(
        st.sampled_from(
            ["include:amazonses.com", "include:b.example", "include:c.example", "include:open.example", "all", "ALL"]
        ),
        st.builds("ip4:{}.{}.0.0/{}".format, st.integers(1, 60), st.integers(0, 255), st.integers(0, 24)),
    ),
)
MODIFIER = st.sampled_from(["redirect=b.example", "redirect=c.example", "exp=why.example", "x=1"])
FAULTY = st.sampled_from(["ipv4:192.0.2.1", "include:", "ip4:192.0.2.300", "foo", "redirect=b.example"])
BLANKS = st.sampled_from([" ", "  "])


def joined(terms: list[str], blanks: list[str]) -> str:
    return "v=spf1" + "".join(blank + term for blank, term in zip(blanks * 9, terms, strict=False))


def records(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(joined, st.lists(terms, max_size=7), st.lists(BLANKS, min_size=1, max_size=3))


VALID = records(st.one_of(TERM, TERM, TERM, MODIFIER)).filter(lambda text: not isinstance(record.parse(text), Fault))
ANY = records(st.one_of(TERM, TERM, MODIFIER, FAULTY))


def passing(text: str) -> list[Range]:
    found = reach("a.example", [Answer(Question("a.example", "TXT"), (text,)), *ANSWERS])
    return sorted(one for opening in found.openings for one in opening.ranges)


def is_covered(one: Range, by: list[Range]) -> bool:
    version, first, last = one
    for known, low, high in sorted(by):
        if known == version and low <= first <= high:
            first = high + 1
    return first > last


def lets_nobody_in(after: str, *before: str) -> bool:
    allowed = [one for text in before for one in passing(text)]
    return all(is_covered(one, allowed) for one in passing(after))


def is_subsequence(terms: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(term in rest for term in terms)


@settings(max_examples=400, deadline=None)
@given(VALID, VALID)
def test_no_edit_of_an_spf_record_lets_anyone_in_but_ses(first: str, second: str) -> None:
    assert lets_nobody_in(term_edit.with_milder_all(first), first)
    assert lets_nobody_in(term_edit.with_ses(first), first, SES)
    assert lets_nobody_in(term_edit.without_lookups(first), first)
    assert lets_nobody_in(term_edit.merged((first, second)), first, second)
    for cause in ("no-match", "several-records", "too-many-lookups"):
        one = term_edit.with_ses_passing((first, second), cause, "", own=True)
        assert lets_nobody_in(one, first, second, SES)
        assert lets_nobody_in(term_edit.with_ses_passing((first,), cause, "", own=True), first, SES)


@settings(max_examples=400, deadline=None)
@given(ANY, st.sampled_from(["syntax", "too-many-lookups", "too-many-voids", "target-none", "matched"]), st.booleans())
def test_what_is_proposed_lets_ses_pass_and_keeps_the_rest_in_order(text: str, cause: str, own: bool) -> None:
    proposed = term_edit.with_ses_passing((text,), cause, "include:b.example", own=own)
    assert not isinstance(record.parse(proposed), Fault)
    assert "include:amazonses.com" in proposed.split()
    assert not {"all", "+all", "?all"} & {term.lower() for term in proposed.split()}
    others = [term for term in proposed.split() if term not in ("include:amazonses.com", "~all")]
    assert is_subsequence(others, text.split())
    assert lets_nobody_in(proposed, "v=spf1 +all") or "+all" not in text


@given(VALID)
def test_a_valid_record_keeps_its_blanks_and_cases(text: str) -> None:
    assert term_edit.without_faults(text) == text
    assert term_edit.without(text, lambda term: False) == text
    kept = term_edit.with_milder_all(text)
    others = [[term for term in one.split() if term.lower().lstrip("-+~?") != "all"] for one in (text, kept)]
    assert others[0] == others[1]
    assert not {"all", "+all", "?all"} & {term.lower() for term in kept.split()}


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("v=spf1 all include:amazonses.com", "v=spf1 include:amazonses.com ~all"),
        ("v=spf1 a  +ALL ip4:192.0.2.1 -all", "v=spf1 a ip4:192.0.2.1 ~all"),
        ("v=spf1 a ?all ip4:192.0.2.1", "v=spf1 a ~all ip4:192.0.2.1"),  # which does not pass now
        ("v=spf1  a +all ", "v=spf1  a ~all "),
    ],
)
def test_what_passes_behind_all_passes_still(text: str, closed: str) -> None:
    assert term_edit.with_milder_all(text) == closed


def fixes(domain_records: dict[str, list[tuple[str, str]]]) -> dict[str, list[DnsRecord | Instruction]]:
    base = {"amazonses.com": [("TXT", SES)]}
    zone = todoku.Zone.from_dict({**base, **domain_records})
    report = todoku.check_domain("example.com", resolver=zone, settings=todoku.Settings(selectors=("s",)))
    return {ready.fix.id: list(ready.changes) for ready in report.fixes}


def test_a_broken_record_of_a_mail_from_domain_keeps_its_other_senders() -> None:
    mx = ("MX", "10 feedback-smtp.ap-northeast-1.amazonses.com")
    found = fixes({"mail.example.com": [mx, ("TXT", "v=spf1 ip4:192.0.2.7  ipv4:192.0.2.8 mx ?all")]})
    (change,) = found["spf-mail-from-record"]
    assert isinstance(change, DnsRecord)
    assert change.value == "v=spf1 include:amazonses.com ip4:192.0.2.7 mx ~all"


# --- DMARC

NAMES = st.sampled_from(["p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "pct", "ri", "x", "y1"])
WRITTEN = {
    "p": ["none", "quarantine", "REJECT", "quarentine", "block"],
    "sp": ["none", "reject", "rejekt"],
    "np": ["none", "reject"],
    "adkim": ["r", "s"],
    "aspf": ["r", "s"],
    "t": ["y", "n"],
    "rua": ["mailto:a@example.com", "mailto:a@example.com, mailto:b@example.net!10m"],
    "ruf": ["mailto:f@example.com"],
}
PIECES = NAMES.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(WRITTEN.get(name, ["1", "a:b", ""]))))
WHITE = st.sampled_from(["", " ", "  "])


@st.composite
def dmarc_records(draw: st.DrawFn) -> str:
    tags = draw(st.lists(PIECES, max_size=6, unique_by=lambda tag: tag[0]))
    end = draw(st.sampled_from(["", ";", " ; "]))
    return "v=DMARC1" + "".join(f";{draw(WHITE)}{name}{draw(WHITE)}={draw(WHITE)}{value}" for name, value in tags) + end


def pieces(text: str, *but: str) -> list[str]:
    return [one for one in text.split(";") if one.strip() and one.partition("=")[0].strip().lower() not in but]


@given(dmarc_records(), st.sampled_from(["p", "rua", "aspf"]))
def test_a_tag_is_changed_and_no_other(text: str, tag: str) -> None:
    changed = tag_edit.with_tag(text, tag, "r")
    assert tag_edit.value_of(changed, tag) == "r"
    assert [one.strip() for one in pieces(changed, tag)] == [one.strip() for one in pieces(text, tag)]
    if tag_edit.value_of(text, tag):
        assert pieces(changed, tag) == pieces(text, tag)


@given(dmarc_records())
def test_a_repaired_record_is_usable_and_keeps_what_was_right(text: str) -> None:
    mended = tag_edit.repaired(text)
    found = parse_record(mended, "example.com")
    assert found is not None
    assert not [one for one in found.defects if one.endswith(("-invalid", "-missing")) or one.startswith("duplicate")]
    assert pieces(mended, "p", "sp") == pieces(text, "p", "sp")
    if parse_record(text, "example.com") is not None and not {"p-missing", "p-invalid", "sp-invalid"} & set(
        parse_record(text, "example.com").defects
    ):
        assert mended == text


@pytest.mark.parametrize(
    ("standing", "mended"),
    [
        (
            "v=DMARC1; p=quarentine; rua=mailto:a@example.com; fo=1",
            "v=DMARC1; p=quarantine; rua=mailto:a@example.com; fo=1",
        ),
        ("v=dmarc1; p=reject; rua=mailto:a@example.com", "v=DMARC1; p=reject; rua=mailto:a@example.com"),
        ("p=none; v=DMARC1; ruf=mailto:f@example.com", "v=DMARC1;p=none; ruf=mailto:f@example.com"),
        ("v=DMARC1 p=reject; adkim=s", "v=DMARC1; p=reject; adkim=s"),
        ("v=DMARC1; p=reject; p=none; rua=mailto:a@example.com", "v=DMARC1; p=reject; rua=mailto:a@example.com"),
        ("v=DMARC1; p=none; rua=a@example.com", "v=DMARC1; p=none; rua=mailto:a@example.com"),
    ],
)
def test_a_dmarc_record_that_is_no_good_is_mended_and_not_replaced(standing: str, mended: str) -> None:
    found = fixes({"example.com": [("MX", "10 mx.example.com")], "_dmarc.example.com": [("TXT", standing)]})
    records = [one for changes in found.values() for one in changes if isinstance(one, DnsRecord)]
    assert [one.value for one in records if one.name == "_dmarc.example.com"] == [mended]


def test_a_misspelt_policy_is_asked_about() -> None:
    found = fixes({"_dmarc.example.com": [("TXT", "v=DMARC1; p=quarentine")]})
    told = [one.text.en for one in found["dmarc-none"] if isinstance(one, Instruction)]
    assert any("did you mean quarantine?" in text for text in told)


def test_a_record_at_the_apex_is_moved_with_all_that_it_says() -> None:
    found = fixes({"example.com": [("TXT", "v=DMARC1; p=reject; rua=mailto:a@example.com")]})
    first = found["dmarc-none"][0]
    assert isinstance(first, DnsRecord)
    assert (first.name, first.value) == ("_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:a@example.com")


@pytest.mark.parametrize(
    ("standing", "next_step", "not_said"),
    [
        ("v=DMARC1; p=none; rua=mailto:a@example.com", "p=none at _dmarc.example.com to p=quarantine", "sp="),
        ("v=DMARC1; p=quarantine; rua=mailto:a@example.com", "p=quarantine at _dmarc.example.com to p=reject", "none"),
    ],
)
def test_the_policy_is_raised_from_what_it_is(standing: str, next_step: str, not_said: str) -> None:
    found = fixes({"_dmarc.example.com": [("TXT", standing)]})
    (told,) = found["dmarc-reject"]
    assert isinstance(told, Instruction)
    assert next_step in told.text.en
    assert not_said not in told.text.en


@pytest.mark.parametrize("end", ["+all", "all", "?all", "ALL"])
@pytest.mark.parametrize("name", ["example.com", "mail.example.com"])
def test_a_closed_record_is_open_no_more(name: str, end: str) -> None:
    mx = ("MX", "10 feedback-smtp.ap-northeast-1.amazonses.com")
    standing = {"mail.example.com": [mx, ("TXT", "v=spf1 include:amazonses.com ~all")]}
    kept = [one for one in standing.get(name, []) if one[0] != "TXT"]
    found = fixes({**standing, name: [*kept, ("TXT", f"v=spf1 ip4:192.0.2.7 {end}")]})["spf-close"]
    (change,) = found
    assert isinstance(change, DnsRecord)
    assert (change.name, change.replaces) == (name, f"v=spf1 ip4:192.0.2.7 {end}")
    again = fixes({**standing, name: [*kept, ("TXT", change.value)]})
    assert "spf-close" not in again
    assert ("include:amazonses.com" in change.value) == (name == "mail.example.com")
