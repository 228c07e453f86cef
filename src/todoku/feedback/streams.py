"""Which stream of mail a record belongs to, and what its receiver excepted: worked out once, when its row is made.

``Stream`` in ``feedback/answers.py`` says why a stream is named like this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from todoku.feedback.aggregate.report import DkimAuth, OverrideReason

EXEMPT = ("local_policy", "mailing_list", "trusted_forwarder", "forwarded")  # RFC 9990 3.1.1.6, RFC 7489 appendix C
"""Reasons for which a receiver may let mail through again. ``sampled_out`` and ``policy_test_mode`` are none of them: they
end with the policy's own ``pct`` or ``t``.
"""


def naming_signature(signatures: Sequence[DkimAuth], author_domain: str) -> DkimAuth | None:
    """The first signature of the author domain or one related to it, else the first; None where there is none."""
    related = (one for one in signatures if _is_related(one.domain, author_domain))
    return next(related, next(iter(signatures), None))


def _is_related(domain: str, author_domain: str) -> bool:
    """Whether they are the same, or one lies below the other."""
    return domain == author_domain or author_domain.endswith(f".{domain}") or domain.endswith(f".{author_domain}")


def network(address: str) -> str:
    """The network of an address in its shortest form: its /24 of IPv4, its /48 of IPv6. Those that begin with 32 zeros, of
    which none is routed, count as one.
    """
    if ":" not in address:
        return f"{address.rpartition('.')[0]}.0/24"
    groups = address.partition("::")[0].split(":")[:3]
    while len(groups) > 1 and groups[-1] == "0":
        groups.pop()
    return f"{':'.join(groups)}::/48"


def excepted(reasons: Iterable[OverrideReason]) -> str:
    """The first reason for which the receiver may let such mail through again; "" where it gave none."""
    return next((one.type for one in reasons if one.type in EXEMPT), "")
