"""A part of a plan: the steps towards one aim and what stands against them; parts follow each other."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from todoku.plan.step import Conflict, Step
from todoku.plan.survey import Place, Survey
from todoku.words.change import RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

TTL = 3600
USUALLY = Text(
    "usually a few minutes; SES looks for 72 hours, then gives up", "通常は数分。SESは72時間まで確認を続けます"
)
"""How long SES takes to see a record. It searches for those of DKIM for up to 72 hours, in whichever way DKIM is set up
(docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html, ``Tokens``), for a domain's for 72 hours before its status is
Failed (ses/latest/APIReference/API_VerifyDomainIdentity.html), and for the MX record so too (ses/latest/dg/mail-from.html).
"""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Steps towards one aim. ``last`` are the ids that a following part has to wait for."""

    steps: tuple[Step, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def last(self) -> tuple[str, ...]:
        """The id of the last step, if there is one."""
        return tuple(step.id for step in self.steps[-1:])


def joined(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    listed = tuple(parts)
    return Part(
        steps=tuple(step for part in listed for step in part.steps),
        conflicts=tuple(conflict for part in listed for conflict in part.conflicts),
    )


def get_identity(survey: Survey) -> SesCall:
    """The call that reads the identity."""
    return SesCall("GetEmailIdentity", {"EmailIdentity": survey.domain}, survey.wanted.region)


def added(step_id: str, before: RecordSet, value: str, why: Text, after: tuple[str, ...]) -> Step:
    """The step that adds one value to a record set. A set has one TTL (RFC 2181 section 5.2): that of one that is there stays."""
    change = RecordSetChange(before, add=(value,), ttl=before.ttl or TTL)
    return Step(id=step_id, action=change, why=why, after=after)


def taken(place: Place, besides: str) -> tuple[RecordSet, ...]:
    """What stands at a name and keeps a record of the type ``besides`` from standing there (RFC 1034 section 3.6.2)."""
    if besides == "CNAME":
        return tuple(one for one in place.sets if one.rdtype != "CNAME")
    return tuple(one for one in place.sets if one.rdtype == "CNAME")
