"""SPF beyond the openspf suites: evidence, limits on both sides, hostile records and senders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.ask import Allowance, Answer, limited
from todoku.auth.spf import SpfResult, check_host, check_identity
from todoku.auth.spf.macro import MAX_EXPLANATION
from todoku.auth.spf.record import Fault, Record, parse
from todoku.mail.domain_name import MAX_NAME
from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.drivers import Recorded, Transcript, recording, run

CLIENT = "192.0.2.1"


def check(records, ip=CLIENT, sender="u@example.com", *, helo="mail.example.com", **options) -> SpfResult:
    """The result for a zone in which ``example.com`` holds the record, where a text alone is given."""
    zone = {"example.com": [("TXT", records)]} if isinstance(records, str) else records
    domain = sender.rpartition("@")[2]
    return run(check_host(ip, domain, sender, helo=helo, **options), Zone.from_dict(zone))


def spf(**records: str):
    """A zone: each name in ``.example`` with its SPF record; ``example`` itself is ``example.com``."""
    return {
        "example.com" if name == "top" else f"{name}.example": [("TXT", record)] for name, record in records.items()
    }


# Evidence


def test_evidence_of_a_match_inside_an_include():
    zone = spf(top="v=spf1 a:none.example include:ses.example ~all", ses="v=spf1 ip4:192.0.2.0/24 -all")
    result = check(zone)
    assert (result.result, result.cause) == ("pass", "matched")
    assert (result.term, result.term_domain) == ("include:ses.example", "example.com")
    assert result.path == (("example.com", "include:ses.example"), ("ses.example", "ip4:192.0.2.0/24"))
    assert (result.lookups, result.voids) == (2, 1)
    nodes = [(node.domain, node.via, node.depth, node.lookups, node.voids, node.cost) for node in result.nodes]
    assert nodes == [("example.com", "", 0, 2, 1, 2), ("ses.example", "include:ses.example", 1, 2, 1, 0)]
    assert [answer.question.name for answer in result.answers] == ["example.com", "none.example", "ses.example"]


def test_evidence_of_a_redirect():
    result = check(spf(top="v=spf1 redirect=other.example", other="v=spf1 -all"))
    assert (result.result, result.term, result.term_domain) == ("fail", "-all", "other.example")
    assert result.record == "v=spf1 redirect=other.example"


def test_an_error_names_the_term_and_the_domain_that_holds_it():
    result = check(spf(top="v=spf1 include:a.example -all", a="v=spf1 ip4:192.0.2.300 -all"))
    assert (result.result, result.cause, result.detail) == ("permerror", "syntax", "bad-network")
    assert (result.term, result.term_domain) == ("ip4:192.0.2.300", "a.example")
    result = check(spf(top="v=spf1 include:a.example -all"))
    assert (result.result, result.cause) == ("permerror", "target-none")
    assert (result.term, result.term_domain, result.detail) == ("include:a.example", "example.com", "a.example")


def test_which_identity_was_checked():
    zone = Zone.from_dict({**spf(top="v=spf1 ip4:192.0.2.1 -all"), "mail.example.com": [("TXT", "v=spf1 a -all")]})
    mail_from = run(check_identity(CLIENT, "<U@Example.COM>", "mail.example.com"), zone)
    assert (mail_from.identity, mail_from.domain, mail_from.result) == ("mailfrom", "example.com", "pass")
    helo = run(check_identity(CLIENT, "<>", "mail.example.com"), zone)
    assert (helo.identity, helo.domain, helo.result) == ("helo", "mail.example.com", "fail")
    assert helo.sender == "postmaster@mail.example.com"
    assert run(check_identity(CLIENT, "", "localhost"), zone).cause == "bad-domain"


def test_a_client_address_that_is_none_is_not_judged():
    result = check("v=spf1 -all", ip="not-an-address")
    assert (result.result, result.cause) == ("temperror", "bad-ip")


@pytest.mark.parametrize("ip", ["::ffff:192.0.2.1", "192.0.2.1"])
def test_an_ipv4_mapped_address_is_ipv4(ip):
    assert check("v=spf1 ip4:192.0.2.1 -all", ip=ip).result == "pass"


# Grammar


@pytest.mark.parametrize(
    ("term", "defect"),
    [
        ("ip4:192.0.2.0/33", "bad-network"),
        ("ip4:192.0.2.0/032", "bad-network"),
        ("ip4:192.0.2.01", "bad-network"),
        ("ip4:192.0.2.0/", "bad-network"),
        ("ip4", "argument-missing"),
        ("ip4=192.0.2.0", None),  # an unknown modifier
        ("ip6:2001:db8::/129", "bad-network"),
        ("ip6:fe80::1%eth0", "bad-network"),
        ("a/33", "bad-network"),
        ("a//129", "bad-network"),
        ("a/24//64", None),
        ("mx:example.com/24//64", None),
        ("a:example.com:8080", "bad-domain"),
        ("a:", "argument-missing"),
        ("a.example.com", "argument-unexpected"),
        ("all:x", "argument-unexpected"),
        ("include", "argument-missing"),
        ("include:com", "bad-domain"),
        ("include:example.123", "bad-domain"),
        ("include:%{d}", None),
        ("exists:%{i}.%{d0}", "bad-macro"),
        ("exists:%{d00}.example", "bad-macro"),
        ("exists:%{c}.example", "bad-macro"),
        ("exists:%{x}.example", "bad-macro"),
        ("exists:%(d).example", "bad-macro"),
        ("exists:%{d99999999999}.example", None),
        ("exists:%{D2R-.+,/_=}", None),
        ("ptr/24", "argument-unexpected"),
        ("redirect=", "argument-missing"),
        ("exp=a.example exp=b.example", "repeated-modifier"),
        ("redirect=a.example redirect=a.example", "repeated-modifier"),
        ("x=1 x=2", None),
        ("x=%", "bad-macro"),
        ("moo", "unknown-mechanism"),
        ("-", "unknown-mechanism"),
        ("a\tmx", "argument-unexpected"),
        ("ip4:192.0.2.1\xa0", "not-ascii"),
    ],
)
def test_terms(term, defect):
    read = parse(f"v=spf1 {term} -all")
    assert (read.defect if isinstance(read, Fault) else None) == defect


def test_a_long_prefix_of_digits_keeps_the_whole_name():
    zone = {**spf(top="v=spf1 exists:%{d99999999999}.x.example -all"), "example.com.x.example": [("A", "127.0.0.2")]}
    assert check(zone).result == "pass"


# Limits of section 4.6.4, the scenarios d01 to d13


@pytest.mark.parametrize(
    "zone",
    [
        spf(top="v=spf1 include:example.com -all"),  # d01
        spf(top="v=spf1 include:b.example -all", b="v=spf1 include:example.com -all"),  # d02
        spf(top="v=spf1 redirect=example.com"),  # d03
        {
            **spf(top="v=spf1 " + " ".join(f"include:i{i}.example" for i in range(10)) + " -all"),  # d04
            **spf(**{f"i{i}": "v=spf1 " + " ".join(f"include:j{i}{j}.example" for j in range(10)) for i in range(10)}),
            **spf(**{f"j{i}{j}": "v=spf1 -all" for i in range(10) for j in range(10)}),
        },
    ],
    ids=["include-self", "include-cycle", "redirect-self", "fan-out"],
)
def test_endless_records_end(zone):
    result = check(zone)
    assert (result.result, result.cause) == ("permerror", "too-many-lookups")
    assert len(result.answers) <= 11


@pytest.mark.parametrize(("includes", "expected"), [(10, "pass"), (11, "permerror")])
def test_ten_lookups_are_allowed(includes, expected):  # d05, d06
    zone = spf(**{f"i{i}": "v=spf1 -all" for i in range(includes)})
    zone |= spf(top="v=spf1 " + " ".join(f"include:i{i}.example" for i in range(includes)) + " ip4:192.0.2.1 -all")
    result = check(zone)
    assert result.result == expected
    assert len(result.answers) == 11


@pytest.mark.parametrize(("voids", "expected"), [(2, "pass"), (3, "permerror")])
def test_two_void_lookups_are_allowed(voids, expected):  # d07
    names = " ".join(f"a:none{i}.example" for i in range(voids))
    result = check(f"v=spf1 {names} ip4:192.0.2.1 -all")
    assert result.result == expected
    assert len(result.answers) == voids + 1
    assert result.cause == ("matched" if expected == "pass" else "too-many-voids")


@pytest.mark.parametrize(
    ("hosts", "expected", "questions"), [(10, "pass", 12), (11, "permerror", 2), (1000, "permerror", 2)]
)
def test_ten_mx_names_are_allowed(hosts, expected, questions):  # d08
    zone = {
        "example.com": [("TXT", "v=spf1 mx -all"), *(("MX", (i, f"m{i}.example")) for i in range(hosts))],
        **{f"m{i}.example": [("A", f"192.0.2.{hosts - i if hosts == 10 else 9}")] for i in range(hosts)},
    }
    result = check(zone)
    assert result.result == expected
    assert len(result.answers) == questions


@pytest.mark.parametrize(
    ("name", "expected"),
    [("example.com", "pass"), ("a.Example.COM", "pass"), ("notexample.com", "fail"), ("com", "fail")],
)
def test_a_ptr_name_is_the_domain_or_below_it(name, expected):
    zone = {
        "example.com": [("TXT", "v=spf1 ptr -all")],
        "1.2.0.192.in-addr.arpa": [("PTR", name)],
        name.lower(): [("A", CLIENT)] + ([("TXT", "v=spf1 ptr -all")] if name == "example.com" else []),
    }
    assert check(zone).result == expected


@pytest.mark.parametrize(("at", "expected"), [(9, "pass"), (10, "fail")])
def test_only_ten_ptr_names_are_looked_at(at, expected):  # d09
    zone = {
        "example.com": [("TXT", "v=spf1 ptr -all")],
        "1.2.0.192.in-addr.arpa": [("PTR", f"p{i}.example.com") for i in range(1000)],
        f"p{at}.example.com": [("A", CLIENT)],
    }
    result = check(zone)
    assert result.result == expected
    assert len(result.answers) == 12


def test_strings_of_a_record_are_joined_without_a_space():  # d11
    strings = ["v=spf1 "] + [f"ip4:198.51.100.{i} ".ljust(255) for i in range(98)] + ["ip4:192.", "0.2.1 -all"]
    assert (
        run(
            check_host(CLIENT, "example.com", "u@example.com"), Zone.from_dict({"example.com": [("TXT", strings)]})
        ).result
        == "pass"
    )


def test_a_record_that_is_not_ascii_is_wrong_and_another_record_is_not_read():  # d12
    assert check("v=spf1 a:exämple.com -all").result == "permerror"
    zone = {"example.com": [("TXT", "v=spf1 -all"), ("TXT", b"\xff\xfe"), ("TXT", "v=spf10 all")]}
    assert check(zone).result == "fail"


def test_two_records_are_an_error():  # d13
    result = check({"example.com": [("TXT", "v=spf1 -all"), ("TXT", "V=SPF1")]})
    assert (result.result, result.cause) == ("permerror", "several-records")


def test_no_such_name_and_no_such_record_are_none():  # d21
    zone = {"below.example.com": [("A", CLIENT)]}
    parent, child = check(zone), check(zone, sender="u@none.example.com")
    assert (parent.result, parent.answers[0].status) == ("none", "nodata")
    assert (child.result, child.answers[0].status) == ("none", "nxdomain")


# Could not look


@pytest.mark.parametrize("failure", [TIMEOUT, SERVFAIL])
@pytest.mark.parametrize(
    ("record", "failing"),
    [
        ("v=spf1 -all", ("example.com", "TXT")),
        ("v=spf1 include:x.example -all", ("x.example", "TXT")),
        ("v=spf1 a:x.example -all", ("x.example", "A")),
        ("v=spf1 mx:x.example -all", ("x.example", "MX")),
        ("v=spf1 exists:x.example -all", ("x.example", "A")),
        ("v=spf1 redirect=x.example", ("x.example", "TXT")),
    ],
)
def test_dns_that_does_not_answer_is_temperror(failure, record, failing):
    name, rdtype = failing
    zone = {"example.com": [("TXT", record)]}
    zone[name] = [(rdtype, failure)]
    result = check(zone)
    assert (result.result, result.cause) == ("temperror", "dns-failed")
    assert result.detail == f"{name} {rdtype} {failure.value}"


REVERSE = "1.2.0.192.in-addr.arpa"


@pytest.mark.parametrize("failure", [TIMEOUT, SERVFAIL])
@pytest.mark.parametrize(
    ("record", "reverse", "expected"),
    [
        ("v=spf1 ptr -all", {}, ("fail", False)),
        ("v=spf1 ptr -all", {REVERSE: ["failure"]}, ("fail", True)),
        ("v=spf1 ptr ~all", {REVERSE: ["p.example.com"], "p.example.com": ["failure"]}, ("softfail", True)),
        ("v=spf1 ptr", {REVERSE: ["failure"]}, ("neutral", True)),
        ("v=spf1 ptr include:none.example", {REVERSE: ["failure"]}, ("permerror", True)),
        ("v=spf1 exists:%{p}.x.example -all", {REVERSE: ["failure"]}, ("fail", True)),
        ("v=spf1 ip4:192.0.2.2 -all exp=%{p}.example.com", {REVERSE: ["failure"]}, ("fail", False)),
        ("v=spf1 ptr ip4:192.0.2.1 -all", {REVERSE: ["failure"]}, ("pass", False)),
    ],
)
def test_a_name_of_the_client_that_could_not_be_looked_up_leaves_it_undecided(failure, record, reverse, expected):
    zone = {"example.com": [("TXT", record)]}
    for name, values in reverse.items():
        rdtype = "PTR" if name == REVERSE else "A"
        zone[name] = [(rdtype, failure if value == "failure" else value) for value in values]
    result = check(zone)
    assert (result.result, result.undecided) == expected
    assert not result.unseen or reverse


@pytest.mark.parametrize(
    "record", ["v=spf1 ptr -all", "v=spf1 include:%{p}.x.example -all", "v=spf1 a -all", "v=spf1 mx -all"]
)
def test_a_question_that_we_refuse_is_never_a_fail(record):
    zone = Zone.from_dict({"example.com": [("TXT", record), ("MX", (1, "m.example"))]})
    for questions in range(2):
        result = run(limited(check_host(CLIENT, "example.com", "u@example.com"), Allowance(questions)), zone)
        assert (result.result, result.cause) == ("temperror", "limit")


def test_a_question_that_a_record_lacks_is_never_a_fail():
    transcript = Transcript()
    zone = Zone.from_dict(spf(top="v=spf1 ptr -all"))
    engine = check_host(CLIENT, "example.com", "u@example.com")
    assert run(recording(engine, transcript), zone).result == "fail"
    cut = Recorded(Transcript([*transcript][:1]))
    assert run(check_host(CLIENT, "example.com", "u@example.com"), cut).result == "temperror"


def test_an_explanation_that_cannot_be_had_does_not_change_the_result():
    zone = Zone.from_dict({**spf(top="v=spf1 -all exp=why.example"), "why.example": [("TXT", "%{p} is not %{d}")]})
    for questions, explanation in ((1, "no reason given"), (2, "no reason given"), (3, "unknown is not example.com")):
        engine = check_host(CLIENT, "example.com", "u@example.com", default_explanation="no reason given")
        result = run(limited(engine, Allowance(questions)), zone)
        assert (result.result, result.explanation) == ("fail", explanation)


# Macros


def test_a_sender_that_is_not_ascii_matches_no_term_that_names_it():  # RFC 8616 4
    zone = {"*.x.example": [("A", "127.0.0.2")], **spf(top="v=spf1 exists:%{l}.x.example ?all")}
    assert check(zone).result == "pass"
    assert check(zone, sender="ü@example.com").result == "neutral"


def test_a_domain_of_unicode_labels_is_looked_up_as_a_labels():
    zone = {"xn--bcher-kva.example": [("TXT", "v=spf1 ip4:192.0.2.1 -all")]}
    result = check(zone, sender="u@bücher.example")
    assert (result.result, result.domain) == ("pass", "xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1024, ("fail", "matched")), (1025, ("temperror", "limit")), (65536, ("temperror", "limit"))],
)
def test_a_huge_local_part_fills_no_macro(length, expected):  # d33
    result = check("v=spf1 exists:%{l}.example -all", sender="x" * length + "@example.com")
    assert (result.result, result.cause) == expected


def test_a_huge_helo_name_fills_no_macro():
    result = check("v=spf1 exists:%{h1r}.example -all", helo="x." * 40_000)
    assert (result.result, result.cause, result.detail) == ("temperror", "limit", "%{h}")


def test_an_explanation_is_bounded():
    zone = {**spf(top="v=spf1 -all exp=why.example"), "why.example": [("TXT", "%{l}" * 4)]}
    whole = check(zone, sender="x" * (MAX_EXPLANATION // 4) + "@example.com", default_explanation="too long")
    assert len(whole.explanation) == MAX_EXPLANATION
    zone["why.example"] = [("TXT", "%{l}" * 4 + ".")]
    cut = check(zone, sender="x" * (MAX_EXPLANATION // 4) + "@example.com", default_explanation="too long")
    assert cut.explanation == "too long"


TERMS = st.lists(
    st.sampled_from(
        [
            "a",
            "mx",
            "ptr",
            "all",
            "include:%{d}",
            "include:b.example",
            "a:%{i}.example",
            "exists:%{lr-}.%{D2}",
            "ip4:192.0.2.1/24",
            "ip6:::/0",
            "mx//64",
            "redirect=b.example",
            "exp=%{h}.example",
            "?all",
            "x=%{s}",
            "a:%%.%_.%-.b.example",
            "ptr:%{p}",
            "exists:%{ir}.%{v}._spf.%{o}",
        ]
    ),
    max_size=6,
).map(" ".join)
RECORDS = st.text(max_size=40) | st.text(st.sampled_from("a:%{}dlir0/-.=+~ 1v\\\xff"), max_size=40) | TERMS
NAMES = st.text(max_size=30) | st.sampled_from(
    ["u@example.com", "@example.com", "a.b-c@example.com", "example.com", ""]
)


@given(RECORDS, RECORDS, NAMES, st.sampled_from([CLIENT, "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "?"]))
def test_any_record_and_sender_have_a_result(first, second, name, ip):
    zone = Zone.from_dict(
        {
            "example.com": [("TXT", f"v=spf1 {first}"), ("MX", (0, ".")), ("A", CLIENT)],
            "b.example": [("TXT", f"v=spf1 {second}")],
            "1.2.0.192.in-addr.arpa": [("PTR", "b.example"), ("PTR", "x\ny"), ("PTR", "")],
            "*.example": [("TXT", first), ("A", CLIENT)],
        }
    )
    for domain in ("example.com", name.rpartition("@")[2]):
        transcript = Transcript()
        result = run(recording(check_host(ip, domain, name, helo=name, default_explanation="-"), transcript), zone)
        assert result.lookups <= 11
        assert all(is_bounded(answer) for answer in transcript)
        assert len(result.explanation) <= MAX_EXPLANATION
    run(check_identity(ip, name, name), zone)


def is_bounded(answer: Answer) -> bool:
    name = answer.question.name
    return len(name) <= MAX_NAME and all(0 < len(label) <= 63 for label in name.split("."))


@given(RECORDS)
def test_a_record_is_a_record_or_names_its_fault(text):
    read = parse(f"v=spf1 {text}")
    assert isinstance(read, Record) or read.term in text
