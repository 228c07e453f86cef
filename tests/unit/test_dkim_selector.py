"""What stands at a selector, and what people enter in its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import todoku
from todoku.auth.dkim.selector import SelectorKey, selector_key
from todoku.net.drivers import run

BASE = (Path(__file__).parent.parent / "cases" / "base.zone").read_text()
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
RSA = re.search(r'dkim\.amazonses\.com\. TXT "([^\n]+)"', BASE)[1].replace('" "', "")
ED = "v=DKIM1; k=ed25519; p=sSjzoGuQI90P/GPsnBatdGp5zU44bE0Ki+O7jLIZrEY="
SHORT = "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMlu/Bj5zz0+TSvM9X1Wr2iRYOQWfZvGLmrUQ5AqIRlA0pmiRPZbRnxHJCB0ZXjqCUIAPL7BeNzpgdOyjS7VHO8CAwEAAQ=="
HERE = f"{TOKEN}._domainkey.example.com"
SES = f"{TOKEN}.dkim.amazonses.com"


def look(records: dict[str, list[object]], selector: str = TOKEN, zone: str = "") -> SelectorKey:
    return run(
        selector_key(selector, "example.com", zone=zone),
        todoku.Zone.from_dict({"example.com": [("A", "192.0.2.1")], **records}),
    )


def test_easy_dkim_as_it_should_be() -> None:
    found = look({HERE: [("CNAME", SES)], SES: [("TXT", RSA)]})
    assert (found.problem, found.kind, found.bits, found.target, found.easy) == ("", "rsa", 2048, SES, True)


def test_a_selector_of_easy_dkim_that_is_not_in_use_leads_to_an_empty_record() -> None:
    found = look({HERE: [("CNAME", SES)], SES: [("TXT", "")]})
    assert (found.problem, found.kind, found.resting) == ("", "", True)
    assert look({HERE: [("TXT", "")]}).problem == "flattened"
    assert look({"s1._domainkey.example.com": [("TXT", "")]}, "s1").problem == "key-invalid"
    both = look({HERE: [("CNAME", SES)], SES: [("TXT", ""), ("TXT", RSA)]})
    assert (both.problem, both.resting) == ("", False)


REGIONAL = "dkim.ap-northeast-3.amazonses.com"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (f"{TOKEN}.{REGIONAL}", ""),
        (SES, "target-zone"),
        (f"{TOKEN}.{REGIONAL}.example.com", "target-relative"),
        (f"{TOKEN}.dkim.amazonses.com.example.com", "target-relative"),
        (f"\\032{TOKEN}.{REGIONAL}", "target-stray"),
        (f"{TOKEN[:-1]}.{REGIONAL}", "target-token"),
        (f"{TOKEN}.elsewhere.example.net", "target-zone"),
    ],
)
def test_where_ses_says_its_zone_the_target_is_known(target: str, problem: str) -> None:
    found = look({HERE: [("CNAME", target)], f"{TOKEN}.{REGIONAL}": [("TXT", RSA)]}, zone=REGIONAL)
    assert (found.problem, found.wanted) == (problem, f"{TOKEN}.{REGIONAL}")


def test_a_zone_that_only_ses_knows_is_believed() -> None:
    target = f"{TOKEN}.dkim.eusc.example.org"
    found = look({HERE: [("CNAME", target)], target: [("TXT", RSA)]}, zone="dkim.eusc.example.org")
    assert found.problem == ""


def test_a_key_of_ones_own() -> None:
    found = look({"s1._domainkey.example.com": [("TXT", ED)]}, "s1")
    assert (found.problem, found.kind, found.easy) == ("", "ed25519", False)


@pytest.mark.parametrize(
    ("records", "problem", "told"),
    [
        ({}, "key-missing", "nxdomain"),
        ({HERE: [("TXT", todoku.TIMEOUT), ("CNAME", todoku.TIMEOUT)]}, "dns-failed", "timeout"),
        ({f"{HERE}.example.com": [("CNAME", SES)], SES: [("TXT", RSA)]}, "doubled-name", f"{HERE}.example.com"),
        ({f"{HERE}.example.com": [("CNAME", SES)]}, "doubled-name", f"{HERE}.example.com"),
        ({f"{TOKEN}.domainkey.example.com": [("CNAME", SES)]}, "no-underscore", f"{TOKEN}.domainkey.example.com"),
        ({f"{TOKEN}.example.com": [("CNAME", SES)]}, "no-domainkey", f"{TOKEN}.example.com"),
        ({HERE: [("CNAME", f"{SES}\\032")]}, "target-stray", SES),
        ({HERE: [("CNAME", f'\\"\\032{SES}.\\032\\"')]}, "target-stray", SES),
        ({HERE: [("CNAME", f"{SES}.example.com")]}, "target-relative", SES),
        ({HERE: [("CNAME", f"{TOKEN[:-1]}.dkim.amazonses.com")]}, "target-token", SES),
        ({HERE: [("CNAME", f"{TOKEN}.dkim.amazonaws.com")]}, "target-zone", ""),
        ({HERE: [("CNAME", f"{TOKEN}.dkim.af-south-1.amazonses.com")]}, "target-empty", ""),
        ({HERE: [("CNAME", SES)]}, "target-empty", ""),
        ({HERE: [("TXT", RSA)]}, "flattened", ""),
        ({HERE: [("A", "192.0.2.7")]}, "flattened", ""),
        ({HERE: [("MX", (10, "mx.example.com"))]}, "key-missing", "nodata"),
    ],
)
def test_what_is_wrong_is_named(records: dict[str, list[object]], problem: str, told: str) -> None:
    found = look(records)
    assert found.problem == problem
    assert told in (found.detail, found.wanted, found.found_at)
    assert found.failed is (problem == "dns-failed")


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (["v=DKIM1; p="], "key-revoked"),
        (["v=DKIM1; k=rsa"], "key-invalid"),
        (["v=DKIM1; p=!!"], "key-invalid"),
        (["v=DKIM1; k=dsa; p=AAAA"], "key-type"),
        ([SHORT], "key-too-short"),
        ([f"{ED}; s=tlsrpt"], "key-service"),
        ([ED, RSA], "several-keys"),
        (["v=spf1 -all", ED], ""),
        (["hello"], "key-invalid"),
    ],
)
def test_keys_that_cannot_be_used(records: list[str], problem: str) -> None:
    found = look({"s1._domainkey.example.com": [("TXT", record) for record in records]}, "s1")
    assert found.problem == problem


def test_a_wildcard_is_not_taken_for_the_record_at_another_name() -> None:
    assert look({"*.example.com": [("TXT", "v=spf1 -all")]}).problem == "key-invalid"
    assert look({"*.example.com": [("A", "192.0.2.9")]}).problem == "flattened"


@given(st.text(st.characters(codec="ascii"), max_size=70))
def test_no_selector_raises(selector: str) -> None:
    assert look({HERE: [("CNAME", SES)]}, selector).domain == "example.com"
