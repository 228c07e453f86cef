"""From an empty account and a zone without records to everything, and back: on the demo's SES and on Knot."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from apply.conftest import SECRET
from apply.rig import DOMAIN, REGION, Rig
from todoku.apply.execution import FIRST_PAUSE, LONGEST_PAUSE, SLOWER, Waiting, hindrance
from todoku.apply.journal import Entry, Line, State, begun, entries_in
from todoku.auth.ask import Call, Reply
from todoku.cli.plan_file import digests
from todoku.net.suffix_list import bundled_suffixes
from todoku.net.writers.by_hand import ByHand
from todoku.net.writers.dns_writer import DnsWriter, Refusal, Written
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.ses_settings import same
from todoku.net.writers.ses_writer import SesWriter
from todoku.net.writers.tsig_key import read_key
from todoku.plan.document import digest
from todoku.plan.step import TAG, Plan, Step
from todoku.plan.survey import survey
from todoku.plan.trace import is_known
from todoku.words.change import RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text
from writers.conftest import CANARY, Knot

STEPS = (
    *("create-identity", "dkim-1", "dkim-2", "dkim-3", "dkim-verified"),
    *("mail-from", "mail-from-mx", "mail-from-spf", "mail-from-verified", "dmarc"),
)
FEEDBACK = f"10 feedback-smtp.{REGION}.amazonses.com"


def world(rig: Rig, knot: Knot) -> object:
    return knot.lines(), rig.account()


def details(rig: Rig, step: str) -> str:
    return " ".join(said.detail.en for said in rig.said if not isinstance(said, Waiting) and said.step == step)


def test_from_nothing_to_everything_and_back(rig: Rig, knot: Knot) -> None:
    before = world(rig, knot)
    plan = rig.plan()
    assert rig.apply(plan) == dict.fromkeys(STEPS, "done")
    identity = rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)
    assert identity["DkimAttributes"]["Status"] == "SUCCESS"
    assert identity["MailFromAttributes"]["MailFromDomainStatus"] == "SUCCESS"
    assert f"mail.{DOMAIN}. 3600 {FEEDBACK}." in knot.lines()
    assert rig.plan().steps == ()
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert world(rig, knot) == before


def test_twice_changes_nothing(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    rig.apply(plan)
    before, journal = world(rig, knot), rig.journal_path.read_bytes()
    calls = [call.operation for call in rig.server.calls]
    again = rig.apply(plan)
    assert again == dict.fromkeys(STEPS, "unchanged")
    assert (world(rig, knot), rig.journal_path.read_bytes()) == (before, journal)
    new = [call.operation for call in rig.server.calls][len(calls) :]
    assert set(new) == {"GetEmailIdentity"}


def test_what_can_be_done_is_done_before_anything_is_waited_for(rig: Rig) -> None:
    rig.world._surroundings.verify_after = timedelta(minutes=1)
    order = list(rig.apply(rig.plan()))
    assert order.index("dmarc") < order.index("dkim-verified") < order.index("mail-from")


def test_an_account_that_sends_already(rig: Rig, knot: Knot) -> None:
    """Own sets, pools, a policy of reject: nothing of that changes."""
    rig.ses("CreateDedicatedIpPool", PoolName="own")
    options = {"TlsPolicy": "OPTIONAL", "SendingPoolName": "own", "MaxDeliverySeconds": 600}
    rig.ses("CreateConfigurationSet", ConfigurationSetName="own", DeliveryOptions=options)
    made = rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN, ConfigurationSetName="own")
    for token in made["DkimAttributes"]["Tokens"]:
        knot.put(f"{token}._domainkey.{DOMAIN}.", 300, "CNAME", f"{token}.dkim.amazonses.com.")
    knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", '"v=DMARC1; p=reject; rua=mailto:d@example.com"')
    knot.put(f"mail.{DOMAIN}.", 300, "TXT", '"site-verification=1"')
    knot.put(f"mail.{DOMAIN}.", 300, "A", "192.0.2.80")
    before = world(rig, knot)
    plan = rig.plan(mail_from=f"mail.{DOMAIN}")
    assert [step.id for step in plan.steps] == ["mail-from", "mail-from-mx", "mail-from-spf", "mail-from-verified"]
    assert set(rig.apply(plan).values()) == {"done"}
    lines, account = world(rig, knot)
    assert set(before[0]) <= set(lines)
    assert len(lines) == len(before[0]) + 2
    identity = account["identities"][DOMAIN]
    assert identity | {"MailFromAttributes": None} == before[1]["identities"][DOMAIN] | {"MailFromAttributes": None}
    assert account | {"identities": None} == before[1] | {"identities": None}
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert world(rig, knot) == before


def test_a_set_of_ones_own_requires_tls_and_keeps_the_rest(rig: Rig) -> None:
    rig.ses("CreateDedicatedIpPool", PoolName="own")
    options = {"TlsPolicy": "OPTIONAL", "SendingPoolName": "own"}
    rig.ses("CreateConfigurationSet", ConfigurationSetName="own", DeliveryOptions=options)
    rig.apply(rig.plan())
    rig.ses("PutEmailIdentityConfigurationSetAttributes", EmailIdentity=DOMAIN, ConfigurationSetName="own")
    rig.journal_path.unlink()
    before = rig.account()
    plan = rig.plan(require_tls=True)
    assert [step.id for step in plan.steps] == ["require-tls"]
    assert rig.apply(plan) == {"require-tls": "done"}
    delivery = rig.ses("GetConfigurationSet", ConfigurationSetName="own")["DeliveryOptions"]
    assert delivery == {"TlsPolicy": "REQUIRE", "SendingPoolName": "own"}
    rig.undo(plan)
    assert rig.account() == before


# What changed since the plan was made


def test_an_identity_that_somebody_made_since(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN)
    before = world(rig, knot)
    assert rig.apply(plan) == {"create-identity": "conflict"}
    assert world(rig, knot) == before
    assert "was not made by this plan" in details(rig, "create-identity")
    assert rig.undo(plan, "--delete-identity") == {}


def test_a_mail_from_domain_that_somebody_set_since(rig: Rig) -> None:
    rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN)
    plan = rig.plan()
    rig.ses("PutEmailIdentityMailFromAttributes", EmailIdentity=DOMAIN, MailFromDomain=f"own.{DOMAIN}")
    assert rig.apply(plan)["mail-from"] == "conflict"
    assert f"'own.{DOMAIN}' now" in details(rig, "mail-from")
    assert rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)["MailFromAttributes"]["MailFromDomain"] == f"own.{DOMAIN}"


def test_an_identity_that_somebody_deleted_since(rig: Rig) -> None:
    rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN)
    plan = rig.plan()
    rig.ses("DeleteEmailIdentity", EmailIdentity=DOMAIN)
    outcomes = rig.apply(plan)
    assert list(outcomes.values())[-1] == "conflict"
    assert f"there is no {DOMAIN} in {REGION}" in details(rig, list(outcomes)[-1])


@pytest.mark.parametrize(
    ("name", "rdtype", "value", "step"),
    [
        (f"_dmarc.{DOMAIN}.", "TXT", '"v=DMARC1; p=reject"', "dmarc"),
        (f"mail.{DOMAIN}.", "TXT", '"v=spf1 -all"', "mail-from-spf"),
        (f"mail.{DOMAIN}.", "CNAME", "elsewhere.example.net.", "mail-from-mx"),
    ],
)
def test_a_record_that_somebody_entered_since(
    rig: Rig, knot: Knot, name: str, rdtype: str, value: str, step: str
) -> None:
    plan = rig.plan()
    knot.put(name, 300, rdtype, value)
    before = knot.lines()
    outcomes = rig.apply(plan)
    assert (list(outcomes)[-1], outcomes[step]) == (step, "conflict")
    assert set(before) <= set(knot.lines())
    rig.undo(plan, "--delete-identity")
    assert knot.lines() == before


def test_what_others_added_meanwhile_stays(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    rig.apply(plan)
    knot.put(f"mail.{DOMAIN}.", 900, "TXT", '"v=spf1 include:amazonses.com ~all"', '"site-verification=1"')
    assert rig.undo(plan)["mail-from-spf"] == "done"
    assert f'mail.{DOMAIN}. 900 "site-verification=1"' in knot.lines()


def test_a_value_that_stood_before_stays(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", '"v=DMARC1; p=none"')
    assert rig.apply(plan)["dmarc"] == "unchanged"
    assert "dmarc" not in rig.undo(plan)
    assert f'_dmarc.{DOMAIN}. 300 "v=DMARC1; p=none"' in knot.lines()


# Undo


def test_the_identity_stays_without_the_option(rig: Rig, knot: Knot) -> None:
    before = knot.lines()
    plan = rig.plan()
    rig.apply(plan)
    outcomes = rig.undo(plan)
    assert outcomes.pop("create-identity") == "left"
    assert set(outcomes.values()) == {"done"}
    assert knot.lines() == before
    assert rig.undo(plan) == {"create-identity": "left"}
    assert rig.undo(plan, "--delete-identity") == {"create-identity": "done"}
    assert rig.undo(plan, "--delete-identity") == {}
    assert rig.identity() is None


def test_an_identity_without_the_tag_is_not_deleted(rig: Rig) -> None:
    plan = rig.plan()
    rig.apply(plan)
    rig.ses("DeleteEmailIdentity", EmailIdentity=DOMAIN)
    rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN, Tags=[{"Key": TAG, "Value": "another plan"}])
    outcomes = rig.undo(plan, "--delete-identity")
    assert outcomes["create-identity"] == "conflict"
    assert rig.identity() is not None


def test_a_setting_that_somebody_changed_since_stays(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    rig.apply(plan)
    own = {"EmailIdentity": DOMAIN, "MailFromDomain": f"own.{DOMAIN}"}
    rig.ses("PutEmailIdentityMailFromAttributes", **own)
    outcomes = rig.undo(plan)
    assert outcomes["mail-from"] == "conflict"
    assert outcomes["dkim-1"] == "done"
    assert rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)["MailFromAttributes"]["MailFromDomain"] == f"own.{DOMAIN}"


def test_a_record_that_somebody_changed_since_stays(rig: Rig, knot: Knot) -> None:
    first = rig.plan()
    rig.apply(first)
    rig.undo(first)
    knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", '"v=DMARC1; p=reject"')
    rig.journal_path.unlink()
    plan = rig.plan(rua=f"dmarc@{DOMAIN}")
    assert rig.apply(plan)["dmarc-reports"] == "done"
    knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", '"v=DMARC1; p=quarantine"')
    outcomes = rig.undo(plan)
    assert outcomes["dmarc-reports"] == "conflict"
    assert f'_dmarc.{DOMAIN}. 300 "v=DMARC1; p=quarantine"' in knot.lines()


def test_a_record_that_was_replaced_comes_back(rig: Rig, knot: Knot) -> None:
    knot.put(f"_dmarc.{DOMAIN}.", 777, "TXT", '"v=DMARC1; p=reject"')
    before = knot.lines()
    plan = rig.plan(rua=f"dmarc@{DOMAIN}")
    rig.apply(plan)
    assert f'_dmarc.{DOMAIN}. 777 "v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"' in knot.lines()
    rig.undo(plan)
    assert knot.lines() == before


def test_undo_needs_no_plan_that_has_the_steps(rig: Rig, knot: Knot) -> None:
    """A plan that was made anew no longer has what was done."""
    before = knot.lines(), rig.account()
    plan = rig.plan()
    rig.apply(plan)
    bare = msgspec.structs.replace(plan, steps=(), earlier=(digest(plan),))
    assert set(rig.undo(bare, "--delete-identity").values()) == {"done"}
    assert (knot.lines(), rig.account()) == before


# What the program was about to do when it ended


@pytest.mark.parametrize("resumed", [True, False])
@pytest.mark.parametrize("beside", [(), ('"google-site-verification=a"', '"MS=ms1"')], ids=["alone", "beside"])
def test_a_record_written_before_the_end_is_taken_back(
    rig: Rig, knot: Knot, beside: tuple[str, ...], resumed: bool
) -> None:
    """The program ended between the server's answer and the journal's line; what others have at the name stays."""
    for value in beside:
        knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", value)
    before = knot.lines()
    plan = rig.plan()
    with rig.journal(plan) as journal:
        step = next(step for step in plan.steps if step.id == "dmarc")
        assert isinstance(step.action, RecordSetChange)
        found = rig.writer.read(step.action.before.name, "TXT")
        change = msgspec.structs.replace(step.action, before=found, ttl=300)
        journal.append(begun(step, change, ""))
        assert rig.writer.write(change).status == "done"
    if resumed:
        assert rig.apply(plan, only=("dmarc",)) == {"dmarc": "done"}
        assert "it had been done before the program ended" in details(rig, "dmarc")
    assert rig.undo(plan) == {"dmarc": "done"}
    assert knot.lines() == before
    assert rig.undo(plan) == {}


def test_a_value_that_stood_before_is_not_taken_back(rig: Rig, knot: Knot) -> None:
    """It was there when the step was begun, whatever the journal says of the step."""
    knot.put(f"_dmarc.{DOMAIN}.", 300, "TXT", '"v=DMARC1; p=none"')
    before = knot.lines()
    plan = rig.plan()
    name = f"_dmarc.{DOMAIN}"
    stood = RecordSetChange(RecordSet(name, "TXT", ("v=DMARC1; p=none",), 300), ("v=DMARC1; p=none",), ttl=300)
    with rig.journal(plan) as journal:
        journal.append(begun(Step(id="dmarc", action=stood, why=Text("", "")), stood, ""))
    rig.undo(plan)
    assert knot.lines() == before


def test_a_setting_that_somebody_made_alike_stays(rig: Rig) -> None:
    rig.ses("CreateEmailIdentity", EmailIdentity=DOMAIN)
    plan = rig.plan()
    with rig.journal(plan) as journal:
        step = next(step for step in plan.steps if step.id == "mail-from")
        assert isinstance(step.action, SesCall)
        journal.append(begun(step, step.action, ""))
    rig.ses("PutEmailIdentityMailFromAttributes", EmailIdentity=DOMAIN, MailFromDomain=f"mail.{DOMAIN}")
    assert rig.apply(plan)["mail-from"] == "unchanged"
    outcomes = rig.undo(plan)
    assert outcomes["mail-from"] == "conflict"
    assert "  aws sesv2 put-email-identity-mail-from-attributes" in details(rig, "mail-from")
    standing = rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)["MailFromAttributes"]["MailFromDomain"]
    assert standing == f"mail.{DOMAIN}"


# A journal that somebody forged


@pytest.mark.parametrize(
    "what",
    [
        RecordSetChange(RecordSet(f"www.{DOMAIN}", "A"), ("192.0.2.66",)),
        SesCall("PutEmailIdentityDkimAttributes", {"EmailIdentity": "example.net", "SigningEnabled": True}, REGION),
        SesCall("PutEmailIdentityDkimAttributes", {"EmailIdentity": DOMAIN, "SigningEnabled": True}, "us-east-1"),
        SesCall("DeleteSuppressedDestination", {"EmailIdentity": DOMAIN}, REGION),
    ],
    ids=["type", "identity", "region", "operation"],
)
@pytest.mark.parametrize("state", ["doing", "told", "done", "undoing"])
def test_what_no_plan_does_is_not_taken_back(
    rig: Rig, knot: Knot, what: RecordSetChange | SesCall, state: State
) -> None:
    knot.put(f"www.{DOMAIN}.", 300, "A", "192.0.2.66")
    before = world(rig, knot)
    plan = rig.plan()
    undone = (what,) if isinstance(what, SesCall) else ()
    with rig.journal(plan) as journal:
        journal.append(begun(Step(id="forged", action=what, why=Text("", ""), undo=undone), what, ""))
        journal.append(Line(step="forged", state=state, at="", what=what if state == "doing" else None, undo=undone))
    assert rig.undo(plan) == {"forged": "refused"}
    assert "the journal says of forged what no plan for this domain does" in details(rig, "forged")
    assert world(rig, knot) == before


@pytest.mark.parametrize("state", ["doing", "done"])
def test_a_step_that_the_plan_has_not_is_not_taken_back(rig: Rig, knot: Knot, state: State) -> None:
    """A record of this domain, of a type that plans write: it is somebody's own all the same."""
    knot.put(f"{DOMAIN}.", 300, "MX", "10 mail.example.com.")
    before = world(rig, knot)
    plan = rig.plan()
    what = RecordSetChange(RecordSet(DOMAIN, "MX"), ("10 mail.example.com",), ttl=300)
    with rig.journal(plan) as journal:
        journal.append(begun(Step(id="mx", action=what, why=Text("", "")), what, ""))
        if state == "done":
            journal.append(Line(step="mx", state="done", at=""))
    assert rig.undo(plan) == {"mx": "refused"}
    assert world(rig, knot) == before


def test_a_journal_by_which_another_identity_is_deleted(rig: Rig) -> None:
    """Its step is the plan's own, and what is to take it back is not."""
    rig.ses("CreateEmailIdentity", EmailIdentity="example.net", Tags=[{"Key": TAG, "Value": "other"}])
    plan = rig.plan()
    theirs = SesCall("DeleteEmailIdentity", {"EmailIdentity": "example.net"}, REGION)
    (create, *_) = plan.steps
    with rig.journal(plan) as journal:
        journal.append(begun(msgspec.structs.replace(create, undo=(theirs,)), create.action, ""))
    assert rig.undo(plan, "--delete-identity") == {"create-identity": "refused"}
    assert rig.identity("example.net") is not None


# Waiting


def test_nothing_is_waited_for_and_it_goes_on_later(rig: Rig, knot: Knot) -> None:
    rig.world._surroundings.verify_after = timedelta(minutes=10)
    plan = rig.plan()
    outcomes = rig.apply(plan, seconds=0)
    assert outcomes == {
        **dict.fromkeys(("create-identity", "dkim-1", "dkim-2", "dkim-3", "dmarc"), "done"),
        "dkim-verified": "waiting",
    }
    assert rig.moved == timedelta()
    assert "PENDING now; usually a few minutes" in details(rig, "dkim-verified")
    rig.moved += timedelta(minutes=11)
    assert rig.apply(plan, seconds=0)["mail-from-verified"] == "waiting"
    rig.moved += timedelta(minutes=11)
    assert set(rig.apply(plan, seconds=0).values()) == {"unchanged"}


def test_the_time_is_shared_and_the_looks_grow_apart(rig: Rig) -> None:
    rig.world._surroundings.verify_after = timedelta(days=1)
    at: list[float] = []
    rig.on_sleep = lambda: at.append(rig.elapsed())
    assert rig.apply(rig.plan(), seconds=1000)["dkim-verified"] == "waiting"
    pauses = [later - earlier for earlier, later in pairwise([0.0, *at])]
    assert pauses[:3] == [2, 3, 4.5]
    assert max(pauses) == 60
    assert at[-1] == 1000
    waits = [said for said in rig.said if isinstance(said, Waiting)]
    assert [wait.outcomes[0].step for wait in waits] == ["dkim-verified"] * len(at)
    assert waits[-1].elapsed == 1000


def test_what_never_comes_is_said(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    rig.apply(plan, only=("create-identity",))
    rig.moved += timedelta(hours=80)
    rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)
    outcomes = rig.apply(plan)
    assert outcomes["dkim-verified"] == "conflict"
    assert "SES has given up looking" in details(rig, "dkim-verified")
    again = rig.plan()
    assert "restart-dkim" in [step.id for step in again.steps]
    rig.journal_path.unlink()
    assert rig.apply(again)["dkim-verified"] == "done"


@pytest.mark.parametrize("after", range(0, 10, 3))
def test_stopped_at_any_moment_it_goes_on_where_it_was(rig: Rig, knot: Knot, after: int) -> None:
    before = world(rig, knot)
    plan = rig.plan()
    rig.stop_after = after
    stopped = rig.apply(plan)
    assert list(stopped.values())[-1] == "stopped"
    assert len(stopped) <= after + 1
    rig.stop_after = None
    assert set(rig.apply(plan).values()) <= {"done", "unchanged"}
    rig.stop_after = after
    rig.undo(plan, "--delete-identity")
    rig.stop_after = None
    rig.undo(plan, "--delete-identity")
    assert world(rig, knot) == before


# By hand


def test_by_hand(rig: Rig, knot: Knot) -> None:
    """Somebody enters what they are told to, one record each time that todoku waits, and takes it out again."""
    before = world(rig, knot)
    rig.writer = ByHand(rig.dns)
    entered: set[str] = set()

    def enter_one() -> None:
        for entry in _journal_entries(rig, plan):
            change = entry.what
            if isinstance(change, RecordSetChange) and entry.step not in entered:
                entered.add(entry.step)
                values = [f'"{value}"' if change.before.rdtype == "TXT" else f"{value}." for value in change.add]
                return knot.put(f"{change.before.name}.", change.ttl, change.before.rdtype, *values)
        return None

    plan = rig.plan()
    rig.on_sleep = enter_one
    assert rig.apply(plan) == dict.fromkeys(STEPS, "done")
    assert "enter:" in details(rig, "dkim-1")
    rig.on_sleep = lambda: [
        knot.put(f"{entry.what.before.name}.", 0, entry.what.before.rdtype)
        for entry in _journal_entries(rig, plan)
        if isinstance(entry.what, RecordSetChange)
    ]
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert world(rig, knot) == before


def test_by_hand_all_records_are_told_at_once_and_can_be_entered_later(rig: Rig, knot: Knot) -> None:
    rig.writer = ByHand(rig.dns)
    plan = rig.plan()
    waiting = {name for name, status in rig.apply(plan, seconds=0).items() if status == "waiting"}
    assert waiting == {"dkim-1", "dkim-2", "dkim-3", "dmarc"}
    knot.put(f"_dmarc.{DOMAIN}.", 3600, "TXT", '"v=DMARC1; p=none"')
    assert rig.apply(plan, seconds=0)["dmarc"] == "done"
    assert rig.undo(plan, seconds=0)["dmarc"] == "waiting"
    knot.put(f"_dmarc.{DOMAIN}.", 0, "TXT")
    assert rig.undo(plan, seconds=0)["dmarc"] == "unchanged"


def test_by_hand_a_record_that_was_half_replaced_comes_back(rig: Rig, knot: Knot) -> None:
    """The old value is out and the new one is not in yet when somebody looks."""
    knot.put(f"_dmarc.{DOMAIN}.", 777, "TXT", '"v=DMARC1; p=reject"')
    before = knot.lines()
    rig.writer = ByHand(rig.dns)
    plan = rig.plan(rua=f"dmarc@{DOMAIN}")
    assert rig.apply(plan, seconds=0)["dmarc-reports"] == "waiting"
    knot.put(f"_dmarc.{DOMAIN}.", 0, "TXT")
    assert rig.apply(plan, seconds=0)["dmarc-reports"] == "conflict"
    knot.put(f"_dmarc.{DOMAIN}.", 777, "TXT", f'"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"')
    assert rig.apply(plan, seconds=0)["dmarc-reports"] == "done"
    rig.writer = Rfc2136Writer("127.0.0.1", read_key(rig.key_file), port=rig.port)
    assert rig.undo(plan)["dmarc-reports"] == "done"
    assert [line for line in knot.lines() if "_dmarc" in line] == [line for line in before if "_dmarc" in line]


def _journal_entries(rig: Rig, plan: Plan) -> tuple[Entry, ...]:
    return entries_in(rig.journal_path, plan.id, digests(plan))


# One step


def test_only_one_step(rig: Rig, knot: Knot) -> None:
    plan = rig.plan()
    assert rig.apply(plan, only=("dkim-2",)) == {"dkim-2": "conflict"}
    assert "create-identity comes first" in details(rig, "dkim-2")
    assert rig.apply(plan, only=("dmarc",)) == {"dmarc": "done"}
    assert rig.apply(plan, only=("create-identity",)) == {"create-identity": "done"}
    assert rig.apply(plan, only=("dkim-2",)) == {"dkim-2": "done"}
    assert rig.apply(plan, only=("mail-from",)) == {"mail-from": "conflict"}
    assert len([line for line in knot.lines() if "_domainkey" in line]) == 1


def test_what_bears_the_tag_is_taken_into_a_journal_that_was_lost(rig: Rig, knot: Knot) -> None:
    before = world(rig, knot)
    plan = rig.plan()
    rig.apply(plan, only=("create-identity",))
    rig.journal_path.unlink()
    assert rig.apply(plan)["create-identity"] == "done"
    assert "before the program ended" in details(rig, "create-identity")
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert world(rig, knot) == before


# What AWS and DNS answer


class Busy:
    """An authority that is too busy for the first writes."""

    def __init__(self, writer: DnsWriter, times: int) -> None:
        self._writer, self.left = writer, times

    def zone_of(self, name: str) -> str | Refusal | None:
        return self._writer.zone_of(name)

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        return self._writer.read(name, rdtype)

    def write(self, change: RecordSetChange) -> Written:
        self.left -= 1
        return Written("throttled", Text("busy", "混雑")) if self.left >= 0 else self._writer.write(change)


@pytest.mark.parametrize(("times", "status", "waited"), [(4, "done", 2 + 4 + 8 + 16), (5, "throttled", 2 + 4 + 8 + 16)])
def test_an_authority_that_is_too_busy_is_asked_again(rig: Rig, times: int, status: str, waited: int) -> None:
    rig.writer = Busy(rig.writer, times)
    assert rig.apply(rig.plan(), only=("dmarc",)) == {"dmarc": status}
    assert rig.elapsed() == waited


def test_once_something_has_moved_it_is_looked_at_often_again(rig: Rig) -> None:
    rig.world._surroundings.verify_after = timedelta(minutes=10)
    at: list[float] = []
    rig.on_sleep = lambda: at.append(rig.elapsed())
    assert set(rig.apply(rig.plan()).values()) == {"done"}
    pauses = [later - earlier for earlier, later in pairwise([0.0, *at])]
    again = pauses.index(FIRST_PAUSE, 1)  # DKIM has been seen, and the MAIL FROM domain is waited for
    assert max(pauses[:again]) == LONGEST_PAUSE
    assert pauses[again + 1] == FIRST_PAUSE * SLOWER


def test_what_there_may_be_no_more_of_is_asked_for_once(rig: Rig) -> None:
    rig.server.inject("CreateEmailIdentity", "LimitExceededException", times=None)
    assert rig.apply(rig.plan(), only=("create-identity",)) == {"create-identity": "throttled"}
    assert [call.operation for call in rig.server.calls].count("CreateEmailIdentity") == 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Mail.Example.COM", "mail.example.com", True),
        ("mail.example.com", "mail.example.org", False),
        (None, "", True),
        ("", "x", False),
        (["b", "a"], ["a", "b"], True),
        (["a"], ["a", "a"], False),
        (True, True, True),
        (False, None, False),
    ],
)
def test_what_means_the_same_to_ses(one: object, other: object, *, alike: bool) -> None:
    assert same(one, other) == same(other, one) == alike


WRITES = ("CreateEmailIdentity", "PutEmailIdentityMailFromAttributes")


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("fault", ["lost", "half"])
def test_an_answer_that_is_lost(rig: Rig, knot: Knot, operation: str, fault: str) -> None:
    before = world(rig, knot)
    plan = rig.plan()
    rig.server.inject(operation, fault)
    assert set(rig.apply(plan).values()) == {"done"}
    rig.server.inject("DeleteEmailIdentity", fault)
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert world(rig, knot) == before


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("fault", ["TooManyRequestsException", "ConcurrentModificationException"])
def test_a_call_that_aws_is_too_busy_for_is_made_again(rig: Rig, operation: str, fault: str) -> None:
    rig.server.inject(operation, fault, times=3)
    assert set(rig.apply(rig.plan()).values()) == {"done"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("AccessDeniedException", "denied"),
        ("TooManyRequestsException", "throttled"),
        ("LimitExceededException", "throttled"),
        ("BadRequestException", "refused"),
        ("ServiceUnavailable", "unreachable"),
        ("cut", "unreachable"),
        ("html", "unreachable"),
    ],
)
@pytest.mark.parametrize("operation", [*WRITES, "GetEmailIdentity"])
def test_what_aws_answers_is_said_and_leaves_nothing_half_done(
    rig: Rig, knot: Knot, operation: str, fault: str, status: str
) -> None:
    before = world(rig, knot)
    plan = rig.plan()
    rig.server.inject(operation, fault, times=None)
    outcomes = rig.apply(plan)
    assert list(outcomes.values())[-1] == status
    if status == "denied":
        assert f"ses:{operation}" in details(rig, list(outcomes)[-1])
    rig.server.clear()
    rig.undo(plan, "--delete-identity")
    assert world(rig, knot) == before
    assert set(rig.apply(plan).values()) == {"done"}


@pytest.mark.parametrize(
    ("detail", "status"),
    [("ExpiredToken: the credentials have expired: sign in again", "denied"), ("ReadTimeoutError", "unreachable")],
)
def test_credentials_that_have_expired(rig: Rig, detail: str, status: str) -> None:
    class Refusing:
        def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
            return [Reply(call, status=status, detail=detail) for call in calls]

    hands = msgspec.structs.replace(rig.hands(), ses=SesWriter("", REGION, api=Refusing()))
    early = hindrance(rig.plan(), hands, bundled_suffixes(), ())
    assert early is not None
    assert (early.status, early.failed) == (status, True)
    assert early.detail.en == f"GetCallerIdentity could not be read: {detail}"


def test_nothing_secret_is_anywhere(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    plan = rig.plan()
    rig.server.inject("PutEmailIdentityMailFromAttributes", "AccessDeniedException")
    rig.apply(plan)
    hands = rig.hands()
    texts = [rig.journal_path.read_text(), repr(rig.said), repr(hands), repr(vars(hands.ses)), *capfd.readouterr()]
    assert not [text for text in texts if SECRET in text or CANARY in text]
    assert rig.journal_path.stat().st_mode & 0o777 == 0o600


def test_every_call_of_a_plan_is_known(rig: Rig) -> None:
    """What a plan may hold can be carried out: no operation is met for the first time half-way."""
    source = "".join(path.read_text() for path in Path(inspect.getfile(survey)).parent.glob("*.py"))
    operations = set(re.findall(r'"((?:Create|Put|Delete)[A-Za-z]+)"', source))
    assert {"CreateEmailIdentity", "PutConfigurationSetDeliveryOptions"} <= operations
    assert [name for name in operations if not is_known(SesCall(name, {}, REGION))] == []
