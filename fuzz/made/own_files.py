"""Plans, bundles, settings, journals and kept replies, as we write them and as nobody should."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_LZMA, ZipFile

import msgspec
from targets.authentication import NOW
from targets.zones import TESTS, known_zone

from todoku.account.read import Wanted
from todoku.api import Settings, check, check_domain, checking_accounts
from todoku.apply.journal import Before, Line
from todoku.apply.journal import Head as JournalHead
from todoku.auth.ask import Call, Reply
from todoku.cli.recording import keep, keep_accounts
from todoku.net.bundle import LIMITS
from todoku.net.drivers import run_look
from todoku.plan.document import written
from todoku.plan.step import Conflict, Expectation, Plan, Step, Wait
from todoku.words.change import Instruction, Irreversible, Output, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text


def plans() -> Iterator[bytes]:
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


def bundles() -> Iterator[bytes]:
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


def settings() -> Iterator[bytes]:
    """``todoku.toml`` as it is documented; before the first NUL stand settings of the environment."""
    whole = (
        b'[store]\nfolder = "a"\nstate = "sqlite:///b"\nrows = "s3://c/d"\nkeep_months = 24\ndomains = ["example.com"]\n\n'
        b'[ingest]\nsources = ["imaps://a@mail.example.com/INBOX"]\npassword_file = "/x"\nacknowledge = "seen"\n'
    )
    yield b"\0" + whole
    yield b"TODOKU_STORE_KEEP_MONTHS=12\nTODOKU_STORE_DOMAINS=a.example, b.example\nTODOKU_STORE_FOLDER=b\0" + whole
    yield b'\0[watch]\nsubjects = ["example.com"]\nminutes = 60\n[[accept]]\nrequirement = "tls"\nreason = "x"\nuntil = 2027-03-31\n'
    yield b"\0[watch]\nminutes = 1\n"
    yield b'\0[[alerts.routes]]\nurls = ["mailto://a"]\nlevel = "fail"\n'
    yield b"TODOKU_STORE_KEEP_MONTHS=x\0"
    yield b"\0" + whole.replace(b"folder", b"fodler")
    yield b"\0" + whole.replace(b"[store]", b"[stor]")
    yield from (
        b"\0store = 1",
        b"\0[store]\nkeep_months = -1",
        b"\0x = ",
        b"\0x = {{5000*[}}",
        b"\0x = {{5000*9}}",
        b"\0{{5900*#}}",
    )
    yield b"\0[store]\nfolder = 1"
    yield b'\0[[accept]]\nrequirement = "tls"\nreason = "x"\n'
    yield b'\0[[accept]]\nrequirement = "tls"\nreason = "x"\nuntil = 1\n'
    yield b'\0[[alerts.routes]]\nto = "x"\n'
    yield b'\0[[alerts.routes]]\nlevel = "x"\n'
    yield b'\0[ingest]\nacknowledge = "x"\n'
    yield b"TODOKU_INGEST_ACKNOWLEDGE=x\0"
    yield b"!\0" + whole
    yield b"\0[store]\nkeep_months = 99999999999999999999\n"
    yield b"\0[store]\ndomains = [1]\n"
    yield b"\0x = '\xff'"


def journals() -> Iterator[bytes]:
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


def kept() -> Iterator[bytes]:
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


def tsig() -> Iterator[bytes]:
    """Key files as tsig-keygen and keymgr write them, and with each thing that makes one none."""
    named = b'key "todoku" {\n\talgorithm hmac-sha256;\n\tsecret "AAAA";\n};\n'
    turned = b'key todoku { secret "AAAA"; algorithm hmac-sha512; };'
    knot = b"- id: todoku.\n  algorithm: hmac-sha384\n  secret: AAAA\n"
    yield from (
        named,
        turned,
        knot,
        b"# x\n/* y */ // z\n" + named,
        named * 2,
        b"",
        b"{{9000*/* }}",
        b"{{15000*a}}",
        knot * 2,
    )
    yield knot + b"#!"
    for before, after in (
        (b"hmac-sha256", b"hmac-md5"),
        (b"hmac-sha256", b"AAAA"),
        (b"AAAA", b"!"),
        (b"AAAA", b"\xe7\xa7\x98"),
        (b"todoku", b"a..b"),
    ):
        yield named.replace(before, after)
