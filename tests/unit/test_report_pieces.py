"""The small parts of reports that a reader pastes, counts on, or could be fooled by."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import todoku
from todoku.cli.exit_codes import exit_code, worst
from todoku.mail.authres import MethodResult
from todoku.report import json, show
from todoku.report.authentication import _same_signature
from todoku.report.changes import quoted
from todoku.report.columns import cell_len, cut
from todoku.report.markup import block, code
from todoku.report.render_options import Format
from todoku.report.words import Language, say
from todoku.words.verdict import Verdict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 510, 511])
def test_a_txt_value_is_pasted_as_strings_that_dns_can_hold(length: int) -> None:
    strings = re.findall(r'"([^"]*)"', quoted("x" * length))
    assert "".join(strings) == "x" * length
    assert all(len(string) <= 255 for string in strings)  # RFC 1035 3.3
    assert len(strings) == max(1, -(-length // 255))


def test_quotes_and_backslashes_of_a_txt_value_are_escaped() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


@pytest.mark.parametrize("text", ["```", "a ```` b", "plain", "~~~"])
def test_a_strangers_fence_does_not_end_a_code_block(text: str) -> None:
    first, *inside, last = block([text])
    assert inside == [text]
    assert first == last
    assert len(first) > max((len(run) for run in re.findall("`+", text)), default=0)
    assert set(first) == {"`"}


@pytest.mark.parametrize("text", ["`", "a``b", "plain"])
def test_a_strangers_backtick_does_not_end_inline_code(text: str) -> None:
    fence = re.match("`+", code(text))
    assert fence is not None
    assert fence.group() not in text


@pytest.mark.parametrize("width", range(4, 12))
@pytest.mark.parametrize("text", ["abcdefghijkl", "日本語のテキスト", "a日b本c語d"])
def test_what_is_cut_fits(text: str, width: int) -> None:
    shown = cut(text, width)
    assert cell_len(shown) <= width
    if cell_len(text) > width:
        assert shown.endswith("...")
        assert cell_len(shown) >= width - 1  # a wide character may leave one cell
    else:
        assert shown == text


@pytest.mark.parametrize(
    ("properties", "same"),
    [
        ({"header.b": "AbCd"}, True),
        ({"header.b": "AbCX"}, False),
        ({"header.b": "AbCX", "header.d": "example.com"}, False),
        ({"header.d": "Example.com"}, True),
        ({"header.d": "example.org"}, False),
        ({"header.i": "@example.com"}, True),
        ({"header.i": "user@mail.example.com"}, False),
        ({}, False),
    ],
)
def test_a_receivers_word_is_put_beside_the_signature_it_is_about(properties: dict[str, str], same: bool) -> None:
    said = MethodResult(method="dkim", result="pass", properties=properties)
    assert _same_signature(said, "example.com", "AbCdEfGhIj") == same


@pytest.mark.parametrize(("codes", "code"), [([0], 0), ([0, 3], 3), ([3, 1], 1), ([1, 3, 0], 1), ([0, 0], 0)])
def test_a_finding_is_surer_than_what_could_not_be_looked_at(codes: list[int], code: int) -> None:
    assert worst(codes) == code


def verdict(result: str, missing: str | None = None) -> Verdict:
    raw = b"From: a@example.com\r\nReceived: from x\r\n\r\nbody\r\n"
    first = todoku.check(raw, resolver=todoku.Zone.from_text(""), now=NOW).verdicts[0]
    fields = {name: getattr(first, name) for name in first.__struct_fields__}
    return Verdict(**{**fields, "result": result, "missing": missing})


@pytest.mark.parametrize(
    ("results", "fail_on", "code"),
    [
        ([("pass", None)], "fail", 0),
        ([("warn", None)], "fail", 0),
        ([("warn", None)], "warn", 1),
        ([("unknown", "not-asked")], "unknown", 0),
        ([("unknown", "could-not-look")], "fail", 3),
        ([("unknown", "could-not-look")], "warn", 3),
        ([("unknown", "could-not-look")], "unknown", 1),
        ([("fail", None), ("unknown", "could-not-look")], "fail", 1),
        ([("fail", None), ("unknown", "could-not-look")], "never", 0),
    ],
)
def test_exit_codes(results: list[tuple[str, str | None]], fail_on, code: int) -> None:
    assert exit_code([verdict(*one) for one in results], fail_on) == code


def dkim_part(record: str) -> tuple[list[object], object]:
    """What JSON says of alignment for the example that is set up in full, with other DNS laid over its own."""
    examples = Path(__file__).parents[2] / "examples"
    base = todoku.Zone.from_text((examples / "dns.zone").read_text(encoding="utf-8"))
    over = todoku.Layers((base, todoku.Zone.from_text(record)))
    raw = (examples / "fully-set-up.eml").read_bytes()
    part = json.document(todoku.check(raw, resolver=over, now=NOW)).authentication
    assert part.dkim is not None
    assert part.spf is not None
    return [one.aligned for one in part.dkim], part.spf.aligned


@pytest.mark.parametrize(
    ("record", "dkim", "spf"),
    [
        ("", [True, False], True),
        ("; !timeout _dmarc.sample-kuriyama.com TXT", [None, None], None),
        ("; !timeout k4tq2vjw7mzr5hxn3ybd6pfs2clg7uea.dkim.amazonses.com TXT", [None, False], True),
        ("; !timeout k4tq2vjw7mzr5hxn3ybd6pfs2clg7uea._domainkey.sample-kuriyama.com TXT", [None, False], True),
        ("; !absent k4tq2vjw7mzr5hxn3ybd6pfs2clg7uea._domainkey.sample-kuriyama.com *", [False, False], True),
        ("; !timeout mail.sample-kuriyama.com TXT", [True, False], None),
    ],
)
def test_alignment_is_null_where_dns_did_not_let_us_know(record: str, dkim: list[object], spf: object) -> None:
    assert dkim_part(record) == (dkim, spf)


def test_the_age_in_json_is_in_thousandths_of_a_day() -> None:
    hop = b"Received: from a ([192.0.2.1]) by mx.google.com with ESMTPS id b; Mon, 23 Nov 2026 03:59:00 +0000\r\n"
    raw = hop + b"From: a@example.com\r\n\r\nbody\r\n"
    report = todoku.check(raw, resolver=todoku.Zone.from_text(""), now=NOW)
    assert json.document(report).subject.age_days == 1.334  # a day, eight hours and a minute


def ses_default() -> todoku.Report:
    examples = Path(__file__).parents[2] / "examples"
    zone = todoku.Zone.from_text((examples / "dns.zone").read_text(encoding="utf-8"))
    return todoku.check((examples / "ses-default.eml").read_bytes(), resolver=zone, now=NOW)


def test_a_verdict_in_json_tells_what_follows() -> None:
    parts = {(one.requirement, one.receiver): one for one in json.document(ses_default()).verdicts}
    gmail = parts["dmarc-alignment", "gmail"].consequence
    assert (gmail.kind, gmail.certain) == ("reject", "own-text")
    assert "421 4.7.32" in gmail.codes
    assert all(code in gmail.text.en and code in gmail.text.ja for code in gmail.codes)
    assert gmail.source == "https://support.google.com/a/answer/14229414"
    assert parts["arc", "yahoo"].consequence.kind == "advice"


def test_json_tells_what_no_page_of_aws_says() -> None:
    told = {name: part.ses_default for name, part in json.document(ses_default()).requirements.items()}
    assert {name for name, one in told.items() if not one.documented} == {"arc", "reverse-dns"}
    assert all(one.source.startswith("https://") == one.documented for one in told.values())


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_form_tells_what_follows_and_who_says_what_ses_does(form: Format, language: Language) -> None:
    drawn = show.render([ses_default()], form, language)
    (wanted,) = {
        one.clause.consequence.text
        for one in ses_default().verdicts
        if (one.requirement, one.receiver) == ("dmarc-alignment", "outlook")
    }
    joined = re.sub(r"\s+", "", html.unescape(drawn).replace("\\", ""))
    assert re.sub(r"\s+", "", say(wanted, language)) in joined
    for page in ("send-email-authentication-dmarc.html", "sending-email-suppression-list.html"):
        assert page in drawn


@pytest.mark.parametrize("name", ["ses-default", "fully-set-up", "forwarded"])
def test_the_examples_are_signed_as_mail_of_ses_is(name: str) -> None:
    examples = Path(__file__).parents[2] / "examples"
    zone = todoku.Zone.from_text((examples / "dns.zone").read_text(encoding="utf-8"))
    report = todoku.check((examples / f"{name}.eml").read_bytes(), resolver=zone, now=NOW)
    signatures = json.document(report).authentication.dkim
    assert signatures is not None
    (own,) = [one for one in signatures if one.domain == "amazonses.com"]
    assert (own.result, own.key_bits) == ("pass", 1024)
    assert re.fullmatch("[a-z2-7]{32}", own.selector)


def test_what_is_in_doubt_is_not_told_as_what_follows() -> None:
    shown = show.render([ses_default()], "text", "en")
    failure = shown[shown.index("FAIL  DMARC alignment") : shown.index("\nwarn  ")]
    doubt = shown[shown.index("\nwarn  One-click unsubscribe") :]
    assert "\n  Gmail may reject this (421 4.7.32" in failure
    assert "If not met" not in failure
    assert "\n  If not met: Gmail may file this as spam" in doubt  # the hardest of two that the same cause has
