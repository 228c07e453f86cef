"""The words of a DMARC aggregate report: RFC 9990 section 3, and RFC 7489 appendix C for the older ones.

Names are those of the RFC's schema. What a report does not say is "", and so is a word that the schema does not know:
neither is ever read as a pass.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal, get_args

import msgspec

from todoku.feedback.refusal import Refused

Mode = Literal["r", "s", ""]
Policy = Literal["none", "quarantine", "reject", ""]
Disposition = Literal["none", "pass", "quarantine", "reject", ""]  # RFC 9990 3.1.1.9: pass where mail was aligned
Aligned = Literal["pass", "fail", ""]
DkimWord = Literal["none", "pass", "fail", "policy", "neutral", "temperror", "permerror", ""]
SpfWord = Literal["none", "neutral", "pass", "fail", "softfail", "policy", "temperror", "permerror", ""]
Scope = Literal["mfrom", "helo", ""]

MODES: frozenset[str] = frozenset(get_args(Mode))
POLICIES: frozenset[str] = frozenset(get_args(Policy))
DISPOSITIONS: frozenset[str] = frozenset(get_args(Disposition))
ALIGNED: frozenset[str] = frozenset(get_args(Aligned))
DKIM_WORDS: frozenset[str] = frozenset(get_args(DkimWord))
SPF_WORDS: frozenset[str] = frozenset(get_args(SpfWord))
SCOPES: frozenset[str] = frozenset(get_args(Scope))


class Extension(msgspec.Struct, frozen=True, gc=False):
    """An ``extension`` element's name and where it is defined; what it holds is not read."""

    name: str
    definition: str = ""


class ReportMetadata(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who reports, and about which period: ``begin`` and ``end`` in seconds of UTC. Nothing of it is proved by the report."""

    org_name: str = ""
    email: str = ""
    extra_contact_info: str = ""
    report_id: str = ""
    begin: int = 0
    end: int = 0
    errors: tuple[str, ...] = ()
    generator: str = ""


class PolicyPublished(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The DMARC policy that the receiver found. ``pct`` is of RFC 7489; ``np``, ``testing``, ``discovery_method`` of RFC 9990."""

    domain: str = ""
    adkim: Mode = ""
    aspf: Mode = ""
    p: Policy = ""
    sp: Policy = ""
    np: Policy = ""
    testing: Literal["y", "n", ""] = ""
    discovery_method: Literal["psl", "treewalk", ""] = ""
    fo: str = ""
    pct: int | None = None


class DkimAuth(msgspec.Struct, frozen=True, gc=False):
    """What one DKIM signature came to: RFC 9990 section 3.1.1.12."""

    domain: str
    selector: str
    result: DkimWord
    human_result: str = ""


class SpfAuth(msgspec.Struct, frozen=True, gc=False):
    """What SPF came to: RFC 9990 section 3.1.1.13."""

    domain: str
    scope: Scope
    result: SpfWord
    human_result: str = ""


class OverrideReason(msgspec.Struct, frozen=True, gc=False):
    """Why the receiver did not do what the policy asks for: ``type`` in lower case, as it was written."""

    type: str
    comment: str = ""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One row: ``count`` messages from ``source_ip`` that look alike.

    ``dkim`` and ``spf`` are those of ``policy_evaluated``: whether one passed *and* is aligned. ``auth_dkim`` and
    ``auth_spf`` are the results themselves. Domains are lower-case A-labels where they are domains, else as written.
    """

    source_ip: str
    count: int
    disposition: Disposition = ""
    dkim: Aligned = ""
    spf: Aligned = ""
    header_from: str = ""
    envelope_from: str = ""
    envelope_to: str = ""
    auth_dkim: tuple[DkimAuth, ...] = ()
    auth_spf: tuple[SpfAuth, ...] = ()
    reasons: tuple[OverrideReason, ...] = ()
    extensions: tuple[Extension, ...] = ()


class AggregateReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report. Where ``refused`` says why, there are no records, and the rest is what was read until then.

    ``version`` is the schema's as written. ``name`` is that of the file that it came in, for display only.
    """

    metadata: ReportMetadata
    policy: PolicyPublished
    records: tuple[Record, ...] = ()
    refused: Refused | None = None
    version: str = ""
    extensions: tuple[Extension, ...] = ()
    name: str = ""

    @property
    def messages(self) -> int:
        """How many messages the report tells of."""
        return sum(record.count for record in self.records)


def report_key(metadata: ReportMetadata, policy: PolicyPublished) -> str:
    """What tells one report from another, 32 hexadecimal digits: RFC 9990 section 3.5.1 and the period.

    A report that is sent again has the same one, and so has another with the same name, so that a store keeps both and says
    that they disagree. Receivers exist that give each day's report the same Report-ID.
    """
    parts = (metadata.org_name, metadata.report_id, str(metadata.begin), str(metadata.end), policy.domain)
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
