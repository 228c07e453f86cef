"""Replies as JSON, and the file of replies that lets a look be resumed: torn ends, strangers' files, old replies."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todoku.auth.ask import Call, Reply
from todoku.net.aws import calls
from todoku.net.aws.calls import Kept, decode_replies, encode_replies
from todoku.words.errors import UsageError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWNER = "123456789012"

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
parameters = st.recursive(plain, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
made_calls = st.builds(
    Call,
    *(st.text(max_size=5) for _ in range(4)),
    parameters=st.lists(st.tuples(st.text(max_size=5), parameters), max_size=3).map(tuple),
    fields=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    paged=st.booleans(),
)
made_replies = st.builds(
    Reply,
    call=made_calls,
    value=st.dictionaries(st.text(max_size=5), values, max_size=3),
    status=st.sampled_from(["ok", "absent", "denied", "limit"]),
    detail=st.text(max_size=5),
)


def identity(name: str, status="ok") -> Reply:
    call = Call("sesv2", "", "us-east-1", "GetEmailIdentity", (("EmailIdentity", name),), ("Tags",))
    return Reply(call, {"Tags": [{"Key": "a", "Value": "b"}]} if status == "ok" else {}, status=status)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def kept(path: Path, at: datetime = NOW) -> Kept:
    return Kept(path, now=lambda: at)


def wrote(path: Path, *replies: Reply) -> bytes:
    with kept(path) as file:
        for reply in replies:
            file.add(reply, OWNER)
    return path.read_bytes()


def found(path: Path, *replies: Reply, at: datetime = NOW) -> list[bool]:
    with kept(path, at) as file:
        return [file.get(reply.call, OWNER) == reply for reply in replies]


@given(st.lists(made_replies, max_size=4).map(tuple))
def test_any_replies_come_back(replies):
    again = decode_replies(encode_replies(replies))
    assert again == replies
    assert all(hash(reply.call) == hash(before.call) for reply, before in zip(again, replies, strict=True))


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused(octets):
    with suppress(ValueError, RecursionError):
        assert isinstance(decode_replies(octets), tuple)


def test_what_is_kept_is_there_the_next_time(path):
    a, b = identity("a.example"), identity("b.example", "absent")
    wrote(path, a, b)
    assert found(path, a, b) == [True, True]
    with kept(path) as file:
        assert len(file) == 2
        assert file.get(a.call, "210987654321") is None
        assert file.get(a.call._replace(region="us-east-2"), OWNER) is None


def test_an_account_that_is_not_known_has_nothing_kept(path):
    with kept(path) as file:
        file.add(identity("a.example"), "")
        assert file.get(identity("a.example").call, "") is None


@pytest.mark.parametrize("status", ["denied", "throttled", "refused", "unreachable", "limit", "not-recorded"])
def test_what_could_not_be_had_is_not_kept(path, status):
    wrote(path, identity("a.example", status))
    assert path.read_bytes() == calls._HEAD


def test_only_its_owner_reads_it(path):
    wrote(path, identity("a.example"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reply_is_good_for_a_day(path):
    a = identity("a.example")
    wrote(path, a)
    assert found(path, a, at=NOW + timedelta(days=1) - timedelta(seconds=1)) == [True]
    assert found(path, a, at=NOW + timedelta(days=1)) == [False]


def test_a_later_reply_takes_the_place_of_an_earlier_one(path):
    wrote(path, identity("a.example"))
    later = identity("a.example", "absent")
    wrote(path, later)
    assert found(path, later) == [True]


def test_wherever_it_was_killed_it_goes_on(path):
    a, b, c = (identity(f"{name}.example") for name in "abc")
    whole = wrote(path, a, b)
    first = len(wrote(path.with_name("one"), a))
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert found(path, a, b) == [end >= first, False], end
        wrote(path, c)
        assert found(path, a, b, c) == [end >= first, False, True], end


def test_a_damaged_line_is_asked_again(path):
    a, b = identity("a.example"), identity("b.example")
    lines = wrote(path, a, b).splitlines(keepends=True)
    for damage in (
        b"{}\n",
        b"\n",
        b"\xff\n",
        lines[1].replace(b"+00:00", b"").replace(b"Z", b""),
        b"[" * 20_000 + b"\n",
    ):
        path.write_bytes(lines[0] + damage + lines[2])
        assert found(path, a, b) == [False, True], damage[:20]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(at=st.integers(0, 2000), octet=st.integers(0, 255))
def test_a_wrong_octet_raises_nothing_else(path, at, octet):
    path.unlink(missing_ok=True)
    whole = bytearray(wrote(path, identity("a.example"), identity("b.example")))
    whole[at % len(whole)] = octet
    path.write_bytes(whole)
    try:
        found(path, identity("a.example"))
    except UsageError:
        assert path.read_bytes() == whole  # a file that is not ours is left as it is


@pytest.mark.parametrize(
    "octets", [b"From: a@example.com\r\n", b"PK\x03\x04", b"{}\n", b"\n", b'{"todoku":"replies","format":2}\n']
)
def test_a_file_that_is_something_else_is_left_alone(path, octets):
    path.write_bytes(octets)
    with pytest.raises(UsageError, match="left as it is"):
        kept(path)
    assert path.read_bytes() == octets


@pytest.mark.parametrize(("more", "opens"), [(0, True), (1, False)])
def test_its_size_is_bounded(path, monkeypatch, more, opens):
    size = len(wrote(path, identity("a.example")))
    monkeypatch.setattr(calls, "MAX_KEPT", size - more)
    if opens:
        assert found(path, identity("a.example")) == [True]
    else:
        with pytest.raises(UsageError, match="too large"):
            kept(path)


def test_a_place_where_nothing_can_be_written(tmp_path):
    with pytest.raises(UsageError, match="cannot keep replies"):
        kept(tmp_path)
    with pytest.raises(UsageError, match="cannot keep replies"):
        kept(tmp_path / "none" / "kept")


def test_a_full_disk(path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb", buffering=0) as disk, kept(path) as file:
        own, file._file = file._file, disk.fileno()
        with pytest.raises(UsageError, match="No space left"):
            file.add(identity("a.example"), OWNER)
        file._file = own


def test_no_link_is_followed_and_no_pipe_waited_for(path):
    target = path.with_name("precious")
    path.symlink_to(target)
    with pytest.raises(UsageError, match="cannot keep replies"):
        Kept(path)
    assert not target.exists()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UsageError, match="it is no ordinary file"):
        Kept(path)


def test_a_file_that_others_could_read_is_the_owners_alone_from_then_on(path):
    path.touch(mode=0o666)
    path.chmod(0o666)
    with Kept(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
