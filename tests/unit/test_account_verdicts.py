"""Verdicts on an account whatever SES and DNS say, and which identities are read for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import todoku
from test_cases import BASE_CALLS, NOW, Calls, base_zone
from todoku.account.read import AccountReading, Wanted, read
from todoku.account.sending import read_configuration_set
from todoku.auth.ask import Call
from todoku.evidence.account import AccountEvidence, compared_by_region, gather_account
from todoku.judging.account_report import AccountReport, report_account
from todoku.net.drivers import Layers, Source, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT
from todoku.words.change import SesCall
from todoku.words.verdict import Terms, sentence

REGION = "ap-northeast-1"
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
STATUSES = ("PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED")
ZONES = {
    "right": "",
    "gone": f"; !absent {TOKEN}._domainkey.example.com CNAME\n; !absent {TOKEN}._domainkey.example.com TXT\n"
    "; !absent mail.example.com MX\n; !absent mail.example.com TXT",
    "silent": f"; !timeout {TOKEN}._domainkey.example.com CNAME\n; !timeout {TOKEN}._domainkey.example.com TXT\n"
    "; !timeout mail.example.com MX\n; !timeout mail.example.com TXT",
}


def identity(name: str, region: str = REGION, **value: Any) -> dict[str, Any]:
    kind = "EMAIL_ADDRESS" if "@" in name else "DOMAIN"
    said = {"IdentityType": kind, "VerifiedForSendingStatus": True, "VerificationStatus": "SUCCESS", **value}
    return {"operation": "GetEmailIdentity", "region": region, "parameters": {"EmailIdentity": name}, "value": said}


class Counted(Calls):
    """A source that remembers what it was asked."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        super().__init__(entries)
        self.asked: list[Call] = []

    def replies(self, calls: Any) -> Any:
        self.asked += calls
        return super().replies(calls)


def gathered(api: Calls, zone: Source, **wanted: Any) -> AccountEvidence:
    asked = Wanted(**{"profile": "", "region": REGION, **wanted})
    return run_look(gather_account(asked, now=NOW, suffixes=bundled_suffixes()), zone, api)


def reading(api: Calls, **wanted: Any) -> AccountReading:
    return run_look(read(Wanted(profile="", region=REGION, **wanted)), base_zone(), api)


def judged(api: Calls, zone: Source) -> AccountReport:
    terms = Terms(as_of=NOW.date(), receivers=ASKED_BY_DEFAULT)
    return report_account(gathered(api, zone), terms, name=f"ses:{REGION}", at=NOW)


@st.composite
def settings_of_an_identity(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(["example.com", "info@example.com", "news.example.com", "info@gmail.com"]))
    tokens = draw(st.sampled_from([[TOKEN], ["other"], []]))
    origin = draw(st.sampled_from(["AWS_SES", "EXTERNAL", "AWS_SES_US_EAST_1"]))
    verified = draw(st.booleans())
    dkim = {
        "SigningEnabled": draw(st.booleans()),
        "Status": draw(st.sampled_from(STATUSES)),
        "Tokens": tokens,
        "SigningHostedZone": draw(st.sampled_from(["dkim.amazonses.com", "dkim.af-south-1.amazonses.com", ""])),
        "SigningAttributesOrigin": origin,
        "CurrentSigningKeyLength": draw(st.sampled_from(["RSA_1024_BIT", "RSA_2048_BIT", None])),
    }
    mail_from: dict[str, Any] = {}
    if draw(st.booleans()):
        behavior = draw(st.sampled_from(["USE_DEFAULT_VALUE", "REJECT_MESSAGE"]))
        mail_from = {
            "MailFromDomain": "mail.example.com",
            "MailFromDomainStatus": draw(st.sampled_from(STATUSES)),
            "BehaviorOnMxFailure": behavior,
        }
    error = draw(st.sampled_from(["", "HOST_NOT_FOUND", "REPLICATION_ACCESS_DENIED"]))
    return identity(
        name,
        VerifiedForSendingStatus=verified,
        VerificationStatus=draw(st.sampled_from(STATUSES)),
        DkimAttributes=dkim,
        MailFromAttributes=mail_from,
        VerificationInfo={"ErrorType": error},
    )


@settings(max_examples=150)
@given(st.lists(settings_of_an_identity(), min_size=1, max_size=2), st.sampled_from(sorted(ZONES)))
def test_whatever_ses_says_is_judged_by_what_ses_does(entries: list[dict[str, Any]], zone: str) -> None:
    source = Layers((base_zone(), todoku.Zone.from_text(ZONES[zone])))
    report = judged(Calls([*entries, *BASE_CALLS]), source)
    for one in report.identities:
        said = one.evidence.setup.said
        for verdict in one.verdicts:
            assert sentence(verdict).en
            assert all(sentence(note).ja for note in verdict.notes)
            assert verdict.missing != "could-not-look" or zone == "silent", verdict
            if verdict.requirement == "dmarc-alignment" and verdict.result == "pass":
                assert said.signs or said.uses_mail_from, verdict
            if verdict.requirement in ("dkim", "spf") and verdict.result == "fail":
                assert said.signs or said.uses_mail_from or said.rejects, verdict


@settings(max_examples=150)
@given(st.lists(settings_of_an_identity(), min_size=1, max_size=2))
def test_a_fix_calls_ses_only_for_what_was_read_there(entries: list[dict[str, Any]]) -> None:
    report = judged(Calls([*entries, *BASE_CALLS]), base_zone())
    for one in report.identities:
        evidence = one.evidence
        names = {evidence.subject.name, evidence.author.domain, *evidence.broader}
        for fix in one.fixes:
            for change in fix.changes:
                if isinstance(change, SesCall):
                    assert change.parameters.get("EmailIdentity", evidence.subject.name) in names, fix.fix.id
                    assert change.region == REGION or fix.fix.id == "dkim-2048", fix.fix.id


def test_what_an_identity_takes_precedence_over_is_read_though_it_was_not_asked_for() -> None:
    names = ("example.com", "news.example.com", "info@news.example.com", "other@example.net", "example.net")
    seen = reading(Calls([*map(identity, names)]), identities=("info@*",))
    assert [one.name for one in seen.identities] == ["info@news.example.com"]
    assert seen.identities[0].broader == ("news.example.com", "example.com")
    assert [one.name for one in seen.wider] == ["news.example.com", "example.com"]


def test_an_address_is_signed_with_the_keys_of_its_domains_identity() -> None:
    """SES says the tokens of the domain that signs with the address, too: they stand under that domain."""
    dkim = {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": [TOKEN], "SigningAttributesOrigin": "AWS_SES"}
    names = ("example.com", "info@news.example.com")
    api = Calls([identity(name, DkimAttributes=dkim) for name in names])
    seen = gathered(api, base_zone(), identities=("info@*",))
    (one,) = seen.identities
    asked = [answer.question.name for answer in one.setup.answers if "_domainkey" in answer.question.name]
    assert asked
    assert all(name.endswith(f"{TOKEN}._domainkey.example.com") for name in asked)


def test_an_identity_without_the_tag_is_not_judged_but_still_stands_above_others() -> None:
    tags = [{"Key": "team", "Value": "web"}]
    api = Counted([identity("example.com"), identity("info@example.com", Tags=tags)])
    seen = reading(api, tags=(("team", "web"),))
    assert [one.name for one in seen.identities] == ["info@example.com"]
    assert [one.name for one in seen.wider] == ["example.com"]
    asked = [dict(call.parameters)["EmailIdentity"] for call in api.asked if call.operation == "GetEmailIdentity"]
    assert sorted(asked) == ["example.com", "info@example.com"]


def test_names_of_identities_are_compared_without_regard_to_case() -> None:
    seen = reading(Calls([identity("Example.com"), identity("Info@EXAMPLE.com")]))
    assert {one.name: one.broader for one in seen.identities} == {
        "Example.com": (),
        "Info@EXAMPLE.com": ("Example.com",),
    }


def test_an_identity_is_told_the_other_regions_in_which_it_is_verified() -> None:
    entries = [
        identity("example.com", VerifiedForSendingStatus=False),
        identity("example.com", "us-east-1"),
        identity("example.com", "eu-west-1", VerifiedForSendingStatus=False),
    ]
    seen = [gathered(Calls(entries), base_zone(), region=region) for region in (REGION, "us-east-1", "eu-west-1")]
    assert [one.identities[0].elsewhere for one in seen] == [None, None, None]
    compared = compared_by_region(seen)
    assert [one.identities[0].elsewhere for one in compared] == [("us-east-1",), (), ("us-east-1",)]


@pytest.mark.parametrize(
    ("options", "suppressed"),
    [
        ({}, None),
        ({"SuppressionOptions": {}}, None),
        ({"SuppressionOptions": {"SuppressedReasons": []}}, ()),
        ({"SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}}, ("BOUNCE",)),
    ],
)
def test_a_set_that_says_nothing_of_suppression_leaves_it_to_the_account(
    options: dict[str, Any], suppressed: tuple[str, ...] | None
) -> None:
    assert read_configuration_set("main", options).suppressed == suppressed


def test_the_base_of_the_cases_is_set_up_in_full() -> None:
    report = judged(Calls(BASE_CALLS), base_zone())
    told = {
        verdict.reason.tag for verdict in report.verdicts if verdict.result not in ("pass", "unknown", "notapplicable")
    }
    assert told == {"ptr-named-by-aws"}  # which nobody on SES can change
    assert not [verdict for verdict in report.verdicts if verdict.missing == "could-not-look"]
