"""The shapes that replies from a file are held against are AWS's own, and what has another shape is refused."""

from typing import get_args, get_origin, get_type_hints, is_typeddict

import pytest
from botocore.session import Session

from todoku.account.reply_shapes import _SHAPES, check_shape
from todoku.auth.ask import Call, Reply

SCALARS = {"string": str, "boolean": bool, "double": float}


def differences(ours, theirs, where):
    """Where one of our shapes is not what the model of botocore says."""
    if is_typeddict(ours):
        if theirs.type_name != "structure":
            return [where]
        hints = get_type_hints(ours)
        unknown = [f"{where}.{name}" for name in hints if name not in theirs.members]
        known = [name for name in hints if name in theirs.members]
        return unknown + [
            one for name in known for one in differences(hints[name], theirs.members[name], f"{where}.{name}")
        ]
    if get_origin(ours) is list:
        return [where] if theirs.type_name != "list" else differences(get_args(ours)[0], theirs.member, f"{where}[]")
    if get_origin(ours) is dict:
        return [] if theirs.type_name == "map" else [where]
    return [] if SCALARS[theirs.type_name] is ours else [where]


@pytest.mark.parametrize("operation", sorted(_SHAPES), ids="-".join)
def test_a_shape_is_that_of_the_model(operation):
    service, name = operation
    model = Session().get_service_model(service).operation_model(name).output_shape
    assert differences(_SHAPES[operation], model, name) == []


def reply(operation, value, status="ok"):
    return Reply(Call("sesv2", "", "ap-northeast-1", operation, (), ()), value, status)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("ListEmailIdentities", {"EmailIdentities": [{"IdentityType": "DOMAIN"}]}),
        ("ListEmailIdentities", {"EmailIdentities": "example.com"}),
        ("GetEmailIdentity", {"Tags": [{"Key": "team"}]}),
        ("GetEmailIdentity", {"DkimAttributes": {"Tokens": [1]}}),
        ("GetAccount", {"SendQuota": {"Max24HourSend": "many"}}),
        ("GetConfigurationSet", {"SuppressionOptions": []}),
        ("GetDedicatedIps", {"DedicatedIps": [{"PoolName": "ours"}]}),
    ],
    ids=["no-name", "no-list", "half-a-tag", "numbers", "words", "list", "no-address"],
)
def test_what_no_api_gives_is_refused(operation, value):
    with pytest.raises(ValueError, match=r"Expected|missing"):
        check_shape(reply(operation, value))
    check_shape(reply(operation, value, "denied"))  # of a failure nothing is read


def test_fields_that_are_not_read_may_be_anything():
    check_shape(
        reply("ListEmailIdentities", {"EmailIdentities": [{"IdentityName": "example.com", "New": [{}]}], "More": 1})
    )
    check_shape(reply("GetExportJob", {"JobId": 1}))


HOSTILE = [
    "a\nb",
    "a\r",
    "a\0b",
    "a\u202eb",
    "${file('x')}",
    "{{resolve:ssm:x}}",
    "{0}",
    "a b",
    'a"b',
    "a;b",
    "a`id`",
    "é",
]
FIELDS = {
    "Tokens": lambda value: ("GetEmailIdentity", {"DkimAttributes": {"Tokens": [value]}}),
    "SigningHostedZone": lambda value: ("GetEmailIdentity", {"DkimAttributes": {"SigningHostedZone": value}}),
    "MailFromDomain": lambda value: ("GetEmailIdentity", {"MailFromAttributes": {"MailFromDomain": value}}),
    "ConfigurationSetName": lambda value: ("GetEmailIdentity", {"ConfigurationSetName": value}),
    "SendingPoolName": lambda value: ("GetConfigurationSet", {"DeliveryOptions": {"SendingPoolName": value}}),
}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", FIELDS)
def test_no_name_of_aws_holds_what_a_record_or_a_command_would_take_for_more(field, value):
    with pytest.raises(ValueError, match="regex"):
        check_shape(reply(*FIELDS[field](value)))


@pytest.mark.parametrize("name", ["a\nb.example", "a\u202e@example.com", "a b@example.com", ""])
def test_no_identity_has_a_control_character_in_its_name(name):
    with pytest.raises(ValueError, match="regex"):
        check_shape(reply("ListEmailIdentities", {"EmailIdentities": [{"IdentityName": name}]}))


def test_what_aws_gives_passes():
    check_shape(
        reply(
            "GetEmailIdentity",
            {
                "DkimAttributes": {
                    "Tokens": ["k4tq2vjw7mzr5hxn", "my.selector"],
                    "SigningHostedZone": "dkim.amazonses.com",
                },
                "MailFromAttributes": {"MailFromDomain": "", "MailFromDomainStatus": "PENDING"},
                "ConfigurationSetName": "news-letters_1",
            },
        )
    )
    check_shape(reply("ListEmailIdentities", {"EmailIdentities": [{"IdentityName": "täst+a.b@xn--example.com"}]}))
