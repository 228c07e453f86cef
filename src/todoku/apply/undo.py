"""Taking a plan back: the journal is gone through backwards, and only what this plan did is undone.

A value that this plan added to a record set goes, one that it removed returns; what others added meanwhile stays. A
setting of SES goes back only where it still is as the plan left it, and nothing is deleted at AWS that does not bear the
plan's tag. A setting of SES that the plan was about to make when it ended may be somebody else's, since SES makes it on
no condition: where it stands, that is said, and it stays. A record is written on condition (``dns_step.py``), and goes.
What cannot be taken back, or not any more, is said, and the rest is taken back all the same.
"""

from __future__ import annotations

from collections.abc import Collection

from todoku.apply.apply import STOPPED
from todoku.apply.dns_step import not_entered
from todoku.apply.execution import (
    Desk,
    Hands,
    Look,
    Outcome,
    Patience,
    look_again,
    not_made,
    of_dns,
    unread,
    written,
)
from todoku.apply.journal import Entry, Journal
from todoku.apply.ses_step import subject
from todoku.net.aws.errors import Failure
from todoku.net.writers.dns_writer import Refusal, stands_in
from todoku.net.writers.ses_settings import bears_tag, holds
from todoku.plan.sound import is_sound
from todoku.plan.step import Plan
from todoku.plan.trace import Trace, trace
from todoku.report.changes import aws_command
from todoku.words.change import Irreversible, RecordSetChange, SesCall
from todoku.words.verdict import Text


def undo(
    plan: Plan, hands: Hands, journal: Journal, *, also: Collection[str] = (), seconds: float
) -> tuple[Outcome, ...]:
    """What came of each step that the journal knows, the last one first. ``also``: options without which some are left."""
    desk, patience = Desk(plan, hands, journal), Patience(hands.clock, seconds)
    outcomes: dict[str, Outcome] = {}
    waiting: dict[str, Look] = {}
    for entry in reversed(journal.entries):
        if hands.clock.stopped():
            return (*outcomes.values(), desk.told(Outcome(entry.step, "stopped", STOPPED)))
        outcome = desk.told(_taken_back(desk, entry, also))
        outcomes[entry.step] = outcome
        if outcome.status in ("denied", "throttled", "unreachable"):  # the next one would fare no better
            return tuple(outcomes.values())
        if outcome.status == "waiting":
            waiting[entry.step] = _look_at(desk, entry.step)
    while waiting and patience.rest():
        outcomes |= {outcome.step: outcome for outcome in look_again(hands, waiting, patience)}
    if hands.clock.stopped():
        return (*outcomes.values(), Outcome("", "stopped", STOPPED))
    return tuple(outcomes.values())


def _taken_back(desk: Desk, entry: Entry, also: Collection[str]) -> Outcome:
    """What comes of taking a step back."""
    calls = entry.undo if isinstance(entry.undo, tuple) else ()
    is_known = bool(desk.plan.earlier) or any(step.id == entry.step for step in desk.plan.steps)
    if not is_known or not is_sound(desk.plan, (entry.what, *calls)):
        return Outcome(entry.step, "refused", _forged(entry))
    if isinstance(entry.what, RecordSetChange):
        return _record_set(desk, entry, entry.what.undone)
    if isinstance(entry.undo, Irreversible):
        desk.note(entry.step, "undone")  # there is no more to do about it, the next time either
        return Outcome(entry.step, "left", entry.undo.why)
    if entry.undo_with and entry.undo_with not in also:
        return Outcome(entry.step, "left", _without(entry))
    if entry.state == "doing" and not trace(entry.what).makes:
        return _perhaps_called(desk, entry, entry.what, entry.undo)
    for call in entry.undo:
        outcome = _call(desk, entry, entry.what, call)
        if not outcome.ended:
            return outcome
    desk.note(entry.step, "undone")
    return outcome if entry.undo else Outcome(entry.step, "unchanged")


def _record_set(desk: Desk, entry: Entry, change: RecordSetChange) -> Outcome:
    found = desk.hands.dns.read(change.before.name, change.before.rdtype)
    if isinstance(found, Refusal):
        return Outcome(entry.step, found.status, found.detail)
    if stands_in(change, found):
        desk.note(entry.step, "undone")
        return Outcome(entry.step, "unchanged")
    desk.note(entry.step, "undoing")
    result = written(desk.hands, change)
    if result.status in {"done", "unchanged"}:
        desk.note(entry.step, "undone")
        return Outcome(entry.step, result.status)
    if result.status == "by-hand":
        desk.changes[entry.step] = change
    return of_dns(entry.step, result)


def _look_at(desk: Desk, step: str) -> Look:
    """How to look whether a person has taken a change back."""

    def look() -> Outcome:
        if not desk.hands.stands(desk.changes[step]):
            return Outcome(step, "waiting", not_entered(desk.changes[step]))
        desk.note(step, "undone")
        return Outcome(step, "done")

    return look


def _call(desk: Desk, entry: Entry, did: SesCall, call: SesCall) -> Outcome:
    """What comes of one call that takes back what ``did`` left."""
    left = trace(call)
    reply = desk.hands.ses.read(left.read)
    if reply.failed:
        return unread(entry.step, reply)
    if reply.status == "absent" or (not left.removes and holds(left, reply.value)):
        return Outcome(entry.step, "unchanged")
    if left.removes and not bears_tag(reply.value, desk.plan.id):
        return Outcome(entry.step, "conflict", _not_ours(left))
    if not left.removes and not holds(trace(did), reply.value):
        return Outcome(entry.step, "conflict", _changed_since(left))
    desk.note(entry.step, "undoing")
    said = desk.hands.ses.write(call)
    if not isinstance(said, Failure) or (said.status == "unreachable" and _is_undone(desk, left)):
        return Outcome(entry.step, "done")
    return not_made(entry.step, call, said)


def _perhaps_called(desk: Desk, entry: Entry, did: SesCall, calls: tuple[SesCall, ...]) -> Outcome:
    """What comes of a setting that this plan was about to make when it ended: where it stands, somebody else may have made it."""
    reply = desk.hands.ses.read(trace(did).read)
    if reply.failed:
        return unread(entry.step, reply)
    if calls and reply.status != "absent" and holds(trace(did), reply.value):
        return Outcome(entry.step, "conflict", _by_commands(did, calls))
    desk.note(entry.step, "undone")
    return Outcome(entry.step, "unchanged")


def _is_undone(desk: Desk, left: Trace) -> bool:
    """Whether a call whose answer was lost was made all the same."""
    reply = desk.hands.ses.read(left.read)
    return reply.status == "absent" if left.removes else reply.status == "ok" and holds(left, reply.value)


def _without(entry: Entry) -> Text:
    name = subject(entry.what) if isinstance(entry.what, SesCall) else entry.step
    return Text(
        f"{name} stays as it is: {entry.undo_with} takes this back too",
        f"{name} はそのまま残しました。これも取り消すには {entry.undo_with} を指定してください",
    )


def _by_commands(did: SesCall, calls: tuple[SesCall, ...]) -> Text:
    name, lines = subject(trace(did).read), "\n".join(f"  {aws_command(call)}" for call in calls)
    return Text(
        f"the setting of {name} stands as this plan was about to make it when the program ended; whether it or somebody else made it "
        f"is not known, so it stays. To take it back by hand:\n{lines}",
        f"{name} には、前回の実行が途中で終わったステップと同じ設定があります。todokuによる変更かどうかを確認できないため、残しました。"
        f"手作業で戻す場合:\n{lines}",
    )


def _forged(entry: Entry) -> Text:
    return Text(
        f"the journal says of {entry.step} what no plan for this domain does: it was changed by hand",
        f"実行記録の {entry.step} に、このドメインの計画にはない内容が含まれています。手で変更された可能性があります",
    )


def _not_ours(left: Trace) -> Text:
    name = subject(left.read)
    return Text(
        f"{name} does not bear this plan's tag: it was made by somebody else since, and stays",
        f"{name} にはこの計画のタグがありません。別途作成されたものとみなし、削除しませんでした",
    )


def _changed_since(left: Trace) -> Text:
    name = subject(left.read)
    return Text(
        f"the setting of {name} was changed since by somebody else, and stays as it is now",
        f"{name} の設定は計画の適用後に変更されているため、元に戻しませんでした",
    )
