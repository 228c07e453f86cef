"""Inputs to begin with: what the project's own cases hold and, where they are asked for, the standards' suites.

The suites are other people's: what grows out of them goes to a folder of its own, from which nothing is ever kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from targets import Target
from targets.feedback import HEAD, TLS, WRAPPINGS
from targets.zones import KEYS, damaged_mail, known_zone

from todoku.auth.arc import seal, validate
from todoku.change import Instruction, Irreversible, Output, RecordSet, RecordSetChange, SesCall
from todoku.errors import NotAMessage
from todoku.mail.message import Message, scan
from todoku.mail.saved import read_saved
from todoku.net.dns.master_file import read
from todoku.net.drive import run
from todoku.plan.document import written
from todoku.plan.step import Conflict, Expectation, Plan, Step, Wait
from todoku.verdict import Text

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
SUITES = Path(os.environ.get("TODOKU_SUITES") or ROOT.parent / "shared" / "suites")

Line = tuple[str, str, str]
"""Name, type, value of a record."""


def own(target: Target) -> Iterator[bytes]:
    """What the cases hold for this target."""
    for path in sorted(CASES.glob("*/*/message.eml")):
        yield from _of_message(path.read_bytes(), target)
    for path in (CASES / "base.zone", *sorted(CASES.glob("*/*/zone"))):
        text = path.read_text("utf-8")
        if "zone" in target.seeds:
            yield text.encode()
        yield from _of_zone(list(_lines_of(text)), target)

    yield from (one for kind in target.seeds if kind in _MADE for one in _MADE[kind]())


def _damaged() -> Iterator[bytes]:
    """Signed messages, changed on their way in each manner that is known."""
    for case in damaged_mail.cases(1):
        yield case.raw


def _chains() -> Iterator[bytes]:
    """Messages with one to three ARC sets; a ``+`` at the end asks for one more. Some with a zone that fails."""
    raw = b"Authentication-Results: mx.example.com; spf=pass\r\nFrom: Joe <joe@example.com>\r\nSubject: Hi\r\n\r\nHello.\r\n"
    for end in (b"", b"+"):
        whole = raw + end
        for _ in range(3):
            result = run(validate(scan(whole), now=None), known_zone())
            fields = seal(
                scan(whole), result, authserv_id="mx.example.com", domain="example.com", selector="ed",
                private_key=(KEYS / "ed25519.pem").read_bytes(), algorithm="ed25519-sha256",
            )  # fmt: skip
            whole = fields + whole
            yield whole
            yield whole + b"\0ed._domainkey.example.com TXT TIMEOUT"
            yield whole.replace(b"Hello", b"Hallo")


def _replies() -> Iterator[bytes]:
    """Replies as the target of that name has them: each type, CNAMEs, an SOA, an OPT with an RCODE."""
    data = {
        0: b"\x0bv=spf1 -all\4 ~al", 1: b"\0\x0a\1m\xc0\x0c", 2: bytes((192, 0, 2, 1)), 3: bytes(16), 4: b"\1a\xc0\x0c",
        5: b"\1n\0\1h\0" + bytes(20), 6: b"\1p\xc0\x0c", 7: b"\xc0\x0c", 10: b"\0\5issueca.test", 11: b"\0\1\0\2\0\5\1h\0",
    }  # fmt: skip
    asked = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 10: 8, 11: 9}
    for rdtype, octets in data.items():
        for flags in (b"\x81\x80", b"\x81\xa3", b"\x84\0", b"\x80\0"):
            record = bytes((0, 0, rdtype, 0, len(octets))) + octets
            behind = bytes((0, 0, 4, 0, 4)) + b"\1a\xc0\x0c" + bytes((0, 1, rdtype, 0, len(octets))) + octets
            soa = bytes((1, 0, 5, 0, len(data[5]))) + data[5]
            for records in (record, behind, soa, record[:8], bytes((2, 3, 9, 1, 0)), b""):
                yield bytes((asked[rdtype],)) + flags + records


def _plans() -> Iterator[bytes]:
    """A plan with a step of each kind, as JSON and as a document."""
    said = Text("Why.", "理由。")
    call = SesCall("GetEmailIdentity", {"EmailIdentity": "example.com"}, "us-east-1")
    held = RecordSet("a.example.com", "TXT", ("v=spf1 -all",), 300)
    change = RecordSetChange(
        held, ("v=spf1 ~all", "{0}"), ("v=spf1 -all",), 300, (Output(1, "DkimAttributes.Tokens[0]"),)
    )
    wait = Wait(call=call, path="DkimAttributes.Status", until=("SUCCESS",), usually=said)
    expects = (Expectation(call=call, path="a", value=[1]),)
    plan = Plan(
        id="x", made="2026-11-24T12:00:00Z", account="1", profile="", region="us-east-1", domain="example.com",
        steps=(
            Step(id="a", action=change, why=said, undo=(change,)), Step(id="b", action=wait, why=said, after=("a",)),
            Step(id="c", action=Instruction(said), why=said, undo=Irreversible(said)),
            Step(id="d", action=call, why=said, expects=expects, risk=said),
        ),
        conflicts=(Conflict(tag="t", text=said, found=(held,)),), unread=(said,),
    )  # fmt: skip
    yield msgspec.json.encode(plan)
    yield written(plan, "0.1.0")
    yield written(msgspec.structs.replace(plan, steps=(), conflicts=()), "0.1.0")


def _aggregates() -> Iterator[bytes]:
    """Aggregate reports: plain, and in every wrapping."""
    row = (
        b"<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>"
        b"<dkim>pass</dkim><spf>fail</spf><reason><type>other</type><comment>x</comment></reason></policy_evaluated></row>"
        b"<identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain>"
        b"<selector>s</selector><result>pass</result></dkim><spf><domain>a.example</domain><result>fail</result></spf>"
        b"</auth_results></record>"
    )
    whole = b"<?xml version='1.0'?><feedback>" + HEAD + row + row + b"</feedback>"
    for kind in (b"", b"g", b"G", b"z", b"Z", b"b", b"m", b"u"):
        yield kind + whole
    yield b"z" + whole + b"\0" + whole
    yield from (wrapped(b"<feedback>" + HEAD + b"</feedback>") for wrapped in WRAPPINGS.values())


def _tls_reports() -> Iterator[bytes]:
    yield msgspec.json.encode(TLS)
    yield msgspec.json.encode({**TLS, "policies": []})


def _feedback() -> Iterator[bytes]:
    """Complaints and failure reports as the target of that name has them: the quoted message behind a NUL."""
    for kind in (b"abuse", b"auth-failure", b"fraud"):
        yield b"Feedback-Type: %b\r\n%b\0%b" % (kind, _FEEDBACK, _QUOTED)


_FEEDBACK = (
    b"User-Agent: x\r\nVersion: 1\r\nOriginal-Rcpt-To: <a@b.example>\r\nSource-IP: 192.0.2.1\r\nIncidents: 2\r\nAuth-Failure: dmarc\r\n"
    b"Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@b.example\r\nArrival-Date: Tue, 24 Nov 2026 01:00:02 +0000\r\n"
)
_QUOTED = b"From: a@b.example\r\nTo: c@d.example\r\nDKIM-Signature: v=1; d=b.example; s=s\r\nDate: Tue, 24 Nov 2026 01:00:02 +0000\r\n\r\nx"


def _events() -> Iterator[bytes]:
    mail = {
        "messageId": "1", "timestamp": "2026-11-24T01:00:00.000Z", "source": "a@b.example", "destination": ["c@d.example"],
        "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/b.example",
    }  # fmt: skip
    people = [
        {"emailAddress": "c@d.example", "status": "5.7.26", "diagnosticCode": "smtp; 550 5.7.26 c@d.example gsmtp"}
    ]
    for kind, member, body in (
        ("Bounce", "bounce", {"bounceType": "Permanent", "bouncedRecipients": people}),
        ("Complaint", "complaint", {"complainedRecipients": people, "userAgent": "x"}),
        ("DeliveryDelay", "deliveryDelay", {"delayedRecipients": people, "delayType": "General"}),
        ("Send", "send", {}),
    ):
        one = {"eventType": kind, "mail": mail, member: body}
        text = json.dumps(one)
        wrapped = (
            {"Type": "Notification", "Message": text},
            {"detail": one},
            {"Records": [{"body": text}, {"Sns": {"Message": text}}]},
        )
        yield from (text.encode(), *map(msgspec.json.encode, wrapped), f"{text}\n{text}".encode())


_MADE = {
    "aggregates": _aggregates,
    "tls": _tls_reports,
    "feedback": _feedback,
    "events": _events,
    "plans": _plans,
    "damaged": _damaged,
    "chains": _chains,
    "replies": _replies,
}


def of_suites(target: Target) -> Iterator[bytes]:
    """What the suites hold for this target; nothing where they are not there."""
    for path in sorted(SUITES.rglob("*")):
        if path.suffix in (".xml", ".gz", ".zip") and "aggregates" in target.seeds:
            yield path.read_bytes()
        elif path.suffix in (".eml", ".msg", ".txt"):
            yield from _of_message(path.read_bytes(), target)
        elif path.suffix == ".jsonl":
            for line in path.read_text("utf-8").splitlines():
                yield from _of_case(json.loads(line), target)


def _of_case(case: dict[str, Any], target: Target) -> Iterator[bytes]:
    if isinstance(case.get("message"), str):
        yield from _of_message(case["message"].encode("utf-8", "replace"), target)
    if "TXT" in target.seeds and isinstance(case.get("record"), str):
        yield case["record"].encode()
    zone = case.get("zone")
    if isinstance(zone, dict):
        sender, helo = case.get("mailfrom", ""), case.get("helo", "")
        yield from _of_zone(list(_lines_of_dict(zone)), target, f"{case.get('ip', '')} {sender} {helo}")


def _of_message(raw: bytes, target: Target) -> Iterator[bytes]:
    if "message" in target.seeds:
        yield raw if target.name == "saved" else _canonical(raw)
    message = _read(raw)
    if message is None:
        return
    if "body" in target.seeds:
        yield (b"hutf-8\n8bit\n" if target.name == "links" else b"") + message.body
    yield from (field.body for field in message.fields if field.name in target.seeds)


def _canonical(raw: bytes) -> bytes:
    message = _read(raw)
    return raw if message is None else message.raw


def _read(raw: bytes) -> Message | None:
    try:
        return read_saved(raw).message
    except NotAMessage:
        return None


def _of_zone(
    lines: list[Line], target: Target, who: str = "192.0.2.1 joe@example.com mx.example.com"
) -> Iterator[bytes]:
    """The zone as the targets that take one want it: below the line that says who asks."""
    text = "\n".join(" ".join(line) for line in lines)
    records = [value for _, rdtype, value in lines if rdtype == "TXT"]
    spf = [record.removeprefix("v=spf1 ") for record in records if record.startswith("v=spf1")]
    whole: list[str] = []
    if "TXT" in target.seeds:
        whole += records
    if "lines" in target.seeds:
        whole.append(text)
    if "spf" in target.seeds:
        whole += [f"{record}\n{who}\n{text}" for record in spf[:4]]
    if "tree" in target.seeds:
        whole += [f"{record}\n{text}" for record in spf[:4]]
    if "dmarc" in target.seeds and any(name.startswith("_dmarc.") for name, _, _ in lines):
        whole += [
            f"{who} example.com\n{text}"
            for who in ("example.com pass", "mail.example.com fail", "a.b.example.com none")
        ]
    yield from (one.encode("utf-8", "replace") for one in whole)


def _lines_of(text: str) -> Iterator[Line]:
    entries, directives = read(text)
    yield from ((entry.name, entry.rdtype, entry.value) for entry in entries)
    yield from ((name, rdtype, word.upper()) for word, name, rdtype in directives)


def _lines_of_dict(zone: dict[str, Any]) -> Iterator[Line]:
    """The records of a suite's zone, whatever shape its file gives them, as far as they can be told."""
    for name, records in zone.items():
        pairs = records.items() if isinstance(records, dict) else (pair for pair in records if len(pair) == 2)
        for rdtype, value in pairs:
            values = value if isinstance(records, dict) and isinstance(value, list) else [value]
            yield from ((name, str(rdtype), _joined(one)) for one in values)


def _joined(value: object) -> str:
    if isinstance(value, list):
        return ("" if all(isinstance(part, str) for part in value) else " ").join(map(str, value))
    return str(value)


def write(folder: Path, inputs: Iterable[bytes]) -> int:
    """Put each input into the folder, once; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    different = sorted(set(inputs))
    for number, one in enumerate(different):
        (folder / f"{number:05}").write_bytes(one)
    return len(different)
