"""The table of permissions knows every operation that todoku calls and no other; the policy for reading holds no write."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import botocore.session
import pytest

from todoku.account.permissions import PERMISSIONS, Scope, action_of, permissions_for, policy
from todoku.auth.ask import Call
from todoku.plan.step import TAG

SOURCE = Path(__file__).parents[2] / "src" / "todoku"
SERVICES = ("sesv2", "sts", "account", "cloudwatch", "route53")
TABLE = {(one.service, one.operation): one for one in PERMISSIONS}
READS = ("Get", "List", "Describe", "BatchGet")
OURS = Scope(account="123456789012", regions=("ap-northeast-1",), identities=("example.com", "a@example.net"))


@cache
def operations(service: str) -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_service_model(service).operation_names)


NOT_CALLED = ("demo", "causes", "requirements", "report")
"""The demo's own SES, and what is told to a person: a fix is theirs to carry out."""


def called() -> set[tuple[str, str]]:
    """Every operation whose name stands in code that may call it, outside the table and what gives credentials."""
    words = {
        node.value
        for path in SOURCE.rglob("*.py")
        if path.name != "permissions.py" and not set(NOT_CALLED) & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {(service, word) for service in SERVICES for word in words & operations(service) - {"AssumeRole"}}


def test_every_operation_that_the_code_calls_is_in_the_table():
    assert ("sesv2", "GetEmailIdentity") in called()
    assert called() - set(TABLE) == set()


def test_the_table_holds_no_operation_that_is_never_called():
    """A policy is no wider than it must be. A tag is given with the thing that is made, and takes a permission of its own."""
    assert set(TABLE) - called() == {("sesv2", "TagResource")}


def test_every_operation_of_the_table_exists():
    assert [key for key in TABLE if key[1] not in operations(key[0])] == []


@pytest.mark.parametrize("scope", [Scope(), OURS])
def test_the_policy_for_reading_holds_no_write(scope):
    actions = [action for statement in policy("read", scope)["Statement"] for action in statement["Action"]]
    assert "ses:GetEmailIdentity" in actions
    assert [action for action in actions if not action.partition(":")[2].startswith(READS)] == []
    assert not any("*" in action for action in actions)


def test_what_is_no_read_is_known_to_write():
    assert [one.operation for one in PERMISSIONS if one.writes == one.operation.startswith(READS)] == []


def test_the_policy_for_applying_holds_what_reading_takes():
    def actions(use):
        return {action for statement in policy(use, Scope())["Statement"] for action in statement["Action"]}

    assert actions("read") < actions("apply")
    assert {"ses:CreateEmailIdentity", "route53:ChangeResourceRecordSets"} <= actions("apply") - actions("read")


def test_watching_takes_what_reading_takes_and_what_is_counted_day_by_day():
    def actions(use):
        return {action for statement in policy(use, Scope())["Statement"] for action in statement["Action"]}

    assert "cloudwatch:GetMetricData" in actions("read")
    assert actions("watch") - actions("read") == {"ses:BatchGetMetricData"}
    assert actions("read") < actions("watch")
    assert "ses:BatchGetMetricData" not in actions("apply")


def test_each_action_stands_once():
    for use in ("read", "watch", "apply"):
        actions = [action for statement in policy(use, Scope())["Statement"] for action in statement["Action"]]
        assert len(actions) == len(set(actions)) == len(permissions_for(use, Scope()))


def statement_of(action, use="apply", scope=OURS):
    (found,) = [one for one in policy(use, scope)["Statement"] if action in one["Action"]]
    return found


def test_resources_are_narrowed():
    assert statement_of("ses:GetEmailIdentity")["Resource"] == [
        "arn:aws:ses:ap-northeast-1:123456789012:identity/example.com",
        "arn:aws:ses:ap-northeast-1:123456789012:identity/a@example.net",
    ]
    assert (
        statement_of("ses:GetConfigurationSet")["Resource"]
        == "arn:aws:ses:ap-northeast-1:123456789012:configuration-set/*"
    )
    assert statement_of("ses:GetEmailIdentity", scope=Scope())["Resource"] == "arn:aws:ses:*:*:identity/*"
    several = Scope(regions=("us-gov-west-1", "us-gov-east-1"), partition="aws-us-gov")
    assert statement_of("ses:GetEmailIdentity", scope=several)["Resource"] == [
        "arn:aws-us-gov:ses:us-gov-west-1:*:identity/*",
        "arn:aws-us-gov:ses:us-gov-east-1:*:identity/*",
    ]


def test_what_takes_no_resource_is_held_to_the_region():
    assert statement_of("ses:GetAccount")["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["ap-northeast-1"]}}
    assert "Condition" not in statement_of("ses:GetAccount", scope=Scope())
    assert statement_of("cloudwatch:GetMetricData") == statement_of("ses:GetAccount")
    assert (
        statement_of("ses:BatchGetMetricData", use="watch")["Resource"]
        == statement_of("ses:GetEmailIdentity")["Resource"]
    )
    assert not any("account:ListRegions" in one["Action"] for one in policy("read", OURS)["Statement"])
    assert statement_of("account:ListRegions", scope=Scope())["Resource"] == "*"


@pytest.mark.parametrize("action", ["ses:DeleteEmailIdentity", "ses:DeleteConfigurationSet"])
def test_only_what_a_plan_made_may_be_deleted(action):
    assert statement_of(action)["Condition"] == {"Null": {f"aws:ResourceTag/{TAG}": "false"}}


def test_no_record_may_be_written_over():
    condition = statement_of("route53:ChangeResourceRecordSets")["Condition"]["ForAllValues:StringEquals"]
    assert condition["route53:ChangeResourceRecordSetsActions"] == ["CREATE", "DELETE"]


def test_the_action_of_a_call():
    assert action_of(Call("sesv2", "", "r", "GetEmailIdentity")) == "ses:GetEmailIdentity"
    assert action_of(Call("account", "", "r", "ListRegions")) == "account:ListRegions"
    assert action_of(Call("ec2", "", "r", "DescribeRegions")) == "ec2:DescribeRegions"
    assert action_of(Call("sts", "", "r", "AssumeRole")) == "sts:AssumeRole"


def test_every_why_is_in_both_languages():
    assert all(one.why.en and one.why.ja for one in PERMISSIONS)
