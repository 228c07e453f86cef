"""The key file, as its programs write it, and as people spoil it."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.net.writers.tsig_key import _knot_keys, _named_keys, read_key
from todoku.words.errors import UsageError

SECRET = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNh//8="
NAMED = f'key "todoku" {{\n\talgorithm hmac-sha256;\n\tsecret "{SECRET}";\n}};\n'


@pytest.fixture
def read(tmp_path):
    def read(text, mode=0o600):
        path = tmp_path / "a key"
        path.write_text(text)
        path.chmod(mode)
        return read_key(path)

    return read


@pytest.mark.parametrize(
    "text",
    [
        NAMED,
        NAMED.replace('"todoku"', "todoku").replace(f'"{SECRET}"', SECRET),
        NAMED.replace("\n", " ").replace("};", "}"),
        f'key todoku {{ secret "{SECRET}"; algorithm HMAC-SHA256; }};',
        f"# made by hand // twice\n// key\n/* key x {{ */\n{NAMED}",
        f"key:\n  - id: todoku\n    algorithm: hmac-sha256\n    secret: {SECRET}\n",
        f'key:\n  - id: "todoku"\n    secret: "{SECRET}"  # a comment\n    algorithm: hmac-sha256\n',
    ],
)
def test_form(read, text):
    key = read(text)
    assert (key.name.to_text(), key.algorithm.to_text()) == ("todoku.", "hmac-sha256.")
    assert key.secret == base64.b64decode(SECRET)


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha384", "hmac-sha512"])
def test_as_keymgr_writes_it(read, algorithm):
    program = which("keymgr") or which("keymgr", path="/usr/sbin")
    if program is None:
        pytest.skip("Knot DNS not found: apt-get install knot")
    text = subprocess.run([program, "-t", "todoku", algorithm], check=True, capture_output=True, text=True).stdout
    assert read(text).algorithm.to_text() == f"{algorithm}."


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "0 keys"),
        ("todoku " + SECRET, "0 keys"),
        (NAMED + NAMED.replace("todoku", "other"), "2 keys"),
        (NAMED.replace("hmac-sha256", "hmac-md5"), "hmac-md5"),
        (NAMED.replace("hmac-sha256", "hmac-sha1"), "hmac-sha1"),
        (NAMED.replace(SECRET, "not base64!"), "base64"),
        (NAMED.replace("todoku", "a..b"), "domain name"),
        (NAMED.replace("\tsecret", "\tport 53; secret"), "0 keys"),
        (NAMED + "x" * 65_536, "64 KiB"),
    ],
)
def test_refused(read, text, word):
    with pytest.raises(UsageError, match=word) as caught:
        read(text)
    assert SECRET not in caught.value.text.en + caught.value.text.ja


@pytest.mark.parametrize(
    ("mode", "fine"), [(0o400, True), (0o640, True), (0o644, False), (0o602, False), (0o604, False)]
)
def test_mode(read, mode, fine):
    if fine:
        assert read(NAMED, mode)
        return
    with pytest.raises(UsageError, match="chmod 600"):
        read(NAMED, mode)


def test_no_file(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_key(tmp_path / "none")


def test_no_key_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UsageError, match="no ordinary file"):
            read_key(path)


def test_its_text_form_holds_no_secret(read):
    key = read(NAMED)
    assert repr(key) == str(key) == "<TSIG key todoku. hmac-sha256.>"


@given(st.text(alphabet='key"{};/*#\n aid:-=', max_size=200) | st.text(max_size=200))
def test_nothing_raises(text):
    assert isinstance(_named_keys(text) + _knot_keys(text), list)


def test_a_secret_that_is_not_ascii_is_none(read):
    with pytest.raises(UsageError, match="not base64"):
        read('key "todoku" { algorithm hmac-sha256; secret "秘密"; };')


def test_a_comment_that_does_not_end_goes_on_to_the_end():
    assert len(_named_keys(NAMED + "/* " + NAMED)) == 1
    assert _named_keys("/* " * 20_000 + NAMED) == []


def test_a_secret_in_the_place_of_the_algorithm_is_not_shown(read):
    with pytest.raises(UsageError) as said:
        read(f'key todoku {{ algorithm "{SECRET}"; secret hmac-sha256; }};')
    assert SECRET[:12] not in said.value.text.en + said.value.text.ja
