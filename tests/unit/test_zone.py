"""Zones: what a master file and a dict mean, alone and laid over another source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.ask import Answer, Question, ask
from todoku.net.dns import master_file
from todoku.net.dns.master_file import MAX_RECORDS, MAX_WORDS
from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.drivers import Layers, run
from todoku.words.errors import UsageError


def look(source, name: str, rdtype: str) -> Answer:
    return run(ask(name, rdtype), source)


MASTER = r"""
$ORIGIN Example.COM.
$TTL 1h
@       IN SOA ns1 hostmaster 2026010101 1h 15m 2w 300
        IN NS  ns1.example.net.
        MX 10 mx1
        300 IN MX 20 mx2.example.net.
        TXT "v=spf1 ip4:192.0.2.0/24" " -all"      ; a comment
mx1     A 192.0.2.1
        AAAA 2001:DB8:0::1
        1d12h IN TXT one\ string "two \"quoted\" \\ \195\169; no comment"
sel._domainkey  TXT ( "v=DKIM1; "   ; the parts of a key
                      "p=MIIB" )
www     CNAME mx1
*.w     TXT wild
a.b.c   A 192.0.2.9
srv     SRV 0 5 443 www
new     TYPE65280 \# 4 0A000001
hex     TXT \# 3 026869
hex     A \# 4 c0000207
_dmarc.example.org. CH TXT "another class"
1.2.0.192.in-addr.arpa. PTR mx1
"""


@pytest.fixture(scope="module")
def zone() -> Zone:
    return Zone.from_text(MASTER)


@pytest.mark.parametrize(
    ("name", "rdtype", "records"),
    [
        ("example.com", "MX", ("10 mx1.example.com", "20 mx2.example.net")),
        ("example.com", "TXT", ("v=spf1 ip4:192.0.2.0/24 -all",)),
        ("example.com", "NS", ("ns1.example.net",)),
        ("example.com", "SOA", ("ns1.example.com hostmaster.example.com 2026010101 3600 900 1209600 300",)),
        ("MX1.example.com", "AAAA", ("2001:db8::1",)),
        ("mx1.example.com", "TXT", ('one stringtwo "quoted" \\ Ã©; no comment',)),
        ("sel._domainkey.example.com", "TXT", ("v=DKIM1; p=MIIB",)),
        ("1.2.0.192.in-addr.arpa", "PTR", ("mx1.example.com",)),
        ("srv.example.com", "SRV", ("0 5 443 www",)),
        ("new.example.com", "TYPE65280", ("\\# 4 0A000001",)),
        ("hex.example.com", "TXT", ("hi",)),
        ("hex.example.com", "A", ("192.0.2.7",)),
        ("x.y.w.example.com", "TXT", ("wild",)),
    ],
)
def test_master_file(zone, name, rdtype, records):
    assert look(zone, name, rdtype).records == records


@pytest.mark.parametrize(("name", "rdtype", "ttl"), [("example.com", "TXT", 3600), ("mx1.example.com", "TXT", 129600)])
def test_ttls(zone, name, rdtype, ttl):
    assert look(zone, name, rdtype).ttl == ttl


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "authority"),
    [
        ("nothing.example.com", "A", "nxdomain", "example.com"),
        ("example.com", "AAAA", "nodata", "example.com"),
        ("b.c.example.com", "A", "nodata", "example.com"),  # an ancestor of a known name exists
        ("a.b.x.example.com", "SOA", "nxdomain", "example.com"),
        ("x.w.example.com", "A", "nodata", "example.com"),  # the wildcard has another type
        ("w.example.com", "TXT", "nodata", "example.com"),  # a wildcard does not cover its own parent
        ("_dmarc.example.org", "TXT", "nxdomain", ""),  # a record of another class is none
        ("com", "SOA", "nodata", ""),
    ],
)
def test_what_is_not_there(zone, name, rdtype, status, authority):
    answer = look(zone, name, rdtype)
    assert (answer.status, answer.authority, answer.records) == (status, authority, ())


def test_a_wildcard_covers_no_name_below_a_known_one():
    zone = Zone.from_dict({"*.example.com": [("TXT", "wild")], "a.example.com": [("A", "192.0.2.1")]})
    assert look(zone, "x.example.com", "TXT").records == ("wild",)
    assert look(zone, "x.a.example.com", "TXT").status == "nxdomain"  # RFC 4592: the closest encloser's wildcard only


def test_cnames_are_followed():
    zone = Zone.from_text("a CNAME b\nb CNAME c.\nc A 192.0.2.1\nout CNAME nowhere\n*.w CNAME c\n")
    answer = look(zone, "a", "A")
    assert (answer.records, answer.chain, answer.question) == (("192.0.2.1",), ("b", "c"), Question("a", "A"))
    assert look(zone, "a", "MX").status == "nodata"
    assert (look(zone, "out", "A").status, look(zone, "out", "A").chain) == ("nxdomain", ("nowhere",))
    assert look(zone, "a", "CNAME").records == ("b",)
    assert look(zone, "x.w", "A").records == ("192.0.2.1",)


def test_a_cname_loop_is_servfail():
    zone = Zone.from_text("a CNAME b\nb CNAME c\nc CNAME b\nself CNAME self\n")
    assert look(zone, "a", "A").status == "servfail"
    assert look(zone, "self", "TXT").status == "servfail"


def test_a_chain_of_11_is_followed_and_one_of_12_is_not():
    zone = Zone.from_text("".join(f"c{i} CNAME c{i + 1}\n" for i in range(12)) + "c12 A 192.0.2.1\n")
    assert look(zone, "c1", "A").records == ("192.0.2.1",)
    assert look(zone, "c0", "A").status == "servfail"


def test_comment_directives():
    zone = Zone.from_text(
        "$ORIGIN example.com.\n"
        "a TXT x\n  A 192.0.2.1\n"
        "; !timeout a TXT\n"
        "; !servfail b.example.com. *\n"
        "b TXT here\n"
        ";!absent c A\n"
        "c A 192.0.2.1\n  TXT stays\n"
        "; a comment !timeout a A\n"
    )
    statuses = {(n, t): look(zone, f"{n}.example.com", t).status for n in "abc" for t in ("A", "TXT")}
    assert statuses == {
        ("a", "A"): "ok",
        ("a", "TXT"): "timeout",
        ("b", "A"): "servfail",
        ("b", "TXT"): "ok",
        ("c", "A"): "nodata",
        ("c", "TXT"): "ok",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a A 192.0.2.1\nb A 192.0.2.256\n", 2, "192.0.2.256"),
        ("\n  A 192.0.2.1\n", 2, "no owner"),
        ("a A", 1, "no A record"),
        ("a TXT", 1, "no TXT record"),
        ('a TXT "open\n', 1, "not finished"),
        ("a TXT open\\", 1, "not finished"),
        ("a TXT ( x\n y\n", 1, "not closed"),
        ("a TXT ( x\n y )\nb A x\n", 3, '"x"'),
        ("a TXT )", 1, "not opened"),
        ("a IN 300", 1, "no type"),
        ("a 192.0.2.1", 1, "not a record type"),
        ("a MX mx.example.com.", 1, "no MX record"),
        ("a MX 123456 mx", 1, "no MX record"),
        ("$INCLUDE other.zone", 1, "$INCLUDE"),
        ("$TTL soon", 1, "not a time"),
        ("a SOA ns host 1 2 3 4", 1, "no SOA record"),
        ("a TXT " + "x" * 256, 1, "256 octets"),
        ("a TXT \\256", 1, "\\256"),
        ("a..b A 192.0.2.1", 1, "empty label"),
        ("x" * 64 + " A 192.0.2.1", 1, "too long"),
        ("a A \\# 3 c00002", 1, "LENGTH"),
        ("a TXT \\# x", 1, "LENGTH"),
        ("; !timeout a", 1, "!timeout NAME TYPE"),
    ],
)
def test_a_line_that_is_wrong_is_named(text, line, words):
    with pytest.raises(UsageError) as refused:
        Zone.from_text(text, file="plan.zone")
    assert refused.value.text.en.startswith(f"plan.zone, line {line}: ")
    assert words in refused.value.text.en
    assert refused.value.text.ja.startswith(f"plan.zone の{line}行目: ")


def test_bounds_are_inclusive():
    zone = Zone.from_text("x" * 63 + " TXT " + "y" * 255)
    assert look(zone, "x" * 63, "TXT").records == ("y" * 255,)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_records_of_a_file(over):
    text = "$TTL 60\n; a comment\n" + "a TXT x\n" * (MAX_RECORDS + over)
    if over <= 0:
        assert len(master_file.read(text)[0]) == MAX_RECORDS + over
        return
    with pytest.raises(UsageError, match=f"line {MAX_RECORDS + 3}: .*{MAX_RECORDS:,} records"):
        master_file.read(text)


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("text", ["a X {}", "a X (\n{}\n)\n"])
def test_words_of_a_record(text, over):
    whole = text.format("\n".join(["b"] * (MAX_WORDS - 2 + over)) if "(" in text else "b " * (MAX_WORDS - 2 + over))
    if over <= 0:
        assert len(master_file.read(whole)[0]) == 1
        return
    with pytest.raises(UsageError, match="too long"):
        master_file.read(whole)


@given(st.text(st.sampled_from('ab.\\"();@$ \t\n0259éATXIN*'), max_size=60) | st.text(max_size=60))
def test_any_text_is_a_zone_or_refused_in_words(text):
    try:
        zone = Zone.from_text(text)
    except UsageError:
        return
    assert look(zone, "a", "TXT").question == Question("a", "TXT")


@given(st.lists(st.binary(max_size=255), min_size=1, max_size=4))
def test_octets_of_a_txt_record_come_back(strings):
    written = " ".join('"' + "".join(f"\\{octet:03}" for octet in string) + '"' for string in strings)
    expected = b"".join(strings).decode("latin-1")
    assert look(Zone.from_text(f"a TXT {written}"), "a", "TXT").records == (expected,)
    assert look(Zone.from_dict({"a": [("TXT", strings)]}), "a", "TXT").records == (expected,)


def test_from_dict():
    zone = Zone.from_dict(
        {
            "Example.com.": [("TXT", "é"), ("MX", (10, "mx.example.com.")), ("MX", (0, ".")), ("A", TIMEOUT)],
            "mx.example.com": [("A", "192.0.2.1"), SERVFAIL],
        }
    )
    assert look(zone, "example.com", "TXT").records == ("Ã©",)
    assert look(zone, "example.com", "MX").records == ("10 mx.example.com", "0 .")
    assert look(zone, "example.com", "A").status == "timeout"
    assert look(zone, "mx.example.com", "A").status == "ok"
    assert look(zone, "mx.example.com", "AAAA").status == "servfail"


WORLD = Zone.from_dict(
    {
        "example.com": [("TXT", "v=spf1 -all"), ("A", "192.0.2.1")],
        "sel.example.com": [("CNAME", "key.provider.example")],
        "key.provider.example": [("TXT", "old key"), ("A", "192.0.2.3")],
        "only.example.com": [("CNAME", "missing.provider.example")],
    }
)


def over(*zones: str) -> Layers:
    return Layers((WORLD, *(Zone.from_text(zone) for zone in zones)))


def test_a_zone_over_another_source_speaks_only_for_what_it_holds():
    layers = over('example.com. TXT "v=spf1 ~all"\n')
    assert look(layers, "example.com", "TXT").records == ("v=spf1 ~all",)
    assert look(layers, "example.com", "A").records == ("192.0.2.1",)
    assert look(layers, "other.example.com", "TXT").status == "nxdomain"


def test_a_name_that_only_the_upper_zone_knows_exists():
    layers = over("_dmarc.new.example.com. TXT v=DMARC1\n*.wild.example. TXT w\n")
    assert look(layers, "new.example.com", "A").status == "nodata"
    assert look(layers, "x.wild.example", "TXT").records == ("w",)


def test_a_name_that_a_wildcard_of_the_upper_zone_covers_exists():
    layers = over("*.wild.example. TXT w\n")
    assert look(layers, "x.wild.example", "MX").status == "nodata"
    assert look(layers, "x.example", "MX").status == "nxdomain"


def test_a_cname_of_the_upper_zone_shadows_the_name():
    answer = look(over("example.com. CNAME sel.example.com.\n"), "example.com", "TXT")
    assert (answer.records, answer.chain) == (("old key",), ("sel.example.com", "key.provider.example"))


def test_a_cname_below_leads_back_to_the_top():
    layers = over("key.provider.example. TXT new\nmissing.provider.example. TXT found\n")
    assert look(layers, "sel.example.com", "TXT").records == ("new",)
    assert look(layers, "sel.example.com", "TXT").chain == ("key.provider.example",)
    assert look(layers, "only.example.com", "TXT").records == ("found",)
    assert look(layers, "sel.example.com", "A").records == ("192.0.2.3",)


def test_later_zones_lie_over_earlier_ones():
    assert look(over("a. TXT first\n", "a. TXT second\n"), "a", "TXT").records == ("second",)


def test_absent_hides_what_is_below():
    layers = over("; !absent example.com. TXT\n; !absent sel.example.com. CNAME\n; !timeout example.com. A\n")
    assert look(layers, "example.com", "TXT").status == "nodata"
    assert look(layers, "sel.example.com", "TXT").status == "nodata"
    assert look(layers, "example.com", "A").status == "timeout"
    assert look(over("; !absent example.com. *\n"), "example.com", "A").status == "nodata"


def test_a_loop_across_layers_is_servfail():
    layers = over("key.provider.example. CNAME sel.example.com.\n")
    assert look(layers, "sel.example.com", "TXT").status == "servfail"


def test_only_a_zone_lies_over_another_source():
    with pytest.raises(UsageError, match="only a zone file"):
        Layers((WORLD, over()))
