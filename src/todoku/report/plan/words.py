"""What a plan says in words: what each step does, what must be done before, how it is taken back, how to see it done."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from todoku.plan.make import NOT_DELEGATED
from todoku.plan.step import Conflict, Plan, Step, Wait
from todoku.plan.trace import is_known, trace
from todoku.report.changes import aws_command
from todoku.report.plan.records import master_value, named
from todoku.report.words import harmless
from todoku.words.change import Instruction, Irreversible, RecordSetChange, SesCall
from todoku.words.verdict import Text

OPERATIONS: Mapping[str, Text] = {
    "CreateEmailIdentity": Text(
        "Make {EmailIdentity} an identity of SES", "{EmailIdentity} をSESの検証済みIDとして作成"
    ),
    "DeleteEmailIdentity": Text("Delete the identity {EmailIdentity}", "検証済みID {EmailIdentity} を削除"),
    "PutEmailIdentityDkimAttributes": Text(
        "Switch DKIM signing on for {EmailIdentity}", "{EmailIdentity} のDKIM署名を有効化"
    ),
    "PutEmailIdentityDkimSigningAttributes": Text(
        "Have SES look for the DKIM records again", "SESにDKIMレコードの確認を再開させる"
    ),
    "PutEmailIdentityMailFromAttributes": Text(
        "Set the custom MAIL FROM domain {MailFromDomain}", "カスタム MAIL FROM ドメイン {MailFromDomain} を設定"
    ),
    "CreateConfigurationSet": Text(
        "Make a configuration set that requires TLS: {ConfigurationSetName}",
        "TLSを必須とする設定セット {ConfigurationSetName} を作成",
    ),
    "PutConfigurationSetDeliveryOptions": Text(
        "Require TLS in the configuration set {ConfigurationSetName}",
        "設定セット {ConfigurationSetName} でTLSを必須に設定",
    ),
    "PutEmailIdentityConfigurationSetAttributes": Text(
        "Make {ConfigurationSetName} the default configuration set of {EmailIdentity}",
        "{ConfigurationSetName} を {EmailIdentity} の既定の設定セットに指定",
    ),
}
"""What a call does, by its operation; other operations are told by their name."""

REJECTING = Text(
    "Refuse to send while the MX record of {MailFromDomain} cannot be seen",
    "{MailFromDomain} のMXレコードを確認できない間は送信を拒否",
)
BY_HAND: Mapping[str, Text] = {
    "production-access": Text("Ask for production access", "本稼働アクセスをリクエスト"),
    "report-permission": Text("Have the report address permitted", "レポート送付先の許可レコードを依頼"),
    "publish-own-key": Text("Publish your own DKIM key", "独自のDKIM鍵の公開鍵を登録"),
}
"""What only a person can do, by the step's id."""


WAITS: Mapping[str, Text] = {
    "DkimAttributes.Status": Text("Wait until SES has verified DKIM", "SESがDKIMを検証するまで待機"),
    "MailFromAttributes.MailFromDomainStatus": Text(
        "Wait until SES has verified the MAIL FROM domain", "SESがMAIL FROMドメインを検証するまで待機"
    ),
}
"""What is waited for, by where a reply shows it; other states are told by their name."""


def title(step: Step) -> Text:
    """What the step does, in a few words."""
    match step.action:
        case RecordSetChange() as change:
            return _of_records(named(change))
        case SesCall() as call:
            return _of_call(call)
        case Wait(path=path, until=until):
            wanted = "/".join(until)
            told = Text(f"Wait until SES shows {path} {wanted}", f"SESの {path} が {wanted} になるまで待機")
            return WAITS.get(path, told)
        case Instruction():
            return BY_HAND.get(step.id, Text("By hand", "手作業"))


def _of_records(change: RecordSetChange) -> Text:
    name, rdtype = change.before.name, change.before.rdtype
    if change.remove:
        return Text(f"Replace the {rdtype} record at {name}", f"{name} の{rdtype}レコードを置き換え")
    if change.before.values:
        return Text(f"Add to the {rdtype} records at {name}", f"{name} の{rdtype}レコードに値を追加")
    return Text(f"Add the {rdtype} record at {name}", f"{name} に{rdtype}レコードを追加")


def _of_call(call: SesCall) -> Text:
    rejects = call.parameters.get("BehaviorOnMxFailure") == "REJECT_MESSAGE"
    text = REJECTING if rejects else OPERATIONS.get(call.operation, Text(call.operation, call.operation))
    known = _Known({name: harmless(str(value)) for name, value in call.parameters.items()})
    return Text(text.en.format_map(known), text.ja.format_map(known))


class _Known(dict[str, str]):
    """What a call is given; what it is not given is told as nothing at all."""

    def __missing__(self, key: str) -> str:
        return "-"


def headline(plan: Plan) -> Text:
    """The plan in one sentence."""
    if plan.unread:
        return Text(
            "The plan cannot be made: something could not be looked at.",
            "確認できない項目があり、計画を作成できません。",
        )
    if plan.conflicts and all(one.tag == NOT_DELEGATED for one in plan.conflicts):
        return Text(
            "The domain is not in the DNS: the plan stops at it.",
            "ドメインがDNSに存在しません。解決するまで計画を適用できません。",
        )
    if plan.conflicts:
        count = len(plan.conflicts)
        return Text(
            f"Something is there already that only you can decide about ({count}): the plan stops at it.",
            f"既存の設定が{count}件あり、判断が必要です。解決するまで計画を適用できません。",
        )
    if not plan.steps:
        return Text("Nothing is left to do.", "変更は必要ありません。")
    count = len(plan.steps)
    steps = "1 step" if count == 1 else f"{count} steps"
    return Text(f"{steps}; nothing has been changed yet.", f"{count}ステップの変更計画です。まだ何も変更していません。")


def against(plan: Plan) -> Iterator[tuple[Text, tuple[Conflict, ...]]]:
    """What stands in the way, under its headings."""
    missing = tuple(one for one in plan.conflicts if one.tag == NOT_DELEGATED)
    there = tuple(one for one in plan.conflicts if one.tag != NOT_DELEGATED)
    if missing:
        yield Text("What has to be there first", "先に必要な設定"), missing
    if there:
        yield Text("What only you can decide", "判断が必要な既存の設定"), there


def facts(plan: Plan) -> tuple[tuple[Text, str], ...]:
    """What the plan is about."""
    account = f"{plan.account} ({harmless(plan.profile)})" if plan.profile else plan.account
    return (
        (Text("Domain", "ドメイン"), plan.domain),
        (Text("Account", "AWSアカウント"), account or "?"),
        (Text("Region", "リージョン"), plan.region),
        (Text("Plan", "計画ID"), plan.id),
        (Text("Made", "作成日時"), plan.made.replace("T", " ")),
    )


def undo_commands(step: Step) -> tuple[str, ...]:
    """The calls that take the step back, as lines of the AWS CLI."""
    undo = () if isinstance(step.undo, Irreversible) else step.undo
    return tuple(map(aws_command, undo))


def undo_told(step: Step) -> Text | None:
    """What else is to be said of taking it back: of a record set all, of a call when not."""
    if isinstance(step.undo, Irreversible):
        return Text(f"Cannot be undone: {step.undo.why.en}", f"元に戻せません。{step.undo.why.ja}")
    if step.undo_with:
        return Text(
            f"todoku undo does it with {step.undo_with} only.", f"todoku undo では {step.undo_with} の指定が必要です。"
        )
    if not isinstance(step.action, RecordSetChange):
        return None
    if step.action.remove:
        return Text("Put the old value back.", "元の値に戻します。")
    return Text("Remove the value that was added.", "追加した値を削除します。")


class Look(msgspec.Struct, frozen=True):
    """How to see that a step is done: a command, and what it has to show."""

    command: str
    shows: str


MADE: Mapping[str, tuple[str, str]] = {
    "CreateEmailIdentity": ("IdentityType", "DOMAIN"),
    "CreateConfigurationSet": ("DeliveryOptions.TlsPolicy", "REQUIRE"),
}
"""Where a read shows what a call made, and as what."""
TELLING = ("MailFromAttributes.BehaviorOnMxFailure", "DeliveryOptions.TlsPolicy")
"""Of several settings of one call those that it is made for, unless they are as SES has them by itself."""
AS_SES_HAS_IT = ("USE_DEFAULT_VALUE",)


def look(step: Step) -> Look | None:
    """How to see that the step is done; None where only a person can tell."""
    match step.action:
        case RecordSetChange() as change:
            known = named(change)
            name, rdtype = known.before.name, known.before.rdtype
            shown = (harmless(master_value(rdtype, value)) for value in known.add)
            return Look(f"dig +short {rdtype} {shlex.quote(name)}", ", ".join(shown))
        case SesCall() as call:
            return _setting(call)
        case Wait(call=call, path=path, until=until):
            return Look(queried(call, path), " / ".join(until))
        case Instruction():
            return None


def _setting(call: SesCall) -> Look | None:
    if not is_known(call):
        return None
    left = trace(call)
    if call.operation in MADE:
        path, shown = MADE[call.operation]
        return Look(queried(left.read, path), shown)
    set_by = {path: value for path, value in left.settings.items() if value not in AS_SES_HAS_IT}
    path = next((one for one in TELLING if one in set_by), next(iter(left.settings), ""))
    return Look(queried(left.read, path), as_shown(left.settings[path])) if path else None


def queried(call: SesCall, path: str) -> str:
    """A read as a line of the AWS CLI that shows one value of the reply."""
    return f"{aws_command(call)} --query {shlex.quote(path)} --output text"


def as_shown(value: Any) -> str:  # noqa: ANN401 -- whatever an API's reply holds
    """A value as the AWS CLI writes it in text."""
    return "None" if value is None else str(value)


def order_told(plan: Plan) -> Text:
    """What stands over the steps."""
    if plan.ready:
        return Text("What will be done, in this order", "変更の内容(この順に実行)")
    return Text("What is left to do after that", "解決後に必要な変更")


def steps_told(plan: Plan, ids: Iterable[str]) -> Text:
    """Some steps by their places in the plan."""
    places = [str(plan.number_of(one)) for one in ids]
    word = "step" if len(places) == 1 else "steps"
    return Text(f"{word} {', '.join(places)}", f"ステップ{'、'.join(places)}")
