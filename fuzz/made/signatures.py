"""Inputs for what authenticates: keys, messages that were changed, chains, replies of the DNS."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from targets.zones import KEYS, damaged_mail, known_zone

from todoku.auth.arc import seal, validate
from todoku.mail.message import scan
from todoku.net.drivers import run


def keys() -> Iterator[bytes]:
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


def damaged() -> Iterator[bytes]:
    """Signed messages, changed on their way in each manner that is known."""
    for case in damaged_mail.cases(1):
        yield case.raw


def chains() -> Iterator[bytes]:
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


def replies() -> Iterator[bytes]:
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
    for flags, section in ((b"\x81\x81", b""), (b"\x81\x80", b"\7EXAMPLE\3com\0\0\x10\0\1")):  # whole ones
        for end in (b"", b"\0\0\x29\4\xd0" + bytes(6)):
            yield b"\0\0" + flags + bytes((0, bool(section), 0, 0, 0, 0, 0, bool(end))) + section + end
            yield b"\0\0" + flags + bytes((0, bool(section), 0, 0, 0, 0, 0, bool(end))) + section.lower() + end
