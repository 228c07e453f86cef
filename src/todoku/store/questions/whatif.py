"""What a policy would have done: which mail p=quarantine or p=reject would have kept from its readers.

It is mail of which neither DKIM nor SPF is aligned. What a receiver has excepted (``EXEMPT`` of ``feedback/streams.py``) it may
except again, so it is told apart.
Whether a subdomain exists no report says: the policy for subdomains, ``sp``, stands for ``np`` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from todoku.feedback.answers import Affected, Fate, Scope, WhatIf
from todoku.store.questions.asking import PASSES, asked, within
from todoku.store.questions.extent import extent
from todoku.store.questions.streams import streams
from todoku.store.read import Reader

Policy = Literal["none", "quarantine", "reject"]
SEVERITY: dict[str, int] = {"none": 0, "quarantine": 1, "reject": 2}

_ASKED = "CASE WHEN header_from IN ('', policy_domain) THEN $own ELSE $below END"
_DONE = "CASE disposition WHEN 'reject' THEN 2 WHEN 'quarantine' THEN 1 ELSE 0 END"
_FATE = f"CASE WHEN {_DONE} >= {_ASKED} THEN 'already' WHEN excepted <> '' THEN 'exempt' ELSE 'refused' END"
SQL = streams(f"NOT {PASSES} AND {_ASKED} > 0", {"fate": _FATE, "reason": "excepted"})


def whatif(reader: Reader, scope: Scope, policy: Policy, subdomain_policy: Policy) -> WhatIf | None:
    """What these policies would have done to all mail in scope; None where there is none. Raises ``Away``."""
    reach = extent(reader, scope)
    if reach is None:
        return None
    severities = {"own": SEVERITY[policy], "below": SEVERITY[subdomain_policy]}
    found = asked(reader, Affected, SQL, {**within(scope), **severities})
    return WhatIf(
        policy=policy,
        subdomain_policy=subdomain_policy,
        messages=reach.messages,
        days=reach.days,
        refused=_sum(found, "refused"),
        already=_sum(found, "already"),
        exempt=_sum(found, "exempt"),
        streams=tuple(found),
    )


def _sum(found: Sequence[Affected], fate: Fate) -> int:
    return sum(one.messages for one in found if one.fate == fate)
