"""A plan as a CloudFormation template in JSON, with the DNS in Route 53.

A stack makes what is new. CloudFormation cannot change what exists outside a stack, neither an identity nor a record set:
such steps stand in the template's metadata, each with the line that does it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from todoku.plan.step import Plan, Step
from todoku.report.plan.notes import by_hand, heading
from todoku.report.plan.records import PlannedSet, planned_sets, route53_value
from todoku.report.plan.words import title
from todoku.report.render_options import Manner
from todoku.report.words import Language, say
from todoku.words.change import RecordSetChange, SesCall
from todoku.words.verdict import Text

IDENTITY, SET = "Identity", "ConfigurationSet"
MX_SEEN = "MxSeen"
_TOKEN = re.compile(r"DkimAttributes\.Tokens\[([0-9]+)\]")


def render(plan: Plan, manner: Manner) -> str:
    """The template."""
    return json.dumps(_Template(plan, manner.language).made(), ensure_ascii=False, indent=2) + "\n"


def _inert(text: str) -> str:
    """Text that CloudFormation takes for no dynamic reference (``{{resolve:…}}``): a record that is there may hold one."""
    return text.replace("{{", "{ {")


class _Template:
    """One plan as a stack's resources."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan = plan
        self.language = language
        self.creates = any(
            isinstance(step.action, SesCall) and step.action.operation == "CreateEmailIdentity" for step in plan.steps
        )
        self.sets = {one.number: one for one in planned_sets(plan)}
        self.parameters: dict[str, Any] = {}
        self.conditions: dict[str, Any] = {}
        self.resources: dict[str, Any] = {}
        self.notes: list[str] = []

    def made(self) -> dict[str, Any]:
        """The whole template. A stack has a resource at least, so an empty one gets one that is nothing."""
        if self.plan.ready:
            for number, step in enumerate(self.plan.steps, 1):
                self.step(number, step)
        template: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"todoku plan {self.plan.id}: {self.plan.domain}, {self.plan.region}",
            "Metadata": {"todoku": {"Plan": [*heading(self.plan, self.language)], "NotInThisStack": self.notes}},
        }
        parts = {"Parameters": self.parameters, "Conditions": self.conditions}
        template |= {name: made for name, made in parts.items() if made}
        return {**template, "Resources": self.resources or {"Nothing": {"Type": NOTHING}}}

    def step(self, number: int, step: Step) -> None:
        match step.action:
            case RecordSetChange() as change if not change.before.values:
                self.record(number, self.sets[number], change)
            case SesCall(operation="CreateEmailIdentity", parameters=given):
                self.put(number, step, IDENTITY, "AWS::SES::EmailIdentity", _identity(given))
            case SesCall(operation="CreateConfigurationSet", parameters=given):
                self.put(number, step, SET, "AWS::SES::ConfigurationSet", _configuration_set(given))
            case SesCall(operation="PutEmailIdentityMailFromAttributes", parameters=given) if self.creates:
                self.mail_from(given)
            case SesCall(operation="PutEmailIdentityConfigurationSetAttributes") if self.creates:
                self.identity()["ConfigurationSetAttributes"] = {"ConfigurationSetName": {"Ref": SET}}
            case _:
                self.notes.append(_inert(by_hand(self.plan, number, self.language)))

    def put(self, number: int, step: Step, name: str, kind: str, properties: Mapping[str, Any]) -> None:
        told = {"todoku": f"{number}. {say(title(step), self.language)}"}
        self.resources[name] = {"Type": kind, "Metadata": told, "Properties": dict(properties)}

    def identity(self) -> dict[str, Any]:
        """The properties of the identity that the stack makes."""
        properties: dict[str, Any] = self.resources[IDENTITY]["Properties"]
        return properties

    def mail_from(self, given: Mapping[str, Any]) -> None:
        """The MAIL FROM domain. To refuse mail comes only once SES has seen the MX record: an update, by a parameter."""
        known = self.identity().get("MailFromAttributes")
        behaviour = given["BehaviorOnMxFailure"]
        if known is None:
            attributes = {"MailFromDomain": given["MailFromDomain"], "BehaviorOnMxFailure": behaviour}
            self.identity()["MailFromAttributes"] = attributes
            return
        told = Text(
            "Set it to true once MailFromDomainStatus is SUCCESS; until then SES would send nothing at all.",
            "MailFromDomainStatus が SUCCESS になってから true にしてください。それより前に true にすると、一切送信されません。",
        )
        self.parameters[MX_SEEN] = {
            "Type": "String",
            "AllowedValues": ["true", "false"],
            "Default": "false",
            "Description": say(told, self.language),
        }
        self.conditions[MX_SEEN] = {"Fn::Equals": [{"Ref": MX_SEEN}, "true"]}
        known["BehaviorOnMxFailure"] = {"Fn::If": [MX_SEEN, behaviour, known["BehaviorOnMxFailure"]]}

    def record(self, number: int, planned: PlannedSet, change: RecordSetChange) -> None:
        """A record set that is not there yet. That of a DKIM token is known to the identity whole, name and value."""
        name: Any = change.before.name
        values: Sequence[Any] = [route53_value(planned.rdtype, value) for value in change.after.values]
        for output in change.outputs:
            if token := _TOKEN.fullmatch(output.path):
                index = int(token[1]) + 1
                name = {"Fn::GetAtt": [IDENTITY, f"DkimDNSTokenName{index}"]}
                values = [{"Fn::GetAtt": [IDENTITY, f"DkimDNSTokenValue{index}"]}]
        properties = {
            "HostedZoneId": {"Ref": self.hosted_zone(planned.zone)},
            "Name": name,
            "Type": planned.rdtype,
            "TTL": str(change.ttl),
            "ResourceRecords": values,
        }
        self.put(number, planned.step, _camel(planned.step.id), "AWS::Route53::RecordSet", properties)

    def hosted_zone(self, zone: str) -> str:
        """The parameter with the id of a hosted zone."""
        zones = dict.fromkeys(one.zone for one in self.sets.values())
        name = "HostedZoneId" if len(zones) == 1 else f"HostedZoneId{[*zones].index(zone) + 1}"
        told = Text(f"The Route 53 hosted zone of {zone}", f"{zone} のRoute 53ホストゾーン")
        self.parameters[name] = {"Type": "AWS::Route53::HostedZone::Id", "Description": say(told, self.language)}
        return name


NOTHING = "AWS::CloudFormation::WaitConditionHandle"


def _identity(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("EmailIdentity", "DkimSigningAttributes", "Tags")}


def _configuration_set(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": given["ConfigurationSetName"],
        "DeliveryOptions": dict(given["DeliveryOptions"]),
        "Tags": given["Tags"],
    }


def _camel(step_id: str) -> str:
    """A step's id as the name of a resource, which has letters and digits alone."""
    return "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]+", step_id))
