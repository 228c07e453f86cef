"""What DNS shows of the DKIM selectors that a domain is to sign with, and the records as they should be."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.auth.ask import readable
from todoku.auth.dkim.selector import SelectorKey, SelectorProblem
from todoku.auth.setup import DomainSetup
from todoku.causes.dkim.damage import DNS_FAILED, NOT_EVALUATED
from todoku.causes.dkim.easy_dkim import REGION_UNKNOWN
from todoku.causes.dkim.signatures import TESTING
from todoku.causes.dkim.stronger_key import KEY_TOO_SHORT
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import dns_exhibit
from todoku.mail.ses import SesStamp, is_easy_selector
from todoku.words.change import Change, DnsRecord, Instruction, Output, SesCall
from todoku.words.verdict import Exhibit, Finding, Fix, Note, Reason, Text, Value, worst

PANEL = Instruction(
    Text(
        "Many DNS panels append the domain by themselves: enter there only what stands before it. At Cloudflare set the record "
        "to DNS only. Type the value without quotes and blanks.",
        "ドメイン名が自動で補われるDNS管理画面では、その前の部分だけを入力してください。Cloudflareでは「DNSのみ」に設定します。"
        "値に引用符や空白を含めないでください。",
    )
)


def mend_selectors(setup: DomainSetup, ses: SesStamp) -> tuple[Change, ...]:
    """The record of each selector in its right place. Of Easy DKIM's only the zone in its target has to be asked of SES."""
    wrong = [key for key in setup.selectors if _is_wrong(key) and key.domain not in CONSUMER_DOMAINS]
    asked = next((key.domain for key in wrong if _asks_ses(key)), "")
    call = (SesCall("GetEmailIdentity", {"EmailIdentity": asked}, ses.region),) if asked else ()
    records = tuple(change for key in wrong for change in _mended(key))
    if not records:
        return ()
    region = () if ses.region or not asked else (REGION_UNKNOWN,)
    return (*call, *records, PANEL, *region)


def _is_wrong(key: SelectorKey) -> bool:
    """Whether there is something for the domain's owner to set right."""
    waits_for_ses = key.problem == "target-empty" and key.target.lower() == key.wanted
    return bool(key.problem) and not key.failed and not waits_for_ses


def _asks_ses(key: SelectorKey) -> bool:
    """Whether only SES can say what the record should hold."""
    misplaced = key.problem in ("doubled-name", "no-underscore", "no-domainkey")
    return is_easy_selector(key.selector) and not key.wanted and not misplaced and key.problem != "key-too-short"


def _mended(key: SelectorKey) -> Iterator[Change]:
    if key.problem == "key-too-short":  # another fix's
        return
    if key.found_at:
        yield from _moved(key)
    elif key.wanted:
        yield DnsRecord(key.name, "CNAME", key.wanted, replaces=key.target)
    elif _asks_ses(key):
        zone = Output(1, "DkimAttributes.SigningHostedZone")
        yield DnsRecord(key.name, "CNAME", f"{key.selector}.{{0}}", outputs=(zone,), replaces=key.target)
    else:
        yield Instruction(
            Text(
                f"Publish exactly one TXT record at {key.name}, with the public half of the key that you sign with: v=DKIM1; "
                "k=rsa; p= and the key in base64.",
                f"{key.name} に、署名に使う鍵の公開鍵を1件だけTXTレコードとして登録してください(v=DKIM1; k=rsa; p= に続けてBase64の公開鍵)。",
            )
        )


def _moved(key: SelectorKey) -> Iterator[Change]:
    """The record that stands at another name, where it belongs."""
    found = key.answers[-1]
    if key.wanted or found.chain:
        yield DnsRecord(key.name, "CNAME", key.wanted or found.chain[0])
    elif found.records:
        yield DnsRecord(key.name, "TXT", readable(found.records[0]))
    yield Instruction(Text(f"Delete the record at {key.found_at}.", f"{key.found_at} のレコードを削除してください。"))


MEND_SELECTORS = Fix(
    "dkim-selector-records",
    Text("Set the DKIM record of the selector right", "セレクターのDKIMレコードを正しく登録する"),
    mend_selectors,
)
FIXES = (MEND_SELECTORS,)
EASY_SELECTORS = 3  # of Easy DKIM

PUBLISHED = Reason(
    "dkim-keys-published",
    Text(
        "The DKIM keys that were asked for are published and usable: {keys}.",
        "指定されたセレクターのDKIM公開鍵は、すべて使える状態で公開されています({keys})。",
    ),
)
UNNAMED = Reason(
    "dkim-selectors-unnamed",
    Text(
        "DNS cannot list the selectors of {domain}: name yours with --selector (SES shows them in GetEmailIdentity, "
        "DkimAttributes.Tokens).",
        "DNSから {domain} のセレクターの一覧は取得できません。--selector で指定してください(SESでは GetEmailIdentity の "
        "DkimAttributes.Tokens で確認できます)。",
    ),
)
ABSENT = Reason(
    "selector-missing",
    Text(
        "No key stands at {key_name} ({status}): the record was never made, or was lost when the DNS moved.",
        "{key_name} に公開鍵がありません({status})。レコードが未登録か、DNS移転時に登録が漏れています。",
    ),
    fixes=FIXES,
    case="F06",
)
DOUBLED = Reason(
    "selector-doubled-name",
    Text(
        "There is no record at {key_name}, but the record is at {found_at}: the DNS panel appended the domain to a name that "
        "ended in it already.",
        "{key_name} に公開鍵がなく、レコードは {found_at} にあります。DNS管理画面がドメイン名を自動で補ったため、二重になっています。",
    ),
    fixes=FIXES,
    case="F03",
)
NO_UNDERSCORE = Reason(
    "selector-without-underscore",
    Text(
        "There is no record at {key_name}, but the record is at {found_at}, without the underscore. Where a DNS panel refuses "
        "it, ask its support, or move the zone: DKIM cannot do without.",
        "{key_name} に公開鍵がなく、レコードは先頭のアンダースコアがない {found_at} にあります。アンダースコアを登録できないDNS管理画面の場合は、"
        "事業者に問い合わせるか、DNSを移転してください。DKIMには必須です。",
    ),
    fixes=FIXES,
    case="F05",
)
NO_DOMAINKEY = Reason(
    "selector-without-domainkey",
    Text(
        "There is no record at {key_name}, but the record is at {found_at}: ._domainkey was left out of its name.",
        "{key_name} に公開鍵がなく、レコードは {found_at} にあります。名前から ._domainkey が抜けています。",
    ),
    fixes=FIXES,
    case="F04",
)
STRAY = Reason(
    "selector-target-stray",
    Text(
        "The CNAME at {key_name} leads to “{target}”, with blanks or quotes in it. It should be {wanted}.",
        "{key_name} のCNAMEの値「{target}」に空白または引用符が混ざっています。正しい値は {wanted} です。",
    ),
    fixes=FIXES,
    case="F07",
)
RELATIVE = Reason(
    "selector-target-relative",
    Text(
        "The CNAME at {key_name} leads to {target}: its last dot was left out, and the DNS appended the domain. It should be "
        "{wanted}.",
        "{key_name} のCNAMEの値が {target} になっています。末尾のドットがないため、ドメイン名が補われています。正しい値は {wanted} です。",
    ),
    fixes=FIXES,
    case="F07",
)
OTHER_TOKEN = Reason(
    "selector-target-token",
    Text(
        "The CNAME at {key_name} leads to {target}, whose token is not that of its own name. It should be {wanted}.",
        "{key_name} のCNAMEの値 {target} のトークンが、レコード名のトークンと異なります。正しい値は {wanted} です。",
    ),
    fixes=FIXES,
    case="F07",
)
OTHER_ZONE = Reason(
    "selector-target-zone",
    Text(
        "The CNAME at {key_name} leads to {target}, which is not where SES keeps keys: that is dkim.amazonses.com, or in some "
        "regions a zone of their own.",
        "{key_name} のCNAMEの値 {target} はSESの鍵の置き場所ではありません。正しくは dkim.amazonses.com、または一部のリージョンでは"
        "リージョン専用のゾーンです。",
    ),
    fixes=FIXES,
    case="F08",
)
ZONE_OF_REGION = Reason(
    "selector-target-region",
    Text(
        "The CNAME at {key_name} leads to {target}, but SES keeps the keys of this identity elsewhere; the zone differs by region. "
        "It should be {wanted}.",
        "{key_name} のCNAMEの値が {target} になっていますが、この検証済みIDの鍵は別のゾーンにあります(ゾーンはリージョンにより異なります)。"
        "正しい値は {wanted} です。",
    ),
    fixes=FIXES,
    case="F08",
)
NOT_YET_THERE = Reason(
    "selector-key-not-yet-there",
    Text(
        "The CNAME at {key_name} is right, but SES has no key at {target}, where it keeps them. A new key takes a while; if none is "
        "there tomorrow, ask AWS Support.",
        "{key_name} のCNAMEは正しく登録されていますが、SESの鍵の置き場所 {target} に公開鍵がありません。新しい鍵は公開まで時間がかかります。"
        "翌日になっても公開されない場合は、AWSサポートに問い合わせてください。",
    ),
)
RESTING = Reason(
    "selector-keys-resting",
    Text(
        "At {resting} SES keeps no key now, which is as it should be: of its three selectors it uses one at a time, and fills another "
        "to change over to it.",
        "{resting} の公開鍵は現在空ですが、正常な状態です。SESは3つのセレクターのうち1つを使い、鍵を切り替えるときだけ別のセレクターに公開鍵を置きます。",
    ),
)
ONLY_RESTING = Reason(
    "selector-only-resting",
    Text(
        "The CNAME records at {resting} are right, but SES keeps no key there now: of its three selectors it uses one at a time. Name all "
        "three to see the one in use.",
        "{resting} のCNAMEは正しく登録されていますが、現在公開鍵は置かれていません。SESは3つのセレクターのうち1つだけを使うため、3つすべてを指定して"
        "確認してください。",
    ),
)
EMPTY_TARGET = Reason(
    "selector-target-empty",
    Text(
        "The CNAME at {key_name} leads to {target}, where no key stands. Some regions keep their keys in a zone of their own "
        "(SigningHostedZone); or the identity was deleted or made anew in SES.",
        "{key_name} のCNAMEの先 {target} に公開鍵がありません。リージョンによっては専用のゾーン(SigningHostedZone)に置かれます。"
        "または、SESの検証済みIDが削除されたか、作り直されています。",
    ),
    fixes=FIXES,
    case="F08",
)
FLATTENED = Reason(
    "selector-flattened",
    Text(
        "{key_name} should be a CNAME to SES, but DNS answers with something in its place ({instead}): the CNAME is proxied or "
        "flattened, so that SES cannot verify it. Name servers: {name_servers}.",
        "{key_name} はSESへのCNAMEであるはずですが、DNSは別のレコード({instead})を返しています。プロキシまたはCNAMEのフラット化が有効なため、"
        "SESが検証できません(ネームサーバー: {name_servers})。",
    ),
    fixes=FIXES,
    case="F06",
)
SEVERAL_KEYS = Reason(
    "selector-several-keys",
    Text(
        "{count} TXT records stand at {key_name}: which one a receiver takes is anybody's guess (RFC 6376 3.6.2.2).",
        "{key_name} にTXTレコードが{count}件あります。受信側がどれを使うかは決まっていません(RFC 6376 3.6.2.2)。",
    ),
    fixes=FIXES,
    case="F19",
)
UNUSABLE = Reason(
    "selector-key-unusable",
    Text(
        "The record at {key_name} holds no key that mail can be verified with: {detail}.",
        "{key_name} のレコードは、メールの検証に使える公開鍵ではありません: {detail}",
    ),
    fixes=FIXES,
    case="F07",
)
REVOKED = Reason(
    "selector-key-revoked",
    Text(
        "The key at {key_name} is revoked: its p= is empty. Mail signed with it will fail.",
        "{key_name} の公開鍵は失効しています(p= が空です)。この鍵の署名は検証に失敗します。",
    ),
    fixes=FIXES,
)
BY_PROBLEM: dict[SelectorProblem, Reason] = {
    "": PUBLISHED,
    "key-missing": ABSENT,
    "key-revoked": REVOKED,
    "key-invalid": UNUSABLE,
    "key-type": UNUSABLE,
    "key-service": UNUSABLE,
    "key-too-short": KEY_TOO_SHORT,
    "several-keys": SEVERAL_KEYS,
    "doubled-name": DOUBLED,
    "no-underscore": NO_UNDERSCORE,
    "no-domainkey": NO_DOMAINKEY,
    "target-stray": STRAY,
    "target-relative": RELATIVE,
    "target-token": OTHER_TOKEN,
    "target-zone": OTHER_ZONE,
    "target-empty": EMPTY_TARGET,
    "flattened": FLATTENED,
}


def selectors_finding(setup: DomainSetup) -> Finding:
    """The worst of the selectors that were named; SES signs with any of its three, so that each has to be right."""
    if not setup.selectors:
        return Finding("unknown", UNNAMED, {"domain": setup.name}, missing="not-asked")
    judged = [judge_selector(key, setup) for key in setup.selectors]
    decisive = worst(judged)
    exhibits = tuple(exhibit for one in judged for exhibit in one.exhibits)
    if decisive.result == "pass":
        return _all_right(setup, exhibits)
    others = tuple(Note(one.reason, one.values) for one in judged if one is not decisive and one.result != "pass")
    return Finding(decisive.result, decisive.reason, decisive.values, exhibits, others, decisive.missing)


def _all_right(setup: DomainSetup, exhibits: tuple[Exhibit, ...]) -> Finding:
    """Every record is right; one of those of Easy DKIM has to lead to a key as well."""
    resting = [key for key in setup.selectors if key.resting]
    values: dict[str, Value] = {"keys": published(setup), "resting": ", ".join(key.name for key in resting)}
    if len(resting) == len(setup.selectors) >= EASY_SELECTORS:
        return Finding("warn", NOT_YET_THERE, selector_values(resting[0], setup), exhibits)
    if len(resting) == len(setup.selectors):
        return Finding("unknown", ONLY_RESTING, values, exhibits, missing="not-asked")
    notes = [Note(TESTING, {"key_name": key.name}) for key in setup.selectors if key.testing]
    notes += [Note(RESTING, values)] if resting else []
    return Finding("pass", PUBLISHED, values, exhibits, tuple(notes))


def published(setup: DomainSetup) -> str:
    """The keys that stand where they should, each in a few words."""
    return ", ".join(f"{key.name} ({key_words(key)})" for key in setup.selectors if key.kind)


def judge_selector(key: SelectorKey, setup: DomainSetup) -> Finding:
    """What DNS shows of one selector."""
    values = selector_values(key, setup)
    exhibits = tuple(dns_exhibit(answer) for answer in key.answers)
    if key.failed:
        reason = DNS_FAILED if key.problem == "dns-failed" else NOT_EVALUATED
        return Finding("unknown", reason, values, exhibits, missing="could-not-look")
    if key.problem == "target-zone" and key.wanted:
        return Finding("fail", ZONE_OF_REGION, values, exhibits)
    if key.problem == "target-empty" and key.target.lower() == key.wanted:
        return Finding("warn", NOT_YET_THERE, values, exhibits)
    return Finding("fail" if key.problem else "pass", BY_PROBLEM[key.problem], values, exhibits)


def key_words(key: SelectorKey) -> str:
    """A key in a few words: ``RSA 2048``."""
    return "Ed25519" if key.kind == "ed25519" else f"{key.kind.upper()} {key.bits}"


def selector_values(key: SelectorKey, setup: DomainSetup) -> dict[str, Value]:
    """What the texts about a selector name, those of ``dkim_damage`` and ``stronger_key`` too."""
    last = key.answers[-1]
    return {
        "domain": key.domain,
        "selector": key.selector,
        "key_name": key.name,
        "keys": key.name,
        "bits": key.bits,
        "status": (key.detail or last.status).upper(),
        "found_at": key.found_at,
        "target": key.target,
        "wanted": key.wanted,
        "count": len(key.answers[0].records),
        "detail": key.detail,
        "instead": last.question.rdtype if last.records else "TXT",
        "name_servers": ", ".join(setup.name_servers.records) or "?",
    }
