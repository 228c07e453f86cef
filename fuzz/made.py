"""Inputs that are made for a target: what it would take the engine long to think of, and what no case of the tests holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_LZMA, ZipFile

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from targets.authentication import NOW
from targets.feedback import ARF, HEAD, TLS, WRAPPINGS
from targets.zones import KEYS, TESTS, damaged_mail, known_zone

from todoku.account.read import Wanted
from todoku.api import Settings, check, check_domain, checking_accounts
from todoku.auth.arc import seal, validate
from todoku.auth.ask import Call, Reply
from todoku.change import Instruction, Irreversible, Output, RecordSet, RecordSetChange, SesCall
from todoku.cli.recording import keep, keep_accounts
from todoku.mail.message import scan
from todoku.net.bundle import LIMITS
from todoku.net.carry.journal import Before, Line
from todoku.net.carry.journal import Head as JournalHead
from todoku.net.drive import run, run_look
from todoku.plan.document import written
from todoku.plan.step import Conflict, Expectation, Plan, Step, Wait
from todoku.verdict import Text


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
    put = SesCall(
        "PutEmailIdentityDkimAttributes", {"EmailIdentity": "example.com", "SigningEnabled": True}, "us-east-1"
    )
    held = RecordSet("a.example.com", "TXT", ("v=spf1 -all",), 300)
    change = RecordSetChange(
        held, ("v=spf1 ~all", "{0}"), ("v=spf1 -all",), 300, (Output(1, "DkimAttributes.Tokens[0]"),)
    )
    unknown = msgspec.structs.replace(change, before=msgspec.structs.replace(held, rdtype="A"))
    wait = Wait(call=call, path="DkimAttributes.Status", until=("SUCCESS",), usually=said)
    expects = (Expectation(call=call, path="a", value=[1]),)
    plan = Plan(
        id="x", made="2026-11-24T12:00:00Z", account="1", profile="", region="us-east-1", domain="example.com",
        steps=(
            Step(id="a", action=change, why=said, undo=(change,)), Step(id="b", action=wait, why=said, after=("a",)),
            Step(id="c", action=Instruction(said), why=said, undo=Irreversible(said)),
            Step(id="d", action=put, why=said, expects=expects, risk=said),
        ),
        conflicts=(Conflict(tag="t", text=said, found=(held,)),), unread=(said,),
    )  # fmt: skip
    yield msgspec.json.encode(plan)
    yield written(plan, "0.1.0")
    yield written(msgspec.structs.replace(plan, steps=(), conflicts=()), "0.1.0")
    for wrong in (
        msgspec.structs.replace(plan, id="a b"), msgspec.structs.replace(plan, region="x"),
        msgspec.structs.replace(plan, steps=(Step(id="a", action=call, why=said),)),
        msgspec.structs.replace(plan, steps=(Step(id="a", action=msgspec.structs.replace(change, ttl=1, outputs=()), why=said),)),
        msgspec.structs.replace(plan, steps=(Step(id="a", action=unknown, why=said),)),
        msgspec.structs.replace(plan, steps=plan.steps[1:2]), msgspec.structs.replace(plan, steps=plan.steps[:1] * 2),
    ):  # fmt: skip
        yield msgspec.json.encode(wrong)
    first = msgspec.structs.replace(plan, conflicts=(), unread=(), steps=plan.steps[:1])
    yield msgspec.json.encode(first)
    yield written(first, "0.1.0").replace(b'"digest": "', b'"digest": "0')


def _keys() -> Iterator[bytes]:
    """Key records whose key is good, weak in each manner, or no key; and a private key as a file holds it."""
    for path in sorted(KEYS.glob("*.pem")):
        private = load_pem_private_key(path.read_bytes(), None)
        yield path.read_bytes() + b"\nrsa-sha256"
        yield path.read_bytes() + b"\ned25519-sha256"
        yield path.read_bytes()[40:]
        yield b"-----BEGIN" + path.read_bytes()[40:]
        if path.stem != "ed25519":
            yield b"p=" + base64.b64encode(private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1))
    odd = 2**1023 + 1
    for modulus, exponent in (
        (odd, 2**33 + 1),
        (odd, 3),
        (odd + 1, 3),
        (odd, 1),
        (odd, 4),
        (2**8200 + 1, 3),
        (2**800 + 1, 3),
    ):
        yield b"p=" + base64.b64encode(_der(0x30, _integer(modulus) + _integer(exponent)))
    for y in (0, 1, 2, 2**255 - 20, 2**255 - 1):
        yield b"k=ed25519; p=" + base64.b64encode(y.to_bytes(32, "little"))


def _integer(number: int) -> bytes:
    return _der(2, number.to_bytes(number.bit_length() // 8 + 1))


def _der(tag: int, content: bytes) -> bytes:
    """ITU-T X.690 8.1: one octet of length, or two and the octet that says so."""
    length = len(content)
    return bytes((tag, length) if length < 128 else (tag, 0x82, length >> 8, length & 255)) + content


ROW = (
    b"<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>"
    b"<dkim>pass</dkim><spf>fail</spf><reason><type>other</type><comment>x</comment></reason></policy_evaluated></row>"
    b"<identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain>"
    b"<selector>s</selector><result>pass</result></dkim><spf><domain>a.example</domain><result>fail</result></spf>"
    b"</auth_results></record>"
)
_EXTENSION = b"<extension><a:x xmlns:a='urn:x'/><extension name='y' definition='urn:y'/></extension>"


def _aggregates() -> Iterator[bytes]:
    """Aggregate reports: plain, and in every wrapping; each thing that one is refused for; and what old ones had."""
    whole = b"<?xml version='1.0'?><feedback>" + HEAD + ROW + ROW + b"</feedback>"
    for kind in (b"", *WRAPPINGS):
        yield kind + whole
    yield b"z" + whole + b"\0" + whole
    yield b"z" + whole + b"\0" + whole[:300] + b"\0<html>\0" + whole
    yield from (wrap(whole) for kind, wrap in WRAPPINGS.items() if kind not in b"sS")
    for before, after in _CHANGES:
        yield whole.replace(before, after)
        yield b"s" + whole.replace(before, after)
    yield from (wrap(whole)[:-30] for kind, wrap in WRAPPINGS.items() if kind in b"gzm")
    yield b"m--b\r\n\r\n" + whole + b"\r\n--b\r\n\r\nx\r\n--b--\r\n"
    yield b"m--b\r\n\r\n" + b"x" * 30 + b"\r\n--b\r\n\r\n" + whole + b"\r\n--b--\r\n"
    yield b"m--b\r\n\r\n" + b"<feedback>          \r\n--b\r\n\r\n" * 22
    yield b"m{{1001*--b\r\n\r\n}}"
    yield ARF % (b"Feedback-Type: abuse", b"From: a@b.example\r\n\r\n")
    yield b"z" + b"\0" * 30
    yield b"PK\5\6" + bytes(18)
    yield from (
        b"g{{9000*a}}",
        b"g{{9000*<feedback>}}",
        b"g{{40000*a}}",
        b"{{9000*a}}",
        b"s<feedback",
        b"s<feedback>" + HEAD + b"</feedback>",
    )
    yield b"g" + whole + b"<!--{{9000*a}}-->"
    yield b"z" + whole + b"<!--{{9000*a}}-->"
    yield b"s<feedback>" + HEAD + b"{{900*<a></a>}}" + ROW + b"</feedback>"
    yield b"s" + whole + b"\xe3"
    yield (
        b"<feedback>" + HEAD + ROW.replace(b"</auth_results>", b"{{20*<dkim><domain>a</domain></dkim>}}</auth_results>")
    )
    yield b"s<?xml version='1.0'?><feedback>" + HEAD + ROW * 5 + b"</feedback>"
    yield from (whole.decode().encode(charset) for charset in ("utf-16-le", "utf-16-be"))
    yield WRAPPINGS[b"g"](b"<feedback>") * 5
    yield WRAPPINGS[b"g"](whole)[:40] + b"x" * 40
    yield from _broken_archives(WRAPPINGS[b"z"](whole))


def _broken_archives(whole: bytes) -> Iterator[bytes]:
    """A zip archive whose numbers are wrong: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16."""
    entry, end = whole.rindex(b"PK\1\2"), whole.rindex(b"PK\5\6")
    for at, value in (
        *((0, 1), (6, 1), (8, 9)),  # of the local header: magic, flags, method
        *(
            (entry, 1),
            (entry + 8, 1),
            (entry + 10, 9),
            (entry + 16, 1),
            (entry + 20, 1),
            (entry + 42, 255),
            (entry + 43, 255),
        ),
        *((end + 8, 99), (end + 10, 99), (end + 12, 1), (end + 16, 255), (end + 17, 255)),
    ):
        yield whole[:at] + bytes((value,)) + whole[at + 1 :]
    yield whole[:entry] + whole[entry + 40 :]
    yield whole[:-5]


_CHANGES: tuple[tuple[bytes, bytes], ...] = (
    (b"<feedback>", b'<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>'),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='iso-2022-jp'?><!-- a --><?b c?>"),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='x-none'?>"),
    (b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='utf-16'?>"),
    (b"<?xml version='1.0'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    (b"<?xml version='1.0'?><feedback>", b"<schema><feedback>"),
    (b"<feedback>", b"<feedback><a>"),
    (b"<record>", b"<a><record>"),
    (b"</record><record>", b"</record><a><record>"),
    (b"<feedback>", b"<feed>"),
    (b"</feedback>", b""),
    (b"</record><record>", _EXTENSION + b"<b:c xmlns:b='urn:b'><row/></b:c></record>" + _EXTENSION + b"<record>"),
    (b"</feedback>", _EXTENSION + b"</feedback>"),
    (b"<record>", _EXTENSION + b"<record>"),
    (b"</record>", b"</record>x&#0;"),
    (b"<count>2</count>", b"<count>2</count><count>3</count>"),
    (b"<count>2</count>", b"<count>-2</count>"),
    (b"<count>2</count>", b"<count>two</count>"),
    (b"<count>2</count>", b"<count>9999999999999</count>"),
    (b"<count>2</count>", b""),
    (b"<count>2</count>", b"<a:count xmlns:a='urn:a'>9</a:count><count>2<b/></count>"),
    (b"192.0.2.1", b"2001:DB8::1"),
    (b"192.0.2.1", b"fe80::1%a"),
    (b"192.0.2.1", b" "),
    (
        b"<p>none</p>",
        b"<p>quarantine</p><sp>REJECT</sp><pct>50</pct><fo>1</fo><testing>y</testing><adkim>s</adkim><np>x</np>",
    ),
    (b"<domain>example.com</domain>", b"<domain>a b</domain>"),
    (b"<domain>example.com</domain>", b""),
    (b"</date_range>", b"</date_range><error>x</error><error>y</error><generator>z</generator>"),
    (b"1795086400", b"1795086400000"),
    (b"1795086400", b"1895086400"),
    (b"1795000000", b"x"),
    (b"<policy_published>", b"<policy_published/><policy_published>"),
    (b"<report_metadata>", b"<report_meta>"),
    (b"<result>pass</result>", b"<result>hardfail</result><human_result>" + " é".encode() + b"</human_result>"),
    (b"<header_from>example.com", b"<header_from>{{600*a}}"),
    (b"<dkim>pass</dkim>", b"<dkim>pass</dkim>{{250*<x/>}}"),
)


def _tls_reports() -> Iterator[bytes]:
    text = msgspec.json.encode(TLS)
    yield text
    yield msgspec.json.encode({**TLS, "policies": []})
    yield msgspec.json.encode(
        {**TLS, "contact-info": "x", "date-range": {"start-datetime": "x", "end-datetime": "2026-11-24"}}
    )
    for before, after in (
        (b'"mx-host":"m.example"', b'"mx-host":["a","b"]'),
        (b"192.0.2.1", b"2001:db8::1"),
        (b"192.0.2.1", b"x"),
        (b':1,"total', b':-1,"total'),
        (b':1,"total', b':9999999999999,"total'),
        (b"2026-11-23T00:00:00Z", b"2026-11-23"),
        (b"2026-11-23T23", b"2036-11-23T23"),
        (b"a.example", "例.example".encode()),
        (b"}]}]}", b"}]}"),
        (b"version: STSv1", b"a\\u0000\\u2028{{1100*b}}"),
    ):
        yield text.replace(before, after)
    yield from (b"{{3000*x}}", b"{{1500*[}}")


def _values() -> Iterator[bytes]:
    yield from (
        b"1795000000\n1795086400",
        b"1795000000\n1995086400",
        b"2026-11-23T00:00:00Z\n2026-11-24",
        b"2036-11-23\n2036-11-24",
    )
    yield from (
        b"192.0.2.1",
        b"2001:DB8::1",
        b"fe80::1%1",
        b" 192.0.2.1 ",
        b"12\n13",
        b"-1",
        b"9999999999999",
        b"x",
        b"",
        b"hardfail",
    )
    yield "例.example\u2028".encode()


def _feedback() -> Iterator[bytes]:
    """Complaints and failure reports as the target of that name has them: the quoted message behind a NUL."""
    for kind in (b"abuse", b"auth-failure", b"fraud", b"x"):
        yield b"Feedback-Type: %b\r\n%b\0%b" % (kind, _FEEDBACK, _QUOTED)
    yield b"Feedback-Type: abuse\r\nSource-IP: 192.0.2.1 (x)\r\nIncidents: many\r\nOriginal-Mail-From: x"
    yield b"x"


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
        yield text.encode().replace(b"2026-11-24T01", b"2026-13-24T01").replace(b"@d.example", b"@d_.ex ample")
    yield b'{"eventType":"Bounce","mail":{}}'
    yield b'{"Type":"SubscriptionConfirmation","Message":"x"}'
    yield b'{"Type":"Notification","Message":"x"}'
    yield from (b"[1]", b"{{3000*x}}", b"{{1500*[}}", b'{"detail":' * 9 + b"1" + b"}" * 9)
    yield b'{"eventType":"Bonce","mail":{}}'


def _bundles() -> Iterator[bytes]:
    """What stands in the bundles of a message, a domain and an account, apart by NULs, as the target of that name has them."""
    raw = b"Received: from a.example (a.example. [192.0.2.1]) by mx.google.com with ESMTPS id x; Tue, 24 Nov 2026 01:00:00 +0000\r\n"
    raw += b"From: joe@example.com\r\nSubject: Hi\r\n\r\nx"
    settings = Settings(now=NOW, receivers=("gmail",))
    zone = known_zone()
    of_message = check(raw, resolver=zone, name="x.eml", settings=settings)
    of_domain = check_domain(
        "example.com", resolver=zone, settings=msgspec.structs.replace(settings, selectors=("s1",))
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.zip")
        for report, message in ((of_message, raw), (of_domain, b"")):
            keep(path, report, settings, message)
            yield b"\0".join(_short(_members(path)))
        wanted = (Wanted(profile="", region="ap-northeast-1"),)
        reports = run_look(checking_accounts(wanted, settings), zone, _Account())
        keep_accounts(path, reports, settings)
        yield b"\0".join(_members(path))
    empty = (b"", b"[]", b'{"verdicts":[]}')
    for now in ("1900-01-01T00:00:00Z", "2026-11-24T00:00:00", 1):
        options = {"version": "0.1.0", "name": "x", "settings": {"now": now}}
        yield b"\0".join((empty[0], msgspec.json.encode({"bundle": 1, "rules": "", "options": options}), *empty[1:]))
    yield b"\0".join((b"{{9000*x}}", b"{}", *empty[1:]))
    yield from (
        b"PK",
        b"PK" + bytes(60),
        b"PK{{9000*x}}",
        b"PK" + bytes(40) + b"PK\5\6" + bytes(8) + b"\xff\xff" + bytes(8),
    )
    yield _archive(ZIP_LZMA)


class _Account:
    """An SES account with one domain, every call of which has a reply."""

    def replies(self, calls: Sequence[Call]) -> list[Reply]:
        return [self._reply(call) for call in calls]

    def _reply(self, call: Call) -> Reply:
        if call.operation == "ListEmailIdentities":
            return Reply(call, {"EmailIdentities": [{"IdentityName": "example.com", "IdentityType": "DOMAIN"}]})
        told = json.loads((TESTS / "cases" / "base.calls.json").read_text("utf-8"))
        value = next((one.get("value", {}) for one in told if one["operation"] == call.operation), None)
        return Reply(call, status="absent") if value is None else Reply(call, value)


def _archive(method: int) -> bytes:
    """The five names of a bundle, packed in this manner."""
    whole = BytesIO()
    with ZipFile(whole, "w", method) as file:
        for name in LIMITS:
            file.writestr(name, b"{}")
    return whole.getvalue()


def _members(path: Path) -> list[bytes]:
    with ZipFile(path) as file:
        return [file.read(name) for name in file.namelist()]


def _short(members: list[bytes]) -> Iterator[bytes]:
    """The members, of the report its verdicts alone, and of these two."""
    *others, report = members
    yield from others
    verdicts = [
        {name: one[name] for name in ("requirement", "receiver", "result", "reason")}
        for one in json.loads(report)["verdicts"][:2]
    ]
    yield msgspec.json.encode({"verdicts": verdicts})


def _settings() -> Iterator[bytes]:
    """``todoku.toml`` as it is documented; before the first NUL stand settings of the environment."""
    whole = (
        b'[store]\nfolder = "a"\nstate = "sqlite:///b"\nrows = "s3://c/d"\nkeep_months = 24\ndomains = ["example.com"]\n\n'
        b'[ingest]\nsources = ["imaps://a@mail.example.com/INBOX"]\npassword_file = "/x"\nacknowledge = "seen"\n'
    )
    yield b"\0" + whole
    yield b"TODOKU_STORE_KEEP_MONTHS=12\nTODOKU_STORE_DOMAINS=a.example, b.example\nTODOKU_STORE_FOLDER=b\0" + whole
    yield b"TODOKU_STORE_KEEP_MONTHS=x\0"
    yield b"\0" + whole.replace(b"folder", b"fodler")
    yield b"\0" + whole.replace(b"[store]", b"[stor]")
    yield b"\0store = 1"
    yield b"\0[store]\nfolder = 1"


def _journals() -> Iterator[bytes]:
    """Journals of a plan ``x``: each state of a step, half a line, and another plan's."""
    held = RecordSet("a.example.com", "TXT", ("v=spf1 -all",), 300)
    change = RecordSetChange(held, ("v=spf1 ~all",))
    call = SesCall("CreateEmailIdentity", {"EmailIdentity": "example.com"}, "eu-west-1")
    at = "2026-11-24T09:00:00+00:00"
    before = (Before("spf", "gmail", "unknown", "spf-elsewhere", "not-asked"),)
    lines: tuple[JournalHead | Line, ...] = (
        JournalHead(journal=1, plan="x", before=before),
        Line(step="a", state="doing", at=at, what=change), Line(step="a", state="done", at=at),
        Line(step="b", state="doing", at=at, what=call, undo=(call,), undo_with="--all"), Line(step="b", state="told", at=at),
        Line(step="a", state="undoing", at=at), Line(step="a", state="undone", at=at),
        Line(step="c", state="doing", at=at, what=call, undo=Irreversible(Text("Why.", "理由。"))),
    )  # fmt: skip
    whole = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    yield from (
        whole,
        whole[:-9],
        whole.replace(b'"x"', b'"y"'),
        whole[:12],
        b"x\n",
        b"x",
        whole.replace(b"1", b"2", 1),
    )
    yield whole.replace(b"doing", b"done", 1)
    yield whole.replace(b'"what"', b'"that"', 1)


def _kept() -> Iterator[bytes]:
    """A file of replies, as it grows during a long look."""
    call = Call(
        "sesv2", "", "eu-west-1", "GetEmailIdentity", (("EmailIdentity", "example.com"), ("x", (1, (2,)))), ("a",)
    )
    first = b'{"todoku":"replies","format":1}\n'
    lines = b"".join(
        msgspec.json.encode({"at": at, "owner": "1", "reply": Reply(call, {"a": [1]})}) + b"\n"
        for at in ("2026-11-24T11:00:00Z", "2026-11-20T11:00:00Z", "2026-11-24T11:00:00")
    )
    yield from (
        first + lines,
        first + lines[:-9],
        first[:9],
        b"x",
        b"x\n",
        first + lines.replace(b"[1,", b'[{"a":1},'),
        b"{{9000*x}}",
    )


Make = Callable[[], Iterable[bytes]]
MADE: Mapping[str, Make] = {
    "aggregates": _aggregates,
    "bundles": _bundles,
    "chains": _chains,
    "damaged": _damaged,
    "events": _events,
    "feedback": _feedback,
    "journals": _journals,
    "keys": _keys,
    "kept": _kept,
    "plans": _plans,
    "replies": _replies,
    "settings": _settings,
    "tls": _tls_reports,
    "values": _values,
}
"""By what a target calls its ``seeds``."""
