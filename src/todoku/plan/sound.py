"""Whether a plan holds only what ``make`` puts into one: a document is handed from person to person, and may be forged.

A forged plan may still be a bad plan, which is shown before it is carried out. It cannot touch another identity or
region than it names, leave a step out unseen, or bring the program to its knees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from todoku.mail.domain_name import ascii_domain
from todoku.plan.step import Action, Plan, Step, Wait
from todoku.words.change import Output, RecordSetChange, SesCall

IDENTITY, SET = "EmailIdentity", "ConfigurationSetName"
CALLS: Mapping[str, frozenset[str]] = {
    "CreateEmailIdentity": frozenset({IDENTITY, "Tags"}),
    "DeleteEmailIdentity": frozenset({IDENTITY}),
    "PutEmailIdentityDkimAttributes": frozenset({IDENTITY}),
    "PutEmailIdentityDkimSigningAttributes": frozenset({IDENTITY, "SigningAttributesOrigin"}),
    "PutEmailIdentityMailFromAttributes": frozenset({IDENTITY}),
    "PutEmailIdentityConfigurationSetAttributes": frozenset({IDENTITY}),
    "CreateConfigurationSet": frozenset({SET, "Tags"}),
    "DeleteConfigurationSet": frozenset({SET}),
    "PutConfigurationSetDeliveryOptions": frozenset({SET}),
}
"""The calls that a plan makes, each with the parameters that it cannot be without."""
READS: Mapping[str, frozenset[str]] = {
    "GetEmailIdentity": frozenset({IDENTITY}),
    "GetConfigurationSet": frozenset({SET}),
}
TYPES = frozenset({"TXT", "CNAME", "MX"})

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_PATH = re.compile(r"[A-Za-z]+(?:\[[0-9]{1,3}\])?(?:\.[A-Za-z]+(?:\[[0-9]{1,3}\])?)*", re.ASCII)
_MARKED = re.compile(r"(?:[^{}]|\{[0-9]\})*")


def wrong(plan: Plan) -> str:
    """What no plan holds, by the id of its step; "" where there is nothing of the kind."""
    if not _ID.fullmatch(plan.id) or ascii_domain(plan.domain) != plan.domain:
        return "plan"
    known: set[str] = set()
    for number, step in enumerate(plan.steps):
        if isinstance(step.action, RecordSetChange) and any(output.step > number for output in step.action.outputs):
            return step.id  # it waits for what comes later, or never
        if not _ID.fullmatch(step.id) or step.id in known or not known.issuperset(step.after):
            return step.id
        if not is_sound(plan, (step.action, *_undo(step))) or not all(_reads(plan, one) for one in _read(step)):
            return step.id
        known.add(step.id)
    return ""


def is_sound(plan: Plan, actions: Iterable[Action]) -> bool:
    """Whether each is something that a plan for this domain and region may do, or take back."""
    for action in actions:
        match action:
            case SesCall() if not _is_call(plan, action, CALLS):
                return False
            case RecordSetChange() if not _is_change(action):
                return False
    return True


def _undo(step: Step) -> tuple[SesCall, ...]:
    return step.undo if isinstance(step.undo, tuple) else ()


def _read(step: Step) -> Iterator[tuple[SesCall, str]]:
    """What the step reads: the call, and where in its reply it looks ("": whether there is one)."""
    if isinstance(step.action, Wait):
        yield step.action.call, step.action.path
    for expected in step.expects:
        yield expected.call, "" if expected.absent else expected.path


def _reads(plan: Plan, read: tuple[SesCall, str]) -> bool:
    call, path = read
    is_exact = frozenset(call.parameters) == READS.get(call.operation)
    return is_exact and _is_call(plan, call, READS) and (not path or _PATH.fullmatch(path) is not None)


def _is_call(plan: Plan, call: SesCall, known: Mapping[str, frozenset[str]]) -> bool:
    given = call.parameters
    needed = known.get(call.operation)
    return (
        needed is not None
        and needed <= given.keys()
        and call.region == plan.region
        and given.get(IDENTITY, plan.domain) == plan.domain
        and isinstance(given.get(SET, ""), str)
        and "SigningAttributes" not in given  # a key: a plan has none
    )


def _is_change(change: RecordSetChange) -> bool:
    texts = (change.before.name, *change.add) if change.outputs else ()
    marks = chain.from_iterable(re.findall(r"\{([0-9])\}", text) for text in texts)
    return (
        change.before.rdtype in TYPES
        and all(map(_MARKED.fullmatch, texts))
        and all(int(mark) < len(change.outputs) for mark in marks)
        and all(map(_is_output, change.outputs))
    )


def _is_output(output: Output) -> bool:
    return output.step > 0 and _PATH.fullmatch(output.path) is not None
