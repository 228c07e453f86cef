"""Every operation over HTTP: what botocore sends is read by its own model, and what it reads back is what was meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from demo.ses_lab import ACCOUNT, FEEDBACK, REGION, client_of, mx
from todoku.demo import ses_wire
from todoku.demo.ses_error import SesError
from todoku.demo.ses_world import OPERATIONS

ARN = f"arn:aws:ses:{REGION}:{ACCOUNT}:"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SET = {"ConfigurationSetName": "main"}
SNS = {
    "Enabled": True,
    "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
    "SnsDestination": {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"},
}
DETAILS = {
    "MailType": "MARKETING",
    "WebsiteURL": "https://example.com",
    "ContactLanguage": "JA",
    "UseCaseDescription": "News",
    "ProductionAccessEnabled": True,
}
VDM = {"VdmEnabled": "ENABLED", "DashboardAttributes": {"EngagementMetrics": "ENABLED"}}
QUERY = {
    "Id": "a",
    "Namespace": "VDM",
    "Metric": "SEND",
    "Dimensions": {"ISP": "Gmail"},
    "StartDate": NOON,
    "EndDate": NOON + timedelta(days=1),
}
SIMPLE = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}, "Html": {"Data": "<p>t"}}}}
MAIL = {"FromEmailAddress": "news@example.com", "Destination": {"ToAddresses": ["user@gmail.com"]}}
TENANT = {"TenantName": "shop"}

STORY: list[tuple[str, dict]] = [
    (
        "CreateConfigurationSet",
        {**SET, "DeliveryOptions": {"TlsPolicy": "REQUIRE"}, "Tags": [{"Key": "a", "Value": "b"}]},
    ),
    ("PutConfigurationSetDeliveryOptions", {**SET, "TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 300}),
    ("PutConfigurationSetSendingOptions", {**SET, "SendingEnabled": True}),
    ("PutConfigurationSetSuppressionOptions", {**SET, "SuppressedReasons": ["BOUNCE"]}),
    ("PutConfigurationSetTrackingOptions", {**SET, "CustomRedirectDomain": "t.example.com", "HttpsPolicy": "REQUIRE"}),
    ("PutConfigurationSetReputationOptions", {**SET, "ReputationMetricsEnabled": True}),
    ("PutConfigurationSetVdmOptions", {**SET, "VdmOptions": {"DashboardOptions": {"EngagementMetrics": "ENABLED"}}}),
    ("GetConfigurationSet", SET),
    ("ListConfigurationSets", {"PageSize": 10}),
    ("CreateConfigurationSetEventDestination", {**SET, "EventDestinationName": "sns", "EventDestination": SNS}),
    ("UpdateConfigurationSetEventDestination", {**SET, "EventDestinationName": "sns", "EventDestination": SNS}),
    ("GetConfigurationSetEventDestinations", SET),
    ("DeleteConfigurationSetEventDestination", {**SET, "EventDestinationName": "sns"}),
    ("GetEmailIdentity", {"EmailIdentity": "example.com"}),
    ("CreateEmailIdentity", {"EmailIdentity": "new@example.com", "Tags": [{"Key": "todoku:plan", "Value": "7"}]}),
    ("CreateEmailIdentityPolicy", {"EmailIdentity": "example.com", "PolicyName": "p", "Policy": "{}"}),
    ("GetEmailIdentityPolicies", {"EmailIdentity": "example.com"}),
    ("PutEmailIdentityDkimAttributes", {"EmailIdentity": "example.com", "SigningEnabled": True}),
    (
        "PutEmailIdentityDkimSigningAttributes",
        {
            "EmailIdentity": "example.com",
            "SigningAttributesOrigin": "AWS_SES",
            "SigningAttributes": {"NextSigningKeyLength": "RSA_1024_BIT"},
        },
    ),
    (
        "PutEmailIdentityMailFromAttributes",
        {"EmailIdentity": "example.com", "MailFromDomain": "mail.example.com", "BehaviorOnMxFailure": "REJECT_MESSAGE"},
    ),
    ("PutEmailIdentityConfigurationSetAttributes", {"EmailIdentity": "example.com", **SET}),
    ("PutEmailIdentityFeedbackAttributes", {"EmailIdentity": "example.com", "EmailForwardingEnabled": False}),
    ("GetEmailIdentity", {"EmailIdentity": "example.com"}),
    ("GetEmailIdentity", {"EmailIdentity": "new@example.com"}),
    ("ListEmailIdentities", {"PageSize": 1}),
    ("TagResource", {"ResourceArn": f"{ARN}identity/example.com", "Tags": [{"Key": "todoku:plan", "Value": "7"}]}),
    ("ListTagsForResource", {"ResourceArn": f"{ARN}identity/example.com"}),
    ("UntagResource", {"ResourceArn": f"{ARN}configuration-set/main", "TagKeys": ["a", "none"]}),
    ("SendEmail", {**MAIL, "Content": SIMPLE, "EmailTags": [{"Name": "a", "Value": "b"}]}),
    ("SendEmail", {"Content": {"Raw": {"Data": b"From: news@example.com\r\nTo: a@gmail.com\r\n\r\n\xff\r\n"}}}),
    ("GetAccount", {}),
    ("PutAccountSuppressionAttributes", {"SuppressedReasons": ["COMPLAINT"]}),
    ("PutAccountDetails", DETAILS),
    ("PutAccountVdmAttributes", {"VdmAttributes": VDM}),
    ("PutAccountSendingAttributes", {"SendingEnabled": True}),
    ("GetAccount", {}),
    ("PutSuppressedDestination", {"EmailAddress": "gone+1@gmail.com", "Reason": "BOUNCE"}),
    ("GetSuppressedDestination", {"EmailAddress": "gone+1@gmail.com"}),
    ("ListSuppressedDestinations", {"Reasons": ["BOUNCE", "COMPLAINT"], "StartDate": NOON, "PageSize": 5}),
    ("DeleteSuppressedDestination", {"EmailAddress": "gone+1@gmail.com"}),
    ("CreateDedicatedIpPool", {"PoolName": "pool", "ScalingMode": "STANDARD"}),
    ("GetDedicatedIps", {"PoolName": "pool", "PageSize": 1}),
    ("GetDedicatedIp", {"Ip": "192.0.2.80"}),
    ("ListDedicatedIpPools", {}),
    ("GetDedicatedIpPool", {"PoolName": "pool"}),
    ("CreateContactList", {"ContactListName": "news", "Description": "News", "Tags": [{"Key": "a", "Value": "b"}]}),
    ("ListContactLists", {"PageSize": 1}),
    ("GetContactList", {"ContactListName": "news"}),
    ("CreateEmailTemplate", {"TemplateName": "t", "TemplateContent": {"Subject": "s", "Text": "{{a}}"}}),
    ("GetEmailTemplate", {"TemplateName": "t"}),
    ("CreateTenant", TENANT),
    ("CreateTenantResourceAssociation", {**TENANT, "ResourceArn": f"{ARN}identity/example.com"}),
    ("ListTenants", {}),
    ("GetTenant", TENANT),
    ("ListTenantResources", {**TENANT, "Filter": {"RESOURCE_TYPE": "EMAIL_IDENTITY"}}),
    (
        "CreateMultiRegionEndpoint",
        {"EndpointName": "both", "Details": {"RoutesDetails": [{"Region": "us-west-2"}]}},
    ),
    ("ListMultiRegionEndpoints", {}),
    ("GetMultiRegionEndpoint", {"EndpointName": "both"}),
    ("ListRecommendations", {"Filter": {"TYPE": "DKIM"}, "PageSize": 10}),
    ("BatchGetMetricData", {"Queries": [QUERY]}),
    ("DeleteEmailIdentity", {"EmailIdentity": "new@example.com"}),
    ("DeleteConfigurationSet", SET),
]


@pytest.fixture
def full(lab):
    """An account with something of everything, even of what only AWS can make."""
    lab.domain()
    lab.publish(mx(FEEDBACK))
    region = lab.world.region(ACCOUNT, REGION)
    region.dedicated_ips["192.0.2.80"] = {
        "Ip": "192.0.2.80",
        "WarmupStatus": "DONE",
        "WarmupPercentage": 100,
        "PoolName": "pool",
    }
    region.recommendations.append(
        {
            "ResourceArn": f"{ARN}identity/example.com",
            "Type": "DKIM",
            "Description": "DKIM verification is not enabled.",
            "Status": "OPEN",
            "CreatedTimestamp": NOON,
            "LastUpdatedTimestamp": NOON,
            "Impact": "HIGH",
        }
    )
    region.metrics = lambda _query: {NOON: 4_800}
    region.production = False
    lab.address("user@gmail.com")
    lab.address("a@gmail.com")
    return lab


def test_story_tells_of_every_operation():
    assert {name for name, _ in STORY} == set(OPERATIONS)


def test_each_is_read_and_answered_as_the_model_has_it(full, server, monkeypatch):
    """Parameters arrive as they were sent, replies come back as they were meant, and both satisfy the model."""
    seen: list[tuple[str, dict, dict]] = []
    call = full.world.call

    def watched(account: str, region: str, operation: str, parameters: dict) -> dict:
        seen.append((operation, parameters, call(account, region, operation, parameters)))
        return seen[-1][2]

    monkeypatch.setattr(full.world, "call", watched)
    client = client_of(server)
    for name, parameters in STORY:
        method = next(method for method, operation in client.meta.method_to_api_mapping.items() if operation == name)
        said = getattr(client, method)(**parameters)
        operation, arrived, meant = seen[-1]
        said.pop("ResponseMetadata")
        assert (operation, arrived) == (name, parameters)
        assert said == meant
        model = client.meta.service_model.operation_model(name)
        assert not ParamValidator().validate(arrived, model.input_shape).has_errors()
        wrong = ParamValidator().validate(meant, model.output_shape).generate_report()
        assert [line for line in wrong.splitlines() if "MailFromDomain" not in line] == []  # left out, as SES does


@pytest.mark.parametrize(
    ("operation", "reply"),
    [
        ("GetAccount", {"Enabled": True}),
        ("GetAccount", {"SendQuota": {"Max24HourSend": "many"}}),
        ("GetAccount", {"SendingEnabled": 1}),
        ("GetEmailIdentity", {"VerificationStatus": "VERIFIED"}),
        ("ListEmailIdentities", {"EmailIdentities": [{"Name": "example.com"}]}),
        ("GetEmailIdentity", {"VerificationInfo": {"LastCheckedTimestamp": "now"}}),
        ("GetDedicatedIp", {"DedicatedIp": {"WarmupPercentage": True}}),
        ("GetEmailIdentity", {"Policies": {"p": 1}}),
        ("GetEmailIdentity", {"Tags": {"Key": "a"}}),
        ("DeleteEmailIdentity", {"Deleted": True}),
    ],
)
def test_reply_that_the_model_does_not_know_is_our_mistake(operation, reply):
    with pytest.raises(ses_wire.WrongReplyError):
        ses_wire.write_reply("sesv2", operation, reply)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_suppressed_destination", {"EmailAddress": "a@example.com", "Reason": "SPAM"}),
        (
            "create_email_identity",
            {"EmailIdentity": "example.com", "DkimSigningAttributes": {"DomainSigningSelector": "-"}},
        ),
        ("create_email_identity", {"EmailIdentity": ""}),
        ("put_account_details", {**DETAILS, "UseCaseDescription": "x" * 5001}),
        ("list_tags_for_resource", {"ResourceArn": "arn:aws:ses:x"}),
        ("get_dedicated_ip", {"Ip": "192.0.2.81"}),
        ("send_email", {"Content": {}}),
        ("send_email", {**MAIL, "Content": {**SIMPLE, "Raw": {"Data": b""}}}),
    ],
)
def test_request_that_cannot_be_met_is_refused(full, server, operation, parameters):
    client = client_of(server, parameter_validation=False)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**parameters)
    assert refused.value.response["Error"]["Code"] in ("BadRequestException", "NotFoundException")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("PutConfigurationSetDeliveryOptions", {**SET, "SendingPoolName": "none"}),
        ("GetDedicatedIps", {"PoolName": "none"}),
        ("GetDedicatedIpPool", {"PoolName": "none"}),
        ("GetContactList", {"ContactListName": "none"}),
        ("GetEmailTemplate", {"TemplateName": "none"}),
        ("GetTenant", {"TenantName": "none"}),
        ("ListTenantResources", {"TenantName": "none"}),
        ("GetMultiRegionEndpoint", {"EndpointName": "none"}),
        ("GetSuppressedDestination", {"EmailAddress": "none@example.com"}),
        ("GetConfigurationSet", {"ConfigurationSetName": "none"}),
        ("DeleteConfigurationSetEventDestination", {**SET, "EventDestinationName": "none"}),
        ("ListTagsForResource", {"ResourceArn": f"{ARN}identity/none.example.com"}),
        ("TagResource", {"ResourceArn": "arn:aws:ses:eu-west-1:1:configuration-set/main", "Tags": []}),
    ],
)
def test_what_is_not_there(full, operation, parameters):
    full("CreateConfigurationSet", **SET)
    with pytest.raises(SesError, match="NotFoundException"):
        full(operation, **parameters)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        (name, parameters)
        for name, parameters in STORY
        if name.startswith("Create") and name != "CreateConfigurationSetEventDestination"
    ],
)
def test_what_is_there_already(full, operation, parameters):
    if operation == "CreateTenantResourceAssociation":
        full("CreateTenant", **TENANT)
    full(operation, **parameters)
    with pytest.raises(SesError, match="AlreadyExistsException"):
        full(operation, **parameters)


@pytest.mark.parametrize(
    ("operation", "given", "count"),
    [
        ("ListEmailIdentities", {"IDENTITY_TYPE": "DOMAIN"}, 1),
        ("ListEmailIdentities", {"IDENTITY_NAME_CONTAINS": "gmail", "VERIFICATION_STATUS": "SUCCESS"}, 2),
        ("ListEmailIdentities", {"VERIFICATION_STATUS": "FAILED"}, 0),
        ("ListConfigurationSets", {"CONFIGURATION_SET_NAME_CONTAINS": "ai"}, 1),
        ("ListConfigurationSets", {"CONFIGURATION_SET_NAME_CONTAINS": "other"}, 0),
        ("ListTenants", {"TENANT_NAME_CONTAINS": "sh", "SENDING_STATUS": "ENABLED"}, 1),
        ("ListRecommendations", {"TYPE": "DKIM", "STATUS": "FIXED"}, 0),
    ],
)
def test_filters(full, operation, given, count):
    full("CreateConfigurationSet", **SET)
    full("CreateTenant", **TENANT)
    (listed,) = full(operation, Filter=given).values()
    assert len(listed) == count
    with pytest.raises(SesError, match="Unknown filter: COLOUR"):
        full(operation, Filter={**given, "COLOUR": "blue"})


def test_one_review_at_a_time(full):
    full("PutAccountDetails", **DETAILS)
    assert full("GetAccount")["Details"]["ReviewDetails"] == {"Status": "PENDING"}
    with pytest.raises(SesError, match="ConflictException"):
        full("PutAccountDetails", **DETAILS)


def test_metrics_without_vdm(full):
    said = full("BatchGetMetricData", Queries=[QUERY])
    assert (said["Results"], said["Errors"][0]["Code"]) == ([], "ACCESS_DENIED")


def test_delivery_options_that_are_left_out_are_taken_away(full):
    full("CreateDedicatedIpPool", PoolName="pool")
    full("CreateConfigurationSet", **SET, DeliveryOptions={"SendingPoolName": "pool", "MaxDeliverySeconds": 300})
    full("PutConfigurationSetDeliveryOptions", **SET, TlsPolicy="REQUIRE")
    assert full("GetConfigurationSet", **SET)["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
