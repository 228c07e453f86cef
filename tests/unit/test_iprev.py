"""Forward-confirmed reverse DNS: pass, fail and "could not look" stay apart."""

import pytest

from todoku.auth.ask import Answer, Question
from todoku.auth.iprev import MAX_NAMES, iprev
from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.drivers import run

REVERSE = "10.2.0.192.in-addr.arpa"


def look(records: dict, ip: str = "192.0.2.10"):
    return run(iprev(ip), Zone.from_dict(records))


def test_pass_when_a_name_resolves_back():
    result = look({REVERSE: [("PTR", "a.example"), ("PTR", "b.example")], "b.example": [("A", "192.0.2.10")]})
    assert (result.result, result.name, result.names) == ("pass", "b.example", ("a.example", "b.example"))
    assert [answer.status for answer in result.forward] == ["nxdomain", "ok"]


def test_fail_when_no_name_resolves_back():
    result = look({REVERSE: [("PTR", "a.example")], "a.example": [("A", "192.0.2.11")]})
    assert (result.result, result.name) == ("fail", "")


def test_permerror_without_a_ptr_record():
    assert look({}).result == "permerror"
    assert look({REVERSE: [("TXT", "no name here")]}).result == "permerror"


@pytest.mark.parametrize("error", [TIMEOUT, SERVFAIL])
def test_temperror_when_the_reverse_zone_does_not_answer(error):
    assert look({REVERSE: [("PTR", error)]}).result == "temperror"


def test_temperror_when_a_forward_zone_does_not_answer():
    result = look({REVERSE: [("PTR", "a.example"), ("PTR", "b.example")], "a.example": [("A", TIMEOUT)]})
    assert result.result == "temperror"


def test_a_silent_name_does_not_spoil_one_that_confirms():
    result = look(
        {
            REVERSE: [("PTR", "a.example"), ("PTR", "b.example")],
            "a.example": [("A", TIMEOUT)],
            "b.example": [("A", "192.0.2.10")],
        }
    )
    assert (result.result, result.name) == ("pass", "b.example")


def test_reverse_delegation_by_cname():
    # RFC 2317: the resolver follows the CNAME; the result keeps its chain
    result = look(
        {
            REVERSE: [("CNAME", "10.0-25.2.0.192.in-addr.arpa")],
            "10.0-25.2.0.192.in-addr.arpa": [("PTR", "a.example")],
            "a.example": [("A", "192.0.2.10")],
        }
    )
    assert result.result == "pass"
    assert result.ptr.chain == ("10.0-25.2.0.192.in-addr.arpa",)


def test_ipv6():
    pointer = "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa"
    zone = {pointer: [("PTR", "six.example")], "six.example": [("AAAA", "2001:0db8:0::1")]}
    assert look(zone, "2001:db8::1").result == "pass"


def test_ipv4_mapped_address_is_looked_up_as_ipv4():
    zone = {REVERSE: [("PTR", "a.example")], "a.example": [("A", "192.0.2.10")]}
    assert look(zone, "::ffff:192.0.2.10").result == "pass"


@pytest.mark.parametrize("ip", ["", "unknown", "192.0.2.300", "fe80::1%eth0", "\x00", "1" * 1000])
def test_what_is_no_address_is_permerror(ip):
    assert look({}, ip).result == "permerror"


@pytest.mark.parametrize(
    ("count", "expected"), [(MAX_NAMES, "fail"), (MAX_NAMES + 1, "temperror"), (1000, "temperror")]
)
def test_ten_names_are_looked_at_and_the_bound_is_no_failure(count, expected):
    names = [("PTR", f"host{number}.example") for number in range(count)]
    result = look({REVERSE: names})
    assert len(result.names) == count
    assert len(result.forward) == MAX_NAMES
    assert result.result == expected


def test_all_names_are_asked_in_one_round():
    engine = iprev("192.0.2.10")
    (question,) = next(engine)
    assert question == Question(REVERSE, "PTR")
    batch = engine.send([Answer(question, ("a.example", "b.example", "a.example"))])
    assert batch == (Question("a.example", "A"), Question("b.example", "A"))


def test_a_name_with_control_characters_is_kept_and_does_no_harm():
    engine = iprev("192.0.2.10")
    (question,) = next(engine)
    (forward,) = engine.send([Answer(question, ("\x1b[2J\x00.example",))])
    with pytest.raises(StopIteration) as stop:
        engine.send([Answer(forward, status="nxdomain")])
    assert stop.value.value.result == "fail"
    assert stop.value.value.names == ("\x1b[2J\x00.example",)
