"""The account's suppression list, counted by receiver: addresses to which SES accepts mail and does not send it.

NTT docomo answers alike for an address that does not exist and for one whose owner's filter refused the mail, so that customers stand on the
list who wait for the mail. How many they are is told, and never who: an address is cut down to its domain before anything else sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from todoku.feedback.recipients import receiver_of
from todoku.receivers import FACTS

FIELD = "SuppressedDestinationSummaries"
CARRIERS = tuple(receiver for receiver, facts in FACTS.items() if facts.refusals_hide_filters)
"""Receivers whose refusals were seen to be filters of the recipient as often as unknown addresses."""


class SuppressionList(msgspec.Struct, frozen=True, kw_only=True):
    """How many addresses are on it, and how many of them are mailboxes of Japan's mobile carriers."""

    addresses: int
    carriers: dict[str, int] = {}


def without_address(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of ``ListSuppressedDestinations`` of whose address only the domain is left: ``@example.com``."""
    domain = str(entry.get("EmailAddress", "")).rpartition("@")[2].lower()
    return {"EmailAddress": f"@{domain}", "Reason": entry.get("Reason", "")}


def read_suppression_list(entries: Iterable[Mapping[str, Any]]) -> SuppressionList:
    """The counts of entries as ``without_address`` makes them."""
    domains = Counter(str(entry.get("EmailAddress", "")).rpartition("@")[2] for entry in entries)
    found: Counter[str] = Counter()
    for domain, number in domains.items():
        found[receiver_of(domain) or ""] += number
    return SuppressionList(addresses=domains.total(), carriers={name: found[name] for name in CARRIERS if found[name]})
