"""Inputs that are made for a target: what it would take the engine long to think of, and what no case of the tests holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from made import own_files, reports, services, signatures

Make = Callable[[], Iterable[bytes]]
MADE: Mapping[str, Make] = {
    "aggregates": reports.aggregates,
    "bundles": own_files.bundles,
    "consents": services.consents,
    "google": services.google,
    "notifications": services.notifications,
    "chains": signatures.chains,
    "damaged": signatures.damaged,
    "events": reports.events,
    "feedback": reports.feedback,
    "journals": own_files.journals,
    "keys": signatures.keys,
    "kept": own_files.kept,
    "plans": own_files.plans,
    "replies": signatures.replies,
    "settings": own_files.settings,
    "tls": reports.tls_reports,
    "tsig": own_files.tsig,
    "values": reports.values,
}
"""By what a target calls its ``seeds``."""
