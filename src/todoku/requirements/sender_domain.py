"""The domains of MAIL FROM and From exist."""

from __future__ import annotations

from datetime import date

import msgspec

from todoku.auth.domain import MailDomain
from todoku.causes.circumstances import is_amazon, unseen
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exchanges import MAIL_SERVER, exchange_notes
from todoku.causes.exhibits import dns_exhibit
from todoku.causes.missing_reasons import NO_MAIL_FROM
from todoku.receivers import clause, softbank, yahoo
from todoku.words.change import Change, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Finding, Fix, Missing, Note, Reason, Requirement, SesDefault, Text, Witness, worst


def make_domain_real(mail_from_domain: MailDomain | Missing, author_domain: MailDomain | Missing) -> tuple[Change, ...]:
    """What each of the two domains lacks."""
    changes = []
    for domain in (mail_from_domain, author_domain):
        if isinstance(domain, Missing) or (domain.exists is not False and not domain.null_mx):
            continue
        if is_amazon(domain.name) or domain.name in CONSUMER_DOMAINS:
            continue  # others keep these: the DNS that was asked is wrong
        if domain.null_mx:
            text = Text(
                f"Take the null MX record (0 .) away from {domain.name}, or send from a domain that takes mail.",
                f"{domain.name} のnull MXレコード(0 .)を削除するか、メールを受信できるドメインから送信してください。",
            )
        else:
            text = Text(
                f"Register {domain.name} in DNS, or correct the name in your program: it may be a slip of spelling.",
                f"{domain.name} をDNSに登録するか、プログラムで指定しているドメイン名の誤りを直してください。",
            )
        changes.append(Instruction(text))
    return tuple(changes)


def name_a_host(author_domain: MailDomain) -> tuple[Change, ...]:
    """Which server takes the domain's mail is its owner's choice."""
    name = author_domain.name
    if name in CONSUMER_DOMAINS or author_domain.mx.records:
        return ()
    return (
        Instruction(
            Text(
                f"Publish an MX record at {name} that leads to the server which takes replies to it, or send From a name that has "
                "one, such as your main domain.",
                f"{name} に、返信を受信するサーバーを指すMXレコードを登録するか、MXレコードのあるドメイン(メインのドメインなど)をFromに使ってください。",
            )
        ),
    )


REAL_DOMAIN = Fix(
    "real-domain", Text("Send from a domain that exists", "実在するドメインから送信する"), make_domain_real
)

EXIST = Reason(
    "sender-domains-exist",
    Text("The sender's domains exist: {domains}.", "送信者のドメインは存在します({domains})。"),
)
NO_SUCH_DOMAIN = Reason(
    "sender-domain-missing",
    Text(
        "{domain}, the domain of {role}, does not exist in DNS.",
        "{role} のドメイン {domain} はDNSに存在しません。",
    ),
    fixes=(REAL_DOMAIN,),
)
NULL_MX = Reason(
    "sender-domain-null-mx",
    Text(
        "{domain}, the domain of {role}, says by a null MX record that it takes no mail: Yahoo refuses mail from it.",
        "{role} のドメイン {domain} はnull MXレコードでメールを受信しないと宣言しているため、Yahooに拒否されます。",
    ),
    fixes=(REAL_DOMAIN,),
)
MX_UNUSABLE = Reason(
    "sender-domain-mx-unusable",
    Text(
        "{domain}, the domain of {role}, exists, but its MX records name no host that can take mail ({records}): a receiver may "
        "take it for one that refuses mail.",
        "{role} のドメイン {domain} は存在しますが、MXレコード({records})にメールを受信できるホストがなく、"
        "受信を拒否しているドメインとみなされるおそれがあります。",
    ),
    fixes=(MAIL_SERVER,),
)
FROM_ADDRESS = Fix(
    "from-a-or-mx",
    Text("Give the From domain an MX or A record", "FromのドメインにMXかAレコードを登録する"),
    name_a_host,
)
NO_A_OR_MX = Reason(
    "from-without-a-or-mx",
    Text(
        "{domain}, the domain in From, has neither an A nor an MX record. docomo asks for one of them.",
        "Fromのドメイン {domain} にAレコードもMXレコードもありません。ドコモはどちらかがあることを求めています。",
    ),
    fixes=(FROM_ADDRESS,),
)
UNANSWERED = Reason(
    "sender-domain-dns-failed",
    Text(
        "DNS gave no answer about {domain}, the domain of {role}. Try again later.",
        "{role} のドメイン {domain} についてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
ELSEWHERE = Reason(
    "sender-domain-elsewhere",
    Text("A message shows this.", "メールから確認できます。"),
)


def decide(aspect: str, mail_from_domain: MailDomain | Missing, author_domain: MailDomain | Missing) -> Finding | None:
    """The worse of the two; an empty MAIL FROM has no domain to exist. Some receivers ask about one of them alone."""
    if aspect == "from-a-or-mx":
        return _reachable(author_domain)
    if aspect == "mail-from":
        return None if _is_empty(mail_from_domain) else _alone("MAIL FROM", mail_from_domain)
    refusal = aspect == "null-mx"
    said = [_judge("From", author_domain, refusal), _judge("MAIL FROM", mail_from_domain, refusal)]
    heard = [one for one in said if one.reason is not NO_MAIL_FROM]
    decisive = worst(heard)
    exhibits = tuple(dict.fromkeys(exhibit for one in heard for exhibit in one.exhibits))
    notes = tuple(note for one in heard for note in one.notes)
    if decisive.result != "pass":
        return msgspec.structs.replace(decisive, exhibits=exhibits, notes=notes)
    names = dict.fromkeys(f"{one.values['role']} {one.values['domain']}" for one in heard)
    without = () if len(heard) == len(said) else (Note(NO_MAIL_FROM),)
    return Finding("pass", EXIST, {"domains": ", ".join(names)}, exhibits, (*without, *notes))


def decide_setup(aspect: str, author_domain: MailDomain) -> Finding | None:
    """The domain as it would stand in From; MAIL FROM is SES's own, or a name under it that DNS shows."""
    if aspect == "from-a-or-mx":
        return _reachable(author_domain)
    if aspect == "mail-from":
        return None
    return _alone("From", author_domain, refusal=aspect == "null-mx")


def _is_empty(domain: MailDomain | Missing) -> bool:
    return isinstance(domain, Missing) and domain.reason is NO_MAIL_FROM


def _reachable(domain: MailDomain | Missing) -> Finding:
    """Whether the From domain has an MX or an A record, as docomo asks. An AAAA record alone is neither."""
    if isinstance(domain, Missing):
        return unseen(domain)
    values = {"domain": domain.name, "role": "From", "domains": f"From {domain.name}"}
    exhibits = tuple(dns_exhibit(one) for one in (domain.mx, *domain.addresses))
    if domain.mx.records or any(one.records for one in domain.addresses if one.question.rdtype == "A"):
        return Finding("pass", EXIST, values, exhibits)
    if domain.exists is False:
        return Finding("fail", NO_SUCH_DOMAIN, values, exhibits)
    if domain.mx.failed or any(one.failed for one in domain.addresses):
        return Finding("unknown", UNANSWERED, values, exhibits, missing="could-not-look")
    return Finding("fail", NO_A_OR_MX, values, exhibits)


def _alone(role: str, domain: MailDomain | Missing, refusal: bool = False) -> Finding:
    """What is said of one domain where it is the only one to look at."""
    said = _judge(role, domain, refusal)
    return msgspec.structs.replace(said, values={**said.values, "domains": f"{role} {said.values.get('domain')}"})


def _judge(role: str, domain: MailDomain | Missing, refusal: bool) -> Finding:
    """Whether the domain exists; with ``refusal`` also whether its MX records say that it takes no mail."""
    if isinstance(domain, Missing):
        return unseen(domain)
    values = {"domain": domain.name, "role": role, "records": ", ".join(domain.mx.records)}
    exhibits = (dns_exhibit(domain.soa), dns_exhibit(domain.mx))
    if domain.exists is False:
        return Finding("fail", NO_SUCH_DOMAIN, values, exhibits)
    if not refusal:
        if domain.exists is None:
            return Finding("unknown", UNANSWERED, values, exhibits, missing="could-not-look")
        return Finding("pass", EXIST, values, exhibits)
    notes = exchange_notes(domain)
    if domain.null_mx:  # RFC 7505 3
        return Finding("fail", NULL_MX, values, exhibits)
    if domain.exists is None or domain.mx.failed or (domain.mx.records and domain.takes_mail is None):
        # a null MX may stand where we could not look, or a host that does not exist
        return Finding("unknown", UNANSWERED, values, exhibits, missing="could-not-look")
    if domain.problem == "mx-unusable":
        return Finding("warn", MX_UNUSABLE, values, exhibits, notes)
    return Finding("pass", EXIST, values, exhibits, notes)


REQUIREMENT = Requirement(
    id="sender-domain",
    title=Text("Sender's domains exist", "送信者ドメインの実在"),
    clauses=(
        clause(
            "yahoo",
            "all",
            "must",
            Text("The domains of MAIL FROM and From exist.", "MAIL FROMとFromのドメインが実在すること。"),
            source=yahoo.CODES,
            codes=("451", "554"),
            consequence=yahoo.REJECTS_FOR_POLICY,
        ),
        clause(
            "yahoo",
            "all",
            "must",
            Text(
                "The domains of MAIL FROM and From do not refuse mail by a null MX record.",
                "MAIL FROMとFromのドメインが、null MXレコードで受信を拒否していないこと。",
            ),
            since=date(2025, 4, 11),
            since_seen=True,
            source=yahoo.CODES,
            aspect="null-mx",
            codes=("550", "554"),
            headline=yahoo.POLICY_ERRORS,
            consequence=yahoo.REJECTS_FOR_POLICY,
        ),
        clause(
            "docomo",
            "all",
            "should",
            Text("The From domain has an A or an MX record.", "FromのドメインにAレコードまたはMXレコードがあること。"),
            aspect="from-a-or-mx",
        ),
        clause(
            "softbank",
            "all",
            "should",
            Text("The domain of MAIL FROM has some DNS record.", "MAIL FROMのドメインにDNSレコードが1つ以上あること。"),
            aspect="mail-from",
            seen_codes=("553",),
            source="https://note.com/sendmagic/n/n5afbf98aeb25",
            consequence=softbank.UNKNOWN_DOMAIN,
            certain="reported",
        ),
    ),
    ses_default=SesDefault(
        met=None,
        text=Text(
            "SES's own MAIL FROM domain exists. The From domain is yours.",
            "SES自身のMAIL FROMドメインは実在します。Fromのドメインは利用者次第です。",
        ),
        source=f"{SES_GUIDE}mail-from.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("verify-addresses-and-domains"),
)
