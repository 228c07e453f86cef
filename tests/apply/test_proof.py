"""The proof: what is asked of the authority afterwards, and the table of before and now."""

from __future__ import annotations

import pytest

from todoku.apply.authority_first import AuthorityFirst
from todoku.apply.journal import Before
from todoku.auth.ask import Question
from todoku.net.dns.zone import SERVFAIL, Zone
from todoku.report.columns import cell_len
from todoku.report.proof import table
from todoku.report.render_options import Manner

APEX = [("SOA", "ns1.example.net hostmaster.example.net 1 2 3 4 5"), ("NS", "ns1.example.net")]
OLD = Zone.from_dict(
    {
        "ns1.example.net": [("A", "192.0.2.1")],
        "example.com": APEX,
        "other.example.com": [("TXT", "old")],
        "key.example.net": [("TXT", "p=1")],
    }
)
NEW = Zone.from_dict(
    {
        "example.com": APEX,
        "a.example.com": [("TXT", "new")],
        "alias.example.com": [("CNAME", "key.example.net")],
        "other.example.com": [("TXT", "new")],
    }
)
DARK = Zone.from_dict({name: [SERVFAIL] for name in ("a.example.com", "other.example.com", "example.com")})
NAMES = ("a.example.com", "alias.example.com", "gone.example.com")


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records", "chain"),
    [
        ("a.example.com", "TXT", "ok", ("new",), ()),
        ("a.example.com", "MX", "nodata", (), ()),
        ("gone.example.com", "TXT", "nxdomain", (), ()),
        ("alias.example.com", "CNAME", "ok", ("key.example.net",), ()),
        ("alias.example.com", "TXT", "ok", ("p=1",), ("key.example.net",)),
        ("other.example.com", "TXT", "ok", ("old",), ()),
    ],
)
def test_what_was_written_is_asked_of_the_authority(name, rdtype, status, records, chain):
    asked = Question(name, rdtype)
    fresh = AuthorityFirst(OLD, NAMES, server_at={"192.0.2.1": NEW}.__getitem__)
    before, (answer,) = OLD.answers((asked,)), fresh.answers((asked,))
    assert (answer.question, answer.status, answer.records, answer.chain) == (asked, status, records, chain)
    assert name == "other.example.com" or answer != before[0] or status in ("nodata", "nxdomain")


def test_where_the_authority_is_silent_the_resolver_is_asked():
    fresh = AuthorityFirst(OLD, ("other.example.com",), server_at=lambda _address: DARK)
    silent = AuthorityFirst(DARK, ("a.example.com",), server_at=lambda _address: DARK)
    assert fresh.answers((Question("other.example.com", "TXT"),))[0].records == ("old",)
    assert silent.answers((Question("a.example.com", "TXT"),))[0].status == "servfail"


def test_the_order_of_the_questions_is_that_of_the_answers():
    fresh = AuthorityFirst(OLD, NAMES, server_at=lambda _address: NEW)
    asked = [Question(name, "TXT") for name in ("other.example.com", "a.example.com", "key.example.net")]
    assert [answer.question for answer in fresh.answers(asked)] == asked


BEFORE = (
    Before("dkim", "gmail", "fail", "x"),
    Before("dkim", "yahoo", "pass", "x"),
    Before("spf", "gmail", "pass", "x"),
    Before("tls", "gmail", "warn", "x"),
    Before("spam-rate", "gmail", "unknown", "x", "not-asked"),
    Before("dmarc-record", "gmail", "fail", "x"),
)
NOW = (
    Before("dkim", "gmail", "pass", "x"),
    Before("dkim", "yahoo", "pass", "x"),
    Before("spf", "gmail", "pass", "x"),
    Before("tls", "gmail", "warn", "x"),
    Before("spam-rate", "gmail", "unknown", "x", "not-asked"),
    Before("dmarc-record", "gmail", "unknown", "x", "could-not-look"),
)


def test_the_worst_counts_and_what_changed_stands_first():
    lines = table(BEFORE, NOW, Manner(language="en")).splitlines()
    assert [line.split()[-2:] for line in lines[:5]] == [
        ["before", "now"],
        ["FAIL", "unknown"],
        ["FAIL", "pass"],
        ["warn", "warn"],
        ["pass", "pass"],
    ]
    assert (
        " ".join(filter(None, lines[6:]))
        == "1 other shows only once mail is sent, or at the receivers: todoku check message.eml"
    )
    assert lines[2].startswith("DKIM ")


@pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])
def test_of_several_receivers_the_worst_verdict_is_shown_wherever_it_stands(order):
    both = (Before("dkim", "gmail", "fail", "x"), Before("dkim", "yahoo", "pass", "x"))[::order]
    (_, line) = table(both, both, Manner(language="en")).splitlines()
    assert line.split() == ["DKIM", "FAIL", "FAIL"]


def test_a_requirement_that_was_not_judged_before():
    (_, line) = table((), NOW[:1], Manner(language="en")).splitlines()
    assert line.split() == ["DKIM", "-", "pass"]


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_fits_the_screen(width, language):
    lines = table(BEFORE, NOW, Manner(language=language, width=width)).splitlines()
    assert max(map(cell_len, lines)) <= width
    columns = {cell_len(line) - cell_len(line.split()[-1]) for line in lines if line.startswith(("DKIM ", "SPF "))}
    assert len(columns) == 1
