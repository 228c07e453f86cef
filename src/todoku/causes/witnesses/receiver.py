"""What the receiver itself wrote about a message when it arrived, in fields that only it can have written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from todoku.auth.dkim.verify import DkimResult
from todoku.mail.authres import AuthenticationResults, MethodResult
from todoku.mail.route import Route
from todoku.receivers import NAMES
from todoku.words.verdict import Clause, Exhibit, Finding, Missing, Reason, Result, Text, Value, Witness

LEAST_PREFIX = 8  # RFC 6008 section 4: header.b shows at least the first eight characters of b=

RECEIVER_SAID = Reason(
    "receiver-said",
    Text(
        "When the message arrived, {receiver} wrote {method}={result}.",
        "到着時に{receiver}は {method}={result} と記録しています。",
    ),
)

MEANING: dict[str, dict[str, Result]] = {
    "spf": {"pass": "pass", "fail": "fail", "softfail": "fail", "none": "fail", "permerror": "fail"},
    "dkim": {"pass": "pass", "fail": "fail", "none": "fail", "permerror": "fail"},
    "dmarc": {"pass": "pass", "bestguesspass": "pass", "fail": "fail"},
}
"""What a receiver's word says of the requirement. All other words leave it open."""


class Said(msgspec.Struct, frozen=True):
    """One result that a receiver wrote, with the field it stands in."""

    word: str
    values: dict[str, Value]
    exhibits: tuple[Exhibit, ...]


def receiver_witness(method: str) -> Witness:
    """The receiver as a witness of its own clauses, by its word on one method; aspects that it has no word for are left."""

    def decide(clause: Clause, route: Route | Missing) -> Finding | None:
        return heard(method, clause, route)

    return Witness("receiver", decide)


def heard(method: str, clause: Clause, route: Route | Missing) -> Finding | None:
    """What the receiver's words on a method say of its own clause; None where they leave it open."""
    if isinstance(route, Missing) or not is_theirs(clause, route):
        return None
    if method == "spf" and route.spf_of_forwarder:
        return None
    said = [(MEANING[method][one.word], one) for one in _said(route, method) if one.word in MEANING[method]]
    if not said:
        return None
    result, best = next((one for one in said if one[0] == "pass"), said[0])
    if method == "spf" and result == "pass" and route.by_forwarder:
        return None  # as above: where a forwarder leaves MAIL FROM as it was, SPF fails
    return Finding(result, RECEIVER_SAID, best.values, best.exhibits)


def is_theirs(clause: Clause, route: Route | Missing) -> bool:
    """Whether the message came to the receiver whose clause this is; a receiver has no word for an aspect of one."""
    return not isinstance(route, Missing) and clause.receiver == route.receiver and not clause.aspect


def passed_it(route: Route, signature: DkimResult, signers: Sequence[tuple[str, str]]) -> Said | None:
    """The receiver's word that it verified this very signature. ``signers``: d= and s= of all signatures of the message."""
    for field, result in _results(route, "dkim"):
        if result.result == "pass" and is_about(result, signature, signers):
            return _as_said(route, field, result)
    return None


def is_about(result: MethodResult, signature: DkimResult, signers: Sequence[tuple[str, str]]) -> bool:
    """Whether a receiver's result is about this signature and cannot be about another one.

    It is known by its domain and the beginning of its b= (RFC 6008): that alone another signature can repeat. A receiver that
    leaves b= out, as Outlook.com does, names the domain, perhaps with the selector: then no other signature may answer to them.
    """
    named = (result.properties.get("header.d") or result.properties.get("header.i", "").rpartition("@")[2]).lower()
    if not named or named not in (signature.domain, signature.identity.rpartition("@")[2].lower()):
        return False
    prefix = result.properties.get("header.b", "")
    if prefix:
        return len(prefix) >= LEAST_PREFIX and signature.b.startswith(prefix)
    selector = result.properties.get("header.s")
    rivals = [one for one in signers if one[0] == signature.domain and selector in (None, one[1])]
    return rivals == [(signature.domain, signature.selector)]


def _said(route: Route, method: str) -> Iterator[Said]:
    for field, result in _results(route, method):
        yield _as_said(route, field, result)


def _results(route: Route, method: str) -> Iterator[tuple[AuthenticationResults, MethodResult]]:
    for field in route.trusted:
        for result in field.of(method):
            yield field, result


def _as_said(route: Route, field: AuthenticationResults, result: MethodResult) -> Said:
    who = NAMES[route.receiver] if route.receiver else field.authserv_id or route.receiver_name
    values: dict[str, Value] = {"receiver": who, "method": result.method, "result": result.result}
    return Said(result.result, values, (result_exhibit(result, field.offset),))


def result_exhibit(result: MethodResult, offset: int) -> Exhibit:
    """A result as it stands in the receiver's field."""
    comment = f" ({result.comment})" if result.comment else ""
    reason = f" reason={result.reason}" if result.reason else ""
    properties = "".join(f" {name}={value}" for name, value in result.properties.items())
    written = f"{result.method}={result.written or result.result}{reason}{comment}{properties}"
    return Exhibit("header", "Authentication-Results", written, offset)
