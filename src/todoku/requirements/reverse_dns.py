"""Forward-confirmed reverse DNS: a PTR name of the sending address resolves back to it."""

from __future__ import annotations

from todoku.auth.ask import Answer
from todoku.auth.iprev import IprevResult
from todoku.causes.exhibits import dns_exhibit
from todoku.change import Change, Instruction
from todoku.mail.envelope import Envelope
from todoku.mail.ses import SesStamp
from todoku.receivers import clause
from todoku.verdict import Clause, Finding, Fix, Missing, Reason, Requirement, SesDefault, Text, Witness


def ask_for_ptr(envelope: Envelope, ses: SesStamp) -> tuple[Change, ...]:
    """A PTR record belongs to whoever holds the address: AWS for a dedicated address of SES, else the address's provider."""
    whom = (
        Text("AWS Support", "AWSサポート") if ses.sent_by_ses else Text("your address's provider", "IPアドレスの提供元")
    )
    return (
        Instruction(
            Text(
                f"Ask {whom.en} for a PTR record for {envelope.ip} whose name resolves back to {envelope.ip}.",
                f"{whom.ja}に、{envelope.ip} のPTRレコード(正引きで {envelope.ip} に戻る名前)の設定を依頼してください。",
            )
        ),
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
UNANSWERED = Reason(
    "ptr-dns-failed",
    Text(
        "DNS gave no answer about {ip}. Try again later.",
        "{ip} についてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)


def decide(clause: Clause, iprev: IprevResult, helo: Answer | Missing) -> Finding:
    """HELO forward, PTR, and the PTR's names forward: in the order in which a person follows them with dig."""
    answers = (None if isinstance(helo, Missing) else helo, iprev.ptr, *iprev.forward)
    exhibits = tuple(dns_exhibit(answer) for answer in dict.fromkeys(answers) if answer is not None)
    values = {"ip": iprev.ip, "name": iprev.name or ", ".join(iprev.names[:3])}
    match iprev.result:
        case "pass":
            return Finding("pass", CONFIRMED, values, exhibits)
        case "fail":
            return Finding("fail", MISMATCH, values, exhibits)
        case "permerror":
            return Finding("fail", NO_PTR, values, exhibits)
        case "temperror":
            return Finding("unknown", UNANSWERED, values, exhibits, missing="could-not-look")


RULE = Text(
    "Every sending address has a PTR record whose name resolves back to that address.",
    "送信元IPアドレスにPTRレコードがあり、その名前の正引きが同じアドレスに戻ること。",
)

REQUIREMENT = Requirement(
    id="reverse-dns",
    title=Text("Forward and reverse DNS", "正引き・逆引きDNSの一致"),
    google_row="DNS_RECORDS",
    clauses=(
        clause("gmail", "all", "must", RULE, codes=("421 4.7.0", "451 4.7.23", "550 5.7.25", "550 5.7.1")),
        clause("yahoo", "all", "must", RULE),
        clause("outlook", "all", "must", RULE),
        clause("icloud", "bulk", "must", RULE),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "SES sets both records for its shared addresses. Check each dedicated address.",
            "SESの共有IPアドレスでは、正引き・逆引きとも設定済みです。専用IPアドレスは個別に確認してください。",
        ),
        source="https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip.html",
    ),
    witnesses=(Witness("message", decide),),
    elsewhere=Reason(
        "ptr-needs-address",
        Text(
            "Only a sent message or your account's addresses show this.",
            "送信済みのメールか、アカウントのIPアドレスから確認できます。",
        ),
    ),
    setup_page=Text(
        "https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip.html",
        "https://docs.aws.amazon.com/ja_jp/ses/latest/dg/dedicated-ip.html",
    ),
)
