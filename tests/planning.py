"""Plans from SES and DNS as a test says they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from todoku import Zone
from todoku.account.read import Wanted
from todoku.auth.ask import Answer, Call, Question, Reply
from todoku.net.suffix_list import bundled_suffixes
from todoku.plan.make import make
from todoku.plan.step import Plan
from todoku.plan.survey import Aims, survey

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REGION = "ap-northeast-1"
TOKENS = tuple(letter * 32 for letter in "abc")
ACCOUNT = {"ProductionAccessEnabled": True, "SendQuota": {"Max24HourSend": 50000.0}, "EnforcementStatus": "HEALTHY"}
SES_ZONE: Mapping[str, Any] = {
    "amazonses.com": [("TXT", "v=spf1 ip4:23.251.224.0/19 -all")],
    f"feedback-smtp.{REGION}.amazonses.com": [("A", "192.0.2.25")],
}
KEY = "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL4xCBW5jq0Wm7Vb7l0Zx0Z0Yw=="


def planned(records: Mapping[str, Any], replies: Mapping[str, Any], domain: str = "example.com", **aims: Any) -> Plan:
    """The plan where DNS and SES are as given; an operation that is not given is absent."""
    zone = Zone.from_dict({"example.com": [("NS", "ns.example.com")], **SES_ZONE, **records})
    engine = survey(Wanted(profile="", region=REGION), domain, Aims(**aims), bundled_suffixes())
    known = {"GetAccount": ACCOUNT, "GetCallerIdentity": {"Account": "123456789012"}, **replies}
    answers: Any = None
    while True:
        try:
            asked = next(engine) if answers is None else engine.send(answers)
        except StopIteration as stop:
            return make(stop.value, NOW)
        answers = [
            said(one, known) if isinstance(one, Call) else zone.answers((one,))[0]
            for one in cast("list[Question | Call]", asked)
        ]


def said(call: Call, known: Mapping[str, Any]) -> Reply | Answer:
    reply = known.get(call.operation)
    if isinstance(reply, str):
        return Reply(call, status=cast(Any, reply), detail=f"said {reply}")
    return Reply(call, status="absent") if reply is None else Reply(call, reply)


def identity(**changed: Any) -> dict[str, Any]:
    """A domain identity that SES has verified, and its CNAMEs."""
    dkim = {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": list(TOKENS),
        "SigningHostedZone": "dkim.amazonses.com",
        "SigningAttributesOrigin": "AWS_SES",
    }
    mail_from = {
        "MailFromDomain": "mail.example.com",
        "MailFromDomainStatus": "SUCCESS",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    }
    return {"IdentityType": "DOMAIN", "DkimAttributes": dkim, "MailFromAttributes": mail_from, **changed}


def complete() -> dict[str, Any]:
    """The records of a domain where all is set up."""
    return {
        **{f"{token}._domainkey.example.com": [("CNAME", f"{token}.dkim.amazonses.com")] for token in TOKENS},
        **{f"{token}.dkim.amazonses.com": [("TXT", KEY)] for token in TOKENS},
        "mail.example.com": [
            ("MX", (10, f"feedback-smtp.{REGION}.amazonses.com")),
            ("TXT", "v=spf1 include:amazonses.com ~all"),
        ],
        "_dmarc.example.com": [("TXT", "v=DMARC1; p=reject; rua=mailto:d@example.com")],
    }


def ids(plan: Plan) -> list[str]:
    return [step.id for step in plan.steps]
