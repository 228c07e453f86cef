"""Verify every DKIM signature of a message, each by itself: RFC 6376 section 6.

What is wrong with a signature or its key by sections 6.1.1 and 6.1.2 is ``permerror``; a hash or signature that does not
agree with the message by section 6.1.3 is ``fail``; a time that we may but need not mind is ``policy``; what we could not
look at, or would not because of a bound of ours, is ``temperror``.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain

import msgspec

from todoku.auth.ask import Answer, Ask, Question
from todoku.auth.dkim.canonical import Canonical, canonical
from todoku.auth.dkim.damage_kinds import Damage
from todoku.auth.dkim.key import MAX_KEYS, Key, mismatch, read_key
from todoku.auth.dkim.signature import FORMS, MAX_SIGNATURES, DkimCause, DkimOutcome, Outcome, Signature, read_signature
from todoku.mail.message import Field, Message
from todoku.mail.tags import squeeze

__all__ = ["CLOCK_SKEW", "MAX_KEYS", "MAX_SIGNATURES", "DkimCause", "DkimOutcome", "DkimResult", "verify"]

CLOCK_SKEW = 300  # seconds that x= and t= are allowed to be off: the fudge factor of RFC 6376 section 3.5

_VERIFIED = Outcome("pass", "verified")
_WRITTEN = {forms: "/".join(forms) for forms in FORMS.values()}


class DkimResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One signature and what became of it, in the order of the DKIM-Signature fields."""

    result: DkimOutcome
    cause: DkimCause
    domain: str = ""  # d=, lower-case
    selector: str = ""
    identity: str = ""  # i=
    algorithm: str = ""
    canonicalization: str = ""  # "relaxed/simple"
    signed: tuple[str, ...] = ()  # h=, lower-case, as written (repeats kept: oversigning)
    b: str = ""  # the whole b= without white space; receivers show its first 8 characters
    key_bits: int | None = None
    body_length: int | None = None  # l=
    unsigned_octets: int = 0  # body octets after l=
    timestamp: int | None = None
    expires: int | None = None
    testing: bool = False  # the key says t=y
    detail: str = ""  # the tag, name or DNS status that is wrong
    offset: int = 0  # of the DKIM-Signature field
    key: Answer | None = None
    header_intact: bool | None = None  # the signed header fields are as they were signed; None: could not tell
    body_intact: bool | None = None  # the signed part of the body is as it was signed; None: could not tell
    damage: Damage | None = None  # what was done to the message, where ``damage.diagnose`` was asked


class Checked(msgspec.Struct, frozen=True, gc=False):
    """What the mathematics say of one signature, and with which key."""

    outcome: Outcome
    header_intact: bool | None = None
    body_intact: bool | None = None
    key: Key | None = None


def verify(message: Message, *, now: datetime | None) -> Ask[tuple[DkimResult, ...]]:
    """A result for every DKIM-Signature field; all keys are asked for in one round. ``now`` None: do not judge times."""
    fields = message.all("dkim-signature")
    signatures = [read_signature(field.value) for field in fields]
    names = [_key_name(message, index, signature) for index, signature in enumerate(signatures)]
    questions = tuple(dict.fromkeys(Question(name, "TXT") for name in names if name))
    answers = (yield questions) if questions else ()
    keys = {question.name: answer for question, answer in zip(questions, answers, strict=True)}
    results = []
    for field, signature, name in zip(fields, signatures, names, strict=True):
        answer = keys.get(name)
        checked = _judge(message, field, signature, answer, now)
        results.append(_result(message, field, signature, checked, answer))
    return tuple(results)


def _key_name(message: Message, index: int, signature: Signature) -> str:
    """Where to ask for the key; "" where there is nothing to ask."""
    return "" if signature.defect or message.limits or index >= MAX_SIGNATURES else signature.key_name


def _judge(
    message: Message, field: Field, signature: Signature, answer: Answer | None, now: datetime | None
) -> Checked:
    """What becomes of one signature: what stands against it before it is checked, what the check says, and the time."""
    if signature.defect:
        return Checked(signature.defect)
    if message.limits:  # what was left out may be what was signed
        return Checked(Outcome("temperror", "limit", " ".join(message.limits)))
    if answer is None:
        return Checked(Outcome("temperror", "not-evaluated", f"only the first {MAX_SIGNATURES} are evaluated"))
    forms = canonical(message)
    body = None if message.headers_only else body_agrees(forms, signature)
    digest = forms.header_hash(field, signature.signed, signature.forms[0])
    checked = check(signature, digest, answer, body_intact=body)
    late = untimely(signature, now)
    return msgspec.structs.replace(checked, outcome=late) if late else checked


def check(signature: Signature, digest: bytes, answer: Answer, *, body_intact: bool | None) -> Checked:
    """What one signature over ``digest`` says with the keys in ``answer``: RFC 6376 sections 6.1.2 and 6.1.3."""
    if answer.failed:
        return Checked(Outcome("temperror", "dns-failed", answer.status), body_intact=body_intact)
    if not answer.records:
        return Checked(Outcome("permerror", "key-missing", answer.status), body_intact=body_intact)
    if len(answer.records) == 1:  # nearly always
        return _with_key(read_key(answer.records[0]), signature, digest, body_intact)
    tried: list[Checked] = []
    for record in answer.records[:MAX_KEYS]:  # RFC 6376 6.1.2: each of several keys may be tried
        tried.append(_with_key(read_key(record), signature, digest, body_intact))
        if tried[-1].header_intact:
            return tried[-1]
    if len(answer.records) > MAX_KEYS:
        return Checked(Outcome("temperror", "limit", f"only {MAX_KEYS} key records are tried"), body_intact=body_intact)
    return _best(tried)


def _best(tried: list[Checked]) -> Checked:
    """What several keys say that do not verify: one that we could not read may be the right one, a wrong one is still a key."""
    unread = (checked for checked in tried if checked.outcome.result == "temperror")
    usable = (checked for checked in tried if checked.header_intact is not None)
    return next(chain(unread, usable), tried[0])


def _with_key(key: Key, signature: Signature, digest: bytes, body_intact: bool | None) -> Checked:
    if defect := key.defect or mismatch(key, signature):
        return Checked(defect, None, body_intact, key)
    header_intact = key.check is not None and key.check(signature.b, digest)
    return Checked(_outcome(header_intact, body_intact), header_intact, body_intact, key)


def _outcome(header_intact: bool, body_intact: bool | None) -> Outcome:
    """RFC 6376 6.1.3: the body hash first, then the signature."""
    if body_intact is False:
        return Outcome("fail", "body-hash-differs", "bh=")
    if not header_intact:
        return Outcome("fail", "signature-differs", "b=")
    if body_intact is None:
        return Outcome("temperror", "not-evaluated", "the body of the message is not there")
    return _VERIFIED


def body_agrees(forms: Canonical, signature: Signature) -> bool:
    """Whether the body hash agrees. A body shorter than l= has lost something: RFC 6376 3.5."""
    digest, size = forms.body_hash(signature.forms[1], signature.length)
    return digest == signature.bh and (signature.length is None or signature.length <= size)


def untimely(signature: Signature, now: datetime | None) -> Outcome | None:
    """Whether the signature is past its x= (RFC 6376 6.1.1) or signed in the future (section 3.5), give or take the skew."""
    if now is None:
        return None
    seconds = now.timestamp()
    if signature.expires is not None and seconds > signature.expires + CLOCK_SKEW:
        return Outcome("permerror", "expired", f"x={signature.expires}")
    if signature.timestamp is not None and seconds < signature.timestamp - CLOCK_SKEW:
        return Outcome("policy", "future", f"t={signature.timestamp}")
    return None


def _result(
    message: Message, field: Field, signature: Signature, checked: Checked, answer: Answer | None
) -> DkimResult:
    outcome, key = checked.outcome, checked.key
    unsigned = 0
    if signature.length is not None and checked.body_intact is not None:
        unsigned = max(0, canonical(message).body_hash(signature.forms[1], signature.length)[1] - signature.length)
    return DkimResult(
        result=outcome.result,
        cause=outcome.cause,
        domain=signature.domain,
        selector=signature.selector,
        identity=signature.identity,
        algorithm=signature.algorithm,
        canonicalization=_WRITTEN[signature.forms],
        signed=signature.signed,
        b=squeeze(signature.tags.values.get("b", "")),
        key_bits=key.bits if key else None,
        body_length=signature.length,
        unsigned_octets=unsigned,
        timestamp=signature.timestamp,
        expires=signature.expires,
        testing=key.testing if key else False,
        detail=outcome.detail,
        offset=field.offset,
        key=answer,
        header_intact=checked.header_intact,
        body_intact=checked.body_intact,
    )
