"""The operations of SES on configuration sets and their event destinations."""

from __future__ import annotations

from typing import Any

from todoku.demo.ses_error import SesError, already_exists, bad_request, not_found
from todoku.demo.ses_state import Parameters, Region, Reply, filtered, page

MAX_SETS = 10_000  # ses/latest/dg/quotas.html
MAX_DESTINATIONS = 10  # ses/latest/dg/quotas.html
OPTIONS = (
    *("TrackingOptions", "DeliveryOptions", "ReputationOptions", "SendingOptions", "SuppressionOptions"),
    *("VdmOptions", "ArchivingOptions", "MessageSecurityOptions"),
)


def create_configuration_set(region: Region, parameters: Parameters) -> Reply:
    """A new configuration set."""
    name = parameters["ConfigurationSetName"]
    if name in region.configuration_sets:
        raise already_exists(f"Configuration set <{name}> already exists.")
    if len(region.configuration_sets) >= MAX_SETS:
        raise SesError("LimitExceededException", f"You may have up to {MAX_SETS} configuration sets.")
    made: Reply = {
        "ConfigurationSetName": name,
        # ses/latest/dg/security-protocols.html: opportunistic TLS unless it is required
        "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
        "ReputationOptions": {"ReputationMetricsEnabled": False},  # no page says: as a new set shows it
        "SendingOptions": {"SendingEnabled": True},
        "Tags": list(parameters.get("Tags", ())),
    }
    for option in OPTIONS:
        if option in parameters:
            made[option] = {**made.get(option, {}), **parameters[option]}
    region.configuration_sets[name] = made
    return {}


def get_configuration_set(region: Region, parameters: Parameters) -> Reply:
    """All that is set in a configuration set."""
    return dict(region.configuration_set(parameters["ConfigurationSetName"]))


def list_configuration_sets(region: Region, parameters: Parameters) -> Reply:
    """The names of the configuration sets, by pages."""
    listed = [{"Name": name} for name in sorted(region.configuration_sets)]
    let_through = filtered(listed, parameters, {"CONFIGURATION_SET_NAME_CONTAINS": "Name"})
    return page([each["Name"] for each in let_through], parameters, "ConfigurationSets")


def delete_configuration_set(region: Region, parameters: Parameters) -> Reply:
    """Forget a configuration set with its event destinations."""
    name = parameters["ConfigurationSetName"]
    region.configuration_set(name)
    del region.configuration_sets[name]  # no page says: an identity keeps the name of a default set that is gone
    region.event_destinations.pop(name, None)
    return {}


def put_delivery_options(region: Region, parameters: Parameters) -> Reply:
    """Set TLS policy, pool and how long delivery is tried."""
    # no page says: what is left out is taken away, the policy back to OPTIONAL
    pool = parameters.get("SendingPoolName")
    if pool is not None and pool not in region.pools:
        raise not_found(f"Dedicated IP pool <{pool}> does not exist.")
    return _put(region, parameters, "DeliveryOptions", {"TlsPolicy": "OPTIONAL"})


def put_sending_options(region: Region, parameters: Parameters) -> Reply:
    """Send with this set, or not."""
    return _put(region, parameters, "SendingOptions", {"SendingEnabled": False})


def put_suppression_options(region: Region, parameters: Parameters) -> Reply:
    """Which reasons put an address on the suppression list: an empty list is none."""
    return _put(region, parameters, "SuppressionOptions", {})


def put_tracking_options(region: Region, parameters: Parameters) -> Reply:
    """The domain of tracked links; without one, SES's own."""
    if "CustomRedirectDomain" not in parameters:
        region.configuration_set(parameters["ConfigurationSetName"]).pop("TrackingOptions", None)
        return {}
    return _put(region, parameters, "TrackingOptions", {})


def put_reputation_options(region: Region, parameters: Parameters) -> Reply:
    """Publish reputation metrics of this set, or not."""
    return _put(region, parameters, "ReputationOptions", {"ReputationMetricsEnabled": False})


def put_vdm_options(region: Region, parameters: Parameters) -> Reply:
    """What Virtual Deliverability Manager does for this set."""
    found = region.configuration_set(parameters["ConfigurationSetName"])
    found["VdmOptions"] = dict(parameters.get("VdmOptions", {}))
    return {}


def _put(region: Region, parameters: Parameters, option: str, default: dict[str, Any]) -> Reply:
    found = region.configuration_set(parameters["ConfigurationSetName"])
    given = {key: value for key, value in parameters.items() if key != "ConfigurationSetName"}
    found[option] = {**default, **given}
    return {}


def get_event_destinations(region: Region, parameters: Parameters) -> Reply:
    """The event destinations of a configuration set."""
    name = parameters["ConfigurationSetName"]
    region.configuration_set(name)
    return {"EventDestinations": list(region.event_destinations.get(name, {}).values())}


def create_event_destination(region: Region, parameters: Parameters) -> Reply:
    """A new event destination."""
    name, destination = parameters["ConfigurationSetName"], parameters["EventDestinationName"]
    region.configuration_set(name)
    there = region.event_destinations.setdefault(name, {})
    if destination in there:
        raise already_exists(f"Event destination <{destination}> already exists.")
    if len(there) >= MAX_DESTINATIONS:
        raise SesError("LimitExceededException", f"A configuration set has up to {MAX_DESTINATIONS} destinations.")
    there[destination] = _destination(destination, parameters["EventDestination"])
    return {}


def update_event_destination(region: Region, parameters: Parameters) -> Reply:
    """Another content for an event destination."""
    there, destination = _there(region, parameters), parameters["EventDestinationName"]
    there[destination] = _destination(destination, parameters["EventDestination"])
    return {}


def delete_event_destination(region: Region, parameters: Parameters) -> Reply:
    """Forget an event destination."""
    del _there(region, parameters)[parameters["EventDestinationName"]]
    return {}


def _there(region: Region, parameters: Parameters) -> dict[str, Reply]:
    name, destination = parameters["ConfigurationSetName"], parameters["EventDestinationName"]
    region.configuration_set(name)
    there = region.event_destinations.get(name, {})
    if destination not in there:
        raise not_found(f"Event destination <{destination}> does not exist.")
    return there


def _destination(name: str, asked: Parameters) -> Reply:
    # APIReference-V2/API_EventDestinationDefinition.html: event types, and one place to send them to
    places = [key for key in asked if key.endswith("Destination")]
    if len(places) != 1 or not asked.get("MatchingEventTypes"):
        raise bad_request("An event destination needs event types and exactly one place to send them to.")
    return {"Enabled": False, **asked, "Name": name}
