"""MX records that lead nowhere, or where they must not: what is wrong with the servers that a domain names for its mail."""

from __future__ import annotations

from todoku.auth.domain import USABLE, Fault, MailDomain
from todoku.causes.circumstances import is_amazon
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.exhibits import dns_exhibit
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Exhibit, Fix, Missing, Note, Reason, Text


def name_a_mail_server(reply_domain: MailDomain | Missing, author_domain: MailDomain | Missing) -> tuple[Change, ...]:
    """Which host takes a domain's mail is its owner's choice."""
    faulty = {one.name: one for one in (reply_domain, author_domain) if not isinstance(one, Missing) and one.faults}
    return tuple(
        Instruction(
            Text(
                f"At {name} replace the MX records for {hosts} by the name of a host that takes mail and has an address (A or "
                "AAAA record) of its own; beside others a null MX (0 .) must not stand.",
                f"{name} のMXレコードのうち {hosts} を、メールを受信でき、自身のIPアドレス(AまたはAAAAレコード)を持つホスト名に"
                "置き換えてください。他のMXレコードがある場合、null MX(0 .)は削除します。",
            )
        )
        for name, domain in faulty.items()
        if name not in CONSUMER_DOMAINS and not is_amazon(name)
        for hosts in [", ".join(one.host or "." for one in domain.faults)]
    )


MAIL_SERVER = Fix(
    "mail-server", Text("Name a usable mail server in MX", "MXに利用できるメールサーバーを指定する"), name_a_mail_server
)

ADDRESS = Reason(
    "mx-is-address",
    Text(
        "The MX record of {domain} names the IP address {host}. It must name a host: senders look up that name, and find nothing.",
        "{domain} のMXレコードにIPアドレス({host})が書かれています。ホスト名を書く必要があり、このままでは配送先が見つかりません。",
    ),
    fixes=(MAIL_SERVER,),
)
LOCALHOST = Reason(
    "mx-is-localhost",
    Text(
        "The MX record of {domain} leads to {host}: the very machine that sends, which cannot deliver there.",
        "{domain} のMXレコード({host})は送信側のマシン自身を指しているため、配送できません。",
    ),
    fixes=(MAIL_SERVER,),
)
MISSING = Reason(
    "mx-host-does-not-exist",
    Text(
        "The MX record of {domain} names {host}, which does not exist.",
        "{domain} のMXレコードのホスト {host} は存在しません。",
    ),
    fixes=(MAIL_SERVER,),
)
ALIAS = Reason(
    "mx-is-alias",
    Text(
        "The MX record of {domain} names {host}, which is an alias (CNAME). RFC 5321 forbids that: many senders follow it, not all.",
        "{domain} のMXレコードのホスト {host} はCNAME(別名)です。RFC 5321で禁止されており、配送できない送信側があります。",
    ),
    fixes=(MAIL_SERVER,),
)
NULL_BESIDE = Reason(
    "mx-null-beside-others",
    Text(
        "{domain} has a null MX record (0 .), which says that it takes no mail, beside others that say it does (RFC 7505 section 3).",
        "{domain} には、メールを受信しないことを示すnull MXレコード(0 .)と通常のMXレコードが混在しています(RFC 7505の3節)。",
    ),
    fixes=(MAIL_SERVER,),
)

REASONS: dict[Fault, Reason] = {
    "address": ADDRESS,
    "localhost": LOCALHOST,
    "missing": MISSING,
    "alias": ALIAS,
    "null": NULL_BESIDE,
}


def exchange_notes(domain: MailDomain) -> tuple[Note, ...]:
    """A note for each host that should not stand in the domain's MX records; the useless ones first."""
    ordered = sorted(domain.faults, key=lambda one: one.fault in USABLE)
    return tuple(
        Note(REASONS[one.fault], {"domain": domain.name, "host": one.host or "."}, exchange_exhibits(domain, one.host))
        for one in ordered
    )


def exchange_exhibits(domain: MailDomain, host: str = "") -> tuple[Exhibit, ...]:
    """The MX records, and what became of a host of theirs."""
    looked_up = (answer for answer in domain.hosts if answer.question.name == host.lower())
    return (dns_exhibit(domain.mx), *(dns_exhibit(answer) for answer in looked_up))
