"""The operations of SES on the account in a region: its limits, its suppression list, its dedicated addresses."""

from __future__ import annotations

from datetime import timedelta

from todoku.demo.ses_error import SesError, not_found
from todoku.demo.ses_state import Parameters, Region, Reply, page

DAY = timedelta(days=1)
# ses/latest/dg/request-production-access.html: in the sandbox 200 messages in 24 hours, one a second
SANDBOX_24_HOURS, SANDBOX_RATE = 200.0, 1.0


def get_account(region: Region, _parameters: Parameters) -> Reply:
    """What the account may do, and how SES judges it."""
    max_24_hours, max_rate = limits(region)
    suppression: Reply = {"SuppressedReasons": list(region.suppressed_reasons)}
    if region.validation:
        suppression["ValidationAttributes"] = region.validation
    reply: Reply = {
        "DedicatedIpAutoWarmupEnabled": bool(region.dedicated_ips),
        "EnforcementStatus": region.enforcement,
        "ProductionAccessEnabled": region.production,
        "SendQuota": {
            "Max24HourSend": max_24_hours,
            "MaxSendRate": max_rate,
            "SentLast24Hours": float(sent_last_24_hours(region)),
        },
        "SendingEnabled": region.sending,
        "SuppressionAttributes": suppression,
        "VdmAttributes": region.vdm,
    }
    return {**reply, "Details": region.details} if region.details else reply


def limits(region: Region) -> tuple[float, float]:
    """How many messages in 24 hours, and how many a second."""
    return (region.max_24_hours, region.max_rate) if region.production else (SANDBOX_24_HOURS, SANDBOX_RATE)


def sent_last_24_hours(region: Region) -> int:
    """Recipients to whom mail was sent: ses/latest/dg/manage-sending-quotas.html counts these, not messages."""
    since = region.now - DAY
    mine = [each for each in region.world.sent if (each.account, each.region) == (region.account, region.name)]
    return sum(len(each.recipients) for each in mine if each.at > since)


def put_suppression_attributes(region: Region, parameters: Parameters) -> Reply:
    """Which events put an address on the account's suppression list."""
    region.suppressed_reasons = list(parameters.get("SuppressedReasons", ()))
    region.validation = dict(parameters.get("ValidationAttributes", {}))
    return {}


def put_account_details(region: Region, parameters: Parameters) -> Reply:
    """Ask AWS for production access: a person there decides, a test says by ``production`` how."""
    if region.details.get("ReviewDetails", {}).get("Status") == "PENDING":
        raise SesError("ConflictException", "There is already an ongoing account details update under review.")
    kept = {key: value for key, value in parameters.items() if key != "ProductionAccessEnabled"}
    region.details = {"ContactLanguage": "EN", **kept}
    if parameters.get("ProductionAccessEnabled") and not region.production:
        region.details["ReviewDetails"] = {"Status": "PENDING"}
    return {}


def put_vdm_attributes(region: Region, parameters: Parameters) -> Reply:
    """Turn Virtual Deliverability Manager on or off."""
    region.vdm = dict(parameters["VdmAttributes"])
    return {}


def put_sending_attributes(region: Region, parameters: Parameters) -> Reply:
    """Pause all sending, or go on."""
    region.sending = parameters.get("SendingEnabled", False)
    return {}


def list_suppressed_destinations(region: Region, parameters: Parameters) -> Reply:
    """The addresses to which SES sends nothing, with the reason, by pages."""
    reasons = parameters.get("Reasons") or ("BOUNCE", "COMPLAINT")
    start, end = parameters.get("StartDate"), parameters.get("EndDate")
    listed = [
        {key: entry[key] for key in ("EmailAddress", "Reason", "LastUpdateTime")}
        for _, entry in sorted(region.suppressed.items())
        if entry["Reason"] in reasons
        and (start is None or entry["LastUpdateTime"] >= start)
        and (end is None or entry["LastUpdateTime"] <= end)
    ]
    return page(listed, parameters, "SuppressedDestinationSummaries")


def get_suppressed_destination(region: Region, parameters: Parameters) -> Reply:
    """One address of the suppression list."""
    return {"SuppressedDestination": _suppressed(region, parameters["EmailAddress"])}


def put_suppressed_destination(region: Region, parameters: Parameters) -> Reply:
    """Send nothing to an address any more."""
    # ses/latest/dg/sending-email-suppression-list.html: without regard to case
    address = parameters["EmailAddress"].lower()
    region.suppressed[address] = {
        "EmailAddress": address,
        "Reason": parameters["Reason"],
        "LastUpdateTime": region.now,
    }
    return {}


def delete_suppressed_destination(region: Region, parameters: Parameters) -> Reply:
    """Send to an address again."""
    del region.suppressed[_suppressed(region, parameters["EmailAddress"])["EmailAddress"]]
    return {}


def _suppressed(region: Region, address: str) -> Reply:
    found = region.suppressed.get(address.lower())
    if found is None:
        raise not_found(f"Email address {address} does not exist on your suppression list.")
    return found


def get_dedicated_ips(region: Region, parameters: Parameters) -> Reply:
    """The dedicated addresses, those of one pool or all, by pages."""
    pool = parameters.get("PoolName")
    if pool is not None:
        _pool(region, pool)
    listed = [each for each in region.dedicated_ips.values() if pool in (None, each.get("PoolName"))]
    return page(listed, parameters, "DedicatedIps")


def get_dedicated_ip(region: Region, parameters: Parameters) -> Reply:
    """One dedicated address."""
    found = region.dedicated_ips.get(parameters["Ip"])
    if found is None:
        raise not_found(f"Dedicated IP {parameters['Ip']} does not exist.")
    return {"DedicatedIp": found}


def list_dedicated_ip_pools(region: Region, parameters: Parameters) -> Reply:
    """The names of the pools, by pages."""
    return page(sorted(region.pools), parameters, "DedicatedIpPools")


def get_dedicated_ip_pool(region: Region, parameters: Parameters) -> Reply:
    """One pool: whether AWS sizes it."""
    name = parameters["PoolName"]
    return {"DedicatedIpPool": {"PoolName": name, "ScalingMode": _pool(region, name)}}


def create_dedicated_ip_pool(region: Region, parameters: Parameters) -> Reply:
    """A new pool."""
    if parameters["PoolName"] in region.pools:
        raise SesError("AlreadyExistsException", f"Dedicated IP pool <{parameters['PoolName']}> already exists.")
    region.pools[parameters["PoolName"]] = parameters.get("ScalingMode", "STANDARD")
    return {}


def _pool(region: Region, name: str) -> str:
    if name not in region.pools:
        raise not_found(f"Dedicated IP pool <{name}> does not exist.")
    return region.pools[name]
