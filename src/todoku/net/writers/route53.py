"""Writing to Amazon Route 53: what was read is deleted and the new set is created, in one batch that stands or falls whole.

A DELETE names every value and the TTL, so that it fails when the set has changed since; UPSERT, which would write over
what others put there, is never sent. Which zone holds a name is not what the account says but what the world asks: a
zone that nobody delegates to is passed over, and said so.

It touches Route 53 (``route53_api.py``), and asks the public DNS which servers a zone has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from todoku.auth.ask import Question
from todoku.net.drivers import Source
from todoku.net.writers.dns_writer import (
    Refusal,
    Written,
    after_silence,
    comparable,
    decided,
    not_a_record,
    not_ours,
    raced,
    refused,
    stands_in,
    unknown_after,
)
from todoku.net.writers.route53_api import Failed, HostedZone, Route53Api
from todoku.net.writers.route53_text import value_of, written_value
from todoku.words.change import RecordSet, RecordSetChange
from todoku.words.verdict import Text

_PLAIN = frozenset({"Name", "Type", "TTL", "ResourceRecords"})
"""The fields of a set that is no alias and has no routing policy."""

_CHANGED = frozenset({"InvalidChangeBatch", "InvalidInput"})
"""How Route 53 says that a set is no longer as the batch has it; it says so too of a batch that is wrong in itself."""


class _Held(NamedTuple):
    """What stands at a name: the set that was asked for, the same as Route 53 has it, and the sets of other types."""

    zone: HostedZone
    found: RecordSet
    raw: Mapping[str, Any] | None
    others: tuple[RecordSet, ...]


class Route53Writer:
    """Writes to the public hosted zones of one account; a ``DnsWriter``."""

    def __init__(self, client: Any, source: Source, *, zone_id: str = "") -> None:  # noqa: ANN401 -- boto3 has no types
        """Write by a client of boto3's; ``source`` is the public DNS. With ``zone_id`` that zone alone, whoever asks it."""
        self._api, self._source, self._only = Route53Api(client), source, zone_id
        self._zones: list[HostedZone] | None = None
        self._in_use: dict[str, HostedZone | Refusal] = {}

    def zone_of(self, name: str) -> str | Refusal | None:
        """The apex of the hosted zone that the world asks for ``name``; None: no public zone of the account holds it."""
        zone = self._zone(name.lower().rstrip("."))
        return zone.apex if isinstance(zone, HostedZone) else zone

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        """The set as Route 53 holds it; an alias or a routing policy is none that could be changed value by value."""
        held = self._held(name, rdtype)
        if isinstance(held, Refusal):
            return held
        special = _special(held)
        return Refusal("refused", special) if special else held.found

    def write(self, change: RecordSetChange) -> Written:
        """What became of ``change``; where it is ``done``, its ``change_id`` is for ``settled``."""
        held = self._held(change.before.name, change.before.rdtype)
        if isinstance(held, Refusal):
            return refused(held)
        wanted = _decided(change, held)
        if isinstance(wanted, Written):
            return wanted
        changes = _batch(held, wanted)
        if isinstance(changes, Text):
            return Written("refused", changes)
        change_id = self._api.changed(held.zone, changes)
        if isinstance(change_id, Failed):
            return self._after_failure(change, held, change_id)
        return Written("done", Text("written", "書き込みました"), wanted, change_id)

    def settled(self, change_id: str) -> bool | None:
        """Whether all name servers of Route 53 have a change (it takes about a minute); None: we could not look."""
        settled = self._api.settled(change_id)
        return None if isinstance(settled, Failed) else settled

    def _after_failure(self, change: RecordSetChange, held: _Held, failed: Failed) -> Written:
        """What a batch that failed has left: nothing, for certain, only where Route 53 said so to a request sent once."""
        silent = failed.refusal.status == "unreachable"
        if not silent and failed.code not in _CHANGED:
            return refused(failed.refusal)
        again = self._held(change.before.name, change.before.rdtype)
        if isinstance(again, Refusal):
            return unknown_after(failed.refusal) if silent else refused(again)
        if again == held and not silent:
            return refused(failed.refusal)
        if silent or (failed.repeated and stands_in(change, again.found)):
            return after_silence(change, again.found, failed.refusal)
        verdict = _decided(change, again)
        return verdict if isinstance(verdict, Written) else raced(again.found)

    def _held(self, name: str, rdtype: str) -> _Held | Refusal:
        name = name.lower().rstrip(".")
        zone = self._zone(name)
        if zone is None:
            return not_ours(name)
        if isinstance(zone, Refusal):
            return zone
        sets = self._api.sets(zone, name)
        if isinstance(sets, Failed):
            return sets.refusal
        own = next((each for each in sets if each["Type"] == rdtype), None)  # of a routing policy any one will show it
        others = tuple(_record_set(name, each) for each in sets if each["Type"] != rdtype)
        return _Held(zone, RecordSet(name, rdtype) if own is None else _record_set(name, own), own, others)

    def _zone(self, name: str) -> HostedZone | Refusal | None:
        """The zone that the world asks for ``name``: the longest match among those that are delegated to."""
        zones = self._known_zones()
        if isinstance(zones, Refusal):
            return zones
        passed_over: HostedZone | None = None
        for apex in _upwards(name):
            same = [zone for zone in zones if zone.apex == apex]
            if self._only and same:
                return same[0]
            chosen = self._chosen(apex, same) if same else None
            if chosen is not None:
                return chosen
            passed_over = passed_over or next(iter(same), None)
        return passed_over and _undelegated(passed_over)

    def _known_zones(self) -> list[HostedZone] | Refusal:
        if self._zones is None:
            one = self._api.public_zone(self._only) if self._only else None
            zones = self._api.public_zones() if one is None else one
            if isinstance(zones, Failed):
                return zones.refusal
            self._zones = [zones] if isinstance(zones, HostedZone) else zones
        return self._zones

    def _chosen(self, apex: str, same: Sequence[HostedZone]) -> HostedZone | Refusal | None:
        """Which of several zones of one name is in use; None: the world asks none at this name."""
        if apex in self._in_use:
            return self._in_use[apex]
        (answer,) = self._source.answers((Question(apex, "NS"),))
        if answer.failed:
            return same[0] if len(same) == 1 else _cannot_tell(apex, answer.detail or answer.status)
        if answer.chain or not answer.records:
            return None
        asked = frozenset(record.lower() for record in answer.records)
        chosen: HostedZone | Refusal = _elsewhere(same[0], asked)
        for zone in same:
            servers = self._api.servers(zone)
            if isinstance(servers, Failed):
                return servers.refusal
            if servers & asked:
                chosen = zone
        self._in_use[apex] = chosen
        return chosen


def _upwards(name: str) -> Iterator[str]:
    """The name and every name over it."""
    while name:
        yield name
        name = name.partition(".")[2]


def _record_set(name: str, raw: Mapping[str, Any]) -> RecordSet:
    rdtype = str(raw["Type"])
    values = [value_of(rdtype, each["Value"]) for each in raw.get("ResourceRecords", [])]
    alias = [f"alias {raw['AliasTarget']['DNSName']}"] if "AliasTarget" in raw else []
    return RecordSet(name, rdtype, tuple(sorted({*values, *alias})), raw.get("TTL", 0))


def _special(held: _Held) -> Text | None:
    """Why the set cannot be changed value by value, or None."""
    if held.raw is None or held.raw.keys() <= _PLAIN:
        return None
    where = f"{held.found.name} {held.found.rdtype}"
    if "AliasTarget" in held.raw:
        return Text(
            f"{where} is an alias of Route 53's own kind; change it in Route 53",
            f"{where} はRoute 53のエイリアスレコードです。Route 53で変更してください",
        )
    return Text(
        f"{where} has a routing policy or a health check; change it in Route 53",
        f"{where} にはルーティングポリシーまたはヘルスチェックが設定されています。Route 53で変更してください",
    )


def _decided(change: RecordSetChange, held: _Held) -> RecordSet | Written:
    special = _special(held)
    return Written("conflict", special, held.found) if special else decided(change, held.found, held.others)


def _batch(held: _Held, wanted: RecordSet) -> list[dict[str, Any]] | Text:
    """The changes that make ``wanted`` of what is held, or the value that no record can have. What stays is sent as it was read."""
    rdtype = wanted.rdtype
    raws = [] if held.raw is None else [str(each["Value"]) for each in held.raw["ResourceRecords"]]
    by_key = {comparable(rdtype, (value_of(rdtype, raw),))[0]: raw for raw in raws}
    changes: list[dict[str, Any]] = []
    if held.raw is not None:
        changes.append({"Action": "DELETE", "ResourceRecordSet": held.raw})
    records = []
    for key, value in zip(comparable(rdtype, wanted.values), wanted.values, strict=True):
        raw = by_key.get(key) or written_value(rdtype, value)
        if raw is None:
            return not_a_record(rdtype, value)
        records.append({"Value": raw})
    if records:
        new = {"Name": f"{wanted.name}.", "Type": rdtype, "TTL": wanted.ttl, "ResourceRecords": records}
        changes.append({"Action": "CREATE", "ResourceRecordSet": new})
    return changes


def _undelegated(zone: HostedZone) -> Refusal:
    return Refusal(
        "refused",
        Text(
            f"nothing delegates to {zone.apex} (hosted zone {zone.id}): what is written there nobody sees."
            f" Delegate it first, or say route53:{zone.id} to write all the same",
            f"{zone.apex}(ホストゾーン {zone.id})には委任がないため、書き込んでも外部からは見えません。"
            f"先に委任を設定してください。それでも書き込むときは route53:{zone.id} と指定してください",
        ),
    )


def _elsewhere(zone: HostedZone, asked: frozenset[str]) -> Refusal:
    servers = ", ".join(sorted(asked)[:4])
    return Refusal(
        "refused",
        Text(
            f"{zone.apex} is delegated to {servers}, not to the name servers of hosted zone {zone.id}: what is written"
            f" there nobody sees. Write to the zone that is in use, or say route53:{zone.id} to write all the same",
            f"{zone.apex} の委任先は {servers} で、ホストゾーン {zone.id} のネームサーバーではありません。書き込んでも外部からは見えません。"
            f"実際に使われているゾーンに書き込んでください。それでも書き込むときは route53:{zone.id} と指定してください",
        ),
    )


def _cannot_tell(apex: str, detail: str) -> Refusal:
    return Refusal(
        "unreachable",
        Text(
            f"there are several hosted zones {apex}, and which one is in use cannot be looked up now ({detail})",
            f"{apex} のホストゾーンが複数あり、どれが使われているかを今は確認できません({detail})",
        ),
    )
