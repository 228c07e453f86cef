"""The ``check_host()`` function: RFC 7208 section 4.

Work is bounded by the RFC's own limits (section 4.6.4): 10 terms that ask DNS, 10 names of an MX or PTR answer, 2 void
look-ups. A bound of ours, and a DNS server that did not answer, give temperror: we could not look.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, exchanges, together
from todoku.auth.spf import macro, record
from todoku.auth.spf.macro import MacroString
from todoku.auth.spf.record import Directive, Fault, Record
from todoku.auth.spf.result import SpfCause, SpfNode, SpfOutcome, SpfResult
from todoku.mail.address import ascii_domain, is_domain_name
from todoku.mail.domain_name import MAX_NAME
from todoku.mail.host_address import host_address, reverse_name

MAX_LOOKUPS = 10  # RFC 7208 4.6.4
MAX_NAMES = 10  # RFC 7208 4.6.4
MAX_VOIDS = 2  # RFC 7208 4.6.4
MAX_VALUE = 1024  # characters of a sender or HELO name that fill a macro; ours (RFC 5321 4.5.3.1 allows 256 and 255)


class _Ending(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the evaluation of one record ended. ``exp`` is the explanation of the record whose directive matched."""

    result: SpfOutcome
    cause: SpfCause
    term: str = ""
    domain: str = ""
    detail: str = ""
    path: tuple[tuple[str, str], ...] = ()
    exp: MacroString | None = None


class _Abort(Exception):  # noqa: N818 -- unwinds nested includes; it never leaves this module
    """An error result that ends the whole evaluation, at whatever depth of includes it is met."""

    def __init__(self, ending: _Ending) -> None:
        super().__init__(ending.cause)
        self.ending = ending


def check_host(ip: str, domain: str, sender: str, *, helo: str = "", default_explanation: str = "") -> Ask[SpfResult]:
    """The ``check_host()`` function of RFC 7208 section 4.

    ``sender`` is the MAIL FROM address, or ``postmaster@`` and the HELO name. ``default_explanation`` explains a fail
    where the domain gives no explanation. Nobody tells who asks and when: ``%{r}`` and ``%{t}`` are ``unknown`` (7.3).
    """
    return _check(ip, domain, sender, helo, "mailfrom", default_explanation)


def check_identity(ip: str, mail_from: str, helo: str) -> Ask[SpfResult]:
    """SPF of an SMTP session: the MAIL FROM domain, or for an empty MAIL FROM the HELO name as ``postmaster@helo`` (2.4)."""
    sender = mail_from.strip().removeprefix("<").removesuffix(">")
    if not sender:  # RFC 7208 2.4
        return _check(ip, helo, f"postmaster@{helo}", helo, "helo", "")
    return _check(ip, sender.rpartition("@")[2], sender, helo, "mailfrom", "")


def _check(
    ip: str, domain: str, sender: str, helo: str, identity: Literal["mailfrom", "helo"], default_explanation: str
) -> Ask[SpfResult]:
    session = _Session(ip, _as_name(domain), sender, helo)
    explanation = ""
    try:
        if session.version == 0:
            ending = _Ending(result="temperror", cause="bad-ip", detail=ip)
        else:
            ending = yield from session.evaluate(session.domain)
    except _Abort as abort:
        ending = abort.ending
    unseen = session.unseen  # an explanation may look for names too, but changes nothing
    if ending.result == "fail":
        explanation = (yield from session.explain(ending)) or default_explanation
    return SpfResult(
        result=ending.result,
        cause=ending.cause,
        domain=session.domain,
        identity=identity,
        ip=ip,
        sender=session.sender,
        helo=helo,
        record=session.nodes[0].record if session.nodes else "",
        term=ending.term,
        term_domain=ending.domain,
        detail=ending.detail,
        path=ending.path,
        unseen=unseen,
        explanation=explanation,
        lookups=session.lookups,
        voids=session.voids,
        nodes=tuple(session.nodes),
        answers=tuple(session.answers),
    )


def _as_name(domain: str) -> str:
    """The domain in lower case, without its last dot, its U-labels as A-labels: RFC 7208 4.3, RFC 8616 4."""
    name = domain if domain.isascii() else ascii_domain(domain) or domain
    return name.lower().removesuffix(".")


def is_name(name: str) -> bool:
    """Whether DNS can be asked for the name: RFC 1035 section 2.3.4, its octets printable ASCII."""
    return 0 < len(name) <= MAX_NAME and _is_name(name)


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return name.isascii() and name.isprintable() and all(0 < len(label) < 64 for label in name.split("."))


@lru_cache(maxsize=4096)
def _as_integer(address: str) -> int | None:
    """An address record as an integer, or None where it is no address."""
    try:
        return int(ip_address(address))
    except ValueError:
        return None


_UNREAD = SpfNode("", "", "", 0, 0, 0)
"""The place of a record among those that were read, until it has been evaluated."""


class _Session:
    """One evaluation: what is checked, and what it has spent and seen so far."""

    __slots__ = (
        "address", "answers", "bits", "domain", "helo", "ip", "local", "lookups", "nodes", "rdtype", "sender",
        "sender_domain", "unseen", "validated", "version", "voids",
    )  # fmt: skip

    def __init__(self, ip: str, domain: str, sender: str, helo: str) -> None:
        self.ip = host_address(ip.partition("%")[0])
        self.version = self.ip.version if self.ip is not None else 0
        self.address = int(self.ip) if self.ip is not None else 0
        self.rdtype, self.bits = ("A", 32) if self.version == 4 else ("AAAA", 128)
        self.domain = domain
        local, at, sender_domain = sender.rpartition("@")
        self.local = local or "postmaster"  # RFC 7208 4.3
        self.sender_domain = _as_name(sender_domain) or domain
        self.sender = sender if at and local else f"{self.local}@{self.sender_domain}"
        self.helo = helo
        self.lookups = 0
        self.voids = 0
        self.nodes: list[SpfNode] = []
        self.answers: list[Answer] = []
        self.validated: tuple[str, ...] | None = None  # the client's validated names, once they were needed
        self.unseen = False  # whether a look-up for these failed, which section 5.5 takes for "no name"

    def evaluate(self, domain: str, *, via: str = "", parent: str = "", depth: int = 0) -> Ask[_Ending]:
        """Evaluate the record of ``domain``, to which the term ``via`` of ``parent``'s record led: RFC 7208 4.3 to 4.7."""
        askable = is_name(domain) if depth else is_domain_name(domain)  # a macro may make any name, a sender may not
        if not askable or "." not in domain:  # RFC 7208 4.3
            return _Ending(result="none", cause="bad-domain", domain=domain, detail=domain)
        text = yield from self._record(domain, via, parent)
        if not text:  # RFC 7208 4.5
            return _Ending(result="none", cause="no-record", domain=domain, detail=domain)
        index, spent = len(self.nodes), self.lookups
        self.nodes.append(_UNREAD)
        try:
            compiled = record.parse(text)
            if isinstance(compiled, Fault):  # RFC 7208 4.6
                raise _abort("permerror", "syntax", compiled.term, domain, compiled.defect)
            return (yield from self._directives(compiled, domain, depth))
        finally:
            self.nodes[index] = SpfNode(domain, text, via, depth, self.lookups, self.voids, self.lookups - spent)

    def explain(self, ending: _Ending) -> Ask[str]:
        """The domain's explanation of a fail, or "" where it gives none that can be used: RFC 7208 6.2."""
        try:
            explanation = yield from self._explanation(ending.exp, ending.domain)
        except _Abort:  # what an explanation lacks does not change the result
            return ""
        return explanation if explanation.isascii() else ""

    def _explanation(self, exp: MacroString | None, domain: str) -> Ask[str]:
        name = "" if exp is None else (yield from self._target(exp, domain))
        if not is_name(name):
            return ""
        answer = yield from ask(name, "TXT")
        self.answers.append(answer)
        if len(answer.records) != 1:
            return ""
        parts = macro.parse(answer.records[0], explanation=True)
        return "" if parts is None else macro.text(parts, (yield from self._values(macro.letters(parts), domain)))

    def _record(self, domain: str, via: str, parent: str) -> Ask[str]:
        """The one SPF record of ``domain``, or "" where there is none: RFC 7208 4.4, 4.5."""
        answer = yield from self._look_up(domain, "TXT", via, parent)
        texts = [text for text in answer.records if record.is_spf(text)]
        if len(texts) > 1:  # RFC 7208 4.5
            raise _abort("permerror", "several-records", via, domain, domain)
        return texts[0] if texts else ""

    def _directives(self, compiled: Record, domain: str, depth: int) -> Ask[_Ending]:
        """The first directive that matches decides: RFC 7208 4.6.2, 4.7."""
        for directive in compiled.directives:
            path: tuple[tuple[str, str], ...] | None
            if directive.version:  # RFC 7208 5.6
                matches = directive.version == self.version and self.address & directive.mask == directive.network
                path = () if matches else None
            else:
                path = yield from self._path(directive, domain, depth)
            if path is not None:
                return _Ending(
                    result=directive.result,
                    cause="matched",
                    term=directive.text,
                    domain=domain,
                    path=((domain, directive.text), *path),
                    exp=compiled.exp,
                )
        if compiled.redirect is not None:
            return (yield from self._redirect(compiled.redirect, compiled.redirect_text, domain, depth))
        return _Ending(result="neutral", cause="no-match", domain=domain)  # RFC 7208 4.7

    def _redirect(self, target: MacroString, text: str, domain: str, depth: int) -> Ask[_Ending]:
        """The result of another domain's record in place of this one: RFC 7208 6.1."""
        self._spend(text, domain)
        name = yield from self._target(target, domain)
        ending = yield from self.evaluate(name, via=text, parent=domain, depth=depth + 1)
        if ending.result == "none":  # RFC 7208 6.1
            raise _abort("permerror", "target-none", text, domain, name)
        return ending

    def _path(self, directive: Directive, domain: str, depth: int) -> Ask[tuple[tuple[str, str], ...] | None]:
        """None where the directive does not match, else the path of an include's own match, empty for the others."""
        if directive.mechanism == "all":
            return ()
        self._spend(directive.text, domain)
        if directive.target is not None and not directive.name and self._is_unmatchable(directive.target):
            return None
        name = directive.name or (yield from self._target(directive.target, domain))
        if directive.mechanism == "include":
            return (yield from self._include(name, directive.text, domain, depth))
        if not is_name(name):  # RFC 7208 4.8: a name that cannot be asked for matches nothing
            return None
        match directive.mechanism:
            case "a":
                matches = yield from self._a(name, directive, domain)
            case "mx":
                matches = yield from self._mx(name, directive, domain)
            case "exists":
                matches = yield from self._exists(name, directive, domain)
            case _:
                matches = yield from self._ptr(name, directive, domain)
        return () if matches else None

    def _include(self, name: str, text: str, domain: str, depth: int) -> Ask[tuple[tuple[str, str], ...] | None]:
        """RFC 7208 5.2: only another record's pass is a match."""
        ending = yield from self.evaluate(name, via=text, parent=domain, depth=depth + 1)
        if ending.result == "none":
            raise _abort("permerror", "target-none", text, domain, name)
        return ending.path if ending.result == "pass" else None

    def _a(self, name: str, directive: Directive, domain: str) -> Ask[bool]:
        """RFC 7208 5.3."""
        answer = yield from self._look_up(name, self.rdtype, directive.text, domain)
        self._count_void(answer, directive.text, domain)
        return self._holds_client(answer, directive)

    def _mx(self, name: str, directive: Directive, domain: str) -> Ask[bool]:
        """RFC 7208 5.4. The exchanges' addresses are asked for together and judged in order."""
        mx = yield from self._look_up(name, "MX", directive.text, domain)
        self._count_void(mx, directive.text, domain)
        hosts = [host for _, host in exchanges(mx)]
        if len(hosts) > MAX_NAMES:  # RFC 7208 4.6.4
            raise _abort("permerror", "too-many-names", directive.text, domain, name)
        answers = yield from together(*(ask(host, self.rdtype) for host in hosts if is_name(host)))
        self.answers += answers
        for answer in answers:
            self._check_looked(answer, directive.text, domain)
            self._count_void(answer, directive.text, domain)
            if self._holds_client(answer, directive):
                return True
        return False

    def _exists(self, name: str, directive: Directive, domain: str) -> Ask[bool]:
        """RFC 7208 5.7: an A record, for an IPv6 client too."""
        answer = yield from self._look_up(name, "A", directive.text, domain)
        self._count_void(answer, directive.text, domain)
        return bool(answer.records)

    def _ptr(self, name: str, directive: Directive, domain: str) -> Ask[bool]:
        """RFC 7208 5.5."""
        validated = yield from self._validated_names(directive.text, domain)
        target = name.lower()
        return any(host == target or host.endswith("." + target) for host in validated)

    def _validated_names(self, term: str, domain: str) -> Ask[tuple[str, ...]]:
        """The client's PTR names that resolve back to it, lower-case: RFC 7208 5.5.

        Their look-ups are no void look-ups of the record: the client's owner chooses these names. A server that does
        not answer makes no name valid, as section 5.5 has it; a limit of ours ends the evaluation.
        """
        if self.validated is None:
            assert self.ip is not None  # noqa: S101 -- nothing is evaluated without a client address
            ptr = yield from ask(reverse_name(self.ip), "PTR")
            names = [name.lower() for name in ptr.records[:MAX_NAMES] if is_name(name)]  # RFC 7208 4.6.4
            forward = yield from together(*(ask(name, self.rdtype) for name in names))
            self.answers += (ptr, *forward)
            for answer in (ptr, *forward):
                self.unseen = self.unseen or answer.failed
                if answer.status in ("limit", "not-recorded"):
                    self._check_looked(answer, term, domain)
            self.validated = tuple(
                name
                for name, answer in zip(names, forward, strict=True)
                if any(_as_integer(address) == self.address for address in answer.records)
            )
        return self.validated

    def _holds_client(self, answer: Answer, directive: Directive) -> bool:
        prefix = directive.prefix4 if self.version == 4 else directive.prefix6
        mask = record.network_mask(prefix, self.bits)
        client = self.address & mask
        return any((address := _as_integer(text)) is not None and address & mask == client for text in answer.records)

    def _look_up(self, name: str, rdtype: str, term: str, domain: str) -> Ask[Answer]:
        answer = yield from ask(name, rdtype)
        self.answers.append(answer)
        self._check_looked(answer, term, domain)
        return answer

    def _check_looked(self, answer: Answer, term: str, domain: str) -> None:
        """RFC 7208 4.4, 5: where DNS could not be asked the result is temperror."""
        if answer.failed:
            cause: SpfCause = "limit" if answer.status == "limit" else "dns-failed"
            name, rdtype = answer.question
            raise _abort("temperror", cause, term, domain, f"{name} {rdtype} {answer.status}")

    def _count_void(self, answer: Answer, term: str, domain: str) -> None:
        if not answer.records:
            self.voids += 1
            if self.voids > MAX_VOIDS:  # RFC 7208 4.6.4
                raise _abort("permerror", "too-many-voids", term, domain, answer.question.name)

    def _spend(self, term: str, domain: str) -> None:
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:  # RFC 7208 4.6.4
            raise _abort("permerror", "too-many-lookups", term, domain, str(MAX_LOOKUPS))

    def _target(self, parts: MacroString | None, domain: str) -> Ask[str]:
        """The name that a term asks about: RFC 7208 4.8."""
        if parts is None:
            return domain
        return macro.domain_name(parts, (yield from self._values(macro.letters(parts), domain)))

    def _is_unmatchable(self, parts: MacroString) -> bool:
        """Whether a term cannot match because a local part that is not ASCII would stand in its name: RFC 8616 4."""
        return not self.local.isascii() and not macro.letters(parts).isdisjoint("sl")

    def _values(self, letters: frozenset[str], domain: str) -> Ask[Mapping[str, str]]:
        """What the macro letters stand for: RFC 7208 7.2. Only what the string uses is worked out."""
        if not letters:
            return {}
        assert self.ip is not None  # noqa: S101 -- nothing is evaluated without a client address
        values = {
            "s": self.sender,
            "l": self.local,
            "o": self.sender_domain,
            "d": domain,
            "i": str(self.ip) if self.version == 4 else ".".join(self.ip.exploded.replace(":", "").upper()),
            "p": (yield from self._validated_name(domain)) if "p" in letters else "",
            "v": "in-addr" if self.version == 4 else "ip6",
            "h": self.helo,
            "c": str(self.ip),
            "r": "unknown",
            "t": "unknown",
        }
        too_long = [letter for letter in sorted(letters) if len(values[letter]) > MAX_VALUE]
        if too_long:
            raise _abort("temperror", "limit", "", domain, f"%{{{too_long[0]}}}")
        return values

    def _validated_name(self, domain: str) -> Ask[str]:
        """The client's validated name for ``%{p}``: the domain itself, else one below it, else any: RFC 7208 7.3."""
        validated = yield from self._validated_names("", domain)
        own = domain.lower()
        below = (name for name in validated if name.endswith("." + own))
        return own if own in validated else next(below, validated[0] if validated else "unknown")


def _abort(result: SpfOutcome, cause: SpfCause, term: str, domain: str, detail: str) -> _Abort:
    return _Abort(_Ending(result=result, cause=cause, term=term, domain=domain, detail=detail))
