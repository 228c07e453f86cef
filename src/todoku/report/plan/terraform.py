"""A plan as Terraform's JSON (``main.tf.json``) for the provider ``hashicorp/aws``, with the DNS in Route 53.

What a reply of SES shows is a reference. Things that exist already are not brought under Terraform: settings of theirs
that it could only make by taking all of them over stand as comments (``//``), each with the command that makes it. A record
set that exists is imported, and stays whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from todoku.plan.step import Plan, Step
from todoku.plan.trace import trace
from todoku.report.plan.notes import by_hand, heading
from todoku.report.plan.records import PlannedSet, pieces, planned_sets
from todoku.report.plan.words import queried, title
from todoku.report.render_options import Manner
from todoku.report.words import Language, say
from todoku.words.change import RecordSetChange, SesCall
from todoku.words.verdict import Text

IDENTITY, MAIL_FROM, SET, RECORD = (
    "aws_sesv2_email_identity",
    "aws_sesv2_email_identity_mail_from_attributes",
    "aws_sesv2_configuration_set",
    "aws_route53_record",
)
SIGNING_ZONE = "dkim_signing_hosted_zone"
"""The variable of what the provider does not show: the zone in which SES keeps its keys, which differs by region."""
MX_SEEN = "mx_seen"
_MARK = re.compile(r"\{([0-9]+)\}")
_TOKEN = re.compile(r"DkimAttributes\.Tokens\[([0-9]+)\]")


def render(plan: Plan, manner: Manner) -> str:
    """The document."""
    return json.dumps(_Document(plan, manner.language).made(), ensure_ascii=False, indent=2) + "\n"


def literal(text: str) -> str:
    """Text that Terraform takes as it is, whatever templates it seems to hold."""
    return text.replace("${", "$${").replace("%{", "%%{")


def label(text: str) -> str:
    """A name for a block: it begins with a letter or an underscore."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return word if word[:1].isalpha() else f"_{word}"


class _Document:
    """One plan as Terraform's blocks."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan = plan
        self.language = language
        self.identity = label(plan.domain)
        self.creates = _operations(plan).get("CreateEmailIdentity")
        self.sets = {one.number: one for one in planned_sets(plan)}
        self.variables: dict[str, Any] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self.imports: list[dict[str, str]] = []
        self.addresses: dict[str, str] = {}  # of what a step makes, by the step's id
        self.comments = list(heading(plan, language))

    def say(self, en: str, ja: str) -> str:
        return say(Text(en, ja), self.language)

    def made(self) -> dict[str, Any]:
        """The whole document."""
        if self.plan.ready:
            for number, step in enumerate(self.plan.steps, 1):
                self.step(number, step)
        account = {"allowed_account_ids": [self.plan.account]} if self.plan.account else {}
        versions = {
            "required_version": ">= 1.6" if self.imports else ">= 1.2",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
        }
        document: dict[str, Any] = {"//": self.comments, "terraform": versions}
        document["provider"] = {"aws": {"region": self.plan.region, **account}}
        blocks = {"variable": self.variables, "import": self.imports, "resource": self.resources}
        return {**document, **{name: made for name, made in blocks.items() if made}}

    def step(self, number: int, step: Step) -> None:
        match step.action:
            case RecordSetChange():
                self.record(self.sets[number])
            case SesCall(operation="CreateEmailIdentity", parameters=given):
                self.put(number, step, IDENTITY, self.identity, self.new_identity(given))
            case SesCall(operation="PutEmailIdentityMailFromAttributes", parameters=given):
                self.mail_from(number, step, given)
            case SesCall(operation="CreateConfigurationSet", parameters=given):
                self.put(number, step, SET, label(given["ConfigurationSetName"]), _new_set(given))
            case SesCall(operation="PutEmailIdentityConfigurationSetAttributes") if self.creates:
                pass  # it stands in the identity itself
            case _:
                self.comments.append(by_hand(self.plan, number, self.language))

    def put(self, number: int, step: Step, kind: str, name: str, arguments: Mapping[str, Any]) -> None:
        """A resource, behind those that its step comes after; a set comes before the identity that names it."""
        comment = f"{number}. {say(title(step), self.language)}"
        after = [] if kind in (IDENTITY, SET) else list(self.after(step))
        block = {"//": comment, **arguments, **({"depends_on": after} if after else {})}
        self.resources.setdefault(kind, {})[name] = block
        self.addresses[step.id] = f"{kind}.{name}"

    def after(self, step: Step) -> Iterator[str]:
        """The resources of the steps before; a step that is none hands on those before itself."""
        by_id = {one.id: one for one in self.plan.steps}
        found: dict[str, None] = {}
        waiting = list(step.after)
        while waiting:
            before = waiting.pop(0)
            if before in self.addresses:
                found[self.addresses[before]] = None
            else:
                waiting += by_id[before].after
        return iter(found)

    def new_identity(self, given: Mapping[str, Any]) -> dict[str, Any]:
        length = given["DkimSigningAttributes"]["NextSigningKeyLength"]
        arguments: dict[str, Any] = {
            "email_identity": literal(given["EmailIdentity"]),
            "dkim_signing_attributes": {"next_signing_key_length": length},
            "tags": _tags(given),
        }
        default = _operations(self.plan).get("PutEmailIdentityConfigurationSetAttributes")
        if default is not None:
            name = label(default.parameters["ConfigurationSetName"])
            arguments["configuration_set_name"] = f"${{{SET}.{name}.configuration_set_name}}"
        return arguments

    def mail_from(self, number: int, step: Step, given: Mapping[str, Any]) -> None:
        """The MAIL FROM domain. To refuse mail comes only once SES has seen the MX record: a second run, by a variable."""
        behaviour = given["BehaviorOnMxFailure"]
        known = self.resources.get(MAIL_FROM, {}).get(self.identity)
        if known is not None:
            self.variables[MX_SEEN] = {
                "type": "bool",
                "default": False,
                "description": self.say(
                    "Set it to true once MailFromDomainStatus is SUCCESS; until then SES would send nothing at all.",
                    "MailFromDomainStatus が SUCCESS になってから true にしてください。それより前に true にすると、一切送信されません。",
                ),
            }
            known["behavior_on_mx_failure"] = (
                f'${{var.{MX_SEEN} ? "{behaviour}" : "{known["behavior_on_mx_failure"]}"}}'
            )
            self.addresses[step.id] = f"{MAIL_FROM}.{self.identity}"
            return
        identity = f"${{{IDENTITY}.{self.identity}.email_identity}}" if self.creates else literal(self.plan.domain)
        arguments = {
            "email_identity": identity,
            "mail_from_domain": literal(given["MailFromDomain"]),
            "behavior_on_mx_failure": behaviour,
        }
        self.put(number, step, MAIL_FROM, self.identity, arguments)

    def record(self, planned: PlannedSet) -> None:
        """A record set, whole."""
        change = planned.change if not planned.awaited else planned.step.action
        assert isinstance(change, RecordSetChange)  # noqa: S101 -- a planned set is of such a step
        references = [self.reference(output.path) for output in planned.awaited]
        name, zone_id = label(planned.step.id), self.zone_id(planned.zone)
        arguments: dict[str, Any] = {
            "zone_id": f"${{var.{zone_id}}}",
            "name": _filled(change.before.name, references),
            "type": planned.rdtype,
            "ttl": change.ttl,
            "records": [_filled(_value(planned.rdtype, value), references) for value in change.after.values],
        }
        if f"${{var.{SIGNING_ZONE}}}" in references:
            arguments["lifecycle"] = {"precondition": self.signing_zone_is_known()}
        self.put(planned.number, planned.step, RECORD, name, arguments)
        if change.before.values:  # its TTL stays: that of a resolver's answer, which is known here, runs down
            self.resources[RECORD][name]["lifecycle"] = {"ignore_changes": ["ttl"]}
            imported = f"${{var.{zone_id}}}_{planned.name}_{planned.rdtype}"
            self.imports.append({"to": f"{RECORD}.{name}", "id": imported})

    def zone_id(self, zone: str) -> str:
        """The variable with the id of a hosted zone."""
        zones = dict.fromkeys(one.zone for one in self.sets.values())
        name = "zone_id" if len(zones) == 1 else f"zone_id_{label(zone)}"
        told = self.say(f"The id of the Route 53 hosted zone of {zone}", f"{zone} のRoute 53ホストゾーンのID")
        self.variables[name] = {"type": "string", "description": told}
        return name

    def reference(self, path: str) -> str:
        """Where Terraform knows what a reply of SES shows."""
        token = _TOKEN.fullmatch(path)
        if token is not None:
            return f"${{{IDENTITY}.{self.identity}.dkim_signing_attributes[0].tokens[{token[1]}]}}"
        self.variables[SIGNING_ZONE] = {
            "type": "string",
            "default": "",
            "description": self.say(
                "Where SES keeps the DKIM keys, DkimAttributes.SigningHostedZone: it differs by region.",
                "SESがDKIMの鍵を公開しているゾーン(DkimAttributes.SigningHostedZone)。リージョンによって異なります。",
            ),
        }
        return f"${{var.{SIGNING_ZONE}}}"

    def signing_zone_is_known(self) -> dict[str, str]:
        """What Terraform says where the zone of the keys is not given."""
        assert self.creates is not None  # noqa: S101 -- its reply is what is waited for
        command = literal(queried(trace(self.creates).read, "DkimAttributes.SigningHostedZone"))
        first = f"terraform apply -target={IDENTITY}.{self.identity}"
        return {
            "condition": f'${{var.{SIGNING_ZONE} != ""}}',
            "error_message": self.say(
                f"First run: {first}. Then set {SIGNING_ZONE} to what this shows: {command}.",
                f"先に {first} を実行し、次のコマンドの結果を {SIGNING_ZONE} に設定してください: {command}",
            ),
        }


def _operations(plan: Plan) -> dict[str, SesCall]:
    """The calls of a plan by their operation; of several the first."""
    calls = (step.action for step in reversed(plan.steps))
    return {call.operation: call for call in calls if isinstance(call, SesCall)}


def _new_set(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "configuration_set_name": literal(given["ConfigurationSetName"]),
        "delivery_options": {"tls_policy": given["DeliveryOptions"]["TlsPolicy"]},
        "tags": _tags(given),
    }


def _tags(given: Mapping[str, Any]) -> dict[str, str]:
    return {literal(tag["Key"]): literal(tag["Value"]) for tag in given["Tags"]}


def _value(rdtype: str, value: str) -> str:
    """A value as the provider takes it: it puts the outer quotes of a TXT record itself."""
    return '""'.join(pieces(value, "03o")) if rdtype == "TXT" else value


def _filled(text: str, references: Sequence[str]) -> str:
    """A text with references where only a reply knows."""
    if not references:
        return literal(text)
    return _MARK.sub(lambda mark: references[int(mark[1])], literal(text))
