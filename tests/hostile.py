"""What the tests of hostile input share: signatures of any tags whatever, keys of any size, and the command itself."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization

from todoku.auth.dkim.canonical import canonical
from todoku.auth.dkim.sign import sign_digest, with_b, write_field
from todoku.cli.main import main
from todoku.mail.message import scan

KEYS = Path(__file__).parent / "keys"
RSA = (KEYS / "customer.pem").read_bytes()
ED25519 = (KEYS / "ed25519.pem").read_bytes()


def public(pem: bytes) -> str:
    """The p= of a private key."""
    key = serialization.load_pem_private_key(pem, None).public_key()
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if pem == ED25519:
        encoding, form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return base64.b64encode(key.public_bytes(encoding, form)).decode()


P = public(RSA)


def signed(raw: bytes, *, key: bytes = RSA, **changes: str) -> bytes:
    """The message below a signature of any tags whatever, whose mathematics are right."""
    tags = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "example.com", "s": "rsa", "h": "from:to:subject"}
    length = int(changes["l"]) if "l" in changes else None
    tags["bh"] = base64.b64encode(canonical(scan(raw)).body_hash("relaxed", length)[0]).decode()
    tags |= changes
    field = write_field("DKIM-Signature", [*tags.items(), ("b", "")])
    names = [name.strip().lower() for name in tags["h"].split(":")]
    digest = canonical(scan(raw)).header_hash(field, names, "relaxed")
    return with_b(field, sign_digest(digest, key, tags["a"])).raw + b"\r\n" + raw


def rsa_key(bits: int, exponent: int = 65537) -> str:
    """The p= of a key of any length and exponent; its numbers are no real key's."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content)
        long = size.to_bytes((size.bit_length() + 7) // 8, "big")
        return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(long)]) + long) + content

    def integer(number: int) -> bytes:
        return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))

    return base64.b64encode(der(0x30, integer((1 << (bits - 1)) + 3) + integer(exponent))).decode()


class Outcome(NamedTuple):
    """What a person sees of one run of the command."""

    code: int
    out: str
    err: str


def todoku(*arguments: str) -> Outcome:
    """The command in this process; what an exception would be in its own, is one here."""
    before, said = sys.argv, TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace")
    with TemporaryDirectory() as folder:
        output = Path(folder) / "out"
        sys.argv = ["todoku", *arguments, "-o", str(output)]
        try:
            with redirect_stderr(said), _plain_environment():
                main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        finally:
            sys.argv = before
        out = output.read_bytes().decode() if output.exists() else ""
    said.flush()
    return Outcome(code, out, said.buffer.getvalue().decode())


@contextmanager
def _plain_environment() -> Iterator[None]:
    kept = {
        name: os.environ.pop(name) for name in ("TODOKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if name in os.environ
    }
    try:
        yield
    finally:
        os.environ.update(kept)


class Checked(NamedTuple):
    """``todoku check`` of one message: its exit code, the report as text, and as JSON."""

    code: int
    text: str
    report: Mapping[str, Any]

    def verdict(self, requirement: str, receiver: str = "gmail") -> tuple[str, str]:
        """The result and the reason's tag."""
        (found,) = (
            one for one in self.report["verdicts"] if (one["requirement"], one["receiver"]) == (requirement, receiver)
        )
        return found["result"], found["reason"]


def checked(folder: Path, raw: bytes, zone: str, *options: str) -> Checked:
    """What ``todoku check`` says of a message whose DNS is a master file, in text and in JSON."""
    message, names = folder / "message.eml", folder / "zone"
    message.write_bytes(raw)
    names.write_text(zone)
    arguments = ("check", str(message), "--dns", f"zone:{names}", *options)
    text, document = todoku(*arguments), todoku(*arguments, "--json")
    assert text.code == document.code
    assert (text.err, document.err) == ("", "")
    return Checked(text.code, text.out, json.loads(document.out))


def txt(name: str, value: str) -> str:
    """A TXT record as a line of a master file."""
    pieces = [value[start : start + 255] for start in range(0, len(value), 255)] or [""]
    return (
        f"{name}. TXT "
        + " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
        + "\n"
    )
