"""Mail of receivers for tests: reports that are signed, by whoever a test wants, and a DNS that has the keys."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from mint_reports import DAY
from mint_reports import mailed as wrapped_in_mail
from todoku.auth.ask import Answer, Question
from todoku.auth.dkim.sign import sign
from todoku.net.dns.zone import Zone

KEYS = Path(__file__).parent / "keys"
SELECTOR = "s1"


def told(
    number: int,
    reporter: str,
    *,
    org: str = "",
    count: int = 1,
    spf: str = "example.com",
    begin: int,
    passing: bool = False,
) -> bytes:
    """A report of a domain of the reporter's: mail that neither DKIM nor SPF vouches for, or that passes."""
    result = "pass" if passing else "fail"
    return (
        f"<feedback><report_metadata><org_name>{org or reporter}</org_name><email>dmarc@{reporter}</email>"
        f"<report_id>r{number}</report_id><date_range><begin>{begin}</begin><end>{begin + DAY - 1}</end></date_range></report_metadata>"
        "<policy_published><domain>example.com</domain><p>none</p></policy_published>"
        f"<record><row><source_ip>192.0.2.1</source_ip><count>{count}</count><policy_evaluated><disposition>none</disposition>"
        f"<dkim>{result}</dkim><spf>{result}</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers>"
        f"<auth_results><spf><domain>{spf}</domain><result>{result}</result></spf></auth_results></record></feedback>"
    ).encode()


def from_(reporter: str, report: bytes, number: int = 0) -> bytes:
    """The report in a message of the reporter's that nobody signed."""
    return wrapped_in_mail(report, number).replace(b"From: dmarc@receiver.example", f"From: dmarc@{reporter}".encode())


def signed(message: bytes, domain: str, selector: str = SELECTOR) -> bytes:
    """The message with a signature of a domain."""
    return sign(message, domain=domain, selector=selector, private_key=_pem(), headers=["From", "Subject"]) + message


@cache
def _pem() -> bytes:
    return (KEYS / "customer.pem").read_bytes()


@cache
def key() -> str:
    public = (
        load_pem_private_key(_pem(), None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return f"v=DKIM1; p={base64.b64encode(public).decode()}"


class Dns:
    """A DNS that has the keys of some domains, remembers what it was asked, and can be dark."""

    def __init__(self, *domains: str) -> None:
        self.domains = set(domains)
        self.asked: list[str] = []
        self.is_dark = False

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> list[Answer]:
        self.asked += [question.name for question in questions]
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        if self.is_dark:
            return Answer(question, status="timeout")
        if question.name.partition("._domainkey.")[2] in self.domains:
            return Answer(question, (key(),))
        return Answer(question, status="nxdomain")


def zone(*domains: str) -> Zone:
    """The same as a zone file."""
    written = key()
    strings = " ".join(f'"{written[start : start + 200]}"' for start in range(0, len(written), 200))
    lines = "".join(f"{SELECTOR}._domainkey.{domain}. 300 IN TXT {strings}\n" for domain in domains)
    return Zone.from_text(f"$ORIGIN .\n{lines}")
