"""What stands in DNS for one DKIM selector, before anything is signed with it: RFC 6376 section 3.6.

A selector's record is a key of the domain's own (TXT), or a CNAME to where SES keeps the key (Easy DKIM). What people get
wrong is asked for in the same round: the zone's name entered twice, the underscore or the whole ``_domainkey`` left out.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, together
from todoku.auth.dkim.key import Key, read_key
from todoku.mail.ses import is_easy_selector
from todoku.mail.tags import parse_tags

SelectorProblem = Literal[
    "",
    "key-missing",
    "key-revoked",
    "key-invalid",  # no key record, or no key in it
    "key-type",
    "key-too-short",
    "key-service",  # s= does not allow mail
    "several-keys",
    "doubled-name",  # the record stands under the zone's name twice
    "no-underscore",  # at SELECTOR.domainkey.DOMAIN
    "no-domainkey",  # at SELECTOR.DOMAIN
    "target-stray",  # blanks or quotes in the CNAME's target
    "target-relative",  # the CNAME's target ends in the own zone: its last dot was left out
    "target-token",  # an Easy DKIM selector that points to another token
    "target-zone",  # ... to a place outside of SES
    "target-empty",  # the CNAME leads to a name without a key
    "flattened",  # the CNAME was replaced by what it leads to, or by a proxy's addresses
    "dns-failed",
    "limit",  # a bound of ours: the key is too long
]
OF_KEY: dict[str, SelectorProblem] = {
    "key-revoked": "key-revoked",
    "key-type": "key-type",
    "key-too-short": "key-too-short",
    "key-too-long": "limit",
}
SES_ZONE = re.compile(r"dkim\.(?:[a-z0-9-]+\.)?amazonses\.com")
"""Where SES keeps the keys of Easy DKIM; some regions have a zone of their own."""
STRAY = re.compile(r'\\[0-9]{3}|\\.|["\s]')


class SelectorKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key record of a selector and what is wrong with it.

    ``target`` is where its CNAME leads, as it is written; ``wanted`` what should stand there, where that is known;
    ``found_at`` the other name at which the record stands. ``resting``: the record is right, and SES has an empty one where it
    leads. Of its three selectors SES uses one at a time, and fills another only to change over to it.
    """

    domain: str
    selector: str
    problem: SelectorProblem = ""
    kind: str = ""  # "rsa", "ed25519"
    bits: int | None = None
    testing: bool = False  # t=y
    target: str = ""
    wanted: str = ""
    found_at: str = ""
    detail: str = ""
    resting: bool = False
    answers: tuple[Answer, ...] = ()

    @property
    def name(self) -> str:
        """Where receivers look: RFC 6376 3.6.2.1."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def easy(self) -> bool:
        """Whether it is one of Easy DKIM's, by its form or by where its CNAME leads."""
        return is_easy_selector(self.selector) or SES_ZONE.fullmatch(self.target.lower().partition(".")[2]) is not None

    @property
    def failed(self) -> bool:
        """Whether the key could not be looked at."""
        return self.problem in ("dns-failed", "limit")


def selector_key(selector: str, domain: str, *, zone: str = "") -> Ask[SelectorKey]:
    """What stands at a selector of ``domain`` and, where that is nothing, beside it. ``zone``: where SES says that it leads."""
    name = f"{selector}._domainkey.{domain}"
    beside: dict[SelectorProblem, str] = {
        "doubled-name": f"{name}.{domain}",
        "no-underscore": f"{selector}.domainkey.{domain}",
        "no-domainkey": f"{selector}.{domain}",
    }
    key, cname, *others = yield from together(
        ask(name, "TXT"), ask(name, "CNAME"), *(ask(place, "TXT") for place in beside.values())
    )
    found = SelectorKey(
        domain=domain,
        selector=selector,
        target=_target(key, cname),
        wanted=f"{selector}.{zone}" if zone and is_easy_selector(selector) else "",
        answers=(key, cname),
    )
    if found.target:
        problem, wanted = _target_problem(found, zone)
        if problem:
            return msgspec.structs.replace(found, problem=problem, wanted=found.wanted or wanted)
    if key.failed:
        return msgspec.structs.replace(found, problem="dns-failed", detail=key.status)
    if cname.failed and not found.target and found.easy and key.records:  # flattened, or not
        return msgspec.structs.replace(found, problem="dns-failed", detail=cname.status)
    if is_easy_selector(selector) and key.records and not any(key.records):
        followed = bool(found.target or key.chain)
        return msgspec.structs.replace(found, resting=followed, problem="" if followed else "flattened")
    if key.records:
        return _with_key(found, key, flattened=found.easy and cname.status == "nodata" and not key.chain)
    for (problem, place), answer in zip(beside.items(), others, strict=True):
        if _is_meant(answer, selector):
            return msgspec.structs.replace(found, problem=problem, found_at=place, answers=(key, cname, answer))
    if found.target or key.chain:
        return msgspec.structs.replace(found, problem="target-empty", target=found.target or key.chain[0])
    if found.easy and key.status == "nodata" and cname.status == "nodata":
        address = yield from ask(name, "A")
        if address.records:
            return msgspec.structs.replace(found, problem="flattened", answers=(key, cname, address))
    return msgspec.structs.replace(found, problem="key-missing", detail=key.status)


def _target(key: Answer, cname: Answer) -> str:
    """Where the CNAME leads; where it could not be asked for, the key's own answer shows by which alias it came."""
    return next(iter(cname.records or (key.chain if cname.failed else ())), "")


def _target_problem(found: SelectorKey, known: str) -> tuple[SelectorProblem, str]:
    """What is wrong with the way the CNAME's target is written, and what should stand there; SES makes up its targets."""
    target, domain = found.target.lower(), found.domain
    clean = STRAY.sub("", target).strip(".")
    if clean != target:
        return "target-stray", clean
    if not is_easy_selector(found.selector):
        return "", ""
    token, _, zone = target.partition(".")
    if target.endswith((f".amazonses.com.{domain}", f".{known}.{domain}")):
        return "target-relative", target.removesuffix(f".{domain}")
    if zone != known if known else not SES_ZONE.fullmatch(zone):
        return "target-zone", ""
    if token != found.selector:
        return "target-token", f"{found.selector}.{zone}"
    return "", ""


def _with_key(found: SelectorKey, answer: Answer, *, flattened: bool) -> SelectorKey:
    """The key in the record, and what is wrong with it."""
    records = [record for record in answer.records if _is_key(record)] or list(answer.records)
    key = read_key(records[0])
    problem, detail = _key_problem(key)
    if len(records) > 1:  # RFC 6376 3.6.2.2: what then happens is undefined
        problem, detail = "several-keys", str(len(records))
    elif not problem and flattened:
        problem = "flattened"
    return msgspec.structs.replace(
        found, problem=problem, detail=detail, kind=key.kind, bits=key.bits, testing=key.testing
    )


def _key_problem(key: Key) -> tuple[SelectorProblem, str]:
    """RFC 6376 6.1.2, as far as it needs no signature."""
    if key.defect is not None:
        return OF_KEY.get(key.defect.cause, "key-invalid"), key.defect.detail
    if not {"*", "email"}.intersection(key.services):
        return "key-service", f"s={':'.join(key.services)}"
    return "", ""


def _is_key(record: str) -> bool:
    return "p" in parse_tags(record)


def _is_meant(answer: Answer, selector: str) -> bool:
    """Whether the record that belongs to the selector stands at another name: a key, or a CNAME that names its token."""
    token = next(iter(answer.chain), "").lower().partition(".")[0]
    return any(map(_is_key, answer.records)) or STRAY.sub("", token) == selector
