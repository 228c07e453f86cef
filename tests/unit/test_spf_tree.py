"""The tree of an SPF record: what it costs, what is wrong with it, and how far it is followed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from todoku.auth.spf.tree import MAX_FOLLOWED, SpfTree, spf_tree
from todoku.net.drivers import Transcript, recording, run

SES = ("TXT", "v=spf1 ip4:54.240.0.0/18 -all")


def tree(records: dict[str, object], domain: str = "example.com") -> SpfTree:
    return run(spf_tree(domain), todoku.Zone.from_dict({"amazonses.com": [SES], **records}))


def spf(*records: str) -> list[tuple[str, str]]:
    return [("TXT", f"v=spf1 {record}") for record in records]


def test_costs_of_each_record_and_of_the_whole() -> None:
    found = tree(
        {
            "example.com": [
                *spf("include:one.example.net include:two.example.net mx -all"),
                ("MX", (10, "mx.example.com")),
            ],
            "one.example.net": spf("a include:three.example.net ~all"),
            "two.example.net": spf("ip4:192.0.2.0/24 -all"),
            "three.example.net": spf("exists:%{i}.example.org ptr ?all"),
        }
    )
    assert (found.cause, found.end, found.lookups, found.voids) == ("", "-all", 7, 1)  # one.example.net has no address
    assert [(node.domain, node.depth, node.cost) for node in found.nodes] == [
        ("example.com", 0, 7),
        ("one.example.net", 1, 4),
        ("three.example.net", 2, 2),
        ("two.example.net", 1, 0),
    ]
    assert found.included == ("one.example.net", "three.example.net", "two.example.net")


def test_all_terms_of_a_record_are_asked_in_one_round() -> None:
    zone = todoku.Zone.from_dict(
        {
            "example.com": spf("include:a.example.net include:b.example.net a:c.example.net -all"),
            "a.example.net": spf("include:amazonses.com -all"),
            "b.example.net": spf("-all"),
            "amazonses.com": [SES],
        }
    )
    engine = spf_tree("example.com")
    batches = [next(engine)]
    with suppress(StopIteration):
        while True:
            batches.append(engine.send(zone.answers(batches[-1])))
    asked = [[question.name for question in batch] for batch in batches]
    assert asked == [["example.com"], ["a.example.net", "b.example.net", "c.example.net"], ["amazonses.com"]]


@pytest.mark.parametrize(("includes", "cause"), [(10, ""), (11, "too-many-lookups")])
def test_ten_lookups_are_allowed(includes: int, cause: str) -> None:
    names = [f"s{number}.example.net" for number in range(includes)]
    record = " ".join(f"include:{name}" for name in names)
    found = tree({"example.com": spf(f"{record} -all"), **{name: spf("-all") for name in names}})
    assert (found.cause, found.lookups) == (cause, includes)
    assert (found.term == "include:s10.example.net") is bool(cause)


@pytest.mark.parametrize(("voids", "cause"), [(2, ""), (3, "too-many-voids")])
def test_two_void_lookups_are_allowed(voids: int, cause: str) -> None:
    record = " ".join(f"a:gone{number}.example.net" for number in range(voids))
    found = tree({"example.com": spf(f"{record} -all")})
    assert (found.cause, found.voids) == (cause, voids)


@pytest.mark.parametrize(("hosts", "cause"), [(10, ""), (11, "too-many-names")])
def test_ten_mail_hosts_are_allowed(hosts: int, cause: str) -> None:
    exchange = [("MX", (number, f"mx{number}.example.com")) for number in range(hosts)]
    assert tree({"example.com": [*spf("mx -all"), *exchange]}).cause == cause


def test_what_stands_behind_all_costs_nothing() -> None:
    found = tree({"example.com": spf("-all include:amazonses.com redirect=other.example.net")})
    assert (found.cause, found.lookups, found.included, len(found.answers)) == ("", 0, (), 1)


def test_redirect_gives_the_end() -> None:
    found = tree(
        {"example.com": spf("redirect=other.example.net"), "other.example.net": spf("include:amazonses.com ~all")}
    )
    assert (found.cause, found.end, found.lookups) == ("", "~all", 2)


@pytest.mark.parametrize(
    ("records", "cause", "term"),
    [
        ([], "no-record", ""),
        ([("TXT", "google-site-verification=x")], "no-record", ""),
        (spf("-all", "~all"), "several-records", ""),
        (spf("include:amazonses.com al"), "syntax", "al"),
        (spf("include:nothing.example.net -all"), "target-none", "include:nothing.example.net"),
        (spf("include:two.example.net -all"), "several-records", "include:two.example.net"),
        ([("TXT", todoku.TIMEOUT)], "dns-failed", ""),
        (spf("include:slow.example.net -all"), "dns-failed", "include:slow.example.net"),
        (spf("a:slow.example.net -all"), "dns-failed", "a:slow.example.net"),
    ],
)
def test_what_is_wrong_is_named(records: list[object], cause: str, term: str) -> None:
    world = {"example.com": records, "slow.example.net": [todoku.SERVFAIL], "two.example.net": spf("-all", "~all")}
    found = tree(world)
    assert (found.cause, found.term) == (cause, term)
    assert found.failed is (cause == "dns-failed")


def test_what_is_wrong_for_sure_comes_before_what_was_not_seen() -> None:
    names = [f"s{number}.example.net" for number in range(11)]
    record = " ".join(f"include:{name}" for name in names)
    records = {name: spf("-all") for name in names} | {"s0.example.net": [todoku.TIMEOUT]}
    assert tree({"example.com": spf(f"{record} -all"), **records}).cause == "too-many-lookups"


@pytest.mark.parametrize("wide", [1, 2, 10])
def test_a_record_that_includes_itself_ends(wide: int) -> None:
    zone = todoku.Zone.from_dict({"example.com": spf(" ".join(["include:example.com"] * wide) + " -all")})
    transcript = Transcript()
    found = run(recording(spf_tree("example.com"), transcript), zone)
    assert found.cause == "too-many-lookups"
    assert len(found.nodes) <= MAX_FOLLOWED + 1


WORDS = [
    "v=spf1",
    "include:",
    "example.com",
    "a",
    "mx",
    "ptr",
    "-all",
    " ",
    "redirect=",
    "%{i}",
    "%{d}",
    "exists:",
    "/33",
    "é",
    ".",
]


@settings(max_examples=300)
@given(st.lists(st.lists(st.sampled_from(WORDS)).map("".join), min_size=1, max_size=3))
def test_no_record_raises(texts: list[str]) -> None:
    found = tree({"example.com": [("TXT", f"v=spf1 {text}") for text in texts], "www.example.com": spf(texts[0])})
    assert found.lookups >= 0
    assert len(found.nodes) <= MAX_FOLLOWED + 1
