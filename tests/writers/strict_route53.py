"""What Route 53 refuses and moto lets through: a batch that names a set as it no longer is, and a CNAME beside others.

The messages are Route 53's own, as people have met them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend


@contextmanager
def as_strict_as_route53() -> Iterator[None]:
    """Moto's Route 53, while the block runs, with the checks that the API reference describes."""
    lenient = Route53Backend.change_resource_record_sets

    def strict(self, zoneid, change_list):
        zone = self.get_hosted_zone(zoneid)
        held = {(each.name.rstrip("."), each.type): (each.ttl, sorted(each.records or [])) for each in zone.rrsets}
        for change in change_list:
            _apply(held, zone.name, change["Action"], change["ResourceRecordSet"])
        zone.rr_changes.clear()  # its own check, which is of the past and not of what stands
        zone.rr_changes.extend({"Action": "CREATE", "ResourceRecordSet": _journal(each)} for each in zone.rrsets)
        lenient(self, zoneid, change_list)

    Route53Backend.change_resource_record_sets = strict
    try:
        yield
    finally:
        Route53Backend.change_resource_record_sets = lenient


def _apply(held, zone, action, new):
    name, rdtype = new["Name"].rstrip("."), new["Type"]
    values = (new.get("TTL"), sorted(each["Value"] for each in new.get("ResourceRecords", [])))
    what = f"resource record set [name='{name}.', type='{rdtype}']"
    if action == "UPSERT":
        raise Route53ClientError("AccessDenied", "UPSERT is never sent")
    if action == "CREATE" and (name, rdtype) in held:
        raise Route53ClientError("InvalidChangeBatch", f"[Tried to create {what} but it already exists]")
    if action == "CREATE":
        others = {other for owner, other in held if owner == name}
        if (rdtype == "CNAME" and others) or "CNAME" in others:
            said = f"[RRSet of type {rdtype} with DNS name {name}. is not permitted as it conflicts with other records with the same DNS name in zone {zone}]"
            raise Route53ClientError("InvalidChangeBatch", said)
        held[name, rdtype] = values
    if action == "DELETE":
        if (name, rdtype) not in held:
            raise Route53ClientError("InvalidChangeBatch", f"[Tried to delete {what} but it was not found]")
        if _comparable(held.pop((name, rdtype))) != _comparable(values):
            said = f"[Tried to delete {what} but the values provided do not match the current values]"
            raise Route53ClientError("InvalidChangeBatch", said)


def _comparable(values):
    ttl, records = values
    return int(ttl or 0), records


def _journal(each):
    return {
        "Name": each.name.rstrip("."),
        "Type": each.type,
        "TTL": each.ttl,
        "ResourceRecords": [{"Value": value} for value in each.records or []],
    }
