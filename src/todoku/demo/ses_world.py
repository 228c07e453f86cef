"""Amazon SES as a state machine: accounts, regions, identities whose states come from real DNS answers and a given clock.

It opens no socket: ``ses_server.py`` puts it behind HTTP. It knows the API by the names of botocore's sesv2 model.

    zone = todoku.Zone.from_dict({...})
    world = World(clock=lambda: now, answers=zone)
    world.call("123456789012", "eu-west-1", "CreateEmailIdentity", {"EmailIdentity": "example.com"})

What only AWS or time could change, a test changes on ``world.region(account, region)``.

Each rule of the machine names the page that says so: ``ses/latest/...`` below docs.aws.amazon.com, ``APIReference-V2/...``
below ses/latest there, ``*.md`` in the guide's former repository; or ``no page says`` where it is what was seen, or a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import RLock

from msgspec.structs import replace

from todoku.demo import ses_account, ses_identities, ses_send, ses_sets, ses_things
from todoku.demo.ses_keys import Keys
from todoku.demo.ses_message import AMAZON_KEY
from todoku.demo.ses_names import infrastructure
from todoku.demo.ses_state import Parameters, Region, Reply, Sent, Surroundings
from todoku.net.drivers import Source

Operation = Callable[[Region, Parameters], Reply]

OPERATIONS: dict[str, Operation] = {
    "CreateEmailIdentity": ses_identities.create_email_identity,
    "GetEmailIdentity": ses_identities.get_email_identity,
    "ListEmailIdentities": ses_identities.list_email_identities,
    "DeleteEmailIdentity": ses_identities.delete_email_identity,
    "PutEmailIdentityDkimAttributes": ses_identities.put_email_identity_dkim_attributes,
    "PutEmailIdentityDkimSigningAttributes": ses_identities.put_email_identity_dkim_signing_attributes,
    "PutEmailIdentityMailFromAttributes": ses_identities.put_email_identity_mail_from_attributes,
    "PutEmailIdentityConfigurationSetAttributes": ses_identities.put_email_identity_configuration_set_attributes,
    "PutEmailIdentityFeedbackAttributes": ses_identities.put_email_identity_feedback_attributes,
    "CreateEmailIdentityPolicy": ses_identities.create_email_identity_policy,
    "GetEmailIdentityPolicies": ses_identities.get_email_identity_policies,
    "CreateConfigurationSet": ses_sets.create_configuration_set,
    "GetConfigurationSet": ses_sets.get_configuration_set,
    "ListConfigurationSets": ses_sets.list_configuration_sets,
    "DeleteConfigurationSet": ses_sets.delete_configuration_set,
    "PutConfigurationSetDeliveryOptions": ses_sets.put_delivery_options,
    "PutConfigurationSetSendingOptions": ses_sets.put_sending_options,
    "PutConfigurationSetSuppressionOptions": ses_sets.put_suppression_options,
    "PutConfigurationSetTrackingOptions": ses_sets.put_tracking_options,
    "PutConfigurationSetReputationOptions": ses_sets.put_reputation_options,
    "PutConfigurationSetVdmOptions": ses_sets.put_vdm_options,
    "GetConfigurationSetEventDestinations": ses_sets.get_event_destinations,
    "CreateConfigurationSetEventDestination": ses_sets.create_event_destination,
    "UpdateConfigurationSetEventDestination": ses_sets.update_event_destination,
    "DeleteConfigurationSetEventDestination": ses_sets.delete_event_destination,
    "GetAccount": ses_account.get_account,
    "PutAccountSuppressionAttributes": ses_account.put_suppression_attributes,
    "PutAccountDetails": ses_account.put_account_details,
    "PutAccountVdmAttributes": ses_account.put_vdm_attributes,
    "PutAccountSendingAttributes": ses_account.put_sending_attributes,
    "ListSuppressedDestinations": ses_account.list_suppressed_destinations,
    "GetSuppressedDestination": ses_account.get_suppressed_destination,
    "PutSuppressedDestination": ses_account.put_suppressed_destination,
    "DeleteSuppressedDestination": ses_account.delete_suppressed_destination,
    "GetDedicatedIps": ses_account.get_dedicated_ips,
    "GetDedicatedIp": ses_account.get_dedicated_ip,
    "CreateDedicatedIpPool": ses_account.create_dedicated_ip_pool,
    "ListDedicatedIpPools": ses_account.list_dedicated_ip_pools,
    "GetDedicatedIpPool": ses_account.get_dedicated_ip_pool,
    "CreateContactList": ses_things.create_contact_list,
    "ListContactLists": ses_things.list_contact_lists,
    "GetContactList": ses_things.get_contact_list,
    "CreateEmailTemplate": ses_things.create_email_template,
    "GetEmailTemplate": ses_things.get_email_template,
    "CreateTenant": ses_things.create_tenant,
    "CreateTenantResourceAssociation": ses_things.create_tenant_resource_association,
    "ListTenants": ses_things.list_tenants,
    "GetTenant": ses_things.get_tenant,
    "ListTenantResources": ses_things.list_tenant_resources,
    "CreateMultiRegionEndpoint": ses_things.create_multi_region_endpoint,
    "ListMultiRegionEndpoints": ses_things.list_multi_region_endpoints,
    "GetMultiRegionEndpoint": ses_things.get_multi_region_endpoint,
    "ListRecommendations": ses_things.list_recommendations,
    "BatchGetMetricData": ses_things.batch_get_metric_data,
    "ListTagsForResource": ses_things.list_tags_for_resource,
    "TagResource": ses_things.tag_resource,
    "UntagResource": ses_things.untag_resource,
    "SendEmail": ses_send.send_email,
}
LOOKING = ("Get", "List", "Send", "BatchGet")
"""The operations that see the states move; a write leaves them for the next look, as SES's few minutes do."""


class World:
    """All accounts of the demo's SES. Calls may come from several threads."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        answers: Source,
        verify_after: float = 0,
        hosted_zones: Mapping[str, str] | None = None,
    ) -> None:
        """``clock`` gives an aware time, ``answers`` the DNS.

        ``verify_after``: seconds of the clock between two looks. ``hosted_zones``: other DKIM zones than a region's own,
        ``{"eu-west-1": "x1.dkim.amazonses.com"}``, since clients are to read it and not to know it.
        """
        self._lock = RLock()
        self._surroundings = Surroundings(
            clock=clock,
            answers=answers,
            verify_after=timedelta(seconds=verify_after),
            hosted_zones=hosted_zones or {},
            keys=Keys(),
            sent=[],
            regions={},
        )
        self._surroundings.keys.want(AMAZON_KEY, 1024)  # no page says: its length, as seen in DNS

    @property
    def answers(self) -> Source:
        """The DNS that SES looks at: it may be changed at any time."""
        return self._surroundings.answers

    @answers.setter
    def answers(self, answers: Source) -> None:
        with self._lock:
            self._surroundings.answers = answers

    @property
    def sent(self) -> tuple[Sent, ...]:
        """Every message that was sent, in order."""
        with self._lock:
            return tuple(self._surroundings.sent)

    def call(self, account: str, region: str, operation: str, parameters: Parameters) -> Reply:
        """What SES answers. Raises ``SesError`` with a modelled error, ``KeyError`` for an operation that is not here."""
        handler = OPERATIONS[operation]
        with self._lock:
            state = self.region(account, region)
            if operation.startswith(LOOKING):
                state.look()
            return handler(state, parameters)

    def region(self, account: str, region: str) -> Region:
        """The state of an account in a region."""
        with self._lock:
            known = self._surroundings.regions.get((account, region))
            if known is None:
                known = Region(account=account, name=region, world=self._surroundings)
                self._surroundings.regions[(account, region)] = known
            return known

    def verify_address(self, account: str, region: str, address: str) -> None:
        """Follow the link in the mail that SES sends to a new address identity."""
        with self._lock:
            state = self.region(account, region)
            identity = state.identity(address)
            state.identities[identity.name] = replace(identity, verification="SUCCESS")

    def published(self, name: str) -> str | None:
        """The TXT record of a DKIM key that SES publishes at ``name``, or None.

        It waits for no call, since a call may wait for the name server that asks this.
        """
        return self._surroundings.keys.record(name)

    def records(self) -> dict[str, list[tuple[str, str]]]:
        """All that SES publishes in DNS by now, as ``todoku.Zone.from_dict`` takes it. It makes every key there is."""
        keys = self._surroundings.keys
        published = {name: [("TXT", keys.record(name) or "")] for name in keys.names()}
        return {**infrastructure(), **published}
