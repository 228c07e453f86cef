"""Who passes by an SPF record, all addresses at once, judged against ``check_host()``."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from todoku.auth.ask import Answer, Question
from todoku.auth.spf import check_host
from todoku.auth.spf.reach import OPEN_IPV4, UNROUTED_IPV4, SpfReach, reach
from todoku.auth.spf.tree import spf_tree
from todoku.net.drivers import run

AMAZON = "v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 ip4:23.249.208.0/20 ip4:23.251.224.0/19 ip4:76.223.176.0/20 -all"
GOOGLE = "v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ip4:66.249.80.0/20 ip4:72.14.192.0/18 ip4:74.125.0.0/16 ip4:108.177.8.0/21 ip4:173.194.0.0/16 ip4:209.85.128.0/17 ip4:216.58.192.0/19 ip4:216.239.32.0/19 ip6:2001:4860:4000::/36 ip6:2404:6800:4000::/36 ip6:2607:f8b0:4000::/36 ip6:2800:3f0:4000::/36 ip6:2a00:1450:4000::/36 ip6:2c0f:fb50:4000::/36 ~all"
MICROSOFT = "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip6:2a01:111:f400::/48 ip6:2a01:111:f403::/49 ip6:2a01:111:f403:8000::/51 -all"


def reached(**records: str) -> SpfReach:
    return reach("a.example", [Answer(Question(f"{name}.example", "TXT"), (text,)) for name, text in records.items()])


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 +all",
        "v=spf1 all",
        "v=spf1 ip4:192.0.2.1 -ip4:198.51.100.0/24 ALL",
        "v=spf1 ip4:0.0.0.0/0 -all",
        "v=spf1 ip4:11.0.0.0/8 -all",
        "v=spf1 ip4:11.0.0.0/9 ip4:12.128.0.0/9 -all",
        "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
        "v=spf1 ip6:::/0 -all",
        "v=spf1 ip6:2000::/3 -all",
        "v=spf1 ip6:2a00::/19 -all",
        "v=spf1 -ip4:0.0.0.0/0 +all",
    ],
)
def test_a_record_by_which_anyone_passes_is_open(record: str) -> None:
    assert reached(a=record).is_open


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 -all",
        "v=spf1 ~all",
        "v=spf1 ?all",
        "v=spf1 -all +all",
        "v=spf1 ip4:11.0.0.0/9 ip4:11.0.0.0/9 ip4:11.0.0.0/10 -all",
        "v=spf1 ip4:10.0.0.0/8 ip4:0.0.0.0/8 ip4:224.0.0.0/3 -all",
        "v=spf1 ip6:2a00::/20 ip6:fc00::/7 -all",
        "v=spf1 ~ip4:0.0.0.0/0 ?ip6:::/0 +all",
        "v=spf1 +all bad:term",
        "v=spf1 ?include:b.example +include:c.example",
        "v=spf1 include:absent.example +all",
        AMAZON,
        GOOGLE,
        MICROSOFT,
    ],
)
def test_a_record_by_which_not_everyone_passes_is_not(record: str) -> None:
    assert not reached(a=record, b="v=spf1 +all", c="v=spf1 ?all").is_open


def test_large_senders_together_are_far_from_open() -> None:
    found = reached(
        a="v=spf1 include:b.example include:c.example include:d.example -all", b=AMAZON, c=GOOGLE, d=MICROSOFT
    )
    assert 0 < found.ipv4 < OPEN_IPV4 // 8


def test_it_says_by_which_term_of_which_include() -> None:
    found = reached(
        a="v=spf1 include:b.example -all", b="v=spf1 redirect=c.example", c="v=spf1 ip4:192.0.2.0/24 ip4:0.0.0.0/1 ~all"
    )
    widest = found.openings[0]
    assert (widest.domain, widest.term) == ("c.example", "ip4:0.0.0.0/1")
    assert widest.via == ("include:b.example", "redirect=c.example")


def test_the_eleventh_look_up_ends_it() -> None:
    ten = " ".join(f"include:{letter}.example" for letter in "bcdefghijk")
    others = dict.fromkeys("bcdefghijk", "v=spf1 -all")
    assert reached(a=f"v=spf1 {ten} +all", **others).is_open
    assert not reached(a=f"v=spf1 {ten} include:l.example +all", **others, l="v=spf1 -all").is_open


def test_what_ends_it_for_some_ends_it_for_nobody_else() -> None:
    """RFC 7208 4.6.4: an address that an earlier term decides comes to no later look-up."""
    assert reached(
        a="v=spf1 include:b.example redirect=c.example", b="v=spf1 -ip4:0.0.0.0/0 include:b.example", c="v=spf1 +all"
    ).ipv4
    assert reached(a="v=spf1 include:b.example all", b="v=spf1 -ip4:0.0.0.0/0 include:absent.example").is_open
    assert not reached(a="v=spf1 include:b.example all", b="v=spf1 ip4:192.0.2.1 include:absent.example").is_open


def test_records_that_branch_for_ever_come_to_an_end() -> None:
    halves = " ".join(f"-ip4:{number}.0.0.0/8 include:a.example" for number in range(1, 200))
    found = reached(a=f"v=spf1 {halves}")
    assert (found.ipv4, found.unseen) == (0, False)


def test_what_could_not_be_looked_at_is_not_counted_and_said() -> None:
    answers = [
        Answer(Question("a.example", "TXT"), ("v=spf1 include:b.example +all",)),
        Answer(Question("b.example", "TXT"), status="timeout"),
    ]
    found = reach("a.example", answers)
    assert (found.is_open, found.unseen) == (False, True)


def test_what_nobody_comes_to_is_not_missed() -> None:
    answers = [
        Answer(Question("a.example", "TXT"), ("v=spf1 ip4:192.0.2.1 -all include:b.example",)),
        Answer(Question("b.example", "TXT"), status="timeout"),
    ]
    assert not reach("a.example", answers).unseen


QUALIFIERS = st.sampled_from(["", "+", "-", "~", "?"])
NETWORKS = st.one_of(
    st.builds("ip4:{}.{}.0.0/{}".format, st.integers(0, 255), st.integers(0, 255), st.integers(0, 32)),
    st.builds("ip6:2{:03x}:{:x}::/{}".format, st.integers(0, 4095), st.integers(0, 65535), st.integers(0, 128)),
)
TERMS = st.builds(
    str.__add__,
    QUALIFIERS,
    st.one_of(NETWORKS, st.sampled_from(["all", "include:b.example", "include:c.example", "include:absent.example"])),
)
RECORDS = st.lists(TERMS, max_size=6).map(lambda terms: " ".join(["v=spf1", *terms]))
REDIRECTS = st.sampled_from(["", " redirect=c.example", " redirect=absent.example"])


@settings(max_examples=300, deadline=None)
@given(RECORDS, REDIRECTS, RECORDS, RECORDS, st.integers(1 << 24, (224 << 24) - 1), st.integers(0, (1 << 125) - 1))
def test_an_address_is_in_reach_where_check_host_lets_it_pass(
    first: str, redirect: str, second: str, third: str, of_ipv4: int, of_ipv6: int
) -> None:
    zone = todoku.Zone.from_text(
        "".join(
            f'{name}.example. TXT "{text}"\n' for name, text in (("a", first + redirect), ("b", second), ("c", third))
        )
    )
    found = reach("a.example", run(spf_tree("a.example"), zone).answers)
    ranges = [one for opening in found.openings for one in opening.ranges]
    edges = [edge for _, low, high in ranges[:8] for edge in (low, high)]
    for number in (of_ipv4, (0b001 << 125) + of_ipv6, *edges):
        address = ip_address(number)
        if any(address in network for network in UNROUTED_IPV4):
            continue
        passes = run(check_host(str(address), "a.example", "x@a.example"), zone).result == "pass"
        assert passes == any(version == address.version and low <= number <= high for version, low, high in ranges)
