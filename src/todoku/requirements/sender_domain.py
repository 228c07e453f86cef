"""The domains of MAIL FROM and From exist."""

from __future__ import annotations

import msgspec

from todoku.auth.domain import MailDomain
from todoku.causes.absent import NO_MAIL_FROM
from todoku.causes.circumstances import is_amazon, unseen
from todoku.causes.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exchanges import MAIL_SERVER, exchange_notes
from todoku.causes.exhibits import dns_exhibit
from todoku.change import Change, Instruction
from todoku.pages import SES_GUIDE, ses_guide
from todoku.receivers import clause
from todoku.verdict import Clause, Finding, Fix, Missing, Note, Reason, Requirement, SesDefault, Text, Witness, worst


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


def decide(_clause: Clause, mail_from_domain: MailDomain | Missing, author_domain: MailDomain | Missing) -> Finding:
    """The worse of the two; an empty MAIL FROM has no domain to exist."""
    said = [_judge("From", author_domain), _judge("MAIL FROM", mail_from_domain)]
    heard = [one for one in said if one.reason is not NO_MAIL_FROM]
    decisive = worst(heard)
    exhibits = tuple(dict.fromkeys(exhibit for one in heard for exhibit in one.exhibits))
    notes = tuple(note for one in heard for note in one.notes)
    if decisive.result != "pass":
        return msgspec.structs.replace(decisive, exhibits=exhibits, notes=notes)
    names = dict.fromkeys(f"{one.values['role']} {one.values['domain']}" for one in heard)
    without = () if len(heard) == len(said) else (Note(NO_MAIL_FROM),)
    return Finding("pass", EXIST, {"domains": ", ".join(names)}, exhibits, (*without, *notes))


def decide_setup(_clause: Clause, author_domain: MailDomain) -> Finding:
    """The domain as it would stand in From; MAIL FROM is SES's own, or a name under it that DNS shows."""
    said = _judge("From", author_domain)
    if said.result != "pass":
        return said
    return msgspec.structs.replace(said, values={"domains": f"From {author_domain.name}"})


def _judge(role: str, domain: MailDomain | Missing) -> Finding:
    if isinstance(domain, Missing):
        return unseen(domain)
    values = {"domain": domain.name, "role": role, "records": ", ".join(domain.mx.records)}
    exhibits = (dns_exhibit(domain.soa), dns_exhibit(domain.mx))
    notes = exchange_notes(domain)
    if domain.exists is False:
        return Finding("fail", NO_SUCH_DOMAIN, values, exhibits)
    if domain.null_mx:  # RFC 7505 3
        return Finding("fail", NULL_MX, values, exhibits)
    if domain.exists is None or domain.mx.failed:  # a null MX may stand where we could not look
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
            Text(
                "The domains of MAIL FROM and From exist and do not refuse mail.",
                "MAIL FROMとFromのドメインが実在し、受信を拒否していないこと。",
            ),
            codes=("451", "554"),
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
