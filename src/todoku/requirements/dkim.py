"""DKIM passes: at least one signature verifies."""

from __future__ import annotations

from datetime import date

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import Circumstances
from todoku.causes.dkim.ses_signing import signing_finding
from todoku.causes.dkim.signatures import body_remarks, signatures
from todoku.causes.own_domain import OWN_DOMAIN, by_wording
from todoku.causes.ses_identity import unverified
from todoku.causes.witnesses.aws import aws_witness
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.receiver import receiver_witness
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.mail.lint import Defect
from todoku.mail.mime import Mime
from todoku.receivers import au, clause
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Finding, Missing, Reason, Requirement, SesDefault, Text, Witness

ELSEWHERE = Reason(
    "dkim-elsewhere",
    Text(
        "A sent message shows this; over all your mail, Postmaster Tools and DMARC aggregate reports do.",
        "送信済みのメールで確認できます。メール全体では、Postmaster ToolsやDMARCの集約レポートに表れます。",
    ),
)


def decide(
    variant: str,
    dkim: tuple[DkimResult, ...],
    around: Circumstances,
    mime: Mime | Missing,
    defects: tuple[Defect, ...] | Missing,
) -> Finding:
    """What the signatures say, and what in the body is known to break them."""
    said = signatures(dkim, around)
    charsets = () if isinstance(mime, Missing) else tuple(part.charset for part in mime.parts)
    notes = (*said.notes, *body_remarks(defects, charsets))
    said = Finding(said.result, said.reason, said.values, said.exhibits, notes, said.missing)
    return by_wording(said, variant)


def decide_reported(variant: str, reported: ReceiverResults | None) -> Finding | None:
    """The receiver's results for the signatures, where we have none."""
    if reported is None or "dkim" not in reported.methods:
        return None
    return reported.say(by_wording(signatures(reported.dkim, reported.around), variant))


def decide_setup(
    variant: str,
    setup: DomainSetup,
    identity: SesIdentity | Missing,
    wider: SesIdentity | Missing | None,
    elsewhere: tuple[str, ...] | None,
) -> Finding:
    """The keys of the selectors that were named, or that SES signs with."""
    said = signing_finding(setup, identity, wider)
    said = msgspec.structs.replace(said, notes=(*said.notes, *unverified(identity, wider, elsewhere)))
    return by_wording(said, variant)


RULE = Text(
    "At least one DKIM signature verifies.",
    "少なくとも1つのDKIM署名の検証に成功すること。",
)

REQUIREMENT = Requirement(
    id="dkim",
    title=Text("DKIM", "DKIM"),
    google_row="DKIM",
    clauses=(
        clause("gmail", "bulk", "must", RULE, variant=OWN_DOMAIN, codes=("421 4.7.30", "550 5.7.30")),
        clause("yahoo", "bulk", "must", RULE, seen_codes=("550 5.7.9",)),
        clause("outlook", "bulk", "must", RULE, codes=("550 5.7.515",)),
        clause("icloud", "bulk", "must", RULE, seen_codes=("554 5.7.1",)),
        clause("docomo", "all", "should", RULE),
        clause(
            "au",
            "all",
            "should",
            RULE,
            since=date(2023, 10, 5),
            headline=au.FILTER_BEGINS,
            source=au.JUNK_FILTER.source,
            consequence=au.JUNK_FILTER,
            certain="own-text",
        ),
        clause("nifty", "all", "must", RULE),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "Every message passes as amazonses.com. Your own domain signs once it is a domain identity with Easy DKIM.",
            "SESのメールは必ずamazonses.comのDKIM署名で認証に成功します。自社ドメインの署名は、ドメインIDを作成してEasy DKIMを有効にすると付きます。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dkim.html",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        receiver_witness("dkim"),
        google_witness("DKIM"),
        aws_witness("DKIM"),
    ),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dkim-easy"),
)
