"""Why SPF did not pass for the MAIL FROM domain, said by its cause, and what mends that."""

from __future__ import annotations

from todoku.auth.ask import exchanges, readable
from todoku.auth.domain import MailDomain
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfCause, SpfNode, SpfResult, is_spf
from todoku.causes.circumstances import is_amazon, unseen
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import LONGEST, computed, dns_exhibit, one_line
from todoku.causes.forwarded import sign_of
from todoku.causes.identity_cache import remembered
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM, SPF_OF_SES
from todoku.causes.mail_from.records import spf_records
from todoku.causes.spf.term_edit import fullest_first, with_ses_passing
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.verdict import Exhibit, Finding, Fix, Missing, Note, Reason, Text, Value

FEEDBACK_HOST = "feedback-smtp."


def publish_spf(spf: SpfResult | Missing, ses: SesStamp, setup: DomainSetup | Missing) -> tuple[Change, ...]:
    """One SPF record at the MAIL FROM domain that lets SES send for it. Nobody else is let in unasked."""
    if isinstance(spf, Missing):
        return () if isinstance(setup, Missing) else spf_records(setup)
    if is_amazon(spf.domain) or spf.identity == "helo" or spf.domain in CONSUMER_DOMAINS:
        return ()
    if not ses.sent_by_ses:
        return (_allow_if_yours(spf),)
    records = fullest_first(_records(spf))
    allowing = with_ses_passing(
        [one for one in records if one], spf.cause, spf.term, own=spf.term_domain in ("", spf.domain)
    )
    return (
        DnsRecord(spf.domain, "TXT", allowing, replaces=records[0]),
        *(_delete(spf.domain, record) for record in records[1:]),
    )


def _records(spf: SpfResult) -> list[str]:
    """The SPF records that stand at the MAIL FROM domain."""
    answers = [one for one in spf.answers if one.question.rdtype == "TXT" and one.question.name == spf.domain]
    return [record for one in answers for record in one.records if is_spf(record)] or [spf.record]


def _allow_if_yours(spf: SpfResult) -> Instruction:
    """Where nothing shows SES, only the sender knows whether the address is one of theirs or a stranger's."""
    term = f"{'ip6' if ':' in spf.ip else 'ip4'}:{spf.ip}"
    standing = " | ".join(one_line(readable(record)) for record in _records(spf) if record)
    now = Text(f" It says now: {standing}", f"現在のレコード: {standing}") if standing else Text("", "")
    return Instruction(
        Text(
            f"This message shows no sign of SES. If {spf.ip} is a server of yours, let the one SPF record of {spf.domain} be valid "
            f"and allow it ({term}); if you do not know it, somebody else used your name: change nothing. If the message was meant "
            f"to go through SES, the record of a custom MAIL FROM domain is {SPF_OF_SES}.{now.en}",
            f"このメールにはSESから送信された形跡がありません。{spf.ip} が自社のサーバーであれば、{spf.domain} の正しいSPFレコードを1つだけ置き、"
            f"{term} を許可してください。心当たりがなければ第三者による送信のため、変更しないでください。SESから送るはずだった場合、カスタム MAIL FROM "
            f"ドメインのSPFレコードは {SPF_OF_SES} です。{now.ja}",
        )
    )


def _delete(name: str, record: str) -> Instruction:
    shown = readable(record)
    return Instruction(
        Text(f'Delete the TXT record "{shown}" at {name}.', f"{name} のTXTレコード「{shown}」を削除してください。")
    )


SPF_MAIL_FROM_RECORD = Fix(
    "spf-mail-from-record",
    Text("Publish one working SPF record at the MAIL FROM domain", "MAIL FROMドメインに正しいSPFレコードを1つ登録する"),
    publish_spf,
)
FIXES = (SPF_MAIL_FROM_RECORD,)

PASSED = Reason(
    "spf-passed",
    Text(
        "SPF passes: {domain} lets {ip} send for it ({term}).",
        "SPFは成功しています。{domain} は {ip} からの送信を許可しています({term})。",
    ),
)
PASSED_AS_SES = Reason(
    "spf-passed-as-ses",
    Text(
        "SPF passes, for SES's own domain {domain}: the requirement is met, but not in the name of your domain.",
        "SPFは成功していますが、認証されたのはSESのドメイン {domain} です。要件は満たしますが、自社ドメインの認証にはなりません。",
    ),
)
NO_RECORD = Reason(
    "spf-none",
    Text(
        "{domain} has no SPF record.",
        "{domain} にSPFレコードがありません。",
    ),
    fixes=FIXES,
)
MAIL_FROM_WITHOUT_SPF = Reason(
    "mail-from-without-spf",
    Text(
        "The custom MAIL FROM domain {domain} has the MX record of SES but no SPF record. SES still calls it SUCCESS, because "
        "it looks at the MX only.",
        "カスタム MAIL FROM ドメイン {domain} にはSESのMXレコードはありますが、SPFレコードがありません。"
        "SESはMXしか確認しないため、状態はSUCCESSのままです。",
    ),
    fixes=FIXES,
    case="F15",
)
HARD_FAIL = Reason(
    "spf-fail",
    Text(
        "SPF fails: {ip} is not among the addresses that {domain} allows ({term}).",
        "SPFは失敗しています。{ip} は {domain} が許可するアドレスに含まれていません({term})。",
    ),
    fixes=FIXES,
)
SOFT_FAIL = Reason(
    "spf-softfail",
    Text(
        "SPF gives softfail: {ip} is not among the addresses that {domain} allows ({term}). That is no pass.",
        "SPFはsoftfailです。{ip} は {domain} が許可するアドレスに含まれておらず({term})、成功とは扱われません。",
    ),
    fixes=FIXES,
)
NEUTRAL = Reason(
    "spf-neutral",
    Text(
        "SPF gives neutral: the record of {domain} says nothing about {ip}. That is no pass.",
        "SPFはneutralです。{domain} のレコードは {ip} について何も述べておらず、成功とは扱われません。",
    ),
    fixes=FIXES,
)
NOT_THE_SENDERS = Reason(
    "spf-broken-by-forwarding",
    Text(
        "SPF gives {result}: {ip} is the address of a host that handed the message on ({sign}), not one that {domain} sends "
        "from. Forwarding breaks SPF, and nothing in your record mends that: an aligned DKIM signature is what survives.",
        "SPFは{result}です。{ip} はメールを転送したホストのアドレス({sign})で、{domain} の送信元ではありません。"
        "転送するとSPFは失敗し、SPFレコードの変更では直せません。アライメントの取れたDKIM署名があれば、転送後も認証が保たれます。",
    ),
    case="F42",
)
SEVERAL_RECORDS = Reason(
    "spf-several-records",
    Text(
        "{domain} has {count} SPF records; with more than one, none counts (permerror).",
        "{domain} にSPFレコードが{count}件あります。2件以上あるとすべて無効です(permerror)。",
    ),
    fixes=FIXES,
    case="F18",
)
TOO_MANY_LOOKUPS = Reason(
    "spf-too-many-lookups",
    Text(
        "The SPF record of {domain} needs more than 10 DNS lookups (permerror). Move senders to subdomains of their own, or "
        "drop those that no longer send.",
        "{domain} のSPFレコードはDNS参照回数の上限(10回)を超えています(permerror)。送信サービスごとにサブドメインを分けるか、"
        "使っていないincludeを削除してください。",
    ),
    fixes=FIXES,
    case="F18",
)
TOO_MANY_NAMES = Reason(
    "spf-too-many-names",
    Text(
        "A term of the SPF record at {term_domain} ({term}) leads to more than 10 host names (permerror).",
        "{term_domain} のSPFレコードの {term} が10件を超えるホスト名を参照しています(permerror)。",
    ),
    fixes=FIXES,
)
TOO_MANY_VOIDS = Reason(
    "spf-too-many-voids",
    Text(
        "The SPF record of {domain} asks for more than 2 names that do not exist (permerror); the one over the limit is {detail}.",
        "{domain} のSPFレコードは、存在しない名前の参照(空振り)が上限の2回を超えています(permerror)。超過した名前: {detail}",
    ),
    fixes=FIXES,
    case="F18",
)
# What RFC 7208 4.6.4 leaves to receivers, or what some carry out otherwise.
NAMES_COUNTED_OTHERWISE = Reason(
    "spf-names-counted-otherwise",
    Text(
        "Some receivers look at the first 10 host names and leave it at that, so that SPF passes there if {ip} is among them. RFC 7208 "
        "asks for permerror.",
        "先頭10件のホスト名だけを調べる受信側では、{ip} がその中にあればSPFが成功することもあります(RFC 7208ではpermerror)。",
    ),
)
VOIDS_COUNTED_OTHERWISE = Reason(
    "spf-voids-counted-otherwise",
    Text(
        "Receivers may set another limit than 2, and count a term once or each host that it names: some of them let the record pass.",
        "上限の回数や数え方(1つの項につき1回か、参照したホスト名ごとか)は受信側によって異なり、SPFが成功することもあります。",
    ),
)
COUNTED_OTHERWISE: dict[SpfCause, Reason] = {
    "too-many-names": NAMES_COUNTED_OTHERWISE,
    "too-many-voids": VOIDS_COUNTED_OTHERWISE,
}
BROKEN = Reason(
    "spf-syntax",
    Text(
        "The SPF record at {term_domain} is not valid (permerror): {term} ({detail}).",
        "{term_domain} のSPFレコードが正しくありません(permerror): {term}({detail})",
    ),
    fixes=FIXES,
    case="F18",
)
TARGET_NONE = Reason(
    "spf-include-none",
    Text(
        "The SPF record at {term_domain} points by {term} to a domain without an SPF record (permerror).",
        "{term_domain} のSPFレコードの {term} が指すドメインに、SPFレコードがありません(permerror)。",
    ),
    fixes=FIXES,
)
BAD_DOMAIN = Reason(
    "spf-bad-domain",
    Text(
        "{domain} is not a domain name that SPF can be asked for.",
        "{domain} はSPFを評価できるドメイン名ではありません。",
    ),
    fixes=(CUSTOM_MAIL_FROM,),
)
DNS_FAILED = Reason(
    "spf-dns-failed",
    Text(
        "SPF of {domain} could not be evaluated ({detail}). Try again later.",
        "{domain} のSPFを評価できませんでした({detail})。時間をおいて再実行してください。",
    ),
)
UNDECIDED = Reason(
    "spf-undecided",
    Text(
        "The SPF record of {domain} asks for the PTR names of {ip}, and DNS gave no answer about one of them: a receiver that "
        "gets it may see SPF pass. Try again later.",
        "{domain} のSPFレコードは {ip} のPTR名で判定しますが、その名前についてDNSから応答がありませんでした。応答を得られる受信側では"
        "SPFが成功する可能性があります。時間をおいて再実行してください。",
    ),
)
CHANGED_SINCE = Reason(
    "spf-changed-since",
    Text(
        "By the records of today SPF of {domain} gives {result}, but the message is old, and its receiver saw SPF pass: the records "
        "have changed since. Check a fresh message.",
        "現在のレコードでは {domain} のSPFは {result} ですが、古いメールで、受信側は到着時にSPFの成功を確認しています。その後レコードが変わったため、"
        "新しいメールで確認してください。",
    ),
)
PASSED_THERE = Reason(
    "spf-passed-at-receiver",
    Text("SPF passes for {domain}.", "SPFは {domain} のドメインで成功しています。"),
)
FAILED_THERE = Reason(
    "spf-failed-at-receiver",
    Text(
        "SPF gives {result} for {domain}. To see its record as it is now, run “todoku check {domain}”.",
        "SPFは {domain} のドメインで {result} です。現在のレコードは todoku check {domain} で確認できます。",
    ),
)
OF_FORWARDER = Reason(
    "spf-of-forwarder",
    Text(
        "The message was forwarded ({sign}), and SPF passes for the forwarder's MAIL FROM domain, {domain}. The address and the MAIL "
        "FROM with which you handed it over are not shown for sure: check a message that was not forwarded.",
        "転送されたメールです({sign})。SPFは成功していますが、認証されたのは転送元のMAIL FROMドメイン {domain} です。"
        "転送前の送信元IPアドレスとMAIL FROMは確実に読み取れないため、転送されていないメールで確認してください。",
    ),
    case="F42",
)
BY_CAUSE: dict[SpfCause, Reason] = {
    "no-record": NO_RECORD,
    "no-match": NEUTRAL,
    "several-records": SEVERAL_RECORDS,
    "syntax": BROKEN,
    "too-many-lookups": TOO_MANY_LOOKUPS,
    "too-many-voids": TOO_MANY_VOIDS,
    "too-many-names": TOO_MANY_NAMES,
    "target-none": TARGET_NONE,
    "bad-domain": BAD_DOMAIN,
}
BY_RESULT = {"fail": HARD_FAIL, "softfail": SOFT_FAIL, "neutral": NEUTRAL}


@remembered
def explain(spf: SpfResult | Missing, mail_from_domain: MailDomain | Missing, route: Route) -> Finding:
    """What SPF says of the envelope, why, and the records that it read."""
    if isinstance(spf, Missing):
        return unseen(spf)
    if spf.cause == "reported":
        return _reported(spf, route)
    values, exhibits = _values(spf), _exhibits(spf, mail_from_domain)
    if spf.result == "pass" and route.by_forwarder:
        return Finding("unknown", OF_FORWARDER, {**values, "sign": sign_of(route)}, exhibits, missing="not-asked")
    if spf.result == "pass":
        return Finding("pass", PASSED_AS_SES if is_amazon(spf.domain) else PASSED, values, exhibits)
    if spf.result == "temperror" or spf.cause in ("dns-failed", "limit"):
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if spf.outdated:
        return Finding("unknown", CHANGED_SINCE, values, exhibits, missing="not-asked")
    if spf.undecided:
        silent = tuple(dns_exhibit(one) for one in spf.answers if one.failed)
        return Finding("unknown", UNDECIDED, values, (*exhibits, *silent), missing="could-not-look")
    if spf.cause == "no-record" and _takes_feedback(mail_from_domain):
        return Finding("fail", MAIL_FROM_WITHOUT_SPF, values, exhibits)
    if route.by_forwarder and (route.rewritten or spf.cause in ("matched", "no-match")):
        return Finding("fail", NOT_THE_SENDERS, {**values, "sign": sign_of(route)}, exhibits)
    reason = BY_RESULT.get(spf.result, NEUTRAL) if spf.cause == "matched" else BY_CAUSE[spf.cause]
    otherwise = COUNTED_OTHERWISE.get(spf.cause)
    notes = () if otherwise is None else (Note(otherwise, values),)
    return Finding("fail", reason, values, exhibits, notes)


def _reported(spf: SpfResult, route: Route) -> Finding:
    """A receiver's result, which does not tell the cause."""
    if route.by_forwarder:
        values = {**_values(spf), "sign": sign_of(route)}
        passed = Finding("unknown", OF_FORWARDER, values, missing="not-asked")
        return passed if spf.result == "pass" else Finding("fail", NOT_THE_SENDERS, values)
    if spf.result != "pass":
        return Finding("fail", FAILED_THERE, _values(spf))
    return Finding("pass", PASSED_AS_SES if is_amazon(spf.domain) else PASSED_THERE, _values(spf))


def _takes_feedback(mail_from_domain: MailDomain | Missing) -> bool:
    """Whether the domain's MX is the one that SES asks for: it is set up as a custom MAIL FROM domain."""
    if isinstance(mail_from_domain, Missing):
        return False
    hosts = (host for _, host in exchanges(mail_from_domain.mx))
    return any(host.startswith(FEEDBACK_HOST) and is_amazon(host) for host in hosts)


def _values(spf: SpfResult) -> dict[str, Value]:
    return {
        "domain": spf.domain or "?",
        "ip": spf.ip,
        "result": spf.result,
        "identity": "HELO" if spf.identity == "helo" else "MAIL FROM",
        "term": spf.term,
        "term_domain": spf.term_domain or spf.domain,
        "count": len(_records(spf)),
        "lookups": spf.lookups,
        "voids": spf.voids,
        "detail": spf.detail or spf.cause,
    }


def _exhibits(spf: SpfResult, mail_from_domain: MailDomain | Missing) -> tuple[Exhibit, ...]:
    """The tree of records with what each cost, the term that decided, and the MX of the MAIL FROM domain."""
    mail_from = computed("HELO" if spf.identity == "helo" else "MAIL FROM", spf.sender)
    tree = computed("SPF records", "\n".join(branch(node) for node in spf.nodes) or "none")
    spent = computed("SPF lookups", f"{spf.lookups} of 10, void {spf.voids} of 2 (RFC 7208 4.6.4)")
    first = tuple(dns_exhibit(one) for one in spf.answers[:1])
    mx = () if isinstance(mail_from_domain, Missing) else (dns_exhibit(mail_from_domain.mx),)
    decided = (computed("SPF term", f"{spf.term} at {spf.term_domain}"),) if spf.term else ()
    return (mail_from, *first, tree, spent, *decided, *mx)


def branch(node: SpfNode) -> str:
    """A record in the tree, as a line: by which term it was reached, how many look-ups were spent with it."""
    record = one_line(readable(node.record))
    shown = record if len(record) <= LONGEST else record[:LONGEST] + " …"
    via = f"{node.via} -> " if node.via else ""
    return f"{'  ' * node.depth}{via}{node.domain} [{node.lookups}]: {shown}"
