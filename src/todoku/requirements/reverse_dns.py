"""Forward-confirmed reverse DNS: a PTR name of the sending address resolves back to it."""

from __future__ import annotations

import msgspec

from todoku.auth.ask import Answer
from todoku.auth.dmarc import DmarcResult
from todoku.auth.iprev import IprevResult
from todoku.causes.circumstances import is_amazon, is_within, organization
from todoku.causes.dmarc.consumer_from import own_organization
from todoku.causes.exhibits import dns_exhibit
from todoku.causes.identity_cache import remembered
from todoku.causes.witnesses.google import google_witness
from todoku.mail.address import Author
from todoku.mail.envelope import Envelope
from todoku.mail.ses import SesStamp
from todoku.receivers import clause, nifty, outlook
from todoku.words.change import Change, Instruction
from todoku.words.pages import ses_guide
from todoku.words.verdict import (
    Clause,
    Exhibit,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Value,
    Witness,
    worst,
)


def ask_for_ptr(
    envelope: Envelope | Missing, ses: SesStamp, addresses: tuple[IprevResult, ...] | Missing
) -> tuple[Change, ...]:
    """A PTR record belongs to whoever holds the address: for those of SES that is AWS, which sets them all."""
    if not isinstance(addresses, Missing):
        return tuple(_kept_by_aws(one.ip) for one in addresses if one.result in ("fail", "permerror"))
    if isinstance(envelope, Missing):
        return ()
    if ses.sent_by_ses:
        return (_kept_by_aws(envelope.ip or ""),)
    return (
        Instruction(
            Text(
                f"Ask your address's provider for a PTR record for {envelope.ip} whose name resolves back to {envelope.ip}.",
                f"IPアドレスの提供元に、{envelope.ip} のPTRレコード(正引きで {envelope.ip} に戻る名前)の設定を依頼してください。",
            )
        ),
    )


def _kept_by_aws(ip: str) -> Instruction:
    return Instruction(
        Text(
            f"{ip} is an address that SES sends from, and AWS keeps its PTR record: look again with --dns 1.1.1.1, and ask AWS "
            "Support if it is still wrong. Only for an address that you brought to SES yourself (BYOIP) the record is yours to set.",
            f"{ip} はSESの送信元IPアドレスで、PTRレコードはAWSが管理しています。--dns 1.1.1.1 を指定して再確認し、それでも正しくなければ"
            "AWSサポートに問い合わせてください。ご自身で設定できるのは、SESに持ち込んだIPアドレス(BYOIP)のPTRレコードだけです。",
        )
    )


def ask_for_own_ptr(
    envelope: Envelope, ses: SesStamp, author: Author, dmarc: DmarcResult | Missing, iprev: IprevResult
) -> tuple[Change, ...]:
    """A name of the sender's own on the address. SES's addresses bear AWS's names: nothing to be done there."""
    if ses.sent_by_ses or is_amazon(iprev.name.lower()) or not own_organization(author, dmarc):
        return ()
    return (
        Instruction(
            Text(
                f"Ask your address's provider to name {envelope.ip} after a host below {author.domain}, and give that host the "
                f"address {envelope.ip}.",
                f"IPアドレスの提供元に、{envelope.ip} のPTRレコードを {author.domain} 配下のホスト名にするよう依頼し、そのホスト名の正引きを "
                f"{envelope.ip} にしてください。",
            )
        ),
    )


OWN_PTR = Fix(
    "own-ptr", Text("Have the address named after your domain", "PTRを自社ドメインの名前にする"), ask_for_own_ptr
)
REQUEST_PTR = Fix("request-ptr", Text("Have the PTR record set", "PTRレコードの設定を依頼する"), ask_for_ptr)

CONFIRMED = Reason(
    "ptr-confirmed",
    Text(
        "The PTR record of {ip} is {name}, and {name} resolves back to {ip}.",
        "{ip} のPTRレコードは {name}、{name} の正引きは {ip} で、一致しています。",
    ),
)
NO_PTR = Reason(
    "ptr-missing",
    Text("{ip} has no PTR record.", "{ip} にPTRレコードがありません。"),
    fixes=(REQUEST_PTR,),
    case="F44",
)
MISMATCH = Reason(
    "ptr-mismatch",
    Text(
        "The PTR record of {ip} is {name}, but {name} does not resolve back to {ip}.",
        "{ip} のPTRレコードは {name} ですが、{name} の正引きは {ip} に戻りません。",
    ),
    fixes=(REQUEST_PTR,),
    case="F44",
)
NOT_YOURS = Reason(
    "ptr-not-yours",
    Text(
        "The PTR record of {ip} is {name}, which is not a name of {organization}. This receiver asks for a name of your own "
        "domain.",
        "{ip} のPTRレコードは {name} で、{organization} の名前ではありません。この受信側は自社ドメインの名前を求めています。",
    ),
    fixes=(OWN_PTR,),
)
UNANSWERED = Reason(
    "ptr-dns-failed",
    Text(
        "DNS gave no answer about {ip}. Try again later.",
        "{ip} についてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
TOO_MANY_NAMES = Reason(
    "ptr-too-many-names",
    Text(
        "{ip} has {count} PTR names. Only {looked} were looked at, and none of them resolves back to {ip}.",
        "{ip} のPTRレコードは{count}件あります。確認した{looked}件のうち、{ip} に戻る名前はありません。",
    ),
)
NO_ADDRESS = Reason(
    "ptr-no-address",
    Text(
        "{ip} is not an address that has a name in DNS: the address that handed the message over is another one. Give it with --ip.",
        "{ip} はDNSで逆引きできるアドレスではありません。受信側に接続したアドレスを --ip で指定してください。",
    ),
)
SHARED = Reason(
    "shared-addresses",
    Text(
        "Mail leaves from addresses that SES's customers share; AWS keeps their names in order both ways.",
        "SESの共有IPアドレスから送信されます。正引き・逆引きはAWSが管理しています。",
    ),
)
NAMED_BY_AWS = Reason(
    "ptr-named-by-aws",
    Text(
        "The addresses that SES sends from have names of AWS ({names}). This receiver asks for your own domain there. On SES's "
        "addresses nobody can change it.",
        "SESの送信元IPアドレスのPTRレコードはAWSの名前です({names})。この受信側は自社ドメインの名前を求めていますが、"
        "SESのIPアドレスでは変更できません。",
    ),
)
ALL_CONFIRMED = Reason(
    "ptr-all-confirmed",
    Text(
        "Each dedicated address has a PTR record whose name resolves back to it: {ips}.",
        "すべての専用IPアドレスで、PTRレコードの名前の正引きが元のアドレスに一致しています({ips})。",
    ),
)
ELSEWHERE = Reason(
    "ptr-needs-address",
    Text(
        "Only a sent message or your account's addresses show this.",
        "送信済みのメールか、アカウントのIPアドレスから確認できます。",
    ),
)


def decide(
    clause: Clause,
    iprev: IprevResult,
    helo_addresses: Answer | Missing,
    author: Author,
    dmarc: DmarcResult | Missing,
) -> Finding | None:
    """HELO forward, PTR, and the PTR's names forward: in the order in which a person follows them with dig."""
    if clause.aspect == "own-name":
        if iprev.result != "pass":
            return None
        said = _own_name(organization(author, dmarc), _values(iprev), _exhibits(iprev, helo_addresses))
        if said is not None and said.result == "warn" and is_amazon(iprev.name.lower()):
            kept = Note(NAMED_BY_AWS, {"names": iprev.name})
            said = msgspec.structs.replace(said, notes=(*said.notes, kept))
        if clause.level == "should" and is_amazon(iprev.name.lower()):
            return _as_note(said)  # advice that nobody on SES's addresses can take
        return said
    found = _confirmed(iprev, _exhibits(iprev, helo_addresses))
    return _has_a_name(found) if clause.variant == ANY_NAME else found


@remembered
def _exhibits(iprev: IprevResult, helo_addresses: Answer | Missing) -> tuple[Exhibit, ...]:
    """Every answer, each once."""
    answers = (None if isinstance(helo_addresses, Missing) else helo_addresses, iprev.ptr, *iprev.forward)
    return tuple(dns_exhibit(answer) for answer in dict.fromkeys(answers) if answer is not None)


def _values(iprev: IprevResult) -> dict[str, str]:
    return {"ip": iprev.ip, "name": iprev.name or ", ".join(iprev.names[:3])}


@remembered
def _confirmed(iprev: IprevResult, exhibits: tuple[Exhibit, ...]) -> Finding:
    """Whether one address and its name lead to each other."""
    values = _values(iprev)
    match iprev.result:
        case "pass":
            return Finding("pass", CONFIRMED, values, exhibits)
        case "fail":
            return Finding("fail", MISMATCH, values, exhibits)
        case "permerror" if iprev.ptr is None:
            return Finding("unknown", NO_ADDRESS, values, exhibits, missing="not-asked")
        case "permerror":
            return Finding("fail", NO_PTR, values, exhibits)
        case "temperror":
            return _undecided(iprev, values, exhibits)


ANY_NAME = "any-name"
"""The variant of a clause that asks for a name of the address, and not that it leads back."""


def _has_a_name(found: Finding) -> Finding:
    """What is asked for is valid reverse DNS, not that the name resolves back: that it does not is only worth a look."""
    return msgspec.structs.replace(found, result="warn") if found.reason is MISMATCH else found


def decide_setup(clause: Clause, addresses: tuple[IprevResult, ...]) -> Finding | None:
    """Each address that is the account's own; those that SES's customers share are AWS's to name, as all dedicated ones are."""
    if clause.aspect == "own-name":
        return _named_by_aws(clause, addresses)
    if not addresses:
        return Finding("pass", SHARED)
    found = _all_confirmed(addresses)
    return _has_a_name(found) if clause.variant == ANY_NAME else found


def _named_by_aws(clause: Clause, addresses: tuple[IprevResult, ...]) -> Finding | None:
    """The same as a message shows: SES's addresses have names of AWS, which Yahoo advises against and Apple counts."""
    names = [one.name for one in addresses if one.name] if addresses else ["amazonses.com"]
    if not names or not all(map(is_amazon, names)):
        return None
    values = {"names": ", ".join(names)}
    if clause.level == "should":
        return Finding("pass", NAMED_BY_AWS, values, notes=(Note(NAMED_BY_AWS, values),))
    return Finding("warn", NAMED_BY_AWS, values)


def _all_confirmed(addresses: tuple[IprevResult, ...]) -> Finding:
    """The worst of the addresses decides; the others that are wrong are its notes."""
    judged = [_confirmed(one, tuple(map(dns_exhibit, filter(None, (one.ptr, *one.forward))))) for one in addresses]
    decisive = worst(judged)
    others = tuple(Note(one.reason, one.values) for one in judged if one is not decisive and one.result != "pass")
    if decisive.result == "pass" and len(judged) > 1:
        exhibits = tuple(exhibit for one in judged for exhibit in one.exhibits)
        return Finding("pass", ALL_CONFIRMED, {"ips": ", ".join(one.ip for one in addresses)}, exhibits)
    return msgspec.structs.replace(decisive, notes=others)


def _undecided(iprev: IprevResult, values: dict[str, str], exhibits: tuple[Exhibit, ...]) -> Finding:
    """Either DNS did not answer, or there are more names than we look at."""
    failed = any(answer.failed for answer in (iprev.ptr, *iprev.forward) if answer is not None)
    told: dict[str, Value] = {**values, "count": len(iprev.names), "looked": len(iprev.forward)}
    return Finding("unknown", UNANSWERED if failed else TOO_MANY_NAMES, told, exhibits, missing="could-not-look")


def _own_name(owner: str, values: dict[str, str], exhibits: tuple[Exhibit, ...]) -> Finding | None:
    """Whether the confirmed name is of the From domain's organization. Never worse than a warning: see the reason."""
    if not owner:
        return None
    if is_within(values["name"].lower(), owner):
        return Finding("pass", CONFIRMED, values, exhibits)
    return Finding("warn", NOT_YOURS, {**values, "organization": owner}, exhibits)


def _as_note(said: Finding | None) -> Finding | None:
    """What is not the sender's own name, told beside a pass."""
    if said is None or said.result == "pass":
        return said
    return Finding("pass", CONFIRMED, said.values, said.exhibits, (Note(said.reason, said.values), *said.notes))


RULE = Text(
    "Every sending address has a PTR record whose name resolves back to that address.",
    "送信元IPアドレスにPTRレコードがあり、その名前の正引きが同じアドレスに戻ること。",
)

OWN_NAME = Text(
    "The PTR record shows a name of your own domain.",
    "PTRレコードが自社ドメインの名前であること。",
)

REQUIREMENT = Requirement(
    id="reverse-dns",
    title=Text("Forward and reverse DNS", "正引き・逆引きDNSの一致"),
    google_row="DNS_RECORDS",
    clauses=(
        clause("gmail", "all", "must", RULE, codes=("421 4.7.0", "451 4.7.23", "550 5.7.25", "550 5.7.1")),
        clause("yahoo", "all", "must", RULE),
        clause("yahoo", "all", "should", OWN_NAME, aspect="own-name"),
        clause(
            "outlook",
            "all",
            "must",
            Text(
                "Every sending address has valid reverse DNS: a PTR record.",
                "送信元IPアドレスに有効な逆引き(PTRレコード)があること。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.POLICIES,
            variant=ANY_NAME,
            consequence=outlook.REJECTS_WITHOUT_PTR,
        ),
        clause("icloud", "bulk", "must", RULE),
        clause("icloud", "bulk", "must", OWN_NAME, aspect="own-name"),
        clause("nifty", "all", "must", RULE, consequence=nifty.ADDRESS),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "SES's shared addresses have been seen with both records. Check each dedicated address.",
            "SESの共有IPアドレスでは、正引き・逆引きとも設定されていることを確認しています。専用IPアドレスは個別に確認してください。",
        ),
        source="",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup), google_witness("DNS_RECORDS")),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("dedicated-ip"),
)
