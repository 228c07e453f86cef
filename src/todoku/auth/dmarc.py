"""DMARC: is the From domain authenticated, and what does its owner ask for if not? RFC 9989; RFC 7489 beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask
from todoku.auth.suffixes import Suffixes

Policy = Literal["none", "quarantine", "reject"]
Mode = Literal["r", "s"]


class DmarcRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed record (RFC 9989 section 4.7). ``defects`` are tags of what is wrong but does not make it useless:
    ``p-missing``, ``p-invalid``, ``unknown-tag:NAME``, ``historic-tag:pct``, ``bad-uri:...``, ``stray-space`` ...
    """

    domain: str  # whose _dmarc name holds it
    text: str
    policy: Policy
    subdomain_policy: Policy | None = None  # sp
    nonexistent_policy: Policy | None = None  # np
    adkim: Mode = "r"
    aspf: Mode = "r"
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    testing: bool = False  # t=y
    psd: Literal["y", "n", "u"] = "u"
    defects: tuple[str, ...] = ()


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of looking found: the tree walk of RFC 9989 section 4.10, or the public suffix list of RFC 7489."""

    method: Literal["treewalk", "psl"]
    status: Literal["found", "none", "several", "invalid", "temperror"]
    record: DmarcRecord | None = None
    organizational_domain: str = ""
    policy: Policy | None = None  # what is asked for this author domain: p, sp or np, after t=y
    policy_source: Literal["", "p", "sp", "np"] = ""
    spf_aligned: bool = False  # SPF passed and its domain is aligned
    dkim_aligned: tuple[bool, ...] = ()  # one for each signature given, passed and aligned
    result: Literal["pass", "fail", "none", "temperror", "permerror"] = "none"


class DmarcResult(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict by RFC 9989 (``treewalk``), the one by the suffix list beside it, and all that was seen.

    ``records_at`` keeps every TXT record seen at each ``_dmarc`` name, so that two records, a record with a typo or a
    wildcard's SPF record can be shown. ``relaxed_spf``, ``relaxed_dkim``: alignment as it would be without aspf=s,
    adkim=s (so that strictness can be named as the cause).
    """

    author_domain: str
    result: Literal["pass", "fail", "none", "temperror", "permerror"]
    treewalk: Discovery
    psl: Discovery
    spf_domain: str = ""
    spf_passed: bool = False
    dkim_domains: tuple[str, ...] = ()
    dkim_passed: tuple[bool, ...] = ()
    relaxed_spf: bool = False
    relaxed_dkim: tuple[bool, ...] = ()
    records_at: tuple[tuple[str, tuple[str, ...]], ...] = ()
    answers: tuple[Answer, ...] = ()
    cname_at_dmarc: tuple[str, ...] = ()  # CNAME chain seen at _dmarc.<author domain>

    @property
    def policy(self) -> Policy | None:
        """What the owner asks for, by the tree walk."""
        return self.treewalk.policy

    @property
    def record(self) -> DmarcRecord | None:
        """The record that applies, by the tree walk."""
        return self.treewalk.record

    @property
    def organizational_domain(self) -> str:
        """The organizational domain of the author domain, by the tree walk."""
        return self.treewalk.organizational_domain

    @property
    def methods_differ(self) -> bool:
        """Whether the tree walk and the suffix list give another result, policy or alignment."""
        walk, psl = self.treewalk, self.psl
        return (walk.result, walk.policy, walk.spf_aligned, walk.dkim_aligned) != (
            psl.result,
            psl.policy,
            psl.spf_aligned,
            psl.dkim_aligned,
        )


def parse_record(text: str, domain: str) -> DmarcRecord | None:
    """The record in a TXT string, or None where it is not a usable one: RFC 9989 section 4.7."""
    raise NotImplementedError


def evaluate(
    author_domain: str,
    *,
    spf: tuple[str, bool] | None,
    dkim: Sequence[tuple[str, bool]],
    suffixes: Suffixes,
) -> Ask[DmarcResult]:
    """The DMARC verdict for an author domain (A-labels), from an SPF identity (MAIL FROM domain, passed) and signatures
    (d=, passed). Both discoveries are made from the same answers, in as few rounds as possible.
    """
    raise NotImplementedError
