"""Which IAM actions todoku needs, and why: one table, from which the policies are made and missing permissions are named.

Which resources an action can be narrowed to is from AWS's service authorization reference (list_sesv2, list_route53,
list_amazoncloudwatch).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from todoku.auth.ask import Call
from todoku.words.verdict import Text

Use = Literal["read", "watch", "apply"]
Resource = Literal["*", "identity", "configuration-set", "dedicated-ip-pool", "tenant", "hostedzone", "change"]


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """An operation of an API, the IAM action that allows it ("" where AWS asks for none), and why todoku calls it.

    ``resources`` are the kinds of ARN that the action takes. ``writes``: it changes something; ``ours``: only what a plan
    of todoku made, which bears its tag. ``watches``: only who looks again and again asks for it.
    """

    service: str
    operation: str
    action: str
    resources: tuple[Resource, ...]
    why: Text
    writes: bool = False
    ours: bool = False
    watches: bool = False


def _ses(
    operation: str, resources: Sequence[Resource], en: str, ja: str, *, writes: bool = False, ours: bool = False
) -> Permission:
    return Permission(
        service="sesv2",
        operation=operation,
        action=f"ses:{operation}",
        resources=tuple(resources),
        why=Text(en, ja),
        writes=writes,
        ours=ours,
    )


def _route53(operation: str, resource: Resource, en: str, ja: str, *, writes: bool = False) -> Permission:
    action = f"route53:{operation}"
    return Permission(
        service="route53", operation=operation, action=action, resources=(resource,), why=Text(en, ja), writes=writes
    )


PERMISSIONS = (
    Permission(
        service="sts",
        operation="GetCallerIdentity",
        action="",
        resources=(),
        why=Text("the number of the account that is read", "読み取るアカウントのIDを確認するため"),
    ),
    Permission(
        service="account",
        operation="ListRegions",
        action="account:ListRegions",
        resources=("*",),
        why=Text("the regions that are on, for --all-regions", "有効なリージョンを調べるため(--all-regions)"),
    ),
    _ses(
        "GetAccount",
        ["*"],
        "sandbox, sending quota, suppression list, Virtual Deliverability Manager",
        "サンドボックス、送信クォータ、サプレッションリスト、Virtual Deliverability Managerの設定を確認するため",
    ),
    _ses("ListEmailIdentities", ["*"], "which identities there are", "検証済みIDの一覧を取得するため"),
    _ses(
        "GetEmailIdentity",
        ["identity"],
        "DKIM, MAIL FROM and verification of each identity",
        "各検証済みIDのDKIM、MAIL FROM、検証状態を確認するため",
    ),
    _ses(
        "GetConfigurationSet",
        ["configuration-set"],
        "TLS, suppression and sending options of the sets that are used",
        "使用中の設定セットのTLS、サプレッション、送信の設定を確認するため",
    ),
    _ses(
        "GetDedicatedIps",
        ["dedicated-ip-pool"],
        "dedicated addresses, whose reverse DNS is yours to set up",
        "逆引きDNSの設定が必要な専用IPアドレスを調べるため",
    ),
    _ses(
        "ListContactLists",
        ["*"],
        "whether SES can handle unsubscribing",
        "SESの購読管理を使えるかを確認するため",
    ),
    _ses(
        "ListRecommendations",
        ["*"],
        "what AWS itself found to be wrong",
        "AWS自身が検出した問題を確認するため",
    ),
    _ses(
        "ListSuppressedDestinations",
        ["*"],
        "how many addresses of Japan's mobile carriers SES no longer sends to; the addresses are not kept",
        "SESが送信を止めている携帯キャリアの宛先を数えるため(アドレスは保存しません)",
    ),
    Permission(
        service="cloudwatch",
        operation="GetMetricData",
        action="cloudwatch:GetMetricData",
        resources=("*",),
        why=Text(
            "the rates of bounces and complaints by which SES judges the account",
            "SESがアカウントの評価に使うバウンス率と苦情率を確認するため",
        ),
    ),
    Permission(
        service="sesv2",
        operation="BatchGetMetricData",
        action="ses:BatchGetMetricData",
        resources=("identity",),
        why=Text(
            "what each identity sent day by day, and what bounced or was complained about (with Virtual Deliverability Manager)",
            "検証済みIDごとの日々の送信数、バウンス数、苦情数を確認するため(Virtual Deliverability Managerが有効な場合)",
        ),
        watches=True,
    ),
    _ses(
        "ListTenantResources",
        ["tenant"],
        "which identities belong to a tenant, for --tenant",
        "テナントに属する検証済みIDを調べるため(--tenant)",
    ),
    _ses(
        "CreateEmailIdentity",
        ["identity"],
        "makes a domain identity with Easy DKIM",
        "ドメインの検証済みIDをEasy DKIM付きで作成するため",
        writes=True,
    ),
    _ses(
        "TagResource",
        ["identity", "configuration-set"],
        "marks what a plan made, so that undo deletes nothing else",
        "計画で作成したものに目印を付け、取り消し時にそれ以外を削除しないようにするため",
        writes=True,
    ),
    _ses(
        "DeleteEmailIdentity",
        ["identity"],
        "undo: deletes an identity that a plan made",
        "取り消し: 計画で作成した検証済みIDを削除するため",
        writes=True,
        ours=True,
    ),
    _ses(
        "PutEmailIdentityDkimAttributes",
        ["identity"],
        "switches DKIM signing on",
        "DKIM署名を有効にするため",
        writes=True,
    ),
    _ses(
        "PutEmailIdentityDkimSigningAttributes",
        ["identity"],
        "has SES look for the DKIM records again after it gave up",
        "SESが打ち切ったDKIMレコードの確認を再開させるため",
        writes=True,
    ),
    _ses(
        "PutEmailIdentityMailFromAttributes",
        ["identity"],
        "sets the custom MAIL FROM domain",
        "カスタム MAIL FROM ドメインを設定するため",
        writes=True,
    ),
    _ses(
        "PutEmailIdentityConfigurationSetAttributes",
        ["identity", "configuration-set"],
        "makes a configuration set the default of an identity",
        "設定セットを検証済みIDの既定にするため",
        writes=True,
    ),
    _ses(
        "CreateConfigurationSet",
        ["configuration-set"],
        "makes a configuration set that requires TLS",
        "TLSを必須にする設定セットを作成するため",
        writes=True,
    ),
    _ses(
        "DeleteConfigurationSet",
        ["configuration-set"],
        "undo: deletes a configuration set that a plan made",
        "取り消し: 計画で作成した設定セットを削除するため",
        writes=True,
        ours=True,
    ),
    _ses(
        "PutConfigurationSetDeliveryOptions",
        ["configuration-set", "dedicated-ip-pool"],
        "requires TLS on delivery",
        "配送時のTLSを必須にするため",
        writes=True,
    ),
    _ses(
        "SendEmail",
        ["identity", "configuration-set"],
        "sends the message of --prove-by-mail",
        "--prove-by-mail の確認用メールを送信するため",
        writes=True,
    ),
    _route53("ListHostedZones", "*", "the zone that holds a name", "名前を含むホストゾーンを調べるため"),
    _route53("GetHostedZone", "hostedzone", "the name servers of a zone", "ホストゾーンのネームサーバーを調べるため"),
    _route53(
        "ListResourceRecordSets",
        "hostedzone",
        "the records as they are before a change",
        "変更前のレコードを確認するため",
    ),
    _route53(
        "GetChange", "change", "whether a change has reached every name server", "変更が反映されたかを確認するため"
    ),
    _route53(
        "ChangeResourceRecordSets",
        "hostedzone",
        "adds and removes DNS records",
        "DNSレコードを追加・削除するため",
        writes=True,
    ),
)

_BY_OPERATION = {(one.service, one.operation): one for one in PERMISSIONS}

_RECORDS_OF_MAIL = {
    "ForAllValues:StringEquals": {
        "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME", "MX", "TXT"],
        "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
    }
}
"""Of a zone only the records that mail needs, and never UPSERT, which would write over what others put there."""

_REGIONAL = ("sesv2", "cloudwatch")
"""What is asked in the region that is looked at, so that a policy can hold it to some."""

_MADE_BY_A_PLAN = {"Null": {"aws:ResourceTag/todoku:plan": "false"}}


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How far a policy reaches; what is left empty is not narrowed."""

    account: str = ""
    regions: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    partition: str = "aws"


def action_of(call: Call) -> str:
    """The IAM action that a call needs: ``ses:GetEmailIdentity``."""
    known = _BY_OPERATION.get((call.service, call.operation))
    return known.action if known is not None and known.action else f"{call.service}:{call.operation}"


def permissions_for(use: Use, scope: Scope) -> tuple[Permission, ...]:
    """The permissions of a use. To watch and to apply a plan take those of reading too: what is there is looked at first.

    Which regions are on need not be known where they are named.
    """
    asked = (one for one in PERMISSIONS if one.action and not (scope.regions and one.service == "account"))
    if use == "apply":
        return tuple(one for one in asked if not one.watches)
    reads = (one for one in asked if not (one.writes or one.service == "route53"))
    return tuple(one for one in reads if use == "watch" or not one.watches)


def policy(use: Use, scope: Scope) -> dict[str, Any]:
    """The IAM policy of a use, as JSON: one statement for all actions that are narrowed in the same way."""
    alike: dict[tuple[object, ...], list[Permission]] = {}
    for one in permissions_for(use, scope):
        alike.setdefault((one.service in _REGIONAL, one.writes, one.ours, one.resources), []).append(one)
    return {
        "Version": "2012-10-17",
        "Statement": [_statement(f"Todoku{number}", group, scope) for number, group in enumerate(alike.values(), 1)],
    }


def _statement(sid: str, alike: Sequence[Permission], scope: Scope) -> dict[str, Any]:
    arns = [arn for resource in alike[0].resources for arn in _arns(resource, scope)]
    condition = _condition(alike[0], scope)
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(one.action for one in alike),
        "Resource": arns if len(arns) > 1 else arns[0],
        **({"Condition": condition} if condition else {}),
    }


def _condition(one: Permission, scope: Scope) -> dict[str, Any]:
    if one.ours:
        return _MADE_BY_A_PLAN
    if one.operation == "ChangeResourceRecordSets":
        return _RECORDS_OF_MAIL
    if one.service in _REGIONAL and one.resources == ("*",) and scope.regions:
        return {"StringEquals": {"aws:RequestedRegion": list(scope.regions)}}
    return {}


def _arns(resource: Resource, scope: Scope) -> Iterator[str]:
    """What the policy names of a kind of resource."""
    if resource == "*":
        yield "*"
    elif resource in ("hostedzone", "change"):
        yield f"arn:{scope.partition}:route53:::{resource}/*"
    else:
        names = scope.identities if resource == "identity" and scope.identities else ("*",)
        for region in scope.regions or ("*",):
            yield from (
                f"arn:{scope.partition}:ses:{region}:{scope.account or '*'}:{resource}/{name}" for name in names
            )
