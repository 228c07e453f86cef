"""The DNS tree walk: which names it asks for, where it stops, and what stays unknown when a name is dark."""

import pytest

from todoku.auth.ask import Answer, Question
from todoku.auth.dmarc.discovery import Node, applicable, read_node, walk, walk_names
from todoku.auth.dmarc.record import read_record

DARK = "dark"
SEVERAL = "several"


def nodes_of(domain: str, records: dict[str, str]) -> dict[str, Node]:
    nodes = {}
    for name in walk_names(domain):
        text = records.get(name, "")
        nodes[name] = Node(name, read_record(text, name), several=text == SEVERAL, failed=text == DARK)
    return nodes


def walked(domain: str, records: dict[str, str]):
    return walk(domain, nodes_of(domain, records))


def test_names():
    assert walk_names("example.com") == ("example.com", "com")
    assert walk_names("com") == ("com",)
    labels = "abcdefghijk"
    seven = walk_names(".".join("abcdefg"))
    assert [name.count(".") + 1 for name in seven] == [7, 6, 5, 4, 3, 2, 1]
    eight = walk_names(".".join("abcdefgh"))
    assert [name.count(".") + 1 for name in eight] == [8, 7, 6, 5, 4, 3, 2, 1]
    eleven = walk_names(".".join(labels))
    assert [name.count(".") + 1 for name in eleven] == [11, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("domain", "records", "organization", "policy_at"),
    [
        ("a.example.com", {"example.com": "v=DMARC1; p=none"}, "example.com", "example.com"),
        ("a.example.com", {"a.example.com": "v=DMARC1; p=none"}, "a.example.com", "a.example.com"),
        (
            "a.b.example.com",
            {"b.example.com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=reject"},
            "example.com",
            "example.com",
        ),
        (
            "a.b.example.com",
            {"b.example.com": "v=DMARC1; p=none; psd=n", "example.com": "v=DMARC1; p=reject"},
            "b.example.com",
            "b.example.com",
        ),
        ("a.b.bank", {"bank": "v=DMARC1; p=reject; psd=y"}, "b.bank", "bank"),
        ("a.b.bank", {"bank": "v=DMARC1; p=reject; psd=y", "b.bank": "v=DMARC1; p=none"}, "b.bank", "b.bank"),
        ("bank", {"bank": "v=DMARC1; p=reject; psd=y"}, "bank", "bank"),
        ("a.com", {"a.com": "v=DMARC1; p=none", "com": "v=DMARC1; p=reject"}, "com", "a.com"),
        ("a.example.com", {}, "a.example.com", None),
        ("a.example.com", {"a.example.com": SEVERAL, "example.com": "v=DMARC1; p=none"}, "example.com", "example.com"),
    ],
)
def test_organizational_domain_and_policy(domain, records, organization, policy_at):
    found = walked(domain, records)
    assert found.organizational_domain == organization
    record = applicable(found)
    assert (record and record.domain) == policy_at


def test_a_walk_stops_at_psd():
    found = walked("a.b.example", {"b.example": "v=DMARC1; p=none; psd=n", "example": DARK})
    assert [node.domain for node in found.visited] == ["a.b.example", "b.example"]
    assert found.organizational_domain == "b.example"


def test_a_dark_name_leaves_the_organization_open():
    found = walked("a.b.example", {"b.example": "v=DMARC1; p=none", "example": DARK})
    assert found.organizational_domain == ""
    assert set(found.possible) == {"b.example", "example"}
    assert applicable(found) is None


def test_a_dark_name_may_be_a_public_suffix_so_that_the_organization_begins_below_it():
    found = walked("a.b.bank", {"bank": DARK})
    assert set(found.possible) == {"a.b.bank", "bank", "b.bank"}
    deeper = walked("a.b.c.bank", {"c.bank": DARK, "bank": "v=DMARC1; p=none"})
    assert set(deeper.possible) == {"bank", "c.bank", "b.c.bank"}


def test_a_dark_name_does_not_hide_the_author_domains_own_record():
    found = walked("b.example", {"b.example": "v=DMARC1; p=reject", "example": DARK})
    assert applicable(found).policy == "reject"


@pytest.mark.parametrize(
    ("records", "status", "expected"),
    [
        (("v=DMARC1; p=none",), "ok", (True, False, False)),
        (("v=spf1 -all",), "ok", (False, False, False)),
        (("v=spf1 -all", "v=DMARC1; p=none"), "ok", (True, False, False)),
        (("v=DMARC1; p=none", "v=DMARC1; p=none"), "ok", (False, True, False)),
        ((), "nxdomain", (False, False, False)),
        ((), "nodata", (False, False, False)),
        ((), "servfail", (False, False, True)),
        ((), "timeout", (False, False, True)),
        ((), "limit", (False, False, True)),
        ((), "not-recorded", (False, False, True)),
    ],
)
def test_what_one_name_says(records, status, expected):
    node = read_node("example.com", Answer(Question("_dmarc.example.com", "TXT"), records, status))
    assert (node.record is not None, node.several, node.failed) == expected
