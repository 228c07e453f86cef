"""What is known of an SES account in one region, in rows: what stands above every verdict on its identities."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.account.identity import SesIdentity
from todoku.account.permissions import action_of
from todoku.account.reputation import BOUNCE_LIMITS, COMPLAINT_LIMITS, Limits, Rate, Reputation
from todoku.account.sending import Quota, SesAccount
from todoku.account.suppression import SuppressionList
from todoku.auth.ask import Reply
from todoku.causes.missing_reasons import SES_DENIED
from todoku.evidence.account import closed
from todoku.evidence.facts import Evidence
from todoku.feedback.traffic import percent
from todoku.judging.account_report import AccountReport
from todoku.receivers import NAMES
from todoku.report.document import UnreadPart
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text, fill, sentence

Row = tuple[Text, Text]

ENFORCEMENT = {
    "HEALTHY": Text("healthy", "正常"),
    "PROBATION": Text("under review", "審査中"),
    "SHUTDOWN": Text("AWS has stopped it from sending", "AWSによる送信停止"),
}


def account_facts(report: AccountReport, language: Language) -> tuple[tuple[str, str], ...]:
    """The rows, harmless and in one language."""
    rows = (*_account(report), *_noted(report), *_unread(report))
    return tuple((say(label, language), harmless(say(value, language))) for label, value in rows)


def _account(report: AccountReport) -> Iterator[Row]:
    account = report.reading.account
    if isinstance(account, SesAccount):
        if account.number:
            yield Text("Account", "アカウント"), _same(account.number)
        yield Text("Region", "リージョン"), _same(account.region)
        yield Text("Access", "アクセス"), _access(account)
        yield Text("Standing", "AWSによる評価"), ENFORCEMENT.get(account.enforcement, _same(account.enforcement or "-"))
        yield from _rates(report)
        yield Text("Quota", "送信クォータ"), _quota(account.quota)
        yield from _suppressed(report)
    else:
        yield Text("Region", "リージョン"), _same(report.reading.wanted.region)
    if report.identities:
        yield Text("Identities", "検証済みID"), _counted(report)
        yield Text("Judged as", "送信者の区分"), _volume(report)


def _same(text: str) -> Text:
    return Text(text, text)


def _access(account: SesAccount) -> Text:
    access = Text("production", "本稼働") if account.production else Text("sandbox", "サンドボックス")
    return access if account.sending else Text(f"{access.en}, sending is off", f"{access.ja}、送信は無効")


def _rates(report: AccountReport) -> Iterator[Row]:
    """What SES counts itself, beside its own limits."""
    rates = report.reading.reputation
    if not isinstance(rates, Reputation):
        return
    if rates.bounces is not None:
        yield Text("Bounce rate", "バウンス率"), _rate(rates.bounces, BOUNCE_LIMITS)
    if rates.complaints is not None:
        yield Text("Complaint rate", "苦情率"), _rate(rates.complaints, COMPLAINT_LIMITS)


def _rate(rate: Rate, limits: Limits) -> Text:
    values = {"now": percent(rate.value), "review": percent(limits.review), "day": rate.day.isoformat()}
    return fill(
        Text(
            "{now} by SES's own count on {day}, which reviews an account from {review} on",
            "{now}({day} のSESの集計。{review}以上で審査対象)",
        ),
        values,
    )


def _suppressed(report: AccountReport) -> Iterator[Row]:
    """Addresses of carriers that SES no longer sends to. Without any there is nothing to say."""
    found = report.reading.suppressed
    if isinstance(found, SuppressionList) and found.carriers:
        counts = ", ".join(f"{NAMES[name]} {found.carriers[name]:,}" for name in NAMES if name in found.carriers)
        yield (
            Text("Suppression list", "サプレッションリスト"),
            Text(
                f"{found.addresses:,} addresses, of them {counts}: some of these people may only have refused your mail by a filter, and "
                "get none until you call DeleteSuppressedDestination (todoku explain docomo-unknown-or-refused)",
                f"{found.addresses:,}件(うち {counts})。宛先不明ではなく受信設定で拒否された人が含まれている可能性があり、"
                "DeleteSuppressedDestination で解除するまで届きません(todoku explain docomo-unknown-or-refused)",
            ),
        )


def _quota(quota: Quota) -> Text:
    sent = f"{quota.sent:,.0f}"
    if quota.per_day < 0:
        return Text(
            f"no limit a day, {quota.per_second:g} a second; {sent} sent in the last 24 hours",
            f"1日の上限なし、毎秒{quota.per_second:g}通(過去24時間の送信数: {sent}通)",
        )
    return Text(
        f"{quota.per_day:,.0f} a day, {quota.per_second:g} a second; {sent} sent in the last 24 hours",
        f"1日{quota.per_day:,.0f}通、毎秒{quota.per_second:g}通(過去24時間の送信数: {sent}通)",
    )


def _counted(report: AccountReport) -> Text:
    """How many were looked at, and of how many."""
    names = [one.evidence.subject.name for one in report.identities]
    addresses = sum("@" in name for name in names)
    domains = len(names) - addresses
    listed = report.reading.listed
    rest = Text("", "")
    if not isinstance(listed, Reply) and len(listed) > len(names):
        rest = Text(f", of {len(listed):,}", f"、全{len(listed):,}件中")
    return Text(
        f"{len(names):,} ({_plural(domains, 'domain', 'domains')}, {_plural(addresses, 'address', 'addresses')}){rest.en}",
        f"{len(names):,}件(ドメイン{domains:,}件、アドレス{addresses:,}件{rest.ja})",
    )


def _plural(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _volume(report: AccountReport) -> Text:
    if report.terms.volume == "bulk":
        return Text("bulk sender", "一括送信者")
    return Text(
        "small sender, of whom less is asked (--volume bulk: as a bulk sender)",
        "一括送信者以外(--volume bulk で一括送信者として判定)",
    )


def _noted(report: AccountReport) -> Iterator[Row]:
    """What keeps the account from sending, whatever its identities are set to."""
    for note in report.standing:
        yield Text("Important", "重要"), sentence(note)


def _unread(report: AccountReport) -> Iterator[Row]:
    """What could not be read."""
    for one in unread(report):
        times = Text(f" ({one.times:,} times)", f"({one.times:,}件)") if one.times > 1 else Text("", "")
        yield Text("Not read", "読み取り不可"), Text(one.text.en + times.en, one.text.ja + times.ja)


def unread(report: AccountReport) -> tuple[UnreadPart, ...]:
    """What could not be read of an account, each reason once."""
    refused: dict[tuple[str, str, str], list[Reply]] = {}
    for reply in report.replies:
        if reply.failed:
            said = sentence_of(reply)
            refused.setdefault((reply.call.operation, said.en, said.ja), []).append(reply)
    return tuple(
        UnreadPart(operation, replies[0].status, _permission(replies[0]), Text(en, ja), len(replies))
        for (operation, en, ja), replies in refused.items()
    )


def _permission(reply: Reply) -> str:
    return action_of(reply.call) if closed(reply).reason is SES_DENIED else ""


def sentence_of(reply: Reply) -> Text:
    """Why something of SES could not be read."""
    why = closed(reply)
    return fill(why.reason.text, why.values)


def identity_facts(evidence: Evidence, language: Language) -> tuple[tuple[str, str], ...]:
    """What SES says of one identity."""
    said = evidence.identity
    if not isinstance(said, SesIdentity):
        return ()
    rows = (
        (Text("Verified", "検証"), _verified(said)),
        (Text("DKIM", "DKIM"), _dkim(said)),
        (Text("MAIL FROM", "MAIL FROM"), _mail_from(said)),
        (Text("Configuration set", "設定セット"), _same(said.configuration_set or "-")),
    )
    return tuple((say(label, language), harmless(say(value, language))) for label, value in rows)


def _verified(said: SesIdentity) -> Text:
    detail = ", ".join(filter(None, (said.status, said.error)))
    return Text(f"{'yes' if said.verified else 'no'} ({detail})", f"{'済み' if said.verified else '未完了'}({detail})")


def _dkim(said: SesIdentity) -> Text:
    dkim = said.dkim
    kind = Text("Easy DKIM", "Easy DKIM") if dkim.easy else Text("a key of your own (BYODKIM)", "独自の鍵(BYODKIM)")
    bits = f", {dkim.bits} bit" if dkim.bits else ""
    if not dkim.signing:
        return Text(f"off ({dkim.status})", f"無効({dkim.status})")
    return Text(f"{kind.en}{bits} ({dkim.status})", f"{kind.ja}{bits}({dkim.status})")


def _mail_from(said: SesIdentity) -> Text:
    if not said.mail_from.domain:
        return Text("SES's own (none is set)", "SESのドメイン(カスタム MAIL FROM は未設定)")
    domain, status = said.mail_from.domain, said.mail_from.status
    return Text(f"{domain} ({status})", f"{domain}({status})")
