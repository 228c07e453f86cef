"""No address of a mail service's own users in From, unless the service itself sent the message."""

from __future__ import annotations

from typing import Literal

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.spf import SpfResult
from todoku.causes.circumstances import passing_domains
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM, OWN_DOMAIN_FROM
from todoku.causes.exhibits import computed, header_exhibit
from todoku.causes.missing_reasons import NO_AUTHOR
from todoku.mail.address import Author
from todoku.mail.message import Message
from todoku.mail.ses import SesStamp
from todoku.receivers import clause, gmail
from todoku.words.pages import SES_GUIDE, google_help
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Missing,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Witness,
)

GMAIL = frozenset({"gmail.com", "googlemail.com"})

OWN = Reason(
    "from-own-domain",
    Text(
        "The From address is at {domain}, which is not a mail service's own domain.",
        "Fromのアドレスは {domain} で、フリーメールのドメインではありません。",
    ),
)
GENUINE = Reason(
    "from-genuine",
    Text(
        "The From address is at {domain}, and the message is authenticated as {domain}: its own service sent it.",
        "Fromのアドレスは {domain} で、{domain} として認証されています。本来のサービスから送られたメールです。",
    ),
)
GMAIL_FROM = Reason(
    "from-gmail",
    Text(
        "The From address is at {domain}, but the message did not come from Gmail. Gmail asks that nobody else sends as Gmail; "
        "such mail fails DMARC at every receiver, and no DNS record of yours can mend that.",
        "Fromのアドレスは {domain} ですが、Gmailから送られたメールではありません。GmailはGmail以外からの送信に自社の"
        "ドメインを使うことを認めていません。どの受信側でもDMARCに失敗し、送信者側のDNS設定では直せません。",
    ),
    fixes=(OWN_DOMAIN_FROM,),
    case="F24",
)
UNDECIDED = Reason(
    "from-not-verified",
    Text(
        "The From address is at {domain}. Whether {domain} sent the message could not be verified.",
        "Fromのアドレスは {domain} ですが、{domain} から送られたメールかどうかを検証できませんでした。",
    ),
)
ELSEWHERE = Reason(
    "from-impersonation-elsewhere",
    Text(
        "A message shows this; in the account, ListEmailIdentities shows address identities at mail services.",
        "メールから確認できます。アカウントでは ListEmailIdentities で、フリーメールの検証済みIDがないかを確認できます。",
    ),
)


def decide(
    _clause: Clause,
    message: Message,
    author: Author,
    spf: SpfResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    ses: SesStamp,
) -> Finding:
    """An address at a mail service is genuine only where SPF or a signature passed for that very service."""
    if not author.domains:
        return Finding("unknown", NO_AUTHOR, missing="not-asked")
    domain = next((one for one in author.domains if one in CONSUMER_DOMAINS), author.domains[0])
    values = {"domain": domain, "from_domain": domain}
    if domain not in CONSUMER_DOMAINS:
        return Finding("pass", OWN, values)
    passed = _passed(spf, dkim)
    exhibits = (*map(header_exhibit, message.all("from")[:3]), computed("SPF, DKIM", ", ".join(passed) or "-"))
    if any(one in GMAIL if domain in GMAIL else one == domain for one in passed):
        return Finding("pass", GENUINE, values, exhibits)
    undecided = None if ses.sent_by_ses else _undecided(spf, *((dkim,) if isinstance(dkim, Missing) else dkim))
    if undecided is not None:
        return Finding("unknown", UNDECIDED, values, exhibits, missing=undecided)
    if domain in GMAIL:
        return Finding("fail", GMAIL_FROM, values, exhibits)
    return Finding("warn", CONSUMER_FROM, values, exhibits)


def decide_setup(_clause: Clause, author: Author, identity: SesIdentity | Missing) -> Finding:
    """Whether mail from the domain can come from SES at all: that of a mail service never can."""
    values = {"domain": author.domain, "from_domain": author.domain}
    if author.domain not in CONSUMER_DOMAINS:
        return Finding("pass", OWN, values)
    listed = () if isinstance(identity, Missing) else (Exhibit("api", "ListEmailIdentities", identity.name),)
    return Finding("fail" if author.domain in GMAIL else "warn", CONSUMER_FROM, values, listed)


def _passed(spf: SpfResult | Missing, dkim: tuple[DkimResult, ...] | Missing) -> tuple[str, ...]:
    """The domains that the message is authenticated as."""
    signers = () if isinstance(dkim, Missing) else passing_domains(dkim)
    sender = (spf.domain,) if isinstance(spf, SpfResult) and spf.result == "pass" else ()
    return tuple(dict.fromkeys((*sender, *signers)))


def _undecided(*results: SpfResult | DkimResult | Missing) -> Literal["not-asked", "could-not-look"] | None:
    """Why one of these, which could have passed, did not speak; None where all did."""
    kinds = [one.kind for one in results if isinstance(one, Missing)]
    if any(not isinstance(one, Missing) and one.result == "temperror" for one in results):
        kinds.append("could-not-look")
    return max(kinds, key=lambda kind: kind == "could-not-look", default=None)


REQUIREMENT = Requirement(
    id="from-impersonation",
    title=Text("No Gmail address in From", "FromにGmailアドレスを使わない"),
    clauses=(
        clause(
            "gmail",
            "all",
            "must",
            Text(
                "Mail that Gmail did not send has no address at gmail.com or googlemail.com in From.",
                "Gmail以外から送るメールのFromに、gmail.comやgooglemail.comのアドレスを使わないこと。",
            ),
            consequence=gmail.DEFERS_IMPERSONATION,
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "SES lets you verify and use an address at gmail.com. Do not: it fails DMARC at every receiver.",
            "SESではgmail.comのアドレスも検証・使用できますが、どの受信側でもDMARCに失敗するため使わないでください。",
        ),
        source=f"{SES_GUIDE}creating-identities.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup)),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/81126"),
)
