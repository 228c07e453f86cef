"""What SPF says, and the evidence for it."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.auth.ask import Answer

SpfOutcome = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
SpfCause = Literal[
    "matched",  # a directive matched: `term` at `term_domain`
    "no-match",  # none did: neutral, section 4.7
    "no-record",
    "several-records",
    "syntax",
    "too-many-lookups",
    "too-many-voids",
    "too-many-names",  # more than 10 MX or PTR names, section 4.6.4
    "target-none",  # an include: or redirect= target has no record
    "bad-domain",  # section 4.3
    "bad-ip",  # the client's address is none
    "dns-failed",
    "limit",  # one of our own limits was hit
    "reported",  # not our result: the receiver's, which does not say why
]


class SpfNode(msgspec.Struct, frozen=True, gc=False):
    """One record that was read: at which domain, by which term of its parent, and what it needed (section 4.6.4).

    In the order in which the records were read, so that ``depth`` makes a tree of them. ``lookups`` and ``voids`` count
    all that was spent when the record had been evaluated, its includes with it; ``cost`` is the part of ``lookups`` that
    this record and those below it spent.
    """

    domain: str
    record: str
    via: str  # "include:amazonses.com", "redirect=...", "" for the first
    depth: int
    lookups: int
    voids: int
    cost: int = 0


class SpfResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What check_host() says and the evidence for it.

    ``outdated``: the message is old, and its receiver saw SPF pass: what the records say today was not so then.

    ``path`` leads from the first record's directive that matched down through its includes to the one that names the
    address, each as (domain whose record holds it, directive). ``detail`` with cause ``syntax`` is a ``Defect``.
    ``unseen``: a PTR name of the client could not be looked up. Section 5.5 makes nothing of it and goes on; had it been
    there, a mechanism might have matched.
    """

    result: SpfOutcome
    cause: SpfCause
    domain: str  # whose record was evaluated first
    identity: Literal["mailfrom", "helo"]
    ip: str
    sender: str
    helo: str = ""
    record: str = ""
    term: str = ""  # the directive that matched, or the one that is wrong
    term_domain: str = ""  # the domain whose record holds `term`
    detail: str = ""  # the offending name, text or DNS status
    path: tuple[tuple[str, str], ...] = ()
    unseen: bool = False
    outdated: bool = False
    explanation: str = ""  # section 6.2, filled in on fail
    lookups: int = 0
    voids: int = 0
    nodes: tuple[SpfNode, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def undecided(self) -> bool:
        """Whether it is not known if SPF passes: what could not be looked up may have decided."""
        return self.result == "temperror" or ((self.unseen or self.outdated) and self.result != "pass")
