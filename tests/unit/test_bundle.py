"""Bundles: what goes in comes out, and nothing else does."""

from __future__ import annotations

import hashlib
import tracemalloc
import zipfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todoku.auth.ask import Answer, Call, Question, Reply
from todoku.net.bundle import CALLS, LIMITS, MAX_JSON, Bundle, read_bundle, write_bundle
from todoku.net.drivers import Recorded, Transcript
from todoku.words.errors import UsageError

ANSWERS = (
    Answer(Question("example.com", "TXT"), ("v=spf1 \xe3\x81\x82 -all",), ttl=300, authenticated=True),
    Answer(Question("gone.example.com", "A"), status="nxdomain", authority="example.com"),
    Answer(Question("slow.example.com", "MX"), status="timeout", detail="no answer from 192.0.2.53:53 in time"),
)
BUNDLE = Bundle(
    message=b"From: a@example.com\r\n\r\n\0\xff",
    options={"ip": "192.0.2.1", "as_of": "2026-11-24", "receivers": ["gmail"], "now": None},
    transcript=ANSWERS,
    report=b'{"todoku": {"report": 1}}',
    rules="2026-07-02",
)


REPLIES = (
    Reply(
        Call("sesv2", "me@work", "ap-northeast-1", "GetEmailIdentity", (("EmailIdentity", "例.jp"),), ("Tags",)),
        {
            "Tags": [{"Key": "team", "Value": "mail"}],
            "Deep": {"Number": 0.5, "None": None, "At": "2026-11-24T09:00:00+00:00"},
        },
    ),
    Reply(
        Call("sesv2", "", "us-east-1", "ListTenants", (("Nested", ((("a", 1),), "b")),), (), paged=True), status="limit"
    ),
    Reply(Call("sesv2", "", "us-east-1", "GetAccount"), status="denied", detail="AccessDeniedException: no"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bundle.zip"


def packed(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, octets in members.items():
            file.writestr(name, octets)
    return path


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as refused:
        read_bundle(path)
    assert str(path) in refused.value.text.en
    assert str(path) in refused.value.text.ja
    return refused.value.text.en


def test_what_was_written_is_read(path):
    write_bundle(path, BUNDLE)
    assert read_bundle(path) == BUNDLE


def test_replies_come_back_and_are_found_by_their_calls(path):
    write_bundle(path, msgspec.structs.replace(BUNDLE, replies=REPLIES))
    bundle = read_bundle(path)
    assert bundle.replies == REPLIES
    assert Recorded(Transcript(bundle.transcript, bundle.replies)).replies([reply.call for reply in REPLIES]) == [
        *REPLIES
    ]


def test_a_bundle_without_calls_is_as_it_always_was(path):
    write_bundle(path, BUNDLE)
    assert sorted(members_of(path)) == sorted(LIMITS)
    assert read_bundle(path).replies == ()


@pytest.mark.parametrize(
    "calls",
    [b"", b"{}", b"[1]", b'[{"call": ["s"]}]', b"[" * 20_000, b'[{"call": ["s", "", "", "o", [["p", {}]]]}]'],
)
def test_damaged_calls(path, calls):
    write_bundle(path, BUNDLE)
    assert "it is damaged" in refusal(packed(path, {**members_of(path), CALLS: calls}))


def test_bomb_of_calls(path):
    write_bundle(path, BUNDLE)
    assert "calls.json is too large" in refusal(packed(path, {**members_of(path), CALLS: bytes(MAX_JSON + 1)}))


@pytest.mark.parametrize(
    "large", [{"message": bytes(LIMITS["message.eml"] + 1)}, {"report": bytes(LIMITS["report.json"] + 1)}]
)
def test_what_could_not_be_read_again_is_not_written(path, large):
    with pytest.raises(UsageError, match="is the most"):
        write_bundle(path, msgspec.structs.replace(BUNDLE, **large))
    assert not path.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    message=st.binary(),
    report=st.binary(),
    options=st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.lists(st.text()), max_size=5),
    records=st.lists(st.text(st.characters(max_codepoint=255)), max_size=3),
)
def test_any_contents_come_back(path, message, report, options, records):
    answers = (Answer(Question("example.com", "TXT"), tuple(records)),)
    bundle = Bundle(message=message, options=options, transcript=answers, report=report)
    write_bundle(path, bundle)
    assert read_bundle(path) == bundle


def test_same_contents_are_the_same_octets(path, tmp_path):
    write_bundle(path, BUNDLE)
    write_bundle(tmp_path / "again.zip", BUNDLE)
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((tmp_path / "again.zip").read_bytes()).digest()
    with zipfile.ZipFile(path) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_missing_file_and_folder(path, tmp_path):
    assert "No such file" in refusal(path)
    assert "directory" in refusal(tmp_path)
    with pytest.raises(UsageError, match="cannot write"):
        write_bundle(tmp_path / "absent" / "bundle.zip", BUNDLE)


@pytest.mark.parametrize("octets", [b"", b"PK", b"From: a@example.com\r\n" * 9, b"PK\5\6" + bytes(18)])
def test_other_files(path, octets):
    path.write_bytes(octets)
    assert "is not a bundle" in refusal(path)


def test_every_truncation(path):
    write_bundle(path, BUNDLE)
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        refusal(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(at=st.integers(0, 2000), octet=st.integers(0, 255))
def test_a_wrong_octet_raises_nothing_else(path, at, octet):
    write_bundle(path, BUNDLE)
    whole = bytearray(path.read_bytes())
    whole[at % len(whole)] = octet
    path.write_bytes(whole)
    try:
        bundle = read_bundle(path)
    except UsageError:
        return
    assert (bundle.message, bundle.transcript) == (BUNDLE.message, BUNDLE.transcript)  # the checksums saw to that


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("change", ["missing", "twice as many", "elsewhere"])
def test_names_are_fixed(path, name, change):
    write_bundle(path, BUNDLE)
    members = members_of(path)
    if change == "twice as many":
        members[f"2{name}"] = b""
    else:
        octets = members.pop(name)
        members |= {f"../{name}": octets} if change == "elsewhere" else {}
    assert "other files" in refusal(packed(path, members))


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_bomb(path, name):
    write_bundle(path, BUNDLE)
    members = members_of(path) | {name: bytes(LIMITS[name] + 1)}
    assert f"{name} is too large" in refusal(packed(path, members))


def test_message_of_the_largest_size(path):
    largest = msgspec.structs.replace(BUNDLE, message=bytes(LIMITS["message.eml"]))
    write_bundle(path, largest)
    assert read_bundle(path) == largest


def test_long_directory_is_not_even_listed(path):
    packed(path, {f"{number}.eml": b"" for number in range(20_000)}, zipfile.ZIP_STORED)
    size = path.stat().st_size
    tracemalloc.start()
    try:
        assert "other files" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * size  # a list of its 20,000 members takes five times that
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "octets", "said"),
    [
        ("bundle.json", b'{"bundle": 2, "rules": "", "options": {}}', "format is 2"),
        ("bundle.json", b'{"bundle": 1}', "damaged"),
        ("bundle.json", b'{"bundle": 1, "rules": "", "options": ' + b"[" * 100_000, "damaged"),
        ("transcript.json", b'[{"question": ["example.com"]}]', "damaged"),
        ("transcript.json", b'[{"question": ["a", "A"], "status": "fine"}]', "damaged"),
        ("transcript.json", b"\xff", "damaged"),
    ],
)
def test_contents_are_checked(path, name, octets, said):
    write_bundle(path, BUNDLE)
    assert said in refusal(packed(path, members_of(path) | {name: octets}))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("flipped", [False, True])
def test_other_ways_of_packing_are_refused(path, compression, flipped):
    write_bundle(path, BUNDLE)
    members = {name: octets * 100 for name, octets in members_of(path).items()}
    whole = bytearray(packed(path, members, compression).read_bytes())
    whole[60] ^= 0xFF if flipped else 0
    path.write_bytes(whole)
    assert "packed in a way" in refusal(path)


def test_a_bundle_may_be_stored(path):
    write_bundle(path, BUNDLE)
    assert read_bundle(packed(path, members_of(path), zipfile.ZIP_STORED)) == BUNDLE


@given(st.integers(0, 2**32 - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_directory_that_leads_anywhere(path, offset):
    write_bundle(path, BUNDLE)
    whole = bytearray(path.read_bytes())
    entry = whole.rindex(b"PK\1\2")
    whole[entry + 42 : entry + 46] = offset.to_bytes(4, "little")
    path.write_bytes(whole)
    refusal(path)


def test_options_take_no_memory_to_speak_of(path):
    write_bundle(path, BUNDLE)
    options = b'{"bundle": 1, "rules": "", "options": {"a": [' + b"{}," * (LIMITS["bundle.json"] // 4) + b"{}]}}"
    packed(path, members_of(path) | {"bundle.json": options})
    tracemalloc.start()
    try:
        read_bundle(path)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


def test_hostile_zips(hostile_inputs):
    zips = sorted(hostile_inputs.glob("zip-*.bin"))
    assert zips
    for path in zips:
        refusal(path)
