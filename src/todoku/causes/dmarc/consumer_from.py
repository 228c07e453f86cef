"""A From address at a mailbox provider: only the provider itself can authenticate mail from its domain."""

from __future__ import annotations

from todoku.account.identity import SesIdentity
from todoku.auth.dmarc import DmarcResult
from todoku.causes.circumstances import organization
from todoku.mail.address import Author
from todoku.receivers import MAILBOX_DOMAINS
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Fix, Missing, Reason, Text

CONSUMER_DOMAINS = frozenset(MAILBOX_DOMAINS)
"""Domains whose mailboxes anyone can have and whose DNS only the provider can change."""


def own_organization(author: Author, dmarc: DmarcResult | Missing) -> str:
    """The From's organizational domain where it is the sender's to change; "" for that of a mailbox provider."""
    domain = organization(author, dmarc)
    return "" if domain in CONSUMER_DOMAINS else domain


def put_own_domain_in_from(author: Author, identity: SesIdentity | Missing) -> tuple[Change, ...]:
    """Nobody can publish records for a provider's domain: the From address has to be another one."""
    written = next((f"{one.local}@{one.domain}" for one in author.addresses if one.domain in CONSUMER_DOMAINS), "")
    verified = "" if isinstance(identity, Missing) or identity.kind == "domain" else identity.name
    address = written or verified
    if not address:
        return ()
    return (
        Instruction(
            Text(
                f"Put an address at a domain of your own in From, and {address} in Reply-To if answers should go there. "
                "Verify that domain in SES as a domain identity.",
                f"Fromには自社ドメインのアドレスを使い、返信を {address} で受け取る場合はReply-Toに指定してください。"
                "自社ドメインはSESでドメインIDとして検証します。",
            )
        ),
    )


OWN_DOMAIN_FROM = Fix(
    "own-domain-from",
    Text("Send from a domain of your own", "自社ドメインのアドレスから送信する"),
    put_own_domain_in_from,
)

CONSUMER_FROM = Reason(
    "from-consumer-domain",
    Text(
        "The From domain {from_domain} belongs to a mailbox provider. Only the provider's own servers can authenticate as "
        "it; mail from SES never can.",
        "Fromのドメイン {from_domain} はメールサービス事業者のものです。このドメインとして認証できるのは事業者自身のサーバーだけで、"
        "SESから送ったメールでは認証できません。",
    ),
    fixes=(OWN_DOMAIN_FROM,),
    case="F24",
)
