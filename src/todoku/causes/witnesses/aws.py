"""What AWS itself advises on an identity: open recommendations of Virtual Deliverability Manager.

They are recomputed now and then, so that one may still stand when its cause is mended.
"""

from __future__ import annotations

from collections.abc import Sequence

from todoku.account.sending import Recommendation
from todoku.words.verdict import Clause, Exhibit, Finding, Reason, Text, Witness

RECOMMENDS = Reason(
    "ses-recommends",
    Text(
        "AWS itself has an open recommendation on {identity} ({kind}, impact {impact}): {text}",
        "AWS自身が {identity} について未解決の推奨事項を挙げています({kind}、影響度 {impact}): {text}",
    ),
)


def aws_witness(kind: str) -> Witness:
    """AWS as a witness of the requirement that one kind of its recommendations is about: ``DKIM``, ``SPF`` and the like."""

    def decide(_clause: Clause, recommendations: tuple[Recommendation, ...]) -> Finding | None:
        return recommended(kind, recommendations)

    return Witness("provider", decide)


def recommended(kind: str, recommendations: Sequence[Recommendation]) -> Finding | None:
    """The first open recommendation of a kind; None where AWS has none."""
    found = next((one for one in recommendations if one.kind == kind), None)
    if found is None:
        return None
    values = {"identity": found.identity, "kind": found.kind, "impact": found.impact or "-", "text": found.text}
    return Finding("fail", RECOMMENDS, values, (Exhibit("api", f"ListRecommendations {found.resource}", found.text),))
