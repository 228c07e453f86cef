"""What a look at the account foretells is what a receiver then sees, and what its fixes say mends it.

The account is the demo's SES: its states come from the DNS that is published and from the clock, not from what a verdict
would like to read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

import todoku
from demo.ses_lab import ACCOUNT, FEEDBACK, REGION, Lab, cnames
from todoku import Zone
from todoku.account.read import Wanted
from todoku.auth.ask import Call, Reply
from todoku.causes.dkim.ses_signing import signs_as
from todoku.causes.mail_from.ses_sender import sends_as
from todoku.demo.ses_error import SesError
from todoku.demo.ses_message import delivered
from todoku.evidence.account import gather_account
from todoku.judging.account_report import report_account
from todoku.judging.judge import Report
from todoku.net.drivers import run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT
from todoku.words.change import DnsRecord, SesCall
from todoku.words.verdict import Terms, Verdict

MAIL_FROM = {"mail.example.com": [("MX", f"10 {FEEDBACK}"), ("TXT", "v=spf1 include:amazonses.com ~all")]}
DMARC = {"_dmarc.example.com": [("TXT", "v=DMARC1; p=reject")]}


class Api:
    """The demo's SES as a source of replies."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def replies(self, calls: Sequence[Call]) -> list[Reply]:
        return [self.reply(call) for call in calls]

    def reply(self, call: Call) -> Reply:
        if call.service == "sts":
            return Reply(call, {"Account": ACCOUNT})
        if call.service == "cloudwatch":
            return Reply(call, {"MetricDataResults": []})
        try:
            said = self.lab(call.operation, **dict(call.parameters))
        except SesError as error:
            return Reply(call, status="absent" if error.code == "NotFoundException" else "refused", detail=str(error))
        return Reply(call, {name: value for name, value in said.items() if name in call.fields})


def published(lab: Lab) -> Zone:
    """What all the world sees: the customer's records and those of SES."""
    return Zone.from_dict({**lab.world.records(), **lab.records})


def looked_at(lab: Lab, name: str) -> Report:
    """The report on one identity. SES looks at DNS once before, as it does every few minutes."""
    lab("ListEmailIdentities")
    engine = gather_account(Wanted(profile="", region=REGION), now=lab.now, suffixes=bundled_suffixes())
    evidence = run_look(engine, published(lab), Api(lab))
    report = report_account(
        evidence, Terms(as_of=date(2026, 11, 24), receivers=ASKED_BY_DEFAULT), name="ses:", at=lab.now
    )
    return next(one for one in report.identities if one.evidence.subject.name == name)


def verdict(report: Report, requirement: str, receiver: str = "yahoo") -> Verdict:
    return next(one for one in report.verdicts if (one.requirement, one.receiver) == (requirement, receiver))


def ready(lab: Lab) -> str:
    lab.domain()
    lab.set_mail_from()
    lab.publish(MAIL_FROM)
    return "example.com"


def dkim_only(lab: Lab) -> str:
    lab.domain()
    return "example.com"


def switched_off(lab: Lab) -> str:
    lab.domain()
    lab("PutEmailIdentityDkimAttributes", EmailIdentity="example.com", SigningEnabled=False)
    return "example.com"


def address_alone(lab: Lab) -> str:
    lab.address("news@example.com")
    return "news@example.com"


def address_hides_domain(lab: Lab) -> str:
    ready(lab)
    lab.address("news@example.com")
    return "news@example.com"


def address_of_silent_domain(lab: Lab) -> str:
    switched_off(lab)
    lab.address("news@example.com")
    return "news@example.com"


def mail_from_without_mx(lab: Lab) -> str:
    dkim_only(lab)
    lab.set_mail_from()
    return "example.com"


def mail_from_without_spf(lab: Lab) -> str:
    mail_from_without_mx(lab)
    lab.publish({"mail.example.com": MAIL_FROM["mail.example.com"][:1]})
    return "example.com"


def mail_from_of_other_region(lab: Lab) -> str:
    mail_from_without_mx(lab)
    lab.publish({"mail.example.com": [("MX", "10 feedback-smtp.us-east-1.amazonses.com")]})
    return "example.com"


def mail_from_given_up(lab: Lab) -> str:
    mail_from_without_mx(lab)
    lab("ListEmailIdentities")
    lab.pass_time(hours=73)
    lab("ListEmailIdentities")
    lab.publish(MAIL_FROM)
    return "example.com"


def mail_from_given_up_and_silent(lab: Lab) -> str:
    mail_from_given_up(lab)
    return switched_off_now(lab)


def switched_off_now(lab: Lab) -> str:
    lab("PutEmailIdentityDkimAttributes", EmailIdentity="example.com", SigningEnabled=False)
    return "example.com"


def rejecting(lab: Lab) -> str:
    ready(lab)
    lab.set_mail_from(BehaviorOnMxFailure="REJECT_MESSAGE")
    lab.withdraw("mail.example.com")
    return "example.com"


def key_lost(lab: Lab) -> str:
    ready(lab)
    lab("ListEmailIdentities")
    lab.withdraw(*(name for name in lab.records if "_domainkey" in name))
    return "example.com"


def key_lost_and_given_up(lab: Lab) -> str:
    key_lost(lab)
    lab("ListEmailIdentities")
    lab.pass_time(days=6)
    return "example.com"


def key_back_but_given_up(lab: Lab) -> str:
    key_lost_and_given_up(lab)
    lab("ListEmailIdentities")
    lab.publish(cnames("example.com", lab.dkim()))
    return "example.com"


def never_published(lab: Lab) -> str:
    lab("CreateEmailIdentity", EmailIdentity="example.com")
    return "example.com"


def doubled_name(lab: Lab) -> str:
    made = lab("CreateEmailIdentity", EmailIdentity="example.com")
    records = cnames("example.com", made["DkimAttributes"])
    lab.publish({f"{name}.example.com": record for name, record in records.items()})
    return "example.com"


Situation = Callable[[Lab], str]
SENT: list[Situation] = [
    *(ready, dkim_only, switched_off, address_alone, address_hides_domain, address_of_silent_domain),
    *(mail_from_without_mx, mail_from_without_spf, mail_from_of_other_region, mail_from_given_up),
    *(mail_from_given_up_and_silent, key_lost),
]
NOT_SENT: list[Situation] = [
    *(rejecting, never_published, doubled_name, key_lost_and_given_up, key_back_but_given_up),
]


@pytest.mark.parametrize("situation", SENT, ids=lambda one: one.__name__)
def test_what_is_foretold_is_what_a_receiver_sees(lab: Lab, situation: Situation) -> None:
    lab.publish(DMARC)
    report = looked_at(lab, situation(lab))
    lab.send()
    (sent,) = lab.world.sent
    seen = todoku.authenticate(delivered(sent), resolver=published(lab), now=lab.now)
    setup = report.evidence.setup
    assert seen.spf.domain.endswith(sends_as(setup)[0])
    assert {one.domain for one in seen.dkim} == {*signs_as(setup), "amazonses.com"}
    assert verdict(report, "dmarc-alignment").result == seen.dmarc.result
    assert (verdict(report, "spf").result != "fail") == (seen.spf.result == "pass")
    own = [one.result for one in seen.dkim if one.domain != "amazonses.com"]
    assert (verdict(report, "dkim").result == "fail") == (own != [] and "pass" not in own)
    assert verdict(report, "dmarc-policy").result == seen.dmarc.result


@pytest.mark.parametrize("situation", NOT_SENT, ids=lambda one: one.__name__)
def test_what_is_said_not_to_be_sent_is_refused(lab: Lab, situation: Situation) -> None:
    report = looked_at(lab, situation(lab))
    told = {note.reason.tag for one in report.verdicts for note in one.notes} | {
        one.reason.tag for one in report.verdicts
    }
    assert told & {"mail-from-rejects", "identity-not-verified"}
    with pytest.raises(SesError, match=r"MailFromDomainNotVerified|not verified"):
        lab.send()


def carried_out(lab: Lab, report: Report) -> None:
    """What the fixes say, done in their order, as a person would: calls, then records; advice on TLS is left."""
    for fix in report.fixes:
        replies: list[dict[str, object]] = []
        for change in fix.changes:
            if isinstance(change, SesCall):
                replies.append(lab(change.operation, **change.parameters))
            elif isinstance(change, DnsRecord):
                known = [look_up(replies[output.step - 1], output.path) for output in change.outputs]
                put(lab, change.name.format(*known), change.rdtype, change.value.format(*known), change.replaces)


def look_up(reply: object, path: str) -> object:
    """``DkimAttributes.Tokens[0]`` of a reply."""
    for part in path.replace("]", "").replace("[", ".").split("."):
        reply = reply[int(part)] if part.isdigit() else reply[part]
    return reply


def put(lab: Lab, name: str, rdtype: str, value: str, replaces: str) -> None:
    others = [one for one in lab.records.get(name, ()) if one != (rdtype, replaces)]
    lab.publish({name: [*others, (rdtype, value)]})


@pytest.mark.parametrize("situation", [*SENT, *NOT_SENT], ids=lambda one: one.__name__)
def test_the_fixes_mend_it(lab: Lab, situation: Situation) -> None:
    lab.publish(DMARC)
    name = situation(lab)
    carried_out(lab, looked_at(lab, name))
    if situation in (never_published, doubled_name):  # what comes after verification is told after it
        carried_out(lab, looked_at(lab, name))
    report = looked_at(lab, name)
    asked = ("dkim", "spf", "spf-or-dkim", "spf-and-dkim", "dmarc-alignment", "dmarc-policy")
    unmet = [
        (one.requirement, one.receiver, one.reason.tag)
        for one in report.verdicts
        if one.requirement in asked and one.result != "pass"
    ]
    assert unmet == []
    lab.send()
    seen = todoku.authenticate(delivered(lab.world.sent[-1]), resolver=published(lab), now=lab.now)
    assert (seen.dmarc.treewalk.spf_aligned, any(seen.dmarc.treewalk.dkim_aligned)) == (True, True)
