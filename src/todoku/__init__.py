"""todoku (届く): proves that mail sent through Amazon SES meets what receivers ask of senders.

```python
from pathlib import Path

import todoku

zone = todoku.Zone.from_text(Path("dns.zone").read_text())  # or todoku.Resolver() for the real DNS
report = todoku.check(Path("message.eml"), resolver=zone)
for verdict in report.verdicts:
    print(verdict.requirement, verdict.receiver, verdict.result, verdict.text())
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from todoku.api import (
        Settings,
        authenticate,
        check,
        check_account,
        check_domain,
        check_host,
        evaluate_dmarc,
        parse_aggregate,
        seal_arc,
        sign_dkim,
        verify_arc,
        verify_dkim,
    )
    from todoku.auth.arc import ArcResult
    from todoku.auth.dkim.verify import DkimResult
    from todoku.auth.dmarc import DmarcResult
    from todoku.auth.iprev import IprevResult
    from todoku.auth.spf import SpfResult
    from todoku.evidence.facts import Authentication
    from todoku.judging.account_report import AccountReport
    from todoku.judging.judge import Report
    from todoku.mail.authres import parse_authentication_results
    from todoku.mail.envelope import Envelope
    from todoku.net.dns.resolver import Resolver
    from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
    from todoku.net.drivers import Layers
    from todoku.words.errors import NotAMessage, NotSeen, ReportRefused, TodokuError, UsageError, known
    from todoku.words.verdict import Missing, Verdict

_HOMES = {
    "AccountReport": "todoku.judging.account_report",
    "ArcResult": "todoku.auth.arc",
    "Authentication": "todoku.evidence.facts",
    "DkimResult": "todoku.auth.dkim.verify",
    "DmarcResult": "todoku.auth.dmarc",
    "Envelope": "todoku.mail.envelope",
    "IprevResult": "todoku.auth.iprev",
    "Layers": "todoku.net.drivers",
    "Missing": "todoku.words.verdict",
    "NotAMessage": "todoku.words.errors",
    "NotSeen": "todoku.words.errors",
    "Report": "todoku.judging.judge",
    "ReportRefused": "todoku.words.errors",
    "Resolver": "todoku.net.dns.resolver",
    "SERVFAIL": "todoku.net.dns.zone",
    "Settings": "todoku.api",
    "SpfResult": "todoku.auth.spf",
    "TIMEOUT": "todoku.net.dns.zone",
    "TodokuError": "todoku.words.errors",
    "UsageError": "todoku.words.errors",
    "Verdict": "todoku.words.verdict",
    "Zone": "todoku.net.dns.zone",
    "authenticate": "todoku.api",
    "check": "todoku.api",
    "check_account": "todoku.api",
    "check_domain": "todoku.api",
    "check_host": "todoku.api",
    "evaluate_dmarc": "todoku.api",
    "known": "todoku.words.errors",
    "parse_aggregate": "todoku.api",
    "parse_authentication_results": "todoku.mail.authres",
    "seal_arc": "todoku.api",
    "sign_dkim": "todoku.api",
    "verify_arc": "todoku.api",
    "verify_dkim": "todoku.api",
}
"""Where each public name lives; it is imported when it is first used, so that ``import todoku`` costs next to nothing."""

__all__ = [
    "SERVFAIL",
    "TIMEOUT",
    "AccountReport",
    "ArcResult",
    "Authentication",
    "DkimResult",
    "DmarcResult",
    "Envelope",
    "IprevResult",
    "Layers",
    "Missing",
    "NotAMessage",
    "NotSeen",
    "Report",
    "ReportRefused",
    "Resolver",
    "Settings",
    "SpfResult",
    "TodokuError",
    "UsageError",
    "Verdict",
    "Zone",
    "__version__",
    "authenticate",
    "check",
    "check_account",
    "check_domain",
    "check_host",
    "evaluate_dmarc",
    "known",
    "parse_aggregate",
    "parse_authentication_results",
    "seal_arc",
    "sign_dkim",
    "verify_arc",
    "verify_dkim",
]


def __getattr__(name: str) -> object:
    """A public name, imported on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'todoku' has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)  # next time it is simply there
    return found


def __dir__() -> list[str]:
    """The public names, those included that are not imported yet."""
    return sorted(__all__)
