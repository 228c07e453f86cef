"""Files of our own that somebody may have written instead: settings, a plan's journal, replies that were kept."""

from __future__ import annotations

from contextlib import chdir, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from targets.authentication import NOW
from targets.registry import inflated, lowered, target
from todoku.apply.journal import Before, Journal, Line, begun, beside, entries_in
from todoku.auth.ask import Call, Reply
from todoku.net.aws import calls
from todoku.net.aws.calls import Kept, decode_replies, encode_replies
from todoku.net.writers import tsig_key as tsig
from todoku.plan.step import Step
from todoku.settings import config as settings
from todoku.settings.config import Config, read_config
from todoku.words.change import Instruction, SesCall
from todoku.words.errors import UsageError
from todoku.words.verdict import Text


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(
        prefix="todoku-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    )  # no disk waits


def own_file(octets: bytes, name: str = "x") -> Path:
    """The octets as a file, its owner's alone."""
    path = Path(_folder().name) / name
    path.write_bytes(octets)
    path.chmod(0o600)
    return path


_MODES = {b"?": 0o644, b"*": 0o646}


@target(
    "settings.config", "settings.settings_errors",
    words=b'[store] [ingest] [watch] [[accept]] [[alerts.routes]] minutes until requirement reason urls level folder = state rows keep_months domains sources password_file acknowledge [ ] { } " \'\'\' """ # , . true 1e9 0x1 '
    b"1979-05-27 07:32:00Z inf nan \\u0041 \\ud800 TODOKU_STORE_KEEP_MONTHS= TODOKU_STORE_DOMAINS=a,b TODOKU_INGEST_SOURCES= -1 99999999999999999999",
    phrases=(b"\0", b"\n", b"{{5000*[}}", b"{{5000*9}}", b"x={{5000*[}}", b"x={{4400*9}}", b"{{2000*{a=}}", b"{{3000*a.}}"),
    cut=rb"[\n=,\[\]\"\0]", seeds="settings", longest=700,
)  # fmt: skip
def config(data: bytes) -> None:
    """Settings, behind those of the environment and a NUL: all of them with their types, or what is wrong.

    What the environment begins with says whose file it is, and who else may read or change it.
    """
    variables, _, text = inflated(data, 6_000, 6_000).partition(b"\0")
    pairs = (line.partition("=") for line in variables.decode("latin-1").split("\n"))
    is_strangers, mode = variables[:1] == b"!", _MODES.get(variables[:1], 0o600)
    owners: dict[str, Any] = {"_trusted_owners": lambda _: ()} if is_strangers else {}
    try:
        with lowered(settings, MAX_FILE=5_500, **owners):
            place = own_file(text, settings.FILE)
            place.chmod(mode)
            with chdir(place.parent):  # as it lies where someone calls todoku, and not named
                found = read_config(None, {name: value for name, _, value in pairs})
    except UsageError as refused:
        assert refused.text.ja
        return
    assert not is_strangers
    assert mode != 0o646
    assert msgspec.convert(msgspec.to_builtins(found), Config) == found


_STEP = Step(id="z", action=Instruction(Text("Do.", "する。")), why=Text("Why.", "理由。"))
_CALL = SesCall("CreateEmailIdentity", {"EmailIdentity": "example.com"}, "eu-west-1")
_BEFORE = (Before("spf", "gmail", "fail", "spf-fail"),)


@target(
    "apply.journal",
    words=b'{"journal":1,"plan":"x" "before":[ "step":"a" "state":"doing" "done" "undone" "told" "undoing" "at":"x" "what":{"type":"ses" '
    b'"type":"record-set" "undo":[] "undo_with":"" } ] { [ , : null true 1e9',
    phrases=(b"\n", b"{{9000*[}}", b'{"step":"a","state":"done","at":""}\n', b'{"step":"a","state":"undone","at":""}\n'),
    cut=rb"(?<=\n)|[\[\]{},:]", seeds="journals", longest=1_000,
)  # fmt: skip
def journal(data: bytes) -> None:
    """A journal: what it knows is the same whoever opens it, and more can be said; what is none is left as it is."""
    octets = inflated(data, 20_000)
    path = own_file(octets)
    try:
        known = entries_in(path, "x")
    except UsageError as refused:
        assert refused.text.ja
        with suppress(UsageError), Journal(path, "x"):
            raise AssertionError("opened to write, but not to read") from refused
        assert path.read_bytes() == octets
        return
    with Journal(path, "x") as opened:
        assert opened.entries == known
        assert opened.is_new <= (not known)
        if opened.is_new:
            opened.begin(_BEFORE)
        for line in (begun(_STEP, _CALL, "x"), Line(step="z", state="done", at="x")):
            opened.append(line)
        added = opened.entries
        assert [one.step for one in added] == [*(one.step for one in known if one.step != "z"), "z"]
    assert entries_in(path, opened.head.plan) == added
    with Journal(path, opened.head.plan) as again:
        assert again.entries == added
        assert all(again.entry(one.step) == one for one in added)
    assert beside(path).name == "x.journal"


_ASKED = Call("sesv2", "", "eu-west-1", "GetAccount")


@target(
    "net.aws.calls",
    words=b'{"todoku":"replies","format":1} {"at":"2026-11-24T11:00:00Z" "owner":"1" "reply":{ "call":[ "sesv2" "status":"ok" "absent" "value":{ '
    b'"denied" "x" null true [ ] { } , : 1e9',
    phrases=(b"\n", b"{{9000*[}}", b'{"todoku":"replies","format":1}\n'), cut=rb"(?<=\n)|[\[\]{},:]", seeds="kept", longest=700,
)  # fmt: skip
def kept_replies(data: bytes) -> None:
    """A file of replies: each is one that may be asked for again; and the same as a bundle holds them."""
    octets = inflated(data, 20_000)
    try:
        with lowered(calls, MAX_KEPT=4_000), Kept(own_file(octets), now=lambda: NOW) as kept:
            kept.add(Reply(_ASKED, {"a": 1}), "1")
            kept.add(Reply(_ASKED, status="denied"), "2")
            number = len(kept)
    except UsageError as refused:
        assert refused.text.ja
        assert _replaced(octets)
        return
    with Kept(Path(_folder().name) / "x", now=lambda: NOW) as again:
        assert len(again) == number
        assert again.get(_ASKED, "2") is None
        assert again.get(_ASKED, "1") == Reply(_ASKED, {"a": 1})
    try:
        replies = decode_replies(b"[" + b",".join(octets.splitlines()[1:]) + b"]")
    except (ValueError, RecursionError):
        return
    assert decode_replies(encode_replies(replies)) == replies
    assert len({hash(reply.call) for reply in replies}) <= len(replies)


def _replaced(octets: bytes) -> bool:
    """Whether a file that is none of ours is as it was."""
    return (Path(_folder().name) / "x").read_bytes() == octets


@target(
    "net.writers.tsig_key",
    words=b'key "todoku" { } ; algorithm hmac-sha256 hmac-md5 secret "AAAA" " // # /* */ - id: algorithm: secret: todoku. \xe7\xa7\x98 \\999 xn--',
    phrases=(b"\n", b" ", b"{{9000*/* }}", b'key "a" { algorithm hmac-sha256; secret "AAAA"; };', b"- id: a\n  algorithm: hmac-sha256\n  secret: AAAA\n"),
    cut=rb'[\s{};"]', seeds="tsig", longest=300,
)  # fmt: skip
def tsig_key(data: bytes) -> None:
    """A key file: one key, or what is wrong with it, without the secret."""
    path = own_file(inflated(data, 20_000))
    path.chmod(0o604 if data.endswith(b"!") else 0o600)
    with lowered(tsig, MAX_KEY_FILE=10_000):
        try:
            found = tsig.read_key(path)
        except UsageError as refused:
            assert refused.text.ja
            return
    assert found.algorithm.to_text(omit_final_dot=True) in tsig.ALGORITHMS
    assert found.name.is_absolute()
    assert not data.endswith(b"!")  # everybody could open it
    assert repr(found) == f"<TSIG key {found.name} {found.algorithm}>"
