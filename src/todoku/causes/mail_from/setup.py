"""What DNS shows of the custom MAIL FROM domains under a domain, before anything is sent with them."""

from __future__ import annotations

from todoku.auth.mail_from import MailFrom, MailFromProblem
from todoku.auth.setup import DomainSetup
from todoku.auth.spf.tree import SpfTree
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.mail_from.records import MAIL_FROM_MX
from todoku.causes.spf.record import BY_CAUSE, DNS_FAILED, FIXES, MAIL_FROM_WITHOUT_SPF, branch
from todoku.words.verdict import Exhibit, Finding, Note, Reason, Text, Value, worst

READY = Reason(
    "mail-from-ready",
    Text(
        "{domain} is ready as a custom MAIL FROM domain (region {region}): one MX record to SES, and an SPF record that lets "
        "SES send ({record}).",
        "{domain} はカスタム MAIL FROM ドメインとして使える状態です(リージョン {region})。SES宛てのMXレコードが1件あり、SPFレコードも"
        "SESからの送信を許可しています({record})。",
    ),
)
NOT_FOUND = Reason(
    "mail-from-not-found",
    Text(
        "No custom MAIL FROM domain was found; tried were {names}. If yours has another name, give it with --mail-from. Without "
        "one SES uses its own, and SPF passes as amazonses.com, not as {from_domain}.",
        "カスタム MAIL FROM ドメインが見つかりませんでした(確認した名前: {names})。別の名前を使っている場合は --mail-from で指定してください。"
        "設定していない場合はSES自身のドメインが使われ、SPFは {from_domain} ではなくamazonses.comとして成功します。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
    case="F12",
)
SEVERAL_MX = Reason(
    "mail-from-several-mx",
    Text(
        "{domain} has {count} MX records. SES accepts a custom MAIL FROM domain only with exactly one, its own; with more it "
        "calls the domain FAILED and does not use it.",
        "{domain} にMXレコードが{count}件あります。カスタム MAIL FROM ドメインのMXはSES宛ての1件だけでなければなりません。2件以上あると状態が"
        "FAILEDになり、使われません。",
    ),
    fixes=(MAIL_FROM_MX,),
    case="F14",
)
MX_FORM = Reason(
    "mail-from-mx-form",
    Text(
        "The MX record of {domain} ({mx}) is not written as SES asks: feedback-smtp, the region, amazonses.com.",
        "{domain} のMXレコード({mx})がSESの指定する形(feedback-smtp、リージョン、amazonses.com)になっていません。",
    ),
    fixes=(MAIL_FROM_MX,),
    case="F14",
)
MX_REGION = Reason(
    "mail-from-mx-region",
    Text(
        "The MX record of {domain} names the region {region}, and {host} does not exist.",
        "{domain} のMXレコードはリージョン {region} を指していますが、{host} は存在しません。",
    ),
    fixes=(MAIL_FROM_MX,),
    case="F14",
)
MX_ELSEWHERE = Reason(
    "mail-from-mx-elsewhere",
    Text(
        "{domain} has no MX record to SES ({mx}): SES then does not use it as a custom MAIL FROM domain, and sends as amazonses.com or, "
        "where it is told to, not at all.",
        "{domain} にSES宛てのMXレコードがないため({mx})、カスタム MAIL FROM ドメインとして使われません。amazonses.comでの送信に戻るか、"
        "拒否する設定の場合は送信されなくなります。",
    ),
    fixes=(MAIL_FROM_MX,),
    case="F14",
)
SPF_WITHOUT_SES = Reason(
    "mail-from-spf-without-ses",
    Text(
        "The SPF record of the custom MAIL FROM domain {domain} ({record}) does not include amazonses.com, so that SPF will "
        "not pass.",
        "カスタム MAIL FROM ドメイン {domain} のSPFレコード({record})にinclude:amazonses.comがないため、SPFは成功しません。",
    ),
    fixes=FIXES,
    case="F15",
)
NO_SPF_EITHER = Reason(
    "mail-from-no-spf-either",
    Text(
        "{domain} has no SPF record either. SES does not ask for one, but receivers do.",
        "{domain} にはSPFレコードもありません。SESは確認しませんが、受信側での認証に必要です。",
    ),
    fixes=FIXES,
    case="F15",
)
BY_PROBLEM: dict[MailFromProblem, Reason] = {
    "": READY,
    "several-mx": SEVERAL_MX,
    "mx-form": MX_FORM,
    "mx-host-missing": MX_REGION,
    "no-mx": MX_ELSEWHERE,
    "other-mx": MX_ELSEWHERE,
    "no-spf": MAIL_FROM_WITHOUT_SPF,
    "spf-without-ses": SPF_WITHOUT_SES,
}


def mail_from_finding(setup: DomainSetup) -> Finding:
    """The worst of the MAIL FROM domains that were found or named. That none was found proves nothing: it may have any name."""
    found = mail_from_findings(setup)
    if found:
        return worst(found)
    return Finding("unknown", NOT_FOUND, _tried(setup), missing="not-asked")


def mail_from_findings(setup: DomainSetup) -> list[Finding]:
    """What DNS shows of each MAIL FROM domain, and that it did not answer for a name that may be one more."""
    found = [judge_mail_from(one) for one in setup.mail_from]
    if setup.mail_from_unseen:
        values: dict[str, Value] = {**_tried(setup), "domain": setup.mail_from_unseen[0], "detail": "MX"}
        found.append(Finding("unknown", DNS_FAILED, values, missing="could-not-look"))
    return found


def _tried(setup: DomainSetup) -> dict[str, Value]:
    return {"from_domain": setup.name, "names": ", ".join(setup.mail_from_tried)}


def judge_mail_from(one: MailFrom) -> Finding:
    """What DNS shows of one MAIL FROM domain."""
    values = {**tree_values(one.spf), **mail_from_values(one)}
    exhibits = (dns_exhibit(one.mx), *((dns_exhibit(one.host),) if one.host else ()), *tree_exhibits(one.spf))
    if one.problem == "dns-failed":
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if one.problem == "spf-broken" and one.spf.cause:
        return Finding("fail", BY_CAUSE[one.spf.cause], values, exhibits)
    notes = (Note(_of_spf(one), values),) if one.spf_problem not in ("", "dns-failed", one.problem) else ()
    return Finding("fail" if one.problem else "pass", BY_PROBLEM[one.problem], values, exhibits, notes)


def _of_spf(one: MailFrom) -> Reason:
    """What is wrong with the SPF record of a domain whose MX record is wrong too."""
    if one.spf_problem == "no-spf":
        return NO_SPF_EITHER
    return BY_CAUSE[one.spf.cause] if one.spf.cause else SPF_WITHOUT_SES


def mail_from_values(one: MailFrom) -> dict[str, Value]:
    """What the texts about a MAIL FROM domain name."""
    several = one.problem == "several-mx"
    return {
        "domain": one.name,
        "region": one.region or "?",
        "mx": ", ".join(one.mx.records) or one.mx.status,
        "host": one.host.question.name if one.host else "",
        **({"count": len(one.mx.records)} if several else {}),
    }


def tree_values(tree: SpfTree) -> dict[str, Value]:
    """What the texts about an SPF record name, those of ``spf_record`` too."""
    return {
        "domain": tree.domain,
        "record": tree.record,
        "term": tree.term,
        "term_domain": tree.term_domain or tree.domain,
        "count": len(tree.records),
        "lookups": tree.lookups,
        "voids": tree.voids,
        "detail": tree.detail or tree.cause,
    }


def tree_exhibits(tree: SpfTree) -> tuple[Exhibit, ...]:
    """The records with what each costs, and every answer where there is no tree to show."""
    first = tuple(dns_exhibit(one) for one in tree.answers[:1])
    silent = tuple(dns_exhibit(one) for one in tree.answers[1:] if one.failed)
    if not tree.nodes:
        return (*first, *silent)
    records = computed("SPF records", "\n".join(map(branch, tree.nodes)))
    spent = computed("SPF lookups", f"{tree.lookups} of 10, void {tree.voids} of 2 (RFC 7208 4.6.4)")
    return (*first, records, spent, *silent)
