"""Values as DNS libraries and Route 53 write them, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.net.dns.rdata import dns_name, is_record_type, record, spelled, written
from todoku.net.writers.route53_text import name_of, value_of, written_value

OCTETS = st.text(st.characters(max_codepoint=0xFF), max_size=600)


class TestRoute53:
    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            ('"v=spf1 -all"', "v=spf1 -all"),
            ('"a" "b"', "ab"),
            ('"a b"   "c"', "a bc"),
            (r'"say \"hi\" \\ \073"', 'say "hi" \\ ;'),
            (r'"\303\251"', "\xc3\xa9"),
            ('"é"', "\xc3\xa9"),
            ('""', ""),
            ("bare", "bare"),
        ],
    )
    def test_text(self, raw, value):
        assert value_of("TXT", raw) == value

    @pytest.mark.parametrize(
        ("value", "raw"),
        [
            ("v=spf1 -all", '"v=spf1 -all"'),
            ('a"b\\c', r'"a\"b\\c"'),
            ("\xe3\x81\x82\x00", r'"\343\201\202\000"'),
            ("", '""'),
            ("x" * 256, f'"{"x" * 255}" "x"'),
            ("あ", None),
        ],
    )
    def test_text_as_it_is_told(self, value, raw):
        assert written_value("TXT", value) == raw

    @pytest.mark.parametrize(
        ("rdtype", "raw", "value"),
        [
            ("MX", "10   mx.example.com.", "10 mx.example.com"),
            ("MX", "0 .", "0 ."),
            ("CNAME", "a.example.com", "a.example.com"),
            ("CNAME", "A.example.com.", "A.example.com"),
            ("A", "192.0.2.1", "192.0.2.1"),
        ],
    )
    def test_other_types(self, rdtype, raw, value):
        assert value_of(rdtype, raw) == value
        assert value_of(rdtype, written_value(rdtype, value)) == value

    @pytest.mark.parametrize(
        ("raw", "name"), [(r"\052.Example.com.", "*.example.com"), ("_dmarc.a.com", "_dmarc.a.com")]
    )
    def test_name(self, raw, name):
        assert name_of(raw) == name

    @given(OCTETS)
    def test_there_and_back(self, value):
        raw = written_value("TXT", value)
        assert raw.isascii()
        assert raw.isprintable()
        assert value_of("TXT", raw) == value

    @given(st.text(max_size=100), st.sampled_from(["TXT", "MX", "CNAME"]))
    def test_nothing_raises(self, raw, rdtype):
        assert isinstance(value_of(rdtype, raw), str)


class TestRdata:
    @given(OCTETS)
    def test_there_and_back(self, value):
        made = record("TXT", value)
        assert all(len(string) <= 255 for string in made.strings)
        assert written(made) == value

    @given(st.text(max_size=60), st.sampled_from(["TXT", "MX", "CNAME", "A", "AAAA", "CAA", "NOSUCH"]))
    def test_nothing_raises(self, value, rdtype):
        made = record(rdtype, value)
        assert made is None or written(made) is not None

    @pytest.mark.parametrize(
        ("rdtype", "fine"),
        [("TXT", True), ("TYPE65280", True), ("ANY", False), ("AXFR", False), ("OPT", False), ("あ", False)],
    )
    def test_type(self, rdtype, fine):
        assert is_record_type(rdtype) is fine

    @pytest.mark.parametrize("name", ["example.com", "_dmarc.example.com", "*.example.com", "a-b.1.example.com"])
    def test_name(self, name):
        assert spelled(dns_name(name.upper())) == name
