"""Steps of a plan that change a record set: read it at its authority, write down what stands there, write, write down again.

A write is made on condition that the set is still as it was read. So a value that stands there when a step is resumed,
and did not when the step was begun, is taken for this plan's own: had another been faster, the write would have failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.apply.execution import Desk, Outcome, of_dns, unread, written
from todoku.apply.ses_step import DONE_BEFORE, gone
from todoku.mail.domain_name import is_domain_name
from todoku.net.writers.dns_writer import Refusal, stands_in
from todoku.net.writers.ses_settings import at
from todoku.plan.step import Step
from todoku.plan.trace import trace
from todoku.words.change import RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text


def changed(desk: Desk, step: Step, planned: RecordSetChange) -> Outcome:
    """What comes of a change of a record set."""
    change = _filled(desk, step, planned)
    if isinstance(change, Outcome):
        return change
    found = desk.hands.dns.read(change.before.name, change.before.rdtype)
    if isinstance(found, Refusal):
        return Outcome(step.id, found.status, found.detail)
    if stands_in(change, found):
        if not desk.is_open(step):
            return Outcome(step.id, "unchanged")
        desk.note(step.id, "done")
        return Outcome(step.id, "done", DONE_BEFORE)
    is_half_way = _is_half_way(desk, step, change, found)
    if not is_half_way:
        ttl = found.ttl if found.values else change.ttl  # RFC 2181 5.2: that of the set, if there is one
        desk.begin(step, msgspec.structs.replace(change, before=found, ttl=ttl))
    result = written(desk.hands, change)  # as it was planned: what came since may stand against it
    if result.status == "done":
        desk.note(step.id, "done")
        desk.settling += [result.change_id] if result.change_id else []
        name = change.before.name if planned.outputs else ""
        return Outcome(step.id, "done", Text(name, name))
    if result.status == "by-hand":
        desk.changes[step.id] = change
        desk.note(step.id, "told")
    elif not is_half_way and (result.status != "unreachable" or result.found is not None):
        desk.note(step.id, "undone")  # nothing was written: what may stand there now is somebody else's
    return of_dns(step.id, result)


def _is_half_way(desk: Desk, step: Step, change: RecordSetChange, found: RecordSet) -> bool:
    """Whether a person has taken away what the change replaces, and not entered yet what comes: undo will put it back."""
    entry = desk.journal.entry(step.id)
    if entry is None or entry.state not in ("doing", "told") or not isinstance(entry.what, RecordSetChange):
        return False
    return any(value in entry.what.before.values and value not in found.values for value in change.remove)


def entered(desk: Desk, step: Step) -> Outcome:
    """Whether a change that a person is to make can be seen."""
    change = desk.changes[step.id]
    if desk.hands.stands(change):
        desk.note(step.id, "done")
        return Outcome(step.id, "done")
    return Outcome(step.id, "waiting", not_entered(change))


def is_changed(desk: Desk, step: Step, planned: RecordSetChange) -> bool:
    """Whether the authority shows the change."""
    change = _filled(desk, step, planned)
    if isinstance(change, Outcome):
        return False
    found = desk.hands.dns.read(change.before.name, change.before.rdtype)
    return isinstance(found, RecordSet) and stands_in(change, found)


def not_entered(change: RecordSetChange) -> Text:
    """That a person's change cannot be seen."""
    name, rdtype = change.before.name, change.before.rdtype
    return Text(
        f"{name} {rdtype} is not yet as it should be at the name servers of the domain",
        f"{name} の{rdtype}レコードの変更を、まだネームサーバーで確認できません",
    )


def _filled(desk: Desk, step: Step, planned: RecordSetChange) -> RecordSetChange | Outcome:
    """The change with what the replies to earlier steps hold."""
    values = []
    for output in planned.outputs:
        reply = _reply_of(desk, output.step, step)
        if isinstance(reply, Outcome):
            return reply
        value = at(reply, output.path)
        if not value or not isinstance(value, str):
            detail = Text(f"SES's reply holds no {output.path}", f"SESの応答に {output.path} がありません")
            return Outcome(step.id, "refused", detail)
        name = value.rstrip(".")
        if not is_domain_name(name):  # it becomes a part of a record: AWS gives tokens and zones, and nothing else
            detail = Text(
                f"what SES's reply holds at {output.path} is no name of a record",
                f"SESの応答の {output.path} はレコード名として使えません",
            )
            return Outcome(step.id, "refused", detail)
        values.append(name)
    return planned.filled(*values) if planned.outputs else planned


def _reply_of(desk: Desk, number: int, asking: Step) -> Mapping[str, Any] | Outcome:
    """What SES says of that which an earlier step made."""
    if number in desk.replies:
        return desk.replies[number]
    call = desk.plan.steps[number - 1].action if 0 < number <= len(desk.plan.steps) else None
    if not isinstance(call, SesCall):
        detail = Text(f"step {number} has no reply", f"手順 {number} には応答がありません")
        return Outcome(asking.id, "refused", detail)
    reply = desk.hands.ses.read(trace(call).read)
    if reply.failed:
        return unread(asking.id, reply)
    if reply.status == "absent":
        return Outcome(asking.id, "conflict", gone(trace(call).read))
    desk.replies[number] = reply.value
    return reply.value
