"""The domain in From has an SPF record of its own that covers the sending address: what Japanese mobile carriers look at.

SPF is about MAIL FROM (RFC 7208 2.4), and so is that of DMARC. docomo asks for a record at the domain in From besides, au
looks there for recipients who set its filter to high, and SoftBank is reported to. A custom MAIL FROM domain does not help
here: another name is asked, and a subdomain in From inherits nothing from the name above it.
"""

from __future__ import annotations

import re

from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult, is_spf
from todoku.auth.spf.check import MAX_LOOKUPS
from todoku.auth.spf.reach import covers, reach, spf_reach
from todoku.causes.circumstances import AMAZON, is_amazon
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.mail_from.setup import tree_exhibits
from todoku.mail.address import Author
from todoku.mail.envelope import Envelope
from todoku.receivers import au, clause, docomo, softbank
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Fix,
    Missing,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Value,
    Witness,
)

INCLUDE = f"include:{AMAZON}"
_END = re.compile(r" (?=(?:[-+~?]?all|redirect=\S*)(?: |$))", re.IGNORECASE)
_ASKS_SENDER = re.compile(r"(?<=\s)[+]?(?:exists:|ptr\b)|%\{", re.IGNORECASE)


def with_ses(record: str) -> str:
    """An SPF record with SES's include before what ends it; all that stands there keeps its place."""
    at = _END.search(record)
    return f"{record} {INCLUDE}" if at is None else f"{record[: at.start()]} {INCLUDE}{record[at.start() :]}"


def cover_ses(
    author: Author, header_from_spf: SpfResult | Missing, spf: SpfResult | Missing, setup: DomainSetup | Missing
) -> tuple[Change, ...]:
    """The From domain's own record with SES in it, where that covers the address and keeps within SPF's ten look-ups."""
    domain = author.domain
    if not domain or domain in CONSUMER_DOMAINS:
        return ()
    if isinstance(setup, DomainSetup):
        return _added(domain, setup.spf.records, setup.spf.lookups, broken=setup.spf.cause not in ("", "no-record"))
    if isinstance(header_from_spf, Missing) or not header_from_spf.answers:
        return ()
    own = tuple(record for record in header_from_spf.answers[0].records if is_spf(record))
    if isinstance(spf, Missing) or spf.result != "pass" or not (is_amazon(spf.domain) or _through_ses(spf)):
        ip = header_from_spf.ip
        return (
            Instruction(
                Text(
                    f"Add the address {ip} to the SPF record of {domain}, before what ends it: include:amazonses.com does not cover it.",
                    f"{domain} のSPFレコードの末尾(all)の前に、IPアドレス {ip} を追加してください(include:amazonses.com には含まれていません)。",
                ),
            ),
        )
    return _added(domain, own, header_from_spf.lookups, broken=header_from_spf.result in ("permerror", "temperror"))


def _through_ses(spf: SpfResult) -> bool:
    """Whether the address passed by SES's own record."""
    return any(domain == AMAZON for domain, _ in spf.path)


def _added(domain: str, records: tuple[str, ...], lookups: int, *, broken: bool) -> tuple[Change, ...]:
    """The record, new or changed; nothing where what stands there has to be mended first."""
    if broken or len(records) > 1:
        return ()
    if not records:
        return (DnsRecord(domain, "TXT", f"v=spf1 {INCLUDE} ~all"),)
    if lookups + 1 > MAX_LOOKUPS:  # RFC 7208 4.6.4
        return (
            Instruction(
                Text(
                    f"The SPF record of {domain} needs {lookups} of 10 DNS lookups already: with {INCLUDE} it would fail for all mail. "
                    "Remove a service that no longer sends, then add it.",
                    f"{domain} のSPFレコードはDNSルックアップを{lookups}回使っています(上限10回)。{INCLUDE} を追加すると上限を超え、"
                    "すべてのメールで失敗します。使っていないサービスを外してから追加してください。",
                )
            ),
        )
    return (DnsRecord(domain, "TXT", with_ses(records[0]), replaces=records[0]),)


ADD_SES = Fix(
    "from-spf-add-ses",
    Text(
        "Add include:amazonses.com to the From domain's own SPF record",
        "FromドメインのSPFレコードにも include:amazonses.com を追加する",
    ),
    cover_ses,
)

COVERED = Reason(
    "from-spf-covers-sender",
    Text(
        "The SPF record of {from_domain} itself covers the sending address ({by}).",
        "{from_domain} 自身のSPFレコードに送信元IPアドレスが含まれています({by})。",
    ),
)
WITHOUT_SENDER = Reason(
    "from-spf-without-sender",
    Text(
        "The SPF record of {from_domain}, the domain in From ({record}), does not cover {sender}: {result}. Recipients at Japanese "
        "carriers who refuse spoofed mail may not get it.",
        "ヘッダーFromのドメイン {from_domain} のSPFレコード({record})に {sender} が含まれておらず、結果は {result} です。"
        "なりすましメールを拒否する設定の受信者には届かないおそれがあります。",
    ),
    fixes=(ADD_SES,),
)
ABSENT = Reason(
    "from-spf-absent",
    Text(
        "{from_domain}, the domain in From, has no SPF record. docomo asks for one there, besides that of MAIL FROM.",
        "ヘッダーFromのドメイン {from_domain} にSPFレコードがありません。ドコモは、MAIL FROMのドメインとは別に、"
        "ヘッダーFromのドメインにもSPFレコードを登録するよう求めています。",
    ),
    fixes=(ADD_SES,),
)
BROKEN = Reason(
    "from-spf-broken",
    Text(
        "The SPF record of {from_domain}, the domain in From, cannot be evaluated (permerror: {detail}).",
        "ヘッダーFromのドメイン {from_domain} のSPFレコードは評価できません(permerror: {detail})。",
    ),
)
UNSURE = Reason(
    "from-spf-depends",
    Text(
        "The SPF record of {from_domain} decides by the sender's address or name ({record}): only a message shows whether it covers SES.",
        "{from_domain} のSPFレコード({record})は送信元のアドレスや名前によって判定が変わるため、SESが含まれるかどうかはメールでしか確認できません。",
    ),
)
DNS_FAILED = Reason(
    "from-spf-dns-failed",
    Text(
        "DNS gave no answer about the SPF record of {from_domain}. Try again later.",
        "{from_domain} のSPFレコードについてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
ELSEWHERE = Reason(
    "header-from-spf-elsewhere",
    Text("Any message or the domain's name shows this.", "メールまたはドメイン名から確認できます。"),
)


def decide(_clause: Clause, header_from_spf: SpfResult, envelope: Envelope) -> Finding:
    """What check_host() says of the domain in From and the address that sent the message."""
    spf = header_from_spf
    values: dict[str, Value] = {
        "from_domain": spf.domain,
        "record": spf.record,
        "sender": envelope.ip,
        "result": spf.result,
        "by": " > ".join(term for _, term in spf.path) or spf.term,
        "detail": spf.detail or spf.cause,
    }
    exhibits = (*(dns_exhibit(one) for one in spf.answers[:1]), computed("SPF of the From domain", spf.result))
    if spf.result == "pass":
        return Finding("pass", COVERED, values, exhibits)
    if spf.undecided or spf.cause in ("dns-failed", "limit"):
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if spf.result == "permerror":
        return Finding("fail", BROKEN, values, exhibits)
    return Finding("fail", ABSENT if spf.result == "none" else WITHOUT_SENDER, values, exhibits)


def decide_setup(_clause: Clause, setup: DomainSetup) -> Finding:
    """Whether the domain's record covers all of SES's shared addresses, before anything is sent."""
    tree = setup.spf
    values: dict[str, Value] = {
        "from_domain": tree.domain,
        "record": tree.record,
        "sender": "Amazon SES",
        "result": tree.end or "neutral",
        "by": tree.record,
        "detail": tree.detail or tree.cause,
    }
    exhibits: tuple[Exhibit, ...] = tree_exhibits(tree)
    if tree.cause == "no-record":
        return Finding("fail", ABSENT, values, exhibits)
    own = spf_reach(tree)
    if covers(own, reach(AMAZON, (setup.ses,))):
        return Finding("pass", COVERED, values, (*exhibits, dns_exhibit(setup.ses)))
    if tree.failed or own.unseen or setup.ses.failed:
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if tree.cause:
        return Finding("fail", BROKEN, values, exhibits)
    if any(_ASKS_SENDER.search(node.record) for node in tree.nodes):
        return Finding("unknown", UNSURE, values, exhibits, missing="not-asked")
    return Finding("fail", WITHOUT_SENDER, values, exhibits)


RULE = Text(
    "The domain in From has an SPF record that covers the sending address.",
    "ヘッダーFromのドメインにもSPFレコードがあり、送信元IPアドレスが含まれていること。",
)

REQUIREMENT = Requirement(
    id="header-from-spf",
    title=Text("SPF of the domain in From", "ヘッダーFromのSPF"),
    clauses=(
        clause("docomo", "all", "should", RULE, consequence=docomo.SPOOFING),
        clause(
            "au",
            "all",
            "should",
            Text(
                "For recipients who set the spoofing filter to high, the domain in From passes SPF as well.",
                "なりすまし規制を「高」にしている受信者には、ヘッダーFromのドメインもSPFの認証に成功すること。",
            ),
            consequence=au.HIGH,
            source=au.HIGH.source,
        ),
        clause(
            "softbank",
            "all",
            "info",
            RULE,
            consequence=softbank.REPORTED,
            source=softbank.REPORTED.source,
            certain="reported",
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "SES sends with its own MAIL FROM domain or with a subdomain of yours; the record of the From domain is yours to publish.",
            "SESのMAIL FROMはSES自身のドメインか、設定したサブドメインです。FromのドメインのSPFレコードは自分で登録する必要があります。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-spf.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-spf"),
)
