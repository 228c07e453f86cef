"""Authentication-Results read to a person: each receiver's dialect, both languages, and nothing of a stranger's that harms."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.net.suffix_list import bundled_suffixes
from todoku.report.results_explained import Explained, explain_results, results_field

OUTLOOK = (
    "spf=pass (sender IP is 23.251.234.4) smtp.mailfrom=ap-northeast-1.amazonses.com; dkim=pass (signature was verified) "
    "header.d=amazonses.com;dmarc=fail action=none header.from=sample-kuriyama.com;compauth=fail reason=001"
)


def explained(*lines: str) -> Explained:
    fields = [results_field(line) for line in lines]
    return explain_results([field for field in fields if field is not None], bundled_suffixes())


def english(found: Explained) -> str:
    return "\n".join(found.lines("en", 1_000))


def outcomes(found: Explained) -> list[tuple[str, str]]:
    return [(one.written.partition("=")[0], one.outcome) for one in found.results]


def test_the_line_of_the_articles_message() -> None:
    found = explained(f"Authentication-Results: {OUTLOOK}")
    assert outcomes(found) == [("spf", "good"), ("dkim", "good"), ("dmarc", "bad"), ("compauth", "bad")]
    text = english(found)
    for said in (
        "as Outlook.com writes it: without an authserv-id",
        "SPF passes: ap-northeast-1.amazonses.com allows 23.251.234.4.",
        "It is not aligned with From (sample-kuriyama.com): it is Amazon SES's own domain",
        "A signature of amazonses.com verifies.",
        "DMARC fails for sample-kuriyama.com",
        "asks for nothing (p=none)",
        "(reason 001)",
        "Postmaster Tools shows no data for sample-kuriyama.com",
        "“todoku check sample-kuriyama.com” prints the records.",
        "Anyone can write such a line",
    ):
        assert said in text
    japanese = "\n".join(found.lines("ja", 1_000))
    for said in ("アライメントが取れていません", "DMARCは失敗しています", "理由コード 001", "Postmaster Tools"):
        assert said in japanese
    assert found.failed


@pytest.mark.parametrize(
    ("line", "who", "expected"),
    [
        ("mx.google.com; dkim=pass header.i=@example.com; spf=pass smtp.mailfrom=a@mail.example.com; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.com", "Gmail (mx.google.com)", "ggg"),
        ("atlas101.aol.mail.bf1.yahoo.com; dkim=unknown; spf=none smtp.mailfrom=example.com; dmarc=unknown header.from=example.com", "Yahoo", "ubu"),
        ("atlas122.free.mail.gq1.yahoo.com; dkim=dkim_pass header.i=@example.com; spf=pass smtp.mailfrom=example.com; dmarc=success(p=REJECT) header.from=example.com;", "Yahoo", "ggg"),
        ("dmarc.icloud.com; dmarc=pass header.from=gmail.com", "iCloud (dmarc.icloud.com)", "g"),
        ("mx1.messagingengine.com; x-csa=none; bimi=skipped (DMARC Policy is not at enforcement); arc=none (no signatures found); dkim=pass (2048-bit rsa key sha256) header.d=example.com; iprev=pass smtp.remote-ip=192.0.2.1", "Fastmail", "---g-"),
        ('smtp.example.org; dkim=pass (1024-bit key) header.d=example.net; dkim=fail reason="signature verification failed" header.d=amazonses.com', "smtp.example.org", "g-"),
        ("spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=gmail.com; example.com; dkim=pass (signature was verified) header.d=gmail.com;example.com; dmarc=pass action=none header.from=gmail.com;compauth=pass reason=100", "Outlook.com", "bggg"),
        ("mx19; spf=pass smtp.mail=0101016ffeb63bb7-a63b\r\n\t8f9e-0a1b-000000@us-west-2.amazonses.com; dkim=\r\n\tpass header.i=@amazonses.com", "mx19", "gg"),
        ("amazonses.com; spf=pass (spfCheck: domain of example.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1; envelope-from=a@example.com; dkim=pass header.i=@example.com", "Amazon SES", "gg"),
        ("mx.example; spf=fail smtp.mailfrom=example.com; dkim=neutral (no key) header.d=example.com; dmarc=permerror header.from=example.com", "mx.example", "bbb"),
        ("mx.example; spf=temperror smtp.mailfrom=example.com; dkim=temperror header.d=example.com; dmarc=temperror header.from=example.com", "mx.example", "uuu"),
        ("mx.example; spf=pass (google.com: best guess record for domain of a@example.com) smtp.mailfrom=a@example.com", "mx.example", "b"),
        ("mx.example; dkim=none; dmarc=bestguesspass header.from=example.com", "mx.example", "bb"),
    ],
)  # fmt: skip
def test_every_dialect(line: str, who: str, expected: str) -> None:
    found = explained(line)
    assert who in found.heading.en
    short = {"good": "g", "bad": "b", "undecided": "u", "beside": "-"}
    assert "".join(short[one.outcome] for one in found.results) == expected
    assert all(text.en and text.ja for one in found.results for text in one.means)
    assert found.failed == ("b" in expected)


def test_the_fields_of_icloud_are_read_together() -> None:
    found = explained(
        "Authentication-Results: dmarc.icloud.com; dmarc=fail header.from=example.com",
        "Authentication-Results: dkim-verifier.icloud.com; dkim=pass header.d=amazonses.com header.b=HYnahEVt",
        "Authentication-Results: spf.icloud.com; spf=pass smtp.mailfrom=a@amazonses.com",
    )
    assert "It is not aligned with From (example.com)" in english(found)


@pytest.mark.parametrize(
    ("properties", "relation"),
    [
        ("header.d=example.com", "the same domain"),
        ("header.i=@mail.example.com", "in relaxed mode"),
        ("header.d=example.org", "another organization's domain"),
        ("header.d=amazonses.com", "Amazon SES's own domain"),
    ],
)
def test_a_domain_beside_from(properties: str, relation: str) -> None:
    assert relation in english(explained(f"mx; dkim=pass {properties}; dmarc=fail header.from=example.com"))


def test_a_domain_beside_no_from() -> None:
    assert "aligned" not in english(explained("mx; dkim=pass header.d=example.com")).partition("\n\nAnyone")[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("000", "asks by DMARC for quarantine or reject"),
        ("001", "possible forgery"),
        ("002", "does not let this sender"),
        ("010", "came from outside"),
        ("601", "came from outside"),
        ("100", "taken for authentic."),
        ("130", "ARC seal"),
        ("201", "little confidence"),
        ("451", "not checked"),
        ("905", "not checked"),
        ("555", "(reason 555)."),
    ],
)
def test_reasons_of_composite_authentication(code: str, said: str) -> None:
    line = (
        f"spf=pass smtp.mailfrom=example.com; dmarc=none action=none header.from=example.com;compauth=x reason={code}"
    )
    assert said in english(explained(line))


@pytest.mark.parametrize(
    ("dmarc", "said"),
    [
        ("dmarc=fail action=quarantine header.from=example.com", "did what the DMARC policy asks for"),
        ("dmarc=fail action=oreject header.from=example.com", "milder than the policy"),
        ("dmarc=none action=none header.from=example.com", "has no DMARC record"),
    ],
)
def test_what_was_done(dmarc: str, said: str) -> None:
    assert said in english(
        explained(f"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=other.example; dkim=none; {dmarc}")
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Received-SPF: Pass (protection.outlook.com: domain of mail.example.com designates 192.0.2.1 as permitted sender) receiver=protection.outlook.com; client-ip=192.0.2.1; helo=x.example; pr=C", "SPF passes: mail.example.com allows 192.0.2.1."),
        ("received-spf: softfail (google.com: x) client-ip=192.0.2.1; envelope-from=a@example.com;", "SPF gives softfail: example.com does not list 192.0.2.1"),
        ("ARC-Authentication-Results: i=2; mx.google.com; dkim=pass header.d=example.com", "as number 2 of the ARC chain"),
    ],
)  # fmt: skip
def test_other_fields(line: str, said: str) -> None:
    assert said in english(explained(line))


@pytest.mark.parametrize(
    "text",
    [
        "550-5.7.26 This mail is unauthenticated; dmarc=fail",
        "550 5.7.515 Access denied, sending domain example.com does not pass: Spf= Pass , Dkim= Fail , DMARC= Fail",
        "dmarc-alignment",
        "hello; world",
        "",
        "Subject: spf=pass",
    ],
)
def test_what_is_no_line_of_results(text: str) -> None:
    assert results_field(text) is None


@given(
    st.text(max_size=200),
    st.sampled_from(["", "Authentication-Results: ", "Received-SPF: ", "mx; dkim=pass header.d="]),
)
def test_whatever_is_pasted_is_harmless(text: str, before: str) -> None:
    field = results_field(before + text)
    if field is not None:
        for line in explain_results((field,), bundled_suffixes()).lines("en", 60):
            assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cs") or one in "\u202e\u2066\u200f"]


def test_a_line_of_many_results_is_bounded() -> None:
    assert len(explained("mx; " + "dkim=pass header.d=a.example; " * 5_000).results) == 40
