"""What stands in DNS and SES against what stood there when all was well, and which record or setting it is that changed.

What is lost together is told together: the records of a domain share an alarm, and so do the settings of an identity in a region. A
change is told once, and stays one while nobody can look. If everything is as well with it as it was before, it becomes what is well after three days, and its
alarm ends; else it stays one until the record is put back or the mail is well again. What could not be looked at has not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.ask import Answer, readable
from todoku.causes.witnesses.over_time import RECORD_CHANGED, SETTING_CHANGED
from todoku.watching.signal import Looked, Seen, Signal, SignalLevel
from todoku.words.verdict import Exhibit, Value

SETTLED = timedelta(days=3)
NOTHING = "none"  # as ``words.MAY_BE_NONE`` knows it
KINDS = ("TXT", "CNAME", "MX", "NS")  # what a person sets down; addresses behind a name change by themselves
OURS = ("v=spf1", "v=dmarc1", "v=dkim1", "v=stsv1", "v=tlsrptv1", "v=bimi1")
KIND = "drift"


class Thing(NamedTuple):
    """What can change: a record set (``place`` "", its type as ``field``), or a setting of an identity in a region (``place``)."""

    name: str
    field: str
    place: str = ""

    @property
    def key(self) -> str:
        """What it is remembered by: the same thing has the same, whoever asked for it."""
        return " ".join(self)


State = tuple[str, ...]
"""Its values, sorted; none where there is none."""


class Changed(msgspec.Struct, frozen=True):
    """A state that is not the good one, since when it is so, and when it was last seen."""

    state: State
    since: datetime
    seen: datetime


class Memory(msgspec.Struct, frozen=True):
    """What a subject looked like when all was well, and what is otherwise. Kept from look to look."""

    good: dict[str, State] = {}
    changed: dict[str, Changed] = {}


class Drift(msgspec.Struct, frozen=True):
    """A look, and what to remember of it."""

    seen: Seen
    memory: Memory


def records(answers: Iterable[Answer], domain: str) -> dict[Thing, State | None]:
    """The record sets of a domain that its owner sets down; None for one that could not be looked at.

    Names outside the domain are left out: they are somebody else's to change, as is what an include leads to.
    """
    found: dict[Thing, State | None] = {}
    for answer in answers:
        name, kind = answer.question
        if kind in KINDS and (name == domain or name.endswith("." + domain)):
            found[Thing(name, kind)] = None if answer.failed else tuple(sorted(_owned(answer)))
    return found


SETTINGS = (
    "verified",
    "dkim.signing",
    "dkim.origin",
    "dkim.bits",
    "dkim.zone",
    "mail_from.domain",
    "mail_from.on_mx_failure",
    "configuration_set",
    "feedback_forwarding",
)
"""Of an identity, what somebody sets; tokens and states follow from it and from DNS."""


def settings(identity: SesIdentity) -> dict[Thing, State | None]:
    """What an identity is set to, each setting by the name that ``account/identity.py`` gives it."""
    return {Thing(identity.name, name, identity.region): _written(attrgetter(name)(identity)) for name in SETTINGS}


def _written(value: object) -> State:
    return () if value in ("", None) else (str(value),)


def _owned(answer: Answer) -> Iterator[str]:
    """The records that are about mail: at a domain's own name stand strings of others, which come and go."""
    if answer.chain and answer.question.rdtype == "TXT":
        yield f"CNAME {answer.chain[0]}"
    for record in answer.records:
        text = readable(record)
        if answer.question.rdtype != "TXT" or text.lower().startswith(OURS) or "_domainkey." in answer.question.name:
            yield text


class Whose(NamedTuple):
    """Who is looked at: what its signals are about, and the domain whose records they are."""

    about: str
    domain: str


def compare(
    whose: Whose, now: Mapping[Thing, State | None], memory: Memory, *, worse: frozenset[str], at: datetime
) -> Drift:
    """What has changed. ``worse``: the requirements that are worse off than when all was well; they make a change a fail.

    What is seen for the first time is taken as good.
    """
    good, changed = dict(memory.good), dict(memory.changed)
    signals: list[Signal] = []
    unasked = {Thing(*key.rsplit(" ", 2)): None for key in changed}  # a name may hold blanks: SPF's %_ makes them
    for thing, state in sorted({**unasked, **now}.items()):
        if state is None:  # could not look: what is known stays
            old = changed.get(thing.key)
            if old is not None and thing not in now and at - old.seen >= SETTLED:  # nobody asks for it any more
                del good[thing.key], changed[thing.key]
            elif old is not None:
                signals.append(_signal(whose, thing, good[thing.key], old.state, worse))
            continue
        before = good.setdefault(thing.key, state)
        if state == before:
            changed.pop(thing.key, None)
            continue
        old = changed.get(thing.key)
        since = old.since if old and old.state == state else at
        if at - since >= SETTLED and requirement_of(thing) not in worse:
            good[thing.key] = state
            changed.pop(thing.key, None)
            continue
        changed[thing.key] = Changed(state, since, at)
        signals.append(_signal(whose, thing, before, state, worse))
    looked = Looked(scopes=frozenset({(KIND, whose.about)}))
    return Drift(Seen(signals=tuple(signals), looked=looked), Memory(good, changed))


def requirement_of(thing: Thing) -> str:
    """The requirement that a record or setting is there for."""
    if thing.place:
        return "dkim" if "dkim" in thing.field.lower() else "spf" if "mail_from" in thing.field else "bounce-handling"
    if thing.name.startswith("_dmarc."):
        return "dmarc-record"
    if "._domainkey." in thing.name:
        return "dkim"
    if thing.name.startswith(("_mta-sts.", "_smtp._tls.")):
        return "tls"
    return "spf" if thing.field == "TXT" else "sender-domain"


def _signal(whose: Whose, thing: Thing, before: State, after: State, worse: frozenset[str]) -> Signal:
    told = {"before": _told(before), "after": _told(after)}
    values: dict[str, Value] = (
        {"setting": thing.field, "identity": thing.name, "region": thing.place, **told}
        if thing.place
        else {"name": thing.name, "rdtype": thing.field, **told}
    )
    level: SignalLevel = "fail" if requirement_of(thing) in worse else "warn"
    reason = SETTING_CHANGED if thing.place else RECORD_CHANGED
    return Signal(
        scope=KIND,
        about=whose.about,
        requirement=requirement_of(thing),
        reason=reason,
        level=level,
        cause=f"{reason.tag}/{whose.about if thing.place else whose.domain}",
        part=thing.key,
        values=values,
        exhibits=(Exhibit("api" if thing.place else "dns", f"{thing.name} {thing.field}", _told(after)),),
    )


def _told(state: State) -> str:
    return " | ".join(state) or NOTHING
