"""What Route 53 refuses and moto lets through: a batch that names a set as it no longer is, and a CNAME beside others.

The messages are Route 53's own, as people have met them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto.route53.exceptions import Route53ClientError
from moto.route53.models import ChangeList, Route53Backend


@contextmanager
def as_strict_as_route53() -> Iterator[None]:
    """Moto's Route 53, while the block runs, with the checks that the API reference describes."""
    lenient = Route53Backend.change_resource_record_sets

    def strict(self, zoneid, change_list):
        zone = self.get_hosted_zone(zoneid)
        held = {
            _key(each.name, each.type, each.set_identifier): _values(each.ttl, each.records) for each in zone.rrsets
        }
        for change in change_list:
            _apply(held, zone.name, change["Action"], change["ResourceRecordSet"])
        zone.rr_changes = _Unasked()
        lenient(self, zoneid, change_list)

    Route53Backend.change_resource_record_sets = strict
    try:
        yield
    finally:
        Route53Backend.change_resource_record_sets = lenient


class _Unasked(ChangeList):
    """Moto's own check looks at all that ever stood, and not at what stands."""

    def __contains__(self, item) -> bool:
        return False

    def has_insert_or_update(self, new_rr_set) -> bool:
        return True


def _apply(held, zone, action, new):
    key = name, rdtype, _ = _key(new["Name"], new["Type"], new.get("SetIdentifier"))
    what = f"resource record set [name='{name}.', type='{rdtype}']"
    others = {other for owner, other, _ in held if owner == name and other != rdtype}
    if action == "DELETE" and key not in held:
        raise _invalid(f"Tried to delete {what} but it was not found")
    if action == "DELETE" and held.pop(key) != _values(
        new.get("TTL"), [each["Value"] for each in new.get("ResourceRecords", [])]
    ):
        raise _invalid(f"Tried to delete {what} but the values provided do not match the current values")
    if action == "CREATE" and key in held:
        raise _invalid(f"Tried to create {what} but it already exists")
    if action == "CREATE" and ((rdtype == "CNAME" and others) or "CNAME" in others):
        raise _invalid(
            f"RRSet of type {rdtype} with DNS name {name}. is not permitted as it conflicts with other records"
            f" with the same DNS name in zone {zone}"
        )
    if action == "CREATE":
        held[key] = _values(new.get("TTL"), [each["Value"] for each in new.get("ResourceRecords", [])])
    if action == "UPSERT":
        raise Route53ClientError("AccessDenied", "UPSERT is never to be sent")


def _key(name, rdtype, identifier):
    return name.rstrip("."), rdtype, identifier or None


def _values(ttl, records):
    return int(ttl or 0), sorted(records or [])


def _invalid(said):
    return Route53ClientError("InvalidChangeBatch", f"[{said}]")
