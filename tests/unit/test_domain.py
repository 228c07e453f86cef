"""A domain exists when SOA or MX answers NOERROR; it takes mail by MX, else by address."""

import pytest

from todoku.auth.ask import Answer
from todoku.auth.domain import MAX_HOSTS, mail_domain
from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.drivers import run

SOA = ("SOA", "ns.example.com hostmaster.example.com 1 7200 900 1209600 300")


HOST = {"mx.example.com": [("A", "192.0.2.25")]}


def look(records: dict, name: str = "example.com"):
    return run(mail_domain(name), Zone.from_dict(records))


@pytest.mark.parametrize(
    ("records", "exists", "takes_mail", "problem"),
    [
        ([("MX", (10, "mx.example.com"))], True, True, ""),
        ([SOA, ("MX", (10, "mx.example.com"))], True, True, ""),
        ([("A", "192.0.2.1")], True, True, ""),
        ([("AAAA", "2001:db8::1")], True, True, ""),
        ([("TXT", "only text")], True, False, "no-mx-no-address"),
        ([("MX", (0, ""))], True, False, "null-mx"),
        ([("A", "192.0.2.1"), ("MX", (0, ""))], True, False, "null-mx"),
        ([("MX", (0, "")), ("MX", (10, "mx.example.com"))], True, True, ""),
        ([TIMEOUT], None, None, "dns-failed"),
        ([("SOA", SERVFAIL), ("MX", SERVFAIL)], None, None, "dns-failed"),
        ([("SOA", TIMEOUT), ("MX", (10, "mx.example.com"))], True, True, ""),
        ([SOA, ("MX", TIMEOUT), ("A", "192.0.2.1")], True, None, "dns-failed"),
        ([SOA, ("A", TIMEOUT)], True, None, "dns-failed"),
        ([("A", TIMEOUT), ("AAAA", "2001:db8::1")], True, True, ""),
    ],
)
def test_what_dns_says(records, exists, takes_mail, problem):
    found = look({"example.com": records, **HOST})
    assert (found.exists, found.takes_mail, found.problem) == (exists, takes_mail, problem)
    assert found.null_mx == (problem == "null-mx")


def test_nxdomain_is_no_such_domain_and_asks_no_address():
    found = look({})
    assert (found.exists, found.takes_mail, found.problem) == (False, False, "no-such-domain")
    assert found.addresses == ()


def test_a_subdomain_without_soa_of_its_own_exists():
    found = look({"mail.example.com": [("A", "192.0.2.1")], "example.com": [SOA]}, "mail.example.com")
    assert found.exists is True
    assert found.soa.records == ()


def test_soa_and_mx_are_one_round_and_addresses_a_second():
    engine = mail_domain("example.com")
    first = next(engine)
    assert [question.rdtype for question in first] == ["SOA", "MX"]
    second = engine.send([Answer(first[0], ("ns. host. 1 2 3 4 5",)), Answer(first[1], status="nodata")])
    assert [question.rdtype for question in second] == ["A", "AAAA"]


@pytest.mark.parametrize(
    ("records", "takes_mail", "faults"),  # d30
    [
        ([(10, "mx.example.com")], True, []),
        ([(10, "MX.example.com")], True, []),
        ([(10, "192.0.2.25")], False, [("192.0.2.25", "address")]),
        ([(10, "[192.0.2.25]")], False, [("[192.0.2.25]", "address")]),
        ([(10, "2001:db8::1")], False, [("2001:db8::1", "address")]),
        ([(10, "localhost")], False, [("localhost", "localhost")]),
        ([(10, "mail.localhost")], False, [("mail.localhost", "localhost")]),
        ([(10, "loop.example.com")], False, [("loop.example.com", "localhost")]),
        ([(10, "gone.example.com")], False, [("gone.example.com", "missing")]),
        ([(10, "Gone.example.com")], False, [("Gone.example.com", "missing")]),
        ([(10, "alias.example.com")], True, [("alias.example.com", "alias")]),
        ([(10, "astray.example.com")], False, [("astray.example.com", "missing")]),
        ([(10, "six.example.com")], True, []),
        ([(10, "dark.example.com")], None, []),
        ([(10, "dark.example.com"), (20, "mx.example.com")], True, []),
        ([(0, ""), (10, "mx.example.com")], True, [("", "null")]),
        ([(0, ""), (10, "localhost")], False, [("", "null"), ("localhost", "localhost")]),
        ([(10, "localhost"), (20, "mx.example.com")], True, [("localhost", "localhost")]),
        ([(0, "")], False, []),
    ],
)
def test_hosts_that_should_not_stand_in_an_mx_record(records, takes_mail, faults):
    more = {
        "loop.example.com": [("A", "127.0.0.1")],
        "alias.example.com": [("CNAME", "mx.example.com")],
        "astray.example.com": [("CNAME", "gone.example.com")],
        "six.example.com": [("AAAA", "2001:db8::25")],
        "dark.example.com": [("A", TIMEOUT)],
    }
    found = look({"example.com": [("MX", record) for record in records], **HOST, **more})
    assert (found.takes_mail, [(one.host, one.fault) for one in found.faults]) == (takes_mail, faults)
    unusable = "dns-failed" if takes_mail is None else "null-mx" if found.null_mx else "mx-unusable"
    assert found.problem == ("" if takes_mail else unusable)


@pytest.mark.parametrize("count", [MAX_HOSTS, MAX_HOSTS + 1])
def test_only_the_first_hosts_are_looked_up(count):
    records = [("MX", (number, f"gone{number}.example.com")) for number in range(count)]
    found = look({"example.com": records})
    assert len(found.hosts) == MAX_HOSTS
    assert found.takes_mail is (count > MAX_HOSTS)  # of the others nothing is known against them
