"""One cause, one alarm: a record that changed, and the verdict that fell by it.

A DMARC record that vanishes is seen twice: by what stands in the DNS, and by what is judged of it. Both are told as one, with the
evidence of both. What was an alarm by itself before the change stays one, or it would be told as over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from todoku.watching.signal import Signal

BEHIND = "~ "
"""Before the part of a verdict: behind all names of records, so that the change gives the alarm its name."""


def joined(verdicts: Iterable[Signal], changes: Iterable[Signal], apart: Collection[str]) -> Iterator[Signal]:
    """The verdicts' signals on a subject, those that fell by a change with the cause of its alarm.

    ``apart``: the causes of the alarms that the subject has already.
    """
    given = list(verdicts)
    of_requirement = {one.requirement: one.cause for one in changes if one.level == "fail"}
    of_reason = {
        one.cause: of_requirement[one.requirement]
        for one in given
        if one.requirement in of_requirement and one.cause not in apart
    }
    for one in given:
        if one.cause in of_reason:
            yield msgspec.structs.replace(one, cause=of_reason[one.cause], part=BEHIND + one.cause)
        else:
            yield one
