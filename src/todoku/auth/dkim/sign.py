"""Sign a message with DKIM: RFC 6376 section 5. The length tag l= is never written: it lets others add to the body."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence

from todoku.auth.dkim.canonical import canonical
from todoku.auth.dkim.signature import FORMS, read_signature
from todoku.mail.message import Field, Message, scan
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

_VALUE = re.compile(r"[!-:<-~]*")  # of a tag: RFC 6376 3.2 without the white space that folds it
WIDTH = 72  # octets of a line, without the space that begins it

# What a person or their program reads (RFC 6376 5.4.1): listed once more than it occurs, so that none can be added.
OVERSIGNED = ("from", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type")
# Listed as often as it occurs: a mailing list may well add its own.
SIGNED = (
    "in-reply-to",
    "references",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)


def sign(  # noqa: PLR0913 -- the tags of a signature, all by name
    message: Message | bytes,
    *,
    domain: str,
    selector: str,
    private_key: bytes,
    algorithm: str = "rsa-sha256",
    headers: Sequence[str] | None = None,
    canonicalization: str = "relaxed/relaxed",
    timestamp: int | None = None,
    expires: int | None = None,
    identity: str = "",
) -> bytes:
    """A DKIM-Signature field with its CRLF, to stand before the message. ``private_key`` is PEM.

    ``headers`` are the names in h=: a name that stands there n times covers its n lowest fields, and where it has fewer
    keeps others from being added; without them h= is ``oversigned``. Raises ``UsageError`` for a key that does not fit
    the algorithm and for tags that no verifier would accept: headers without From, an identity outside the domain.
    """
    message = scan(message) if isinstance(message, bytes) else message
    header_form, body_form = FORMS.get(canonicalization, FORMS["simple"])
    names = oversigned(message) if headers is None else tuple(name.lower() for name in headers)
    body_hash, _ = canonical(message).body_hash(body_form, None)
    tags = [("v", "1"), ("a", algorithm), ("c", canonicalization), ("d", domain), ("s", selector)]
    tags += [("i", identity)] if identity else []
    tags += [("t", str(timestamp))] if timestamp is not None else []
    tags += [("x", str(expires))] if expires is not None else []
    refuse_unwritable((*tags, *(("h", name.replace(":", ";")) for name in names)))  # a colon would part a name in two
    tags += [("h", ":".join(names)), ("bh", base64.b64encode(body_hash).decode()), ("b", "")]
    unsigned = write_field("DKIM-Signature", tags)
    digest = canonical(message).header_hash(unsigned, names, header_form)
    signed = with_b(unsigned, sign_digest(digest, private_key, algorithm))
    if defect := read_signature(signed.value).defect:
        raise UsageError(
            Text(
                f"nobody would accept this signature: {defect.cause}, {defect.detail}",
                f"この署名は受け入れられません: {defect.cause}、{defect.detail}",
            )
        )
    return signed.raw + b"\r\n"


def oversigned(message: Message) -> tuple[str, ...]:
    """The names in h= that cover each field of ``OVERSIGNED`` and ``SIGNED``, and keep more of the former from coming in."""
    more = [(name, 1) for name in OVERSIGNED] + [(name, 0) for name in SIGNED]
    return tuple(name for name, extra in more for _ in range(len(message.all(name)) + extra))


def sign_digest(digest: bytes, private_key: bytes, algorithm: str) -> bytes:
    """The signature of a SHA-256 digest. Raises ``UsageError`` where the PEM key is not one for the algorithm."""
    from todoku.auth.dkim.crypto import load_signer  # noqa: PLC0415 -- slow to start, and most runs sign nothing

    signer = load_signer(private_key)
    if signer.algorithm != algorithm:
        raise UsageError(
            Text(f"the private key is not one for {algorithm}", f"秘密鍵の種類が {algorithm} に合っていません")
        )
    return signer.sign(digest)


def key_algorithm(private_key: bytes) -> str:
    """What a= calls a signature by this PEM key: rsa-sha256 or ed25519-sha256. Raises ``UsageError`` for any other key."""
    from todoku.auth.dkim.crypto import load_signer  # noqa: PLC0415 -- as above

    return load_signer(private_key).algorithm


def refuse_unwritable(tags: Iterable[tuple[str, str]]) -> None:
    """Raise ``UsageError`` for a value that would end its tag, or its line: RFC 6376 section 3.2."""
    for tag, value in tags:
        if not _VALUE.fullmatch(value):
            shown = repr(value[:60])
            raise UsageError(
                Text(
                    f"{shown} cannot stand in {tag}=: give printable ASCII without blanks and semicolons",
                    f"{shown} は {tag}= に書けません。空白とセミコロンを含まない印字可能なASCII文字で指定してください",
                )
            )


def write_field(name: str, tags: Sequence[tuple[str, str]]) -> Field:
    """A field with these tags, folded after semicolons and, within h=, after colons; b= has its lines for itself."""
    lines: list[str] = []
    line, before = f"{name}:", ""
    for tag, value in tags:
        words = f"{tag}={value};".replace(":", ":\n").split("\n") if tag == "h" else [f"{tag}={value};"]
        for index, word in enumerate(words):
            glue = "" if index else " "
            if len(line) + len(glue) + len(word) > WIDTH + 1 or (not index and "b" in (tag, before)):
                lines.append(line)
                line = " " + word
            else:
                line += glue + word
        before = tag
    lines.append(line.removesuffix(";"))
    return Field(name.lower(), "\r\n".join(lines).encode(), len(name), -1)


def with_b(field: Field, signature: bytes, width: int = WIDTH) -> Field:
    """The field with its empty b= filled, in lines of ``width``: verifiers take it out again before they look."""
    text = "b=" + base64.b64encode(signature).decode()
    lines = [text[start : start + width] for start in range(0, len(text), width)]
    raw = field.raw.replace(b"\r\n b=", b"\r\n " + "\r\n ".join(lines).encode(), 1)
    return Field(field.name, raw, field.colon, field.offset)
