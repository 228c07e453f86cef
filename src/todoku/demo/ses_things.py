"""The operations of SES on what stands around identities: contact lists, templates, tenants, endpoints, tags, VDM's view."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from msgspec.structs import replace

from todoku.demo.ses_error import already_exists, bad_request, not_found
from todoku.demo.ses_state import Parameters, Region, Reply, filtered, page, tag_list

MAX_QUERIES = 10  # APIReference-V2/API_BatchGetMetricData.html


def create_contact_list(region: Region, parameters: Parameters) -> Reply:
    """A new contact list."""
    name = parameters["ContactListName"]
    if name in region.contact_lists:
        raise already_exists(f"List with name {name} already exists.")
    region.contact_lists[name] = {**parameters, "CreatedTimestamp": region.now, "LastUpdatedTimestamp": region.now}
    return {}


def list_contact_lists(region: Region, parameters: Parameters) -> Reply:
    """The contact lists, by pages."""
    listed = [
        {"ContactListName": name, "LastUpdatedTimestamp": each["LastUpdatedTimestamp"]}
        for name, each in sorted(region.contact_lists.items())
    ]
    return page(listed, parameters, "ContactLists")


def get_contact_list(region: Region, parameters: Parameters) -> Reply:
    """One contact list with its topics."""
    return _found(region.contact_lists, parameters["ContactListName"], "List with name {} does not exist.")


def create_email_template(region: Region, parameters: Parameters) -> Reply:
    """A new template."""
    name = parameters["TemplateName"]
    if name in region.templates:
        raise already_exists(f"Template {name} already exists.")
    region.templates[name] = dict(parameters)
    return {}


def get_email_template(region: Region, parameters: Parameters) -> Reply:
    """One template."""
    return template(region, parameters["TemplateName"])


def template(region: Region, name: str) -> Reply:
    """The template of that name. Raises ``NotFoundException``."""
    return _found(region.templates, name, "Template {} does not exist.")


def create_tenant(region: Region, parameters: Parameters) -> Reply:
    """A new tenant."""
    name = parameters["TenantName"]
    if name in region.tenants:
        raise already_exists(f"Tenant {name} already exists.")
    made = f"tn-{_digest(region, name)}"
    region.tenants[name] = {
        "TenantName": name,
        "TenantId": made,
        "TenantArn": region.arn("tenant", f"{name}/{made}"),
        "CreatedTimestamp": region.now,
        "Tags": list(parameters.get("Tags", ())),
        "SendingStatus": "ENABLED",
    }
    return region.tenants[name]


def create_tenant_resource_association(region: Region, parameters: Parameters) -> Reply:
    """A resource that a tenant may use."""
    name = parameters["TenantName"]
    _tenant(region, name)
    there = region.tenant_resources.setdefault(name, [])
    if parameters["ResourceArn"] in there:
        raise already_exists(f"{parameters['ResourceArn']} is already associated with tenant {name}.")
    there.append(parameters["ResourceArn"])
    return {}


def list_tenants(region: Region, parameters: Parameters) -> Reply:
    """The tenants, by pages."""
    hidden = ("Tags", "SuppressionAttributes")
    listed = [
        {key: value for key, value in each.items() if key not in hidden} for _, each in sorted(region.tenants.items())
    ]
    keys = {"TENANT_NAME_CONTAINS": "TenantName", "SENDING_STATUS": "SendingStatus"}
    return page(filtered(listed, parameters, keys), parameters, "Tenants")


def get_tenant(region: Region, parameters: Parameters) -> Reply:
    """One tenant."""
    return {"Tenant": _tenant(region, parameters["TenantName"])}


def _tenant(region: Region, name: str) -> Reply:
    return _found(region.tenants, name, "Tenant {} does not exist.")


def list_tenant_resources(region: Region, parameters: Parameters) -> Reply:
    """The resources of a tenant, by pages."""
    name = parameters["TenantName"]
    _tenant(region, name)
    listed = [
        {"ResourceType": _resource_type(arn), "ResourceArn": arn} for arn in region.tenant_resources.get(name, ())
    ]
    return page(filtered(listed, parameters, {"RESOURCE_TYPE": "ResourceType"}), parameters, "TenantResources")


def _resource_type(arn: str) -> str:
    kind = arn.rsplit(":", maxsplit=1)[-1].partition("/")[0]
    return {"identity": "EMAIL_IDENTITY", "template": "EMAIL_TEMPLATE"}.get(kind, "CONFIGURATION_SET")


def create_multi_region_endpoint(region: Region, parameters: Parameters) -> Reply:
    """A new endpoint that sends from this region and another."""
    name = parameters["EndpointName"]
    if name in region.endpoints:
        raise already_exists(f"Multi-region endpoint {name} already exists.")
    others = [route["Region"] for route in parameters["Details"]["RoutesDetails"]]
    region.endpoints[name] = {
        "EndpointName": name,
        "EndpointId": f"{_digest(region, name)[:8]}.{_digest(region, name)[8:11]}",
        "Regions": [region.name, *others],
        "Status": "READY",
        "CreatedTimestamp": region.now,
        "LastUpdatedTimestamp": region.now,
    }
    return {key: region.endpoints[name][key] for key in ("Status", "EndpointId")}


def list_multi_region_endpoints(region: Region, parameters: Parameters) -> Reply:
    """The multi-region endpoints, by pages."""
    return page([each for _, each in sorted(region.endpoints.items())], parameters, "MultiRegionEndpoints")


def get_multi_region_endpoint(region: Region, parameters: Parameters) -> Reply:
    """One multi-region endpoint with the regions that it sends from."""
    found = _found(region.endpoints, parameters["EndpointName"], "Multi-region endpoint {} does not exist.")
    routes = [{"Region": each} for each in found["Regions"]]
    return {**{key: value for key, value in found.items() if key != "Regions"}, "Routes": routes}


def list_recommendations(region: Region, parameters: Parameters) -> Reply:
    """What Virtual Deliverability Manager advises, by pages. A test says what: ``recommendations``."""
    keys = {"TYPE": "Type", "IMPACT": "Impact", "STATUS": "Status", "RESOURCE_ARN": "ResourceArn"}
    return page(filtered(region.recommendations, parameters, keys), parameters, "Recommendations", 100)


def batch_get_metric_data(region: Region, parameters: Parameters) -> Reply:
    """Counts by day for each query. A test says which: ``metrics``."""
    queries = parameters["Queries"]
    if len(queries) > MAX_QUERIES:
        raise bad_request(f"At most {MAX_QUERIES} queries in a batch.")
    if region.vdm.get("VdmEnabled") != "ENABLED":
        # no page says: without VDM there is no data
        return {"Results": [], "Errors": [_no_access(query) for query in queries]}
    results = []
    for query in queries:
        counts = region.metrics(query)
        results.append({"Id": query["Id"], "Timestamps": list(counts), "Values": list(counts.values())})
    return {"Results": results, "Errors": []}


def _no_access(query: Parameters) -> Reply:
    return {"Id": query["Id"], "Code": "ACCESS_DENIED", "Message": "Virtual Deliverability Manager is not enabled."}


def list_tags_for_resource(region: Region, parameters: Parameters) -> Reply:
    """The tags of an identity, a configuration set, a contact list or a tenant."""
    read, _ = _tagged(region, parameters["ResourceArn"])
    return {"Tags": tag_list(read())}


def tag_resource(region: Region, parameters: Parameters) -> Reply:
    """Add tags, or change their values."""
    read, write = _tagged(region, parameters["ResourceArn"])
    tags = {**read(), **{tag["Key"]: tag["Value"] for tag in parameters["Tags"]}}
    if len(tags) > 50:  # ses/latest/dg/creating-identities.html
        raise bad_request("A resource has up to 50 tags.")
    write(tags)
    return {}


def untag_resource(region: Region, parameters: Parameters) -> Reply:
    """Take tags away."""
    read, write = _tagged(region, parameters["ResourceArn"])
    write({key: value for key, value in read().items() if key not in parameters["TagKeys"]})
    return {}


Tags = dict[str, str]


def _tagged(region: Region, arn: str) -> tuple[Callable[[], Tags], Callable[[Tags], None]]:
    """How to read and to write the tags of the resource of that ARN. Raises ``NotFoundException``."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    if kind == "identity" and arn == region.arn(kind, name) and name in region.identities:
        identity = region.identities[name]

        def write_identity(tags: Tags) -> None:
            region.identities[name] = replace(identity, tags=tags)

        return lambda: dict(identity.tags), write_identity
    shelves = {
        "configuration-set": region.configuration_sets,
        "contact-list": region.contact_lists,
        "tenant": region.tenants,
    }
    thing = shelves.get(kind, {}).get(name.partition("/")[0])
    if thing is None or not arn.startswith(region.arn(kind, "")):
        raise not_found(f"Resource {arn} does not exist.")

    def write(tags: Tags) -> None:
        thing["Tags"] = tag_list(tags)

    return lambda: {tag["Key"]: tag["Value"] for tag in thing.get("Tags", ())}, write


def _found(things: dict[str, Reply], name: str, missing: str) -> Reply:
    if name not in things:
        raise not_found(missing.format(name))
    return dict(things[name])


def _digest(region: Region, name: str) -> str:
    return hashlib.sha256(f"{region.account}/{region.name}/{name}".encode()).hexdigest()[:20]
