"""A record read once: its directives in order, its modifiers, or the term that is wrong. RFC 7208 sections 4.6 and 5-6.

    record     = version terms *SP
    version    = "v=spf1"
    terms      = *( 1*SP ( directive / modifier ) )
    directive  = [ qualifier ] mechanism
    modifier   = redirect / explanation / unknown-modifier

The whole record is checked before anything is evaluated: one bad term spoils it (section 4.6). Records are compiled,
networks to integers and masks, and kept, because a few providers' records decide most of the world's mail.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal

import msgspec

from todoku.auth.spf import macro
from todoku.auth.spf.macro import MacroString
from todoku.auth.spf.result import SpfOutcome

Mechanism = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]
Defect = Literal[
    "not-ascii",
    "unknown-mechanism",
    "argument-missing",
    "argument-unexpected",
    "bad-network",
    "bad-domain",  # not a domain-spec of section 7.1
    "bad-macro",
    "repeated-modifier",  # section 6: redirect= and exp= at most once
]

VERSION = "v=spf1"
RESULTS: dict[str, SpfOutcome] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}  # RFC 7208 4.6.2
MAX_KEPT = 2048  # characters of a record that is kept compiled

_MODIFIER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"([-+?~]?)([a-z][a-z0-9]*)(.*)", re.IGNORECASE)
# RFC 7208 5.6: a prefix length has no leading zero
_NETWORK = re.compile(r"([0-9a-f.:]+)(?:/(0|[1-9][0-9]{0,2}))?", re.IGNORECASE)
_PREFIXES = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z")


class Directive(msgspec.Struct, frozen=True, kw_only=True):
    """A mechanism and the result that its match gives. ``target`` None is the record's own domain."""

    text: str
    result: SpfOutcome
    mechanism: Mechanism
    target: MacroString | None = None
    name: str = ""  # the target, where it holds no macro
    prefix4: int = 32
    prefix6: int = 128
    version: int = 0  # of ip4 and ip6: 4 or 6
    network: int = 0
    mask: int = 0


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record that can be evaluated. ``redirect_text`` is the modifier as it is written."""

    directives: tuple[Directive, ...]
    redirect: MacroString | None = None
    redirect_text: str = ""
    exp: MacroString | None = None


class Fault(msgspec.Struct, frozen=True):
    """The first term that is wrong, and how."""

    term: str
    defect: Defect


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record: RFC 7208 4.5."""
    return text[:7].lower() in (VERSION, VERSION + " ")


def parse(text: str) -> Record | Fault:
    """The compiled record. The same record is compiled once per process, unless it is very long."""
    return _kept(text) if len(text) <= MAX_KEPT else _compile(text)


def _compile(text: str) -> Record | Fault:
    directives: list[Directive] = []
    modifiers: dict[str, tuple[str, MacroString]] = {}
    for term in text[len(VERSION) :].split(" "):
        if not term:
            continue
        if not term.isascii():
            return Fault(term, "not-ascii")
        modifier = _MODIFIER.fullmatch(term)
        read = _directive(term) if modifier is None else _modifier(modifier[1].lower(), modifier[2])
        if isinstance(read, str):
            return Fault(term, read)
        if isinstance(read, Directive):
            directives.append(read)
            continue
        name, value = read
        if name in modifiers:
            return Fault(term, "repeated-modifier")
        if name in ("redirect", "exp"):
            modifiers[name] = (term, value)
    redirect_text, redirect = modifiers.get("redirect", ("", None))
    _, exp = modifiers.get("exp", ("", None))
    return Record(directives=tuple(directives), redirect=redirect, redirect_text=redirect_text, exp=exp)


_kept = lru_cache(maxsize=4096)(_compile)


def _modifier(name: str, value: str) -> tuple[str, MacroString] | Defect:
    """RFC 7208 6: redirect= and exp= take a domain-spec, an unknown modifier any macro-string and is ignored."""
    if name in ("redirect", "exp"):
        target = domain_spec(value)
        return target if isinstance(target, str) else (name, target)
    parts = macro.parse(value)
    return "bad-macro" if parts is None else (name, parts)


def _directive(term: str) -> Directive | Defect:
    split = _DIRECTIVE.fullmatch(term)
    if split is None:
        return "unknown-mechanism"
    qualifier, name, argument = split.groups()
    result = RESULTS[qualifier or "+"]
    match name.lower():
        case "all":
            return "argument-unexpected" if argument else Directive(text=term, result=result, mechanism="all")
        case "ip4" | "ip6" as mechanism:
            return _network(term, result, mechanism, argument)
        case "a" | "mx" as mechanism:
            return _addresses(term, result, mechanism, argument)
        case "include" | "exists" | "ptr" as mechanism:
            if not argument and mechanism == "ptr":
                return Directive(text=term, result=result, mechanism=mechanism)
            if not argument.startswith(":"):
                return "argument-unexpected" if argument else "argument-missing"
            target = domain_spec(argument[1:])
            if isinstance(target, str):
                return target
            return Directive(text=term, result=result, mechanism=mechanism, target=target, name=macro.literal(target))
    return "unknown-mechanism"


def _network(term: str, result: SpfOutcome, mechanism: Literal["ip4", "ip6"], argument: str) -> Directive | Defect:
    """RFC 7208 5.6: ``ip4:192.0.2.0/24``."""
    if argument in ("", ":"):
        return "argument-missing"
    split = _NETWORK.fullmatch(argument, 1)
    if split is None or argument[0] != ":":
        return "bad-network"
    try:
        address = int(IPv4Address(split[1])) if mechanism == "ip4" else int(IPv6Address(split[1]))
    except AddressValueError:
        return "bad-network"
    bits, version = (32, 4) if mechanism == "ip4" else (128, 6)
    prefix = bits if split[2] is None else int(split[2])
    if prefix > bits:
        return "bad-network"
    mask = network_mask(prefix, bits)
    return Directive(text=term, result=result, mechanism=mechanism, version=version, network=address & mask, mask=mask)


def _addresses(term: str, result: SpfOutcome, mechanism: Literal["a", "mx"], argument: str) -> Directive | Defect:
    """RFC 7208 5.3, 5.4: ``a``, ``a/24``, ``a:example.com/24//64``."""
    prefixes = _PREFIXES.search(argument)
    if prefixes is None:  # it matches at least at the end
        return "bad-network"
    spec = argument[: prefixes.start()]
    target: MacroString | None = None
    if spec:
        read = domain_spec(spec[1:]) if spec[0] == ":" else "argument-unexpected"
        if isinstance(read, str):
            return read
        target = read
    prefix4, prefix6 = int(prefixes[1] or 32), int(prefixes[2] or 128)
    if prefix4 > 32 or prefix6 > 128:
        return "bad-network"
    return Directive(
        text=term,
        result=result,
        mechanism=mechanism,
        target=target,
        name="" if target is None else macro.literal(target),
        prefix4=prefix4,
        prefix6=prefix6,
    )


def network_mask(prefix: int, bits: int) -> int:
    """The mask of a prefix length as an integer."""
    return (1 << bits) - (1 << (bits - prefix))


def domain_spec(text: str) -> MacroString | Defect:
    """The parts of a domain-spec: a macro-string that ends in a macro or in a dot and a top label: RFC 7208 7.1."""
    if not text:
        return "argument-missing"
    parts = macro.parse(text)
    if parts is None:
        return "bad-macro"
    if text[-1] == "}" or text[-2:] in ("%%", "%_", "%-"):
        return parts
    _, dot, top = text.removesuffix(".").rpartition(".")
    return parts if dot and _is_top_label(top) else "bad-domain"


def _is_top_label(label: str) -> bool:
    """Letters, digits and inner hyphens, not digits alone."""
    return (
        label.isascii()
        and label.replace("-", "").isalnum()
        and label[0] != "-"
        and label[-1] != "-"
        and not label.isdigit()
    )
