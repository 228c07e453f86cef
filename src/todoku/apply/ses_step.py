"""Steps of a plan that SES carries out, and the waits until it shows something: look, write down, call, write down again."""

from __future__ import annotations

from todoku.apply.execution import Desk, Outcome, not_made, unread
from todoku.auth.ask import Reply
from todoku.net.aws.errors import Failure
from todoku.net.writers.ses_settings import at, bears_tag, has_lapsed, holds, same
from todoku.plan.step import Expectation, Step, Wait
from todoku.plan.trace import Trace, trace
from todoku.words.change import SesCall
from todoku.words.verdict import Text

DONE_BEFORE = Text("it had been done before the program ended", "前回の実行で完了していました")
PERHAPS_OURS = Text(
    "the program ended while it was at this, and whether it did it or somebody else is not known: todoku undo leaves it",
    "前回の実行がこのステップの途中で終わったため、todokuによる変更かどうかを確認できません。todoku undo では取り消しません",
)
"""Of what stands, and may have been done by this plan or by somebody else."""


def called(desk: Desk, step: Step, call: SesCall) -> Outcome:
    """What comes of a call of SES."""
    left = trace(call)
    reply = desk.hands.ses.read(left.read)
    if reply.failed:
        return unread(step.id, reply)
    settled = _settled(desk, step, call, reply)
    if settled is not None:
        return settled
    for expected in step.expects:
        unmet = _unmet(desk, step, expected, reply if expected.call == left.read else None)
        if unmet is not None:
            return unmet
    desk.begin(step, call)
    said = desk.hands.ses.write(call)
    if isinstance(said, Failure):
        return _after_failure(desk, step, call, said)
    desk.replies[desk.plan.steps.index(step) + 1] = said
    desk.note(step.id, "done")
    return Outcome(step.id, "done")


def is_called(desk: Desk, call: SesCall) -> bool:
    """Whether what a call leaves can be seen."""
    left = trace(call)
    reply = desk.hands.ses.read(left.read)
    if reply.status != "ok":
        return False
    return bears_tag(reply.value, desk.plan.id) if left.makes else holds(left, reply.value)


def seen(desk: Desk, step: Step, wait: Wait) -> Outcome:
    """Whether SES shows what is waited for."""
    reply = desk.hands.ses.read(wait.call)
    if reply.failed:
        outcome = unread(step.id, reply)
        return outcome if outcome.status in ("denied", "refused") else Outcome(step.id, "waiting", outcome.detail)
    if reply.status == "absent":
        return Outcome(step.id, "conflict", gone(wait.call))
    found = at(reply.value, wait.path)
    if found in wait.until:
        return Outcome(step.id, "done")
    if found in wait.hopeless:
        return Outcome(step.id, "conflict", _hopeless(wait, str(found)))
    return Outcome(step.id, "waiting", _not_yet(wait, str(found or "-")))


def _settled(desk: Desk, step: Step, call: SesCall, reply: Reply) -> Outcome | None:
    """What comes of a call whose effect stands, or that can have none; None where it is to be made."""
    left = trace(call)
    if left.makes and reply.status == "absent":
        return None
    if reply.status == "absent":
        return Outcome(step.id, "conflict", gone(left.read))
    if left.makes and not bears_tag(reply.value, desk.plan.id):
        return Outcome(step.id, "conflict", _not_ours(left))
    if not holds(left, reply.value) or has_lapsed(left, reply.value):
        return None
    if left.makes:
        desk.replies[desk.plan.steps.index(step) + 1] = reply.value
        if desk.journal.entry(step.id) is None:  # by its tag it was this plan, whatever became of the journal
            desk.begin(step, call)
    if not desk.is_open(step):
        return Outcome(step.id, "unchanged")
    if not left.makes:
        return Outcome(step.id, "unchanged", PERHAPS_OURS)
    desk.note(step.id, "done")
    return Outcome(step.id, "done", DONE_BEFORE)


def _unmet(desk: Desk, step: Step, expected: Expectation, known: Reply | None) -> Outcome | None:
    """None where it is still as it was when the plan was made."""
    reply = known or desk.hands.ses.read(expected.call)
    if reply.failed:
        return unread(step.id, reply)
    is_there = reply.status == "ok"
    if expected.absent == is_there:
        return Outcome(step.id, "conflict", _otherwise(expected))
    if expected.absent or same(at(reply.value, expected.path), expected.value):
        return None
    return Outcome(step.id, "conflict", _changed(expected, at(reply.value, expected.path)))


def _after_failure(desk: Desk, step: Step, call: SesCall, failure: Failure) -> Outcome:
    """What comes of a call that failed: where its answer was lost, or another was first, what stands decides."""
    if failure.status != "unreachable" and failure.code != "AlreadyExistsException":
        desk.note(step.id, "undone")
        return not_made(step.id, call, failure)
    reply = desk.hands.ses.read(trace(call).read)
    if reply.failed:
        return not_made(step.id, call, failure)
    settled = _settled(desk, step, call, reply)
    if settled is None or settled.status == "conflict":
        desk.note(step.id, "undone")
    elif settled.status == "unchanged":  # it did not stand a moment ago, and now it does: the call was made
        desk.note(step.id, "done")
        return Outcome(step.id, "done")
    return settled or not_made(step.id, call, failure)


def subject(read: SesCall) -> str:
    """What a call is about, by its name."""
    return str(next(iter(read.parameters.values()), read.operation))


def gone(read: SesCall) -> Text:
    """That there is no such thing."""
    name, region = subject(read), read.region
    return Text(
        f"there is no {name} in {region} any more: make the plan anew with todoku plan",
        f"{region} に {name} がありません。todoku plan で計画を作り直してください",
    )


def _not_ours(left: Trace) -> Text:
    name = subject(left.read)
    return Text(
        f"{name} is there already and was not made by this plan: make the plan anew with todoku plan",
        f"{name} はすでに存在し、この計画で作成したものではありません。todoku plan で計画を作り直してください",
    )


def _otherwise(expected: Expectation) -> Text:
    name = subject(expected.call)
    if expected.absent:
        return Text(
            f"{name} is there, and was not when the plan was made: make the plan anew with todoku plan",
            f"{name} が計画の作成後に追加されています。todoku plan で計画を作り直してください",
        )
    return gone(expected.call)


def _changed(expected: Expectation, found: object) -> Text:
    before, now = (repr(value) if value not in (None, "") else "-" for value in (expected.value, found))
    name = subject(expected.call)
    return Text(
        f"{expected.path} of {name} was {before} when the plan was made and is {now} now: somebody changed it. "
        "Make the plan anew with todoku plan",
        f"{name} の {expected.path} が、計画の作成時の {before} から {now} に変更されています。todoku plan で計画を作り直してください",
    )


def _hopeless(wait: Wait, found: str) -> Text:
    return Text(
        f"{wait.path} is {found}: SES has given up looking. A new plan (todoku plan) makes it look again",
        f"{wait.path} が {found} です。SESは確認を打ち切りました。計画を作り直すと(todoku plan)、確認を再開できます",
    )


def _not_yet(wait: Wait, found: str) -> Text:
    return Text(f"{found} now; {wait.usually.en}", f"現在 {found}({wait.usually.ja})")
