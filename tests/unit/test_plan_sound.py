"""A plan that somebody forged, with a digest that fits: what no plan of ours holds is refused before it is shown."""

from __future__ import annotations

import msgspec
import pytest

from planning import identity, planned
from todoku.net.writers.ses_settings import FIELDS
from todoku.plan.document import read_document, written
from todoku.plan.sound import CALLS, READS, is_sound
from todoku.plan.step import Plan, Step, Wait
from todoku.plan.trace import is_known, trace
from todoku.report.changes import aws_command
from todoku.report.plan.show import render
from todoku.report.render_options import Manner
from todoku.words.change import Instruction, Output, RecordSet, RecordSetChange, SesCall
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

REGION = "ap-northeast-1"
W = Text("why", "理由")
EVIL = "\x1b[2Jnothing will be done"
PLAN = Plan(id="abc", made="2026-11-24", account="123456789012", profile="", region=REGION, domain="example.com")
CREATE = SesCall("CreateEmailIdentity", {"EmailIdentity": "example.com", "Tags": []}, REGION)


def step(action, name="a", **more) -> Step:
    return Step(id=name, action=action, why=W, **more)


def call(operation: str, region=REGION, **given) -> Step:
    return step(SesCall(operation, {"EmailIdentity": "example.com", **given}, region))


def record(value: str, *outputs: str, name="x.example.com", rdtype="TXT") -> Step:
    known = tuple(Output(1, path) for path in outputs)
    return step(RecordSetChange(RecordSet(name, rdtype), (value,), outputs=known), "b")


def wait(operation: str, path: str, **given) -> Step:
    return step(Wait(call=SesCall(operation, given, REGION), path=path, until=("x",), usually=W))


TOLD = step(Instruction(W))
FORGED = {
    "another identity": [call("PutEmailIdentityDkimAttributes", EmailIdentity="example.net")],
    "another region": [call("PutEmailIdentityDkimAttributes", "us-east-1")],
    "an unknown call": [call("DeleteSuppressedDestination")],
    "a call without what it needs": [call("PutEmailIdentityDkimSigningAttributes")],
    "an unknown read": [wait("GetNothing", "x")],
    "a read with more": [wait("GetEmailIdentity", "x", EmailIdentity="example.com", More={})],
    "a path of thousands of digits": [wait("GetEmailIdentity", f"x[{'9' * 6000}]", EmailIdentity="example.com")],
    "a step that comes after none": [step(Instruction(W), after=("none",))],
    "a step that waits for itself": [step(Instruction(W), after=("a",))],
    "two of one name": [TOLD, TOLD],
    "a width of gigabytes": [step(CREATE), record("{0:>3000000000}", "IdentityType")],
    "an attribute": [step(CREATE), record("{0.format}", "IdentityType")],
    "a mark too many": [step(CREATE), record("{1}", "IdentityType")],
    "an index that is none": [step(CREATE), record("{0}", "Tokens[x]")],
    "an output of no step": [
        step(CREATE),
        step(RecordSetChange(RecordSet("x.example.com", "TXT"), ("{0}",), outputs=(Output(0, "IdentityType"),)), "b"),
    ],
    "a key of somebody's": [
        call("PutEmailIdentityDkimSigningAttributes", SigningAttributesOrigin="EXTERNAL", SigningAttributes={})
    ],
    "a set without a name": [call("PutEmailIdentityConfigurationSetAttributes", ConfigurationSetName=["a"])],
    "a type that no plan writes": [record("192.0.2.1", rdtype="A")],
    "a name of a step that draws": [step(Instruction(W), EVIL)],
    "undoing another's": [step(CREATE, undo=(SesCall("DeleteEmailIdentity", {"EmailIdentity": "a.b"}, REGION),))],
}


@pytest.mark.parametrize("steps", FORGED.values(), ids=FORGED)
def test_what_no_plan_holds(steps):
    with pytest.raises(UsageError, match="no plan holds what stands at"):
        read_document(written(msgspec.structs.replace(PLAN, steps=tuple(steps)), "0"))


@pytest.mark.parametrize("changed", [{"id": EVIL}, {"domain": "example.com" + EVIL}, {"domain": ""}], ids=str)
def test_what_no_plan_is(changed):
    with pytest.raises(UsageError, match="no plan holds what stands at 'plan'"):
        read_document(written(msgspec.structs.replace(PLAN, **changed), "0"))


@pytest.mark.parametrize("aims", [{}, {"rua": "a@example.org", "require_tls": True, "reject_on_mx_failure": True}])
@pytest.mark.parametrize("known", [{}, {"GetEmailIdentity": identity()}], ids=["none", "identity"])
def test_what_is_made_is_sound(known, aims):
    plan = planned({}, known, **aims)
    assert plan.steps
    assert read_document(written(plan, "0")) == plan


def test_calls_and_reads_are_those_that_can_be_carried_out():
    assert FIELDS.keys() == READS.keys()
    for operation, needed in CALLS.items():
        given = SesCall(operation, dict.fromkeys(needed, "example.com"), REGION)
        assert is_known(given)
        assert trace(given).read.operation in READS
        assert is_sound(PLAN, (given,))


def test_a_plan_draws_nothing_on_the_terminal():
    evil = Text(EVIL, EVIL)
    steps = (
        Step(id="a", action=Instruction(evil, (EVIL,)), why=evil, risk=evil),
        record("v", name=f"{EVIL}.example.com"),
    )
    plan = msgspec.structs.replace(PLAN, made=EVIL, account=EVIL, profile=EVIL, region=EVIL, domain=EVIL, steps=steps)
    for language in ("en", "ja"):
        assert "\x1b" not in render(plan, "text", Manner(language=language, colour=False, width=80, zone=None))


def test_a_name_that_looks_like_an_option_is_none():
    command = aws_command(SesCall("DeleteConfigurationSet", {"ConfigurationSetName": "--no-verify-ssl"}, REGION))
    assert command == f"aws sesv2 delete-configuration-set --configuration-set-name=--no-verify-ssl --region {REGION}"


def test_an_account_number_is_one_word_of_the_shell():
    script = render(
        msgspec.structs.replace(PLAN, account="1; reboot"),
        "awscli",
        Manner(language="en", colour=False, width=80, zone=None),
    )
    assert "expect '1; reboot' aws sts" in script


@pytest.mark.parametrize("number", [2, 3, 10**9])
def test_a_record_that_waits_for_a_step_that_does_not_come_before_it(number: int) -> None:
    change = RecordSetChange(
        RecordSet("x.example.com", "TXT"), ("{0}",), outputs=(Output(number, "DkimAttributes.Tokens[0]"),)
    )
    forged = msgspec.structs.replace(PLAN, steps=(step(CREATE), step(change, "b"), step(CREATE, "c")))
    with pytest.raises(UsageError, match="no plan holds what stands at 'b'"):
        read_document(written(forged, "0"))
