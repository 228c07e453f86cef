"""Addresses valid and not: isemail's tests, flanker's mailbox lists, and espoofer's ambiguous From fields."""

import base64
import json
from xml.etree import ElementTree as ET

import pytest

from todoku.mail.addr_spec import is_valid_addr_spec
from todoku.mail.address import parse_author, parse_mailboxes
from todoku.mail.message import scan

SYMBOLS = {0x2400 + code: code for code in range(33)}
"""isemail writes a control character as its symbol: U+2400 and its code."""


def test_isemail(suites, tally):
    tests = list(ET.parse(suites / "address" / "tests.xml").getroot().iter("test"))
    assert len(tests) == 164
    wrong = []
    for test in tests:
        address = (test.findtext("address") or "").translate(SYMBOLS)
        # Every category but ISEMAIL_ERR is an address by RFC 5322: too long for SMTP, obsolete, or without DNS records.
        valid = test.findtext("category") != "ISEMAIL_ERR"
        if is_valid_addr_spec(address) != valid:
            wrong.append((test.get("id"), address, test.findtext("diagnosis")))
    tally("addresses, isemail", len(tests) - len(wrong), len(tests))
    assert wrong == []


# Where flanker and we differ, and by what.
LENIENT = {
    'Bill Gates <"billy"@retired.Micr!osoft99.com>': "RFC 1123 2.1: no host name",
    "first.last@example.123": "RFC 3696 2: a top-level domain is no number",
    "test@123.123.123.123": "RFC 3696 2",
    "foobar@192.168.0.1": "RFC 3696 2",
}
STRICT = {
    "0123456789": "RFC 5322 has no limit for a local part; RFC 5321 4.5.3.1.1 is for SMTP",
    "test@xn--example.com": "RFC 5890: whether an A-label decodes is not looked at",
}


def lines(path) -> list[str]:
    text = path.read_text(encoding="utf-8").splitlines()
    return [line.partition("   #")[0].rstrip() for line in text if line.strip() and not line.lstrip().startswith("#")]


def is_mailbox(line: str) -> bool:
    """One address and nothing odd; octets beyond ASCII are RFC 6532's."""
    addresses, defects = parse_mailboxes(line.encode())
    return len(addresses) == 1 and not {tag for tag, _ in defects} - {"from-8bit", "domain-mixed-script"}


def test_flanker_valid(suites, tally):
    valid = lines(suites / "address" / "mailbox_valid.txt")
    assert len(valid) == 151
    refused = {line for line in valid if not is_mailbox(line)}
    tally("addresses, flanker valid", len(valid) - len(refused), len(valid))
    assert refused == set(LENIENT)


def test_flanker_invalid(suites, tally):
    invalid = lines(suites / "address" / "mailbox_invalid.txt")
    assert len(invalid) == 85
    taken = [line for line in invalid if is_mailbox(line)]
    tally("addresses, flanker invalid", len(invalid) - len(taken), len(invalid))
    assert len(taken) == len(STRICT)
    assert all(line.startswith(tuple(STRICT)) for line in taken)


CLEAN = {f"server_a{number}" for number in range(1, 8)} | {"client_a3"}
"""Attacks that are not in From: it holds one address, which every program reads alike."""

ATTACKS = [f"server_a{number}" for number in range(1, 20)] + [f"client_a{number}" for number in range(1, 4)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_espoofer(suites, attack):
    cases = map(json.loads, (suites / "espoofer" / "cases.jsonl").read_text(encoding="utf-8").splitlines())
    (case,) = (case for case in cases if case["id"] == attack)
    author = parse_author(scan(base64.b64decode(case["raw_b64"])))
    if attack in CLEAN:
        assert (len(author.addresses), author.domain, author.defects) == (1, author.domains[0], ())
    elif attack == "client_a2":  # two addresses of one domain: whichever is shown, the domain is this
        assert (author.domain, author.defects) == ("example.com", (("from-several-addresses", 0),))
    else:
        assert author.domain == ""
        assert author.defects
