"""Who writes, as a person says it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from todoku.net.dns.zone import Zone
from todoku.net.writers.by_hand import ByHand
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.writer_option import writer_for
from todoku.words.errors import UsageError

NOWHERE = Zone.from_dict({})


def test_by_hand():
    assert isinstance(writer_for("hand", source=NOWHERE), ByHand)


@pytest.mark.parametrize(
    ("spec", "server"),
    [
        ("rfc2136://192.0.2.1", "192.0.2.1:53"),
        ("rfc2136://192.0.2.1:5353/example.com", "192.0.2.1:5353"),
        ("rfc2136://[2001:db8::1]:53/example.com.", "[2001:db8::1]:53"),
        ("rfc2136://ns1.example.com/", "ns1.example.com:53"),
    ],
)
def test_name_server(spec, server, key_file):
    writer = writer_for(spec, source=NOWHERE, tsig=key_file)
    assert isinstance(writer, Rfc2136Writer)
    assert str(writer._server) == server
    assert writer._only == ("example.com" if "example.com" in spec.rpartition("/")[2] else "")


@pytest.mark.parametrize(
    "spec",
    [
        *("", "dns", "route53x", "route53:", "HAND", "rfc2136:192.0.2.1", "rfc2136://", "rfc2136:///example.com"),
        *(
            "rfc2136://192.0.2.1:x",
            "rfc2136://192.0.2.1:99999",
            "rfc2136://192.0.2.1:0",
            "rfc2136://[::1",
            "rfc2136://a@192.0.2.1",
        ),
        *(
            "rfc2136://192.0.2.1/?zone=example.com",
            "rfc2136://192.0.2.1/a b",
            "rfc2136://192.0.2.1/a..b",
            "rfc2136://192.0.2.1/a/b",
        ),
    ],
)
def test_refused(spec, key_file):
    with pytest.raises(UsageError) as caught:
        writer_for(spec, source=NOWHERE, tsig=key_file if "2136:" in spec else None)
    assert "rfc2136://SERVER" in caught.value.text.en


def test_updates_are_signed():
    with pytest.raises(UsageError, match="--tsig"):
        writer_for("rfc2136://192.0.2.1", source=NOWHERE)


def test_a_key_for_those_that_sign_nothing(key_file):
    with pytest.raises(UsageError, match="--tsig"):
        writer_for("hand", source=NOWHERE, tsig=key_file)


def test_each_library_is_loaded_for_its_writer_alone():
    script = (
        "import sys; from todoku.net.writers.writer_option import writer_for; from todoku.net.dns.zone import Zone;"
        "writer_for('hand', source=Zone()); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert "todoku.net.writers.by_hand" in loaded
    assert {"boto3", "botocore", "dns"}.isdisjoint(loaded)
