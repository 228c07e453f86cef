"""Sign a test message: ``python tests/mint.py CASE/message.eml customer:example.com:TOKEN amazonses:amazonses.com:ses``.

Each argument after the file is key:domain:selector[:option,...]. The signatures go above the From-side fields and below the
trace fields (Return-Path, Received, Authentication-Results, ARC-*), the first argument topmost, as SES does. Signatures of
a former run (``t=1790000000``, or the same d= and s=) are replaced, so a message can be edited and signed again. Options:
``relaxed`` (body; default simple as SES), ``h=from;subject`` (which fields), ``l``, ``t=SECONDS`` (since 1970),
``x=SECONDS`` (after t), ``i=user@sub``.
The test keys are in ``tests/keys``; their public halves are in ``tests/cases/base.zone``. The file may have LF line ends; it
is written back with CRLF.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

KEYS = Path(__file__).parent / "keys"
TIMESTAMP = 1790000000
TRACE = re.compile(
    rb"^(return-path|received|authentication-results|arc-[a-z-]+|x-received|delivered-to|x-google-[a-z-]+|received-spf):",
    re.IGNORECASE,
)
SIGNED = "from to subject date message-id mime-version content-type content-transfer-encoding reply-to list-unsubscribe list-unsubscribe-post"


def relaxed_header(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()


def canonical_body(body: bytes, how: str) -> bytes:
    if how == "relaxed":
        body = re.sub(rb"[ \t]+\r\n", b"\r\n", re.sub(rb"[ \t]+", b" ", body))
    body = re.sub(rb"(\r\n)*$", b"", body)
    return body + b"\r\n" if body or how == "simple" else b""


def sign(fields: list[bytes], body: bytes, key: str, domain: str, selector: str, options: dict[str, str]) -> bytes:
    """A DKIM-Signature field, written out of RFC 6376 alone so that it judges our own engine independently."""
    private = serialization.load_pem_private_key((KEYS / f"{key}.pem").read_bytes(), None)
    how = "relaxed" if "relaxed" in options else "simple"
    canonical = canonical_body(body, how)
    names = options["h"].replace(";", " ").split() if "h" in options else SIGNED.split()
    present = [n for n in names if any(relaxed_header(f).startswith(n.encode() + b":") for f in fields)]
    algorithm = "ed25519-sha256" if isinstance(private, ed25519.Ed25519PrivateKey) else "rsa-sha256"
    timestamp = int(options.get("t", TIMESTAMP))
    tags = f"v=1; a={algorithm}; q=dns/txt; c=relaxed/{how}; s={selector};\r\n\td={domain}; t={timestamp};"
    if "x" in options:
        tags += f" x={timestamp + int(options['x'])};"
    if "i" in options:
        tags += f" i={options['i']};"
    if "l" in options:
        tags += f" l={len(canonical)};"
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    unsigned = f"DKIM-Signature: {tags}\r\n\th={':'.join(present)};\r\n\tbh={digest};\r\n\tb=".encode()
    data = b""
    for name in present:
        picked = [f for f in fields if relaxed_header(f).startswith(name.encode() + b":")][-1]
        data += relaxed_header(picked) + b"\r\n"
    data += relaxed_header(unsigned)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        signature = private.sign(hashlib.sha256(data).digest())
    else:
        assert isinstance(private, rsa.RSAPrivateKey)
        signature = private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    text = base64.b64encode(signature).decode()
    return unsigned + "\r\n\t ".join(text[i : i + 70] for i in range(0, len(text), 70)).encode()


def mint(raw: bytes, *signers: str) -> bytes:
    """The message with its signatures, line ends CRLF."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    again = [
        b"s=%s;\r\n\td=%s;" % (selector.encode(), domain.encode())
        for _, domain, selector in (s.split(":")[:3] for s in signers)
    ]
    old = [b"t=%d" % TIMESTAMP, *again]
    fields = [f for f in fields if not (f.lower().startswith(b"dkim-signature:") and any(mark in f for mark in old))]
    top = next((i for i, f in enumerate(fields) if not TRACE.match(f)), len(fields))
    below = fields[top:]
    signatures = []
    for signer in reversed(signers):
        key, domain, selector, *rest = signer.split(":", 3)
        options = dict(o.partition("=")[::2] for o in rest[0].split(",")) if rest else {}
        signatures.insert(0, sign(below, body, key, domain, selector, options))
    return b"\r\n".join([*fields[:top], *signatures, *below]) + b"\r\n\r\n" + body


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_bytes(mint(path.read_bytes(), *sys.argv[2:]))
