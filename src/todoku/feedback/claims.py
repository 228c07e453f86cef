"""Whose report it is. Anybody can send a report about any domain to anybody, so most of what is said here is "not yours"."""

from __future__ import annotations

from collections.abc import Collection


def is_claimed(domain: str, owned: Collection[str]) -> bool:
    """Whether a report's domain is one of the ``owned`` ones or below one; both as lower-case A-labels.

    A report, or a record, about another domain is kept as unclaimed and raises no alarm.
    """
    while domain:
        if domain in owned:
            return True
        domain = domain.partition(".")[2]
    return False
