"""What a receiver wrote of DMARC beside what follows from its own words: in every form that receivers really write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.dmarc import DmarcResult, ReceiverDmarc, evaluate, receiver_dmarc
from todoku.mail.authres import parse_authentication_results
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run
from todoku.net.suffix_list import bundled_suffixes

SUFFIXES = bundled_suffixes()
PATH = "0101016f-000000@us-west-2.amazonses.com"
GMAIL = (
    "mx.google.com; dkim=pass header.i=@amazonses.com header.s=s header.b=FxxfSHRK; spf=pass (google.com: domain of "
)
OUTLOOK = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=pass (signature was verified) header.d=example.com;"


def said(*values: str, author: str = "", found: DmarcResult | None = None) -> ReceiverDmarc:
    fields = [parse_authentication_results(value) for value in values]
    result = receiver_dmarc(fields, author, SUFFIXES, found=found)
    assert result is not None
    return result


AGREES = {
    "Gmail, SES as it comes": (
        GMAIL + f"{PATH} designates 192.0.2.1 as permitted sender) smtp.mailfrom={PATH}; "
        "dmarc=fail (p=NONE sp=QUARANTINE dis=NONE) header.from=gmail.com",
        "fail",
    ),
    "Gmail, a quoted local part": (
        (
            'i=3; gmr-mx.google.com; dkim=fail header.i=@other.example; spf=pass (ok) smtp.mailfrom="prvs=31=name@example.com"; '
            "dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com"
        ),
        "pass",
    ),
    "Gmail, i= of a subdomain": (
        "mx.google.com; dkim=pass header.i=@mail.example.com; spf=none smtp.mailfrom=a@example.net; dmarc=pass header.from=example.com",
        "pass",
    ),
    "Outlook, domains of recipients": (
        (
            "spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=gmail.com; example.com; dkim=pass (signature was verified) "
            "header.d=gmail.com;example.com; dmarc=pass action=none header.from=gmail.com;compauth=pass reason=100"
        ),
        "pass",
    ),
    "Outlook, nothing authenticated": (
        (
            "spf=none smtp.mailfrom=example.net; dkim=none (message not signed) header.d=none;dmarc=fail action=none "
            "header.from=example.com;compauth=fail reason=001"
        ),
        "fail",
    ),
    "Yahoo": (
        (
            "atlas101.aol.mail.bf1.yahoo.com; dkim=pass header.i=@icloud.com header.s=1a1hai; spf=pass smtp.mailfrom=icloud.com; "
            "dmarc=pass(p=QUARANTINE,sp=QUARANTINE) header.from=icloud.com;"
        ),
        "pass",
    ),
    "no signature is not written": (
        "mx.google.com; spf=fail smtp.mailfrom=a@example.com; dmarc=fail header.from=example.com",
        "fail",
    ),
    "an HELO identity beside MAIL FROM": (
        "mx.example.net; spf=pass smtp.helo=example.com; spf=fail smtp.mailfrom=a@example.com; dkim=none; dmarc=fail header.from=example.com",
        "fail",
    ),
    "an empty MAIL FROM": (
        'mx.example.net; spf=pass smtp.mailfrom="" smtp.helo=mail.example.com; dkim=none; dmarc=pass header.from=example.com',
        "pass",
    ),
    "one public suffix, two organizations": (
        "mx.example.net; spf=pass smtp.mailfrom=a@two.co.jp; dkim=none; dmarc=fail header.from=one.co.jp",
        "fail",
    ),
    "U-labels": (
        "mx.example.net; spf=none; dkim=pass header.d=bücher.example; dmarc=pass header.from=xn--bcher-kva.example",
        "pass",
    ),
    "the author of the message": (
        "lists.example.org; spf=pass smtp.mfrom=a@example.com; dkim=none; dmarc=pass",
        "pass",
    ),
}


@pytest.mark.parametrize("name", AGREES)
def test_what_follows_from_its_words(name: str) -> None:
    value, result = AGREES[name]
    found = said(value, author="example.com")
    assert (found.written, found.follows, found.difference, found.agrees) == (result, result, "", True)


def test_a_field_for_each_method() -> None:
    found = said(
        'bimi.icloud.com; bimi=skipped reason="insufficient dmarc"',
        "dmarc.icloud.com; dmarc=pass header.from=gmail.com",
        "dkim-verifier.icloud.com; dkim=pass (2048-bit key) header.d=gmail.com header.i=@gmail.com header.b=HYnahEVt",
        "spf.icloud.com; spf=pass smtp.mailfrom=a@gmail.com",
    )
    assert (found.follows, found.agrees, found.aligned) == ("pass", True, ("gmail.com",))


def test_of_two_looks_the_topmost_that_tells_all() -> None:
    first = "mx.example.net; spf=fail smtp.mailfrom=a@example.com; dkim=none; dmarc=fail header.from=example.com"
    second = first.replace("fail", "pass")
    assert said(first, second).written == "fail"
    assert said("mx.example.net; iprev=pass", second, first).written == "pass"


DIFFERS = {
    "no-result": "mx.google.com; dkim=pass header.i=@example.com; spf=pass smtp.mailfrom=a@example.com",
    "no-record": OUTLOOK + "dmarc=none action=none header.from=example.com",
    "best-guess": OUTLOOK + "dmarc=bestguesspass action=none header.from=example.com;compauth=pass reason=109",
    "temperror": "spf=temperror smtp.mailfrom=example.com; dkim=none; dmarc=temperror action=none header.from=example.com",
    "permerror": OUTLOOK + "dmarc=fail action=permerror header.from=example.com",
    "undetermined": "atlas1.yahoo.com; dkim=unknown; spf=softfail smtp.mailfrom=example.com; dmarc=unknown header.from=example.com",
    "arc": "mx.google.com; dkim=fail header.d=example.com; arc=pass (i=1); spf=pass smtp.mailfrom=lists.example.net; dmarc=pass header.from=example.com",
    "local-policy": "mx.example.net; dkim=none; spf=pass smtp.mailfrom=a@example.com; dmarc=fail "
    "policy.override-reason=mailing_list (p=reject,d=none,override=local_policy) header.from=example.com",
    "strict": "mx.example.net; dkim=none; spf=pass smtp.mailfrom=a@mail.example.com; dmarc=fail header.from=example.com",
    "best-guess-spf": "mx.google.com; spf=pass (google.com: best guess record for domain of a@example.com designates 192.0.2.1 as "
    "permitted sender) smtp.mailfrom=a@example.com; dmarc=fail header.from=example.com",
    "boundary": "mx.example.net; dkim=none; spf=pass smtp.mailfrom=a@two.co.jp; dmarc=pass header.from=one.co.jp",
    "unexplained": OUTLOOK + "dmarc=fail action=none header.from=example.com",
}  # fmt: skip


@pytest.mark.parametrize("difference", DIFFERS)
def test_a_difference_is_named(difference: str) -> None:
    found = said(DIFFERS[difference], author="example.com")
    assert (found.difference, found.agrees) == (difference, False)


@pytest.mark.parametrize(
    "value",
    [
        "mx.example.net; dmarc=fail (p=none dis=none) header.from=example.com",  # its methods stand elsewhere
        "mx.example.net; dkim=pass; spf=none; dmarc=pass header.from=example.com",  # whose signature?
        "mx.example.net; spf=pass smtp.mailfrom=; dkim=fail; dmarc=fail header.from=example.com",
        "mx.example.net; spf=pass smtp.mailfrom=a@example.com; dkim=none; dmarc=pass",  # whose From?
        "mx.example.net; spf=temperror smtp.mailfrom=a@example.com; dkim=none; dmarc=fail header.from=example.com",
        "mx.example.net; spf=pass smtp.mailfrom=a@example.net; dmarc=pass header.from=example.com",  # DKIM elsewhere
    ],
)
def test_too_little_to_compare(value: str) -> None:
    assert said(value).difference == "not-comparable"


def test_a_temperror_of_a_stranger_hides_nothing() -> None:
    value = "mx.example.net; spf=temperror smtp.mailfrom=a@example.net; dkim=none; dmarc=fail header.from=example.com"
    assert said(value).agrees


@pytest.mark.parametrize(
    "sign",
    ["; compauth=pass reason=130", " arc_overridden_status=OVERRIDDEN", " policy.arc-aware-result=pass"],
)
def test_ways_to_say_that_arc_was_believed(sign: str) -> None:
    value = "mx.example.net; dkim=fail header.d=example.com; spf=fail smtp.mailfrom=a@example.com; dmarc=pass header.from=example.com"
    assert said(value + sign).difference == "arc"
    assert said(value).difference == "unexplained"


def looked_up(record: str) -> DmarcResult:
    zone = Zone.from_dict({"_dmarc.example.com": [("TXT", record)]})
    return run(evaluate("example.com", spf=None, dkim=(), suffixes=SUFFIXES), zone)


def test_a_strict_record_makes_it_follow() -> None:
    value = "mx.example.net; dkim=none; spf=pass smtp.mailfrom=a@mail.example.com; dmarc=fail header.from=example.com"
    assert said(value, found=looked_up("v=DMARC1; p=none; aspf=s")).agrees
    assert said(value, found=looked_up("v=DMARC1; p=none; adkim=s")).difference == "strict"
    passed = said(value.replace("dmarc=fail", "dmarc=pass"), found=looked_up("v=DMARC1; p=none; aspf=s"))
    assert (passed.follows, passed.difference) == ("fail", "strict")  # the record was relaxed that day


def test_the_tree_walk_counts_too() -> None:
    zone = Zone.from_dict({"_dmarc.co.jp": [("TXT", "v=DMARC1; p=none; psd=n")]})
    found = run(evaluate("one.co.jp", spf=None, dkim=(), suffixes=SUFFIXES), zone)
    assert found.organizational_domain == "co.jp"
    assert said(DIFFERS["boundary"], found=found).agrees
    elsewhere = "mx.example.net; spf=pass smtp.mailfrom=a@two.example; dkim=none; dmarc=fail header.from=one.co.jp"
    assert said(elsewhere, found=found).agrees


FAILED = "mx.example.net; spf=fail smtp.mailfrom=a@example.com; dkim=none; dmarc=fail %s header.from=%s"


@pytest.mark.parametrize(
    ("told", "author", "handling"),
    [
        ("(p=NONE sp=NONE dis=NONE)", "example.com", None),
        ("(p=REJECT sp=REJECT dis=NONE)", "example.com", "eased"),
        ("(p=REJECT sp=REJECT dis=QUARANTINE)", "example.com", "eased"),
        ("(p=QUARANTINE sp=NONE dis=QUARANTINE)", "example.com", "applied"),
        ("(p=REJECT sp=NONE dis=NONE)", "example.com", "eased"),
        ("(p=REJECT sp=NONE dis=NONE)", "mail.example.com", None),  # sp may be what applies
        ("(p=REJECT,sp=REJECT,dis=REJECT)", "example.com", "applied"),
        ("(policy=reject)", "example.com", None),
        ("policy.dmarc=reject", "example.com", None),
        ("action=none", "example.com", None),
        ("action=oreject", "example.com", "eased"),
        ("action=o.reject", "example.com", "eased"),
        ("action=quarantine", "example.com", "applied"),
        ("action=pct.quarantine", "example.com", "sampled"),
        ("action=pct.reject", "example.com", "sampled"),
        ("(p=reject sp=reject pct=100) action=oreject", "example.com", "eased"),
        ("policy.published-domain-policy=reject policy.applied-disposition=none", "example.com", "eased"),
    ],
)
def test_what_it_did(told: str, author: str, handling: str | None) -> None:
    found = said(FAILED % (told, author))
    assert (found.difference, found.handling) == ("", handling)


def test_a_pass_was_not_eased() -> None:
    assert (
        said(
            "mx; spf=pass smtp.mailfrom=a@example.com; dmarc=pass (p=REJECT dis=NONE) header.from=example.com"
        ).handling
        is None
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("000", "failed"), ("001", "implicit"), ("002", "blocked"), ("010", "spoof"), ("100", "passed"), ("109", "passed"),
        ("130", "arc"), ("201", "soft-pass"), ("3xx", "unchecked"), ("451", "unchecked"), ("601", "spoof"), ("703", "passed"),
        ("905", "unchecked"), ("501", None), ("", None),
    ],
)  # fmt: skip
def test_composite_authentication(code: str, kind: str | None) -> None:
    found = said(OUTLOOK + f"dmarc=pass action=none header.from=example.com;compauth=pass reason={code}")
    assert (found.compauth, found.compauth_reason) == (kind, code)


def test_a_senders_words_in_a_comment_align_nothing() -> None:
    value = 'mx.google.com; spf=fail (domain of "smtp.mailfrom=example.com; dkim=pass header.d=example.com"@evil.example) smtp.mailfrom=evil.example; dkim=none; dmarc=fail header.from=example.com'
    assert (said(value).agrees, said(value).aligned) == (True, ())


def test_silence() -> None:
    assert receiver_dmarc([], "example.com", SUFFIXES) is None
    assert receiver_dmarc([parse_authentication_results("mx; iprev=pass")], "example.com", SUFFIXES) is None


WORDS = st.sampled_from(
    [
        "spf=pass",
        "spf=temperror",
        "dkim=pass",
        "dkim=none",
        "dmarc=pass",
        "dmarc=fail",
        "dmarc=x",
        "arc=pass",
        "compauth=pass",
        "reason=130",
        "header.d=example.com",
        "header.i=@a.example",
        "header.from=example.com",
        "smtp.mailfrom=",
        "smtp.mailfrom=a@b.co.jp",
        "smtp.helo=.",
        "action=oreject",
        "action=temperror",
        "(p=REJECT",
        "header.from=@",
        "header.d=\x00",
        "policy.dmarc=none",
        ";",
        ";",
        ";",
        "(",
        ")",
        '"',
    ]
)


@given(st.lists(WORDS, max_size=30).map(" ".join), st.sampled_from(["", "example.com", "co.jp"]))
def test_it_never_raises_and_never_leaves_a_difference_unnamed(value: str, author: str) -> None:
    found = receiver_dmarc([parse_authentication_results(value)], author, SUFFIXES)
    if found is not None:
        assert found.agrees == (found.written == found.follows)
