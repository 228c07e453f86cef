"""How DNS records are written, whoever holds the zone: the words for it, and what makes a change safe to carry out.

A writer (``rfc2136.py``, ``route53.py``, ``by_hand.py``) first reads the set from the authority itself, lets ``decided``
say what should stand, and then writes that on condition that nothing has changed since. So values that others added are
kept, a change that stands already is not made twice, and of two writers at once one meets a ``conflict``. What DNS or an
API answers is a result, never an exception, and holds no secret.

This module touches nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Literal, Protocol, runtime_checkable

import msgspec

from todoku.auth.ask import readable
from todoku.net.dns.message import MAX_TTL
from todoku.words.change import RecordSet, RecordSetChange
from todoku.words.verdict import Text

RefusalStatus = Literal["denied", "unreachable", "throttled", "refused"]
WriteStatus = Literal["done", "unchanged", "conflict", "by-hand", RefusalStatus]
"""``done``, ``unchanged`` (it stood already) and ``conflict`` (nothing was written, somebody must look) are knowledge.
``denied``: these credentials may not; ``refused``: it cannot be written so, by anybody; ``unreachable`` and
``throttled``: another time perhaps. ``by-hand``: a person has to do it."""

LONE_VERSIONS = {version.lower(): version for version in ("v=spf1", "v=DMARC1", "v=STSv1", "v=TLSRPTv1", "v=BIMI1")}
"""Records that count only where they are the only one: RFC 7208 4.5, RFC 9989 4.10, RFC 8461 3.1, RFC 8460 3."""

_LONE = re.compile(rf"(?:{'|'.join(LONE_VERSIONS)}|v[ \t]*=[ \t]*DMARC1)(?=[\s;]|$)", re.IGNORECASE)
"""DMARC alone has blanks around its "=": RFC 9989 4.8."""

SIGNING_TYPES = frozenset({"RRSIG", "NSEC"})
"""What may stand beside a CNAME: RFC 4034 3 and 4."""

SHOWN = 120  # characters of a value in a sentence


class Refusal(msgspec.Struct, frozen=True):
    """Why a record set could be neither read nor written."""

    status: RefusalStatus
    detail: Text


class Written(msgspec.Struct, frozen=True):
    """What became of a change. ``found`` is the set as it stands now, or what stood in the way; None: nobody knows.

    ``change_id`` is set where the authority needs time to take the change to all its servers (``route53.py``).
    """

    status: WriteStatus
    detail: Text
    found: RecordSet | None = None
    change_id: str = ""


class DnsWriter(Protocol):
    """Whoever can write the records of some zones."""

    def zone_of(self, name: str) -> str | Refusal | None:
        """The apex of the zone that holds ``name`` and may be written here; None: no such zone is ours."""

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        """The set as the authority holds it: from no cache, no wildcard, and no CNAME followed."""

    def write(self, change: RecordSetChange) -> Written:
        """What became of ``change``. Nothing is written unless its status is ``done`` or ``unreachable``."""


@runtime_checkable
class Settling(Protocol):
    """A writer whose changes take a while to reach every name server."""

    def settled(self, change_id: str) -> bool | None:
        """Whether all of them have it; None: we could not look."""


def decided(change: RecordSetChange, found: RecordSet, others: Sequence[RecordSet] = ()) -> RecordSet | Written:
    """The set as it should stand after ``change``, or why there is nothing to write.

    ``found`` is the set as it was just read, ``others`` are the sets of other types at the same name.
    """
    wrong = unwritable(change)
    if wrong is not None:
        return Written("refused", wrong)
    wanted = _merged(change, found)
    if stands_in(change, found) and wanted.ttl == found.ttl:
        return Written("unchanged", Text("it stands already", "すでに設定されています"), found)
    return _conflict(change, found, wanted, others) or wanted


def unwritable(change: RecordSetChange) -> Text | None:
    """Why nobody could carry out ``change`` as it is, or None."""
    if change.outputs:
        return Text(
            "a value of this record is known only after an earlier step",
            "先の手順が終わるまで値が決まらないレコードです",
        )
    if not 0 <= change.ttl <= MAX_TTL:
        return Text(f"{change.ttl} is no TTL (RFC 2181 8)", f"{change.ttl} はTTLの値ではありません(RFC 2181 8)")
    return None


def stands_in(change: RecordSetChange, found: RecordSet) -> bool:
    """Whether every value to add is in ``found`` and none to remove."""
    held = set(comparable(found.rdtype, found.values))
    removed = comparable(found.rdtype, _removed(change))
    return held.issuperset(comparable(found.rdtype, change.add)) and held.isdisjoint(removed)


def comparable(rdtype: str, values: Iterable[str]) -> list[str]:
    """The values in a form in which equal records are equal: names and addresses have many spellings, TXT has one."""
    if rdtype == "TXT":
        return list(values)
    return [_address(value) if rdtype in ("A", "AAAA") else value.lower() for value in values]


def raced(found: RecordSet) -> Written:
    """What became of a change that the authority did not make, because the set was no longer as it had just been read."""
    detail = Text(
        f"{named(found)} was changed by somebody else at the same moment; nothing was written",
        f"{named(found)} が同時にほかの人によって変更されたため、何も書き込みませんでした",
    )
    return Written("conflict", detail, found)


def after_silence(change: RecordSetChange, found: RecordSet, silence: Refusal) -> Written:
    """What became of a change that the authority did not answer, from what stands there now."""
    if stands_in(change, found):
        return Written("done", Text("written; the answer was lost", "書き込みました(応答は届きませんでした)"), found)
    detail = Text(f"{silence.detail.en}; it has not been written", f"{silence.detail.ja}。まだ書き込まれていません")
    return Written("unreachable", detail, found)


def unknown_after(silence: Refusal) -> Written:
    """What became of a change that was not answered, where nobody can be asked what stands now."""
    detail = Text(
        f"{silence.detail.en}; whether it was written is not known",
        f"{silence.detail.ja}。書き込まれたかどうかは確認できません",
    )
    return Written("unreachable", detail)


def not_ours(name: str) -> Refusal:
    """Why a name in a zone that the writer does not hold is neither read nor written."""
    return Refusal(
        "refused",
        Text(f"no zone that can be written here holds {name}", f"{name} を含むゾーンは、ここからは書き込めません"),
    )


def not_a_record(rdtype: str, value: str) -> Text:
    """Why a value cannot be written."""
    return Text(
        f"{shown(value)!r} is no value of a {rdtype} record", f"{shown(value)!r} は{rdtype}レコードの値ではありません"
    )


def refused(refusal: Refusal) -> Written:
    """What becomes of a change when nothing was written for this reason."""
    return Written(refusal.status, refusal.detail)


def named(found: RecordSet) -> str:
    """A set's name and type, for people."""
    return f"{found.name} {found.rdtype}"


def shown(value: str) -> str:
    """A value for a sentence."""
    text = readable(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _merged(change: RecordSetChange, found: RecordSet) -> RecordSet:
    """The set with the change in it; what others added meanwhile stays."""
    removed = set(comparable(found.rdtype, _removed(change)))
    keys = comparable(found.rdtype, found.values)
    kept = {key: value for key, value in zip(keys, found.values, strict=True) if key not in removed}
    for key, value in zip(comparable(found.rdtype, change.add), change.add, strict=True):
        kept.setdefault(key, value)
    return RecordSet(found.name, found.rdtype, tuple(sorted(kept.values())), _ttl(change, found) if kept else 0)


def _removed(change: RecordSetChange) -> tuple[str, ...]:
    return tuple(value for value in change.remove if value not in change.add)


def _ttl(change: RecordSetChange, found: RecordSet) -> int:
    """One for the whole set (RFC 2181 5.2): its own, unless the change is to give it another."""
    is_meant = not found.values or (change.before.values and change.ttl != change.before.ttl)
    return change.ttl if is_meant else found.ttl


def _conflict(
    change: RecordSetChange, found: RecordSet, wanted: RecordSet, others: Sequence[RecordSet]
) -> Written | None:
    held = set(comparable(found.rdtype, found.values))
    removed = zip(comparable(found.rdtype, _removed(change)), _removed(change), strict=True)
    gone = [value for key, value in removed if key not in held]
    if gone and not stands_in(change, found):
        detail = Text(
            f"{named(found)} no longer holds {shown(gone[0])!r}: it was changed after it was read",
            f"{named(found)} から {shown(gone[0])!r} がなくなっています。読み取った後に変更されています",
        )
        return Written("conflict", detail, found)
    if held.issuperset(comparable(found.rdtype, change.add)):
        return None
    in_the_way = _beside(found.rdtype, others)
    if in_the_way is not None:
        return Written("conflict", _not_beside(wanted, in_the_way), in_the_way)
    return _second(change, found, wanted)


def _beside(rdtype: str, others: Sequence[RecordSet]) -> RecordSet | None:
    """The set that nothing of this type may stand beside: RFC 1034 3.6.2, a CNAME stands alone."""
    apart = [each for each in others if each.values and each.rdtype not in SIGNING_TYPES]
    return next((each for each in apart if "CNAME" in (rdtype, each.rdtype)), None)


def _not_beside(wanted: RecordSet, other: RecordSet) -> Text:
    if other.rdtype == "CNAME":
        target = shown(other.values[0])
        return Text(
            f"{wanted.name} is an alias (CNAME) of {target}; no {wanted.rdtype} record can stand beside it",
            f"{wanted.name} は {target} へのCNAMEです。CNAMEと同じ名前に{wanted.rdtype}レコードは置けません",
        )
    return Text(
        f"{wanted.name} holds {other.rdtype} records; a CNAME can stand beside nothing else",
        f"{wanted.name} には{other.rdtype}レコードがあります。CNAMEはほかのレコードと同じ名前に置けません",
    )


def _second(change: RecordSetChange, found: RecordSet, wanted: RecordSet) -> Written | None:
    """The conflict where a record would come to stand beside another one, and only one can be."""
    if wanted.rdtype == "CNAME" and len(wanted.values) > 1:
        detail = Text(
            f"{found.name} is already an alias (CNAME) of {shown(found.values[0])}",
            f"{found.name} にはすでに {shown(found.values[0])} へのCNAMEがあります",
        )
        return Written("conflict", detail, found)
    # what the change itself was made to leave, knowing the set, is its own affair: an undo may restore two
    meant, stood = _lone(change.after.values), _lone(value for value in found.values if value not in change.remove)
    several = (kind for kind, number in _lone(wanted.values).items() if number > max(1, meant[kind], stood[kind]))
    twice = next(several, None)
    if twice is None or wanted.rdtype != "TXT":
        return None
    detail = Text(
        f"{found.name} would then hold more than one {twice} record, and receivers would use none of them",
        f"{found.name} の{twice}レコードが2つ以上になり、受信側ではどれも使われなくなります",
    )
    return Written("conflict", detail, found)


def _lone(values: Iterable[str]) -> Counter[str]:
    """How many records there are of each version of which one only counts."""
    return Counter(
        LONE_VERSIONS["".join(match[0].lower().split())] for value in values if (match := _LONE.match(value))
    )


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        return value
