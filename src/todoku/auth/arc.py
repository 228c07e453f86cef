"""ARC: what earlier handlers of a forwarded message say they saw. RFC 8617. Deletable: only requirements/arc.py and
evidence/message.py know this module.

Each handler adds a set of three fields with the same instance number: what it saw (ARC-Authentication-Results), a
signature of the message as it left (ARC-Message-Signature, in all but name a DKIM signature), and a seal over all sets so
far (ARC-Seal). A chain is valid when the newest message signature and every seal are.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from todoku.auth.ask import Answer, Ask, ask, together
from todoku.auth.dkim.canonical import canonical, relaxed_field, without_b
from todoku.auth.dkim.sign import OVERSIGNED, SIGNED, refuse_unwritable, sign_digest, with_b, write_field
from todoku.auth.dkim.signature import MAX_SIGNED_NAMES, Outcome, Signature, read_signature
from todoku.auth.dkim.verify import body_agrees, check, untimely
from todoku.mail.message import Field, Message

MAX_SETS = 50  # RFC 8617 section 4.2.1
WIDTH_UNDER_SEAL = 900  # octets of a line of b= that a seal covers: who refolds it breaks the seal, so few folds
MAX_KEYS = 20  # key look-ups for one chain: a bound of ours

MESSAGE_SIGNATURE_TAGS = ("i", "a", "b", "bh", "d", "h", "s")  # RFC 8617 4.1.2: an instance in place of a version
SEAL_TAGS = ("i", "a", "b", "cv", "d", "s")  # RFC 8617 4.1.3

Status = Literal["pass", "fail", "temperror", "not-evaluated"]
Cv = Literal["none", "pass", "fail", ""]

_CFWS = r"(?:[ \t\r\n]|\([^()\\]*\))*"
_INSTANCE = re.compile(r"[0-9]{1,2}")  # RFC 8617 4.2.1: position = 1*2DIGIT
_AAR_INSTANCE = re.compile(rf"{_CFWS}i{_CFWS}={_CFWS}([0-9]{{1,2}}){_CFWS};")  # RFC 8617 4.1.1: i= comes first
_CVS: dict[str, Cv] = {"none": "none", "pass": "pass", "fail": "fail"}


class ArcSet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ARC set: who sealed it and what it says was seen."""

    instance: int
    domain: str  # the seal's d=
    selector: str
    cv: Literal["none", "pass", "fail", ""]
    authentication_results: str = ""  # the value of ARC-Authentication-Results
    message_signature: Literal["pass", "fail", "temperror", "not-evaluated"] = "not-evaluated"
    seal: Literal["pass", "fail", "temperror", "not-evaluated"] = "not-evaluated"
    offset: int = 0


class ArcResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The chain validation status (RFC 8617 section 5.2) and why.

    ``oldest_pass`` is the lowest instance from which on every message signature still holds: 0 where all do (section
    5.2, step 5), None where the newest does not or it could not be told.
    """

    result: Literal["none", "pass", "fail", "temperror"]
    cause: str = (
        ""  # a tag: "no-sets", "valid", "structure", "cv", "ams-N", "seal-N", "too-many-sets", "limit", "dns-failed"
    )
    detail: str = ""
    oldest_pass: int | None = None
    sets: tuple[ArcSet, ...] = ()
    answers: tuple[Answer, ...] = ()


class _Signed(NamedTuple):
    """A signature and the field that it stands in."""

    field: Field
    signature: Signature


class _Set(NamedTuple):
    """The fields of one instance."""

    instance: int
    results: Field
    message: _Signed
    seal: _Signed

    @property
    def cv(self) -> Cv:
        return _CVS.get(self.seal.signature.tags.get("cv"), "")


class _Chain(NamedTuple):
    """The sets in order of instance, or what is wrong with their structure; the highest instance that was seen."""

    sets: tuple[_Set, ...]
    highest: int
    problem: str = ""


def validate(message: Message, *, now: datetime | None) -> Ask[ArcResult]:
    """Validate the chain; at most 50 sets by the RFC and 20 key look-ups by us. ``now`` None: do not judge times."""
    count = max(len(message.all(name)) for name in ("arc-seal", "arc-message-signature", "arc-authentication-results"))
    if not count and set(message.limits) <= {"message-size"}:  # of the header nothing was left out
        return ArcResult(result="none", cause="no-sets")
    if message.limits:  # what was left out may be part of the chain
        return ArcResult(result="temperror", cause="limit", detail=" ".join(message.limits))
    if count > MAX_SETS:  # RFC 8617 5.2 step 1
        return ArcResult(result="fail", cause="too-many-sets", detail=f"{count} sets")
    chain = _collect(message)
    sets = tuple(_described(one) for one in chain.sets)
    if chain.problem:
        return ArcResult(result="fail", cause="structure", detail=chain.problem, sets=sets)
    if wrong := _wrong_cv(chain.sets):
        return ArcResult(result="fail", cause="cv", detail=wrong, sets=sets)
    answers = yield from _keys(chain.sets)
    seals = _seals(chain.sets, answers)
    signatures = _message_signatures(message, chain.sets, answers, now)
    return _result(chain.sets, signatures, seals, tuple(answers.values()))


def _collect(message: Message) -> _Chain:
    """RFC 8617 5.2 steps 1 and 3: each set has one field of each kind, and instances run from 1 without a gap."""
    results = [(_results_instance(field), field) for field in message.all("arc-authentication-results")]
    signatures = [
        _Signed(field, read_signature(field.value, MESSAGE_SIGNATURE_TAGS))
        for field in message.all("arc-message-signature")
    ]
    seals = [_Signed(field, read_signature(field.value, SEAL_TAGS)) for field in message.all("arc-seal")]
    seen = dict(results)
    signed = {_instance(one.signature): one for one in signatures}
    sealed = {_instance(one.signature): one for one in seals}
    instances = seen.keys() | signed.keys() | sealed.keys()
    complete = (seen.keys() & signed.keys() & sealed.keys()) - {0}
    sets = tuple(_Set(number, seen[number], signed[number], sealed[number]) for number in sorted(complete))
    highest = max(instances, default=0)
    problem = ""
    if 0 in instances:
        problem = "a field without a readable i= of 1 to 50"
    elif not len(results) == len(signatures) == len(seals) == len(sets):
        problem = "a field is missing or repeated"
    elif highest != len(sets):
        problem = "an instance is missing"
    return _Chain(sets, highest, problem)


def _results_instance(field: Field) -> int:
    """The instance of an ARC-Authentication-Results field; 0 where it cannot be read."""
    found = _AAR_INSTANCE.match(field.value)
    return _position(found[1]) if found else 0


def _instance(signature: Signature) -> int:
    """The instance of a seal or message signature; 0 where it cannot be read."""
    text = signature.tags.get("i")
    return 0 if signature.tags.problem or not _INSTANCE.fullmatch(text) else _position(text)


def _position(text: str) -> int:
    return number if (number := int(text)) <= MAX_SETS else 0


def _wrong_cv(sets: Sequence[_Set]) -> str:
    """What the seals themselves say against the chain: RFC 8617 5.2 steps 2 and 3."""
    if sets[-1].cv == "fail":
        return f"i={sets[-1].instance} says cv=fail"
    for one in sets:
        if one.cv != ("none" if one.instance == 1 else "pass"):
            return f"i={one.instance} says cv={one.seal.signature.tags.get('cv')[:60]}"
    return ""


def _keys(sets: Sequence[_Set]) -> Ask[dict[str, Answer]]:
    """The keys, in one round: first those that the chain stands or falls with."""
    newest_first = sets[::-1]
    wanted = [newest_first[0].message.signature, *(one.seal.signature for one in newest_first)]
    wanted += [one.message.signature for one in newest_first[1:]]
    names = list(dict.fromkeys(signature.key_name for signature in wanted if not signature.defect))[:MAX_KEYS]
    answers = yield from together(*(ask(name, "TXT") for name in names))
    return dict(zip(names, answers, strict=True))


def _seals(sets: Sequence[_Set], answers: dict[str, Answer]) -> dict[int, Outcome]:
    """What became of each seal; it covers its own set and all before it: RFC 8617 5.1.1, 5.2 step 6."""
    outcomes: dict[int, Outcome] = {}
    covered = hashlib.sha256()
    for one in sets:
        covered.update(_whole(one.results) + _whole(one.message.field))
        own = covered.copy()
        own.update(_unsigned(one.seal.field))
        covered.update(_whole(one.seal.field))
        if "h" in one.seal.signature.tags:  # RFC 8617 4.1.3
            outcomes[one.instance] = Outcome("permerror", "syntax", "a seal has no h=")
        else:
            outcomes[one.instance] = _checked(one.seal.signature, own.digest(), answers, body_intact=True)
    return outcomes


def _message_signatures(
    message: Message, sets: Sequence[_Set], answers: dict[str, Answer], now: datetime | None
) -> dict[int, Outcome]:
    """What became of the newest message signature, and of older ones until one does not hold: RFC 8617 5.2 steps 4, 5."""
    forms = canonical(message)
    outcomes: dict[int, Outcome] = {}
    for one in reversed(sets):
        signature = one.message.signature
        late = untimely(signature, now)
        if "arc-seal" in signature.signed:  # RFC 8617 4.1.2
            outcome = Outcome("permerror", "syntax", "h= covers ARC-Seal")
        elif late and late.cause == "expired":
            outcome = late
        else:
            digest = forms.header_hash(one.message.field, signature.signed, signature.forms[0])
            body_intact = None if message.headers_only else body_agrees(forms, signature)
            outcome = _checked(signature, digest, answers, body_intact=body_intact)
        outcomes[one.instance] = outcome
        if outcome.result != "pass":
            break
    return outcomes


def _checked(signature: Signature, digest: bytes, answers: dict[str, Answer], *, body_intact: bool | None) -> Outcome:
    if signature.defect:
        return signature.defect
    answer = answers.get(signature.key_name)
    if answer is None:
        return Outcome("temperror", "limit", f"only {MAX_KEYS} keys are looked up")
    return check(signature, digest, answer, body_intact=body_intact).outcome


def _result(
    sets: Sequence[_Set], signatures: dict[int, Outcome], seals: dict[int, Outcome], answers: tuple[Answer, ...]
) -> ArcResult:
    """RFC 8617 5.2: the chain falls with its newest message signature or with any seal. A sure failure outweighs doubt."""
    newest = sets[-1].instance
    needed = [(f"ams-{newest}", signatures[newest])]
    needed += [(f"seal-{instance}", seals[instance]) for instance in sorted(seals, reverse=True)]
    failed = [(part, outcome) for part, outcome in needed if outcome.result not in ("pass", "temperror")]
    unsure = [(part, outcome) for part, outcome in needed if outcome.result == "temperror"]
    result: Literal["pass", "fail", "temperror"] = "fail" if failed else "temperror" if unsure else "pass"
    cause, detail = "valid", ""
    if failed:
        cause, detail = failed[0][0], f"{failed[0][1].cause} {failed[0][1].detail}"
    elif unsure:
        cause = "dns-failed" if unsure[0][1].cause == "dns-failed" else "limit"
        detail = f"{unsure[0][0]} {unsure[0][1].detail}"
    return ArcResult(
        result=result,
        cause=cause,
        detail=detail.strip(),
        oldest_pass=_oldest_pass(signatures),
        sets=tuple(_described(one, signatures.get(one.instance), seals.get(one.instance)) for one in sets),
        answers=answers,
    )


def _oldest_pass(signatures: dict[int, Outcome]) -> int | None:
    """RFC 8617 5.2 step 5."""
    oldest = min(signatures)
    if signatures[oldest].result == "pass":
        return 0
    return oldest + 1 if oldest + 1 in signatures and signatures[oldest].result != "temperror" else None


def _described(one: _Set, signature: Outcome | None = None, seal: Outcome | None = None) -> ArcSet:
    return ArcSet(
        instance=one.instance,
        domain=one.seal.signature.domain,
        selector=one.seal.signature.selector,
        cv=one.cv,
        authentication_results=one.results.value,
        message_signature=_status(signature),
        seal=_status(seal),
        offset=one.seal.field.offset,
    )


def _status(outcome: Outcome | None) -> Status:
    if outcome is None or outcome.cause == "limit":
        return "not-evaluated"
    return outcome.result if outcome.result in ("pass", "temperror") else "fail"


def seal(  # noqa: PLR0913 -- the parts of a set, all by name
    message: Message,
    chain: ArcResult,
    *,
    authserv_id: str,
    domain: str,
    selector: str,
    private_key: bytes,
    algorithm: str = "rsa-sha256",
    headers: Sequence[str] | None = None,
    results: str | None = None,
    timestamp: int | None = None,
) -> bytes:
    """The three fields of a new set, to stand before the message: RFC 8617 section 5.1. ``chain`` is what ``validate`` said.

    Empty where no set is to be added: the chain is marked as failed already, has 50 sets, or could not be judged; or the
    message signature would name more fields than one is read with (``MAX_SIGNED_NAMES``).
    ``results`` is what was seen (``spf=pass smtp.mailfrom=...; dkim=...``); without it, what the message's own
    Authentication-Results fields of ``authserv_id`` say. ``headers`` are the names that the message signature covers.
    """
    earlier = _collect(message)
    number = earlier.highest + 1
    names = _covered(message) if headers is None else [name.lower() for name in headers]
    closed = chain.result == "temperror" or (earlier.sets and earlier.sets[-1].cv == "fail")
    if closed or number > MAX_SETS or len(names) > MAX_SIGNED_NAMES:
        return b""
    seen = _results_seen(message, authserv_id) if results is None else results
    text = f"ARC-Authentication-Results: i={number}; {authserv_id}; " + seen.replace("; ", ";\r\n ")
    value = text.encode("latin-1", "replace")
    aar = Field("arc-authentication-results", value, value.index(b":"), -1)
    who = {"a": algorithm, "d": domain, "i": str(number), "s": selector}
    who |= {"t": str(timestamp)} if timestamp is not None else {}
    refuse_unwritable(who.items())
    body_hash = base64.b64encode(canonical(message).body_hash("relaxed", None)[0]).decode()
    signed = {"b": "", "bh": body_hash, "c": "relaxed/relaxed", "h": ":".join(names)}
    ams = write_field("ARC-Message-Signature", sorted((who | signed).items()))
    digest = canonical(message).header_hash(ams, names, "relaxed")
    ams = with_b(ams, sign_digest(digest, private_key, algorithm), WIDTH_UNDER_SEAL)
    unsigned = write_field("ARC-Seal", sorted((who | {"b": "", "cv": chain.result}).items()))
    before = () if chain.result == "fail" else earlier.sets  # RFC 8617 5.1.2: a failed chain is left out
    data = b"".join(_whole(f) for one in before for f in (one.results, one.message.field, one.seal.field))
    digest = hashlib.sha256(data + _whole(aar) + _whole(ams) + _unsigned(unsigned)).digest()
    sealed = with_b(unsigned, sign_digest(digest, private_key, algorithm))
    return b"".join(field.raw + b"\r\n" for field in (sealed, ams, aar))


def _results_seen(message: Message, authserv_id: str) -> str:
    """What the message's Authentication-Results fields of this writer say, topmost first, as one: RFC 8617 5.1 step 1."""
    found = []
    for field in message.all("authentication-results"):
        writer, _, said = field.value.partition(";")
        if writer.split()[:1] == [authserv_id]:
            found.append(said.strip(" \t;"))
    return "; ".join(found) or "none"


def _covered(message: Message) -> list[str]:
    """The fields that a message signature covers: RFC 8617 4.1.2 wants DKIM's, and the DKIM signatures too."""
    return [name for name in (*OVERSIGNED, *SIGNED, "dkim-signature") for _ in message.all(name)]


def _whole(field: Field) -> bytes:
    """The field as a seal covers it, in relaxed form: RFC 8617 5.1.1."""
    return relaxed_field(field.raw, field.colon) + b"\r\n"


def _unsigned(field: Field) -> bytes:
    """The seal's own field as it covers itself: without its b=, and without CRLF."""
    return relaxed_field(without_b(field.raw, field.colon), field.colon)
