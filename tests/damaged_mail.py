"""Signed messages, and what relays do to them: the cases of ``unit/test_dkim_damage.py``.

Damage is done with the standard library's ``email``, ``quopri``, ``base64`` and ``textwrap``, so that what undoes it is
judged by other code than its own. Everything is drawn from a seed.
"""

from __future__ import annotations

import base64
import quopri
import re
import textwrap
from collections.abc import Callable, Iterator
from email import quoprimime
from email.header import Header
from pathlib import Path
from random import Random
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from todoku.auth.dkim.sign import sign
from todoku.net.dns.zone import Zone

KEYS = Path(__file__).parent / "keys"
CUSTOMER, OTHER, AMAZON, ED25519 = (
    (KEYS / f"{name}.pem").read_bytes() for name in ("customer", "other", "amazonses", "ed25519")
)
SIGNED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding")
OVERSIGNED = (*SIGNED, "from", "subject", "to", "date")
NOW = 1_790_000_000

TEXT = "the order has been sent and will arrive on Friday please keep this receipt for your records thank you"
WORDS = TEXT.split()
KANA = "お届けの予定は次のとおりです。ご不明な点は窓口までお問い合わせください。いつもご利用ありがとうございます。"


def record(pem: bytes, *, raw: bool = False) -> str:
    key = load_pem_private_key(pem, None).public_key()
    form = (Encoding.Raw, PublicFormat.Raw) if raw else (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; {'k=ed25519; ' if raw else ''}p={base64.b64encode(key.public_bytes(*form)).decode()}"


RECORDS = {
    "s1._domainkey.example.com": record(CUSTOMER),
    "wrong._domainkey.example.com": record(OTHER),
    "revoked._domainkey.example.com": "v=DKIM1; p=",
    "ed._domainkey.example.com": record(ED25519, raw=True),
    "ses._domainkey.amazonses.com": record(AMAZON),
}
ZONE = Zone.from_dict({name: [("TXT", text)] for name, text in RECORDS.items()})


class Mail(NamedTuple):
    """A message by its header fields and its body."""

    fields: dict[str, bytes]
    body: bytes

    @property
    def raw(self) -> bytes:
        return (
            b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in self.fields.items())
            + b"\r\n"
            + self.body
        )


def header(kind: bytes, encoding: bytes, subject: bytes = b"Your order 4711 has been sent") -> dict[str, bytes]:
    return {
        "From": b'"Example Shop" <shop@example.com>',
        "To": b"Taro Yamada <taro@example.net>, hanako@example.org",
        "Subject": subject,
        "Date": b"Mon, 21 Sep 2026 23:13:20 +0900",
        "Message-ID": b"<20260921.4711@shop.example.com>",
        "MIME-Version": b"1.0",
        "Content-Type": kind,
        "Content-Transfer-Encoding": encoding,
    }


def english(rng: Random, *, width: int = 0, trailing: bool = False) -> str:
    paragraphs = [" ".join(rng.choice(WORDS) for _ in range(rng.randint(25, 70))) for _ in range(4)]
    if width:
        paragraphs = ["\n".join(textwrap.wrap(one, width)) for one in paragraphs]
    if trailing:  # format=flowed: RFC 3676
        paragraphs = [one.replace("\n", " \n") for one in paragraphs]
    return "\n\n".join(paragraphs) + "\n"


def japanese(rng: Random) -> str:
    sentences = KANA.split("。")[:-1]
    return "".join("。".join(rng.choice(sentences) for _ in range(rng.randint(1, 4))) + "。\n" for _ in range(8))


def page(text: str) -> str:
    lines = "".join(f'<p style="margin: 0">{line}</p>\n' for line in text.splitlines())
    return f"<!DOCTYPE html>\n<html>\n<body>\n{lines}</body>\n</html>\n"


def crlf(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def qp(text: str, charset: str = "utf-8") -> bytes:
    return crlf(quoprimime.body_encode(text.encode(charset).decode("latin-1"), 76).encode())


def b64(octets: bytes, width: int = 76) -> bytes:
    digits = base64.b64encode(octets)
    return b"".join(digits[i : i + width] + b"\r\n" for i in range(0, len(digits), width))


def part(kind: str, encoding: str, content: bytes) -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content


def multipart(kind: str, *parts: bytes) -> Mail:
    body = b"".join(b"--b0undary_1\r\n" + one + b"\r\n" for one in parts) + b"--b0undary_1--\r\n"
    return Mail(header(f'multipart/{kind}; boundary="b0undary_1"'.encode(), b"7bit"), body)


def mails(rng: Random) -> dict[str, Mail]:
    """Messages of every build that people send."""
    kana, words = japanese(rng), english(rng, width=72)
    attachment = part("application/pdf", "base64", b64(rng.randbytes(700)))
    return {
        "plain": Mail(header(b"text/plain; charset=us-ascii", b"7bit"), crlf(words.encode())),
        "flowed": Mail(
            header(b"text/plain; charset=us-ascii; format=flowed", b"7bit"),
            crlf(english(rng, width=70, trailing=True).encode()),
        ),
        "long-lines": Mail(header(b"text/plain; charset=us-ascii", b"7bit"), crlf(english(rng).encode())),
        "8bit": Mail(header(b"text/plain; charset=utf-8", b"8bit"), crlf(kana.encode())),
        "jis": Mail(header(b"text/plain; charset=iso-2022-jp", b"7bit"), crlf(kana.encode("iso-2022-jp"))),
        "qp": Mail(header(b"text/plain; charset=utf-8", b"quoted-printable"), qp(kana)),
        "base64": Mail(header(b'text/plain; charset="utf-8"', b"base64"), b64(crlf(kana.encode()))),
        "html": Mail(header(b"text/html; charset=utf-8", b"quoted-printable"), qp(page(kana))),
        "alternative": multipart(
            "alternative",
            part("text/plain; charset=utf-8", "quoted-printable", qp(kana)),
            part("text/html; charset=utf-8", "base64", b64(page(kana).encode())),
        ),
        "alternative-8bit": multipart(
            "alternative",
            part('text/plain; charset="utf-8"', "8bit", crlf(kana.encode())),
            part('text/html; charset="utf-8"', "8bit", crlf(page(kana).encode())),
        ),
        "alternative-qp": multipart(
            "alternative",
            part("text/plain; charset=UTF-8", "quoted-printable", qp(kana)),
            part("text/html; charset=UTF-8", "quoted-printable", qp(page(kana))),
        ),
        "mixed": multipart("mixed", part("text/plain; charset=us-ascii", "7bit", crlf(words.encode())), attachment),
    }


def signature(mail: Mail, form: str, *, selector: str = "s1", oversign: bool = False, **options: object) -> bytes:
    key, algorithm = (ED25519, "ed25519-sha256") if selector == "ed" else (CUSTOMER, "rsa-sha256")
    return sign(
        mail.raw,
        domain="example.com",
        selector=selector,
        private_key=key,
        algorithm=algorithm,
        headers=OVERSIGNED if oversign else SIGNED,
        canonicalization=form,
        timestamp=NOW,
        **options,
    )


def signature_of_ses(raw: bytes) -> bytes:
    return sign(
        raw,
        domain="amazonses.com",
        selector="ses",
        private_key=AMAZON,
        headers=SIGNED,
        canonicalization="relaxed/simple",
        timestamp=NOW + 1,
    )


# --- what relays do to bodies: each takes a mail and gives those that it may become ---


def changed(mail: Mail, rng: Random) -> Iterator[Mail]:
    """A word or a link is another one."""
    for _ in range(2):
        at = rng.randrange(60, len(mail.body) - 60)
        if b"b0undary" not in mail.body[at - 20 : at + 20]:
            yield mail._replace(body=mail.body[:at] + b"xyzzy" + mail.body[at + 3 :])
    third = len(mail.body) // 3
    yield mail._replace(body=mail.body[:third] + mail.body[third + 40 :])


FOOTERS = (
    b"-- \r\nSent to the list news@lists.example.org\r\nUnsubscribe: https://lists.example.org/u\r\n",
    b"_______________________________________________\r\nannounce mailing list\r\nannounce@lists.example.org\r\n",
    b"\r\nThis e-mail is confidential.\r\n\r\nIf you are not the addressee, delete it.\r\n",
    b"\r\n\r\nScanned by a virus checker.\r\n",
)


def footer(mail: Mail, rng: Random) -> Iterator[Mail]:
    """A footer at the end of the body, or of one of its parts."""
    text = rng.choice(FOOTERS)
    yield mail._replace(body=mail.body + text)
    if b"--b0undary_1" in mail.body:
        first = mail.body.find(b"\r\n--b0undary_1", 20)
        yield mail._replace(body=mail.body[:first] + b"\r\n" + text + mail.body[first + 2 :])
        last = mail.body.rfind(b"\r\n--b0undary_1--")
        yield mail._replace(body=mail.body[:last] + b"\r\n" + text + mail.body[last + 2 :])
    if b"</body>" in mail.body:
        notice = b'<div>Scanned.</div>\r\n<img src=3D"https://t.example.org/o">\r\n'
        yield mail._replace(body=mail.body.replace(b"</body>", notice + b"</body>"))
        yield mail._replace(body=mail.body.replace(b"</body>", b"<p>Scanned.</p></body>"))
    if mail.fields["Content-Transfer-Encoding"] == b"base64":
        yield mail._replace(body=b64(base64.b64decode(mail.body) + text))


def whitespace_lost(mail: Mail, rng: Random) -> Iterator[Mail]:
    """No line ends in a blank any more."""
    stripped = b"\r\n".join(line.rstrip() for line in mail.body.split(b"\r\n"))
    if stripped != mail.body:
        yield mail._replace(body=stripped)


def rewrapped(mail: Mail, rng: Random) -> Iterator[Mail]:
    """Lines broken or joined, base64 and soft line breaks included."""
    encoding = mail.fields["Content-Transfer-Encoding"]
    if encoding == b"base64":
        yield from (mail._replace(body=b64(base64.b64decode(mail.body), width)) for width in (64, 72, 60))
    elif encoding == b"quoted-printable":
        text = quopri.decodestring(mail.body).decode("latin-1")
        yield from (mail._replace(body=crlf(quoprimime.body_encode(text, width).encode())) for width in (72, 60))
    elif mail.fields["Content-Type"].startswith(b"text/plain") and mail.body.isascii() and b"\x1b" not in mail.body:
        paragraphs = mail.body.decode().replace("\r\n", "\n").split("\n\n")
        for width in (76, 72, 60):
            wrapped = "\n\n".join(
                textwrap.fill(one.replace(" \n", " ").replace("\n", " "), width) for one in paragraphs
            )
            yield mail._replace(body=crlf(wrapped.encode()) + b"\r\n")
        joined = "\n\n".join(one.replace(" \n", " ").replace("\n", " ") for one in paragraphs)
        yield mail._replace(body=crlf(joined.rstrip().encode()) + b"\r\n")
        if max(map(len, paragraphs)) > 200 and "\n" not in paragraphs[0]:
            lines = joined.rstrip().split("\n")
            hard = "\r\n".join(line[i : i + 76] for line in lines for i in range(0, max(1, len(line)), 76))
            yield mail._replace(body=hard.encode() + b"\r\n")


def reencoded(mail: Mail, rng: Random) -> Iterator[Mail]:
    """Every text in another transfer encoding or charset, as ``email`` writes it."""
    if b"--b0undary_1" in mail.body:
        for encoding in ("quoted-printable", "base64", "8bit"):
            parts = re.split(rb"(\r\n--b0undary_1(?:--)?\r\n)", mail.body)
            yield mail._replace(body=b"".join(reencoded_part(one, encoding) for one in parts))
        return
    text = plain(mail.body, mail.fields["Content-Transfer-Encoding"])
    for encoding in ("quoted-printable", "base64", "8bit"):
        yield other(mail, text, encoding)
    now = re.search(rb"charset=\"?([a-z0-9-]+)", mail.fields["Content-Type"])[1].decode()
    if now in ("utf-8", "iso-2022-jp"):
        charset = "iso-2022-jp" if now == "utf-8" else "utf-8"
        converted = text.decode(now).encode(charset)
        for encoding in ("7bit" if charset == "iso-2022-jp" else "8bit", "base64"):
            yield other(mail, converted, encoding, charset)


def reencoded_part(one: bytes, encoding: str) -> bytes:
    head, empty, content = one.partition(b"\r\n\r\n")
    before = re.search(rb"Content-Transfer-Encoding: ([a-z0-9-]+)", head)
    if before is None or b"text/" not in head or before[1] == encoding.encode():
        return one
    return head.replace(before[1], encoding.encode()) + empty + encoded(plain(content, before[1]), encoding)


def other(mail: Mail, text: bytes, encoding: str, charset: str = "") -> Mail:
    kind = mail.fields["Content-Type"]
    kind = (
        re.sub(rb"charset=\"?[a-z0-9-]+", b"charset=" + charset.encode(), kind).replace(b'"', b"") if charset else kind
    )
    fields = {**mail.fields, "Content-Transfer-Encoding": encoding.encode(), "Content-Type": kind}
    return Mail(fields, encoded(text, encoding))


def plain(content: bytes, encoding: bytes) -> bytes:
    decoders = {b"base64": base64.b64decode, b"quoted-printable": quopri.decodestring}
    return crlf(decoders.get(encoding, bytes)(content))


def encoded(text: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return b64(text).removesuffix(b"\r\n")
    if encoding == "quoted-printable":
        return crlf(quoprimime.body_encode(text.decode("latin-1").replace("\r\n", "\n"), 76).encode())
    return text


def cut(mail: Mail, rng: Random) -> Iterator[Mail]:
    """The end is missing."""
    for share in (0.4, 0.6, 0.8):
        at = int(len(mail.body) * share)
        yield mail._replace(body=mail.body[: at + (at % 2 == 0)])
    yield mail._replace(body=mail.body[: -max(30, len(mail.body) // 10)])


# --- what relays do to headers ---


def subject_changed(mail: Mail, rng: Random) -> Iterator[tuple[str, Mail]]:
    subject = mail.fields["Subject"]
    for mark in (b"[news] ", b"***SPAM*** ", "【外部】".encode(), b"[EXTERNAL] ", b"{Spam?} "):
        yield "subject", with_field(mail, "Subject", mark + subject)
    text = "[news:0012] " + subject.decode()
    yield "subject", with_field(mail, "Subject", Header(text, "utf-8").encode().encode())


def others_changed(mail: Mail, rng: Random) -> Iterator[tuple[str, Mail]]:
    fields = mail.fields
    yield "to", with_field(mail, "To", b'"Taro Yamada" <taro@example.net>, hanako@example.org')
    yield "to", with_field(mail, "To", b"Taro Yamada <taro@example.net>,hanako@example.org")
    yield "from", with_field(mail, "From", b"Example Shop <shop@example.com>")
    yield "date", with_field(mail, "Date", b"Mon, 21 Sep 2026 14:13:20 +0000")
    yield "date", with_field(mail, "Date", b"Mon, 21 Sep 2026 23:13:20 +0900 (JST)")
    yield "content-type", with_field(mail, "Content-Type", fields["Content-Type"] + b"; delsp=yes")
    yield (
        "content-type",
        with_field(
            mail, "Content-Type", fields["Content-Type"].replace(b"text/", b"TEXT/").replace(b"multi", b"MULTI")
        ),
    )
    quoted = re.sub(rb"=([^\s;\"]+)", rb'="\1"', fields["Content-Type"])
    if quoted != fields["Content-Type"]:
        yield "content-type", with_field(mail, "Content-Type", quoted)
    yield "content-transfer-encoding", with_field(mail, "Content-Transfer-Encoding", b"binary")
    moved = with_field(mail, "From", b"Example Shop via news <news@lists.example.org>")
    yield "from", moved._replace(fields={**moved.fields, "Reply-To": b'"Example Shop" <shop@example.com>'})
    yield "from", moved._replace(fields={**moved.fields, "X-Original-From": b'"Example Shop" <shop@example.com>'})


def beyond_guessing(mail: Mail, rng: Random) -> Iterator[tuple[str, Mail]]:
    yield "subject", with_field(mail, "Subject", b"Something else altogether")
    yield "from", with_field(mail, "From", b"mallory@example.org")
    yield "message-id", with_field(mail, "Message-ID", b"<other@example.org>")


def refolded(mail: Mail, rng: Random) -> Iterator[tuple[str, Mail]]:
    """What ``simple`` minds and ``relaxed`` does not."""
    yield "to", with_field(mail, "To", mail.fields["To"].replace(b", ", b",\r\n\t"))
    yield "subject", with_field(mail, "Subject", b" " + mail.fields["Subject"])
    yield "content-type", with_field(mail, "Content-Type", mail.fields["Content-Type"].replace(b"; ", b";\r\n "))


def with_field(mail: Mail, name: str, value: bytes) -> Mail:
    return mail._replace(fields={**mail.fields, name: value})


BodyDamage = Callable[[Mail, Random], Iterator[Mail]]
HeaderDamage = Callable[[Mail, Random], Iterator[tuple[str, Mail]]]
BODIES: dict[str, BodyDamage] = {
    "body-changed": changed,
    "body-footer-added": footer,
    "body-whitespace-lost": whitespace_lost,
    "body-rewrapped": rewrapped,
    "body-reencoded": reencoded,
    "body-cut": cut,
}
HEADERS: tuple[HeaderDamage, ...] = (subject_changed, others_changed, beyond_guessing)
FORMS = ("relaxed/simple", "relaxed/relaxed", "simple/simple")


class Case(NamedTuple):
    """A damaged message and what it must be called."""

    name: str
    raw: bytes
    tag: str
    field: str = ""


def cases(seed: int) -> Iterator[Case]:
    """Every damage to every mail in every form."""
    rng = Random(seed)
    for build, mail in mails(rng).items():
        for form in FORMS:
            own = signature(mail, form)
            name = f"{build} {form}"
            yield from body_cases(name, mail, own, form, rng)
            yield from header_cases(name, mail, own, form, rng)
            yield from key_cases(name, mail, form)


def body_cases(name: str, mail: Mail, own: bytes, form: str, rng: Random) -> Iterator[Case]:
    for tag, damage in BODIES.items():
        for index, damaged in enumerate(damage(mail, rng)):
            if damaged.body != mail.body:
                yield Case(f"{name} {tag} {index}", own + damaged.raw, tag)
    if form.endswith("simple"):
        spaced = mail._replace(body=mail.body.replace(b"\r\n", b" \t\r\n", 3))
        if b"--b0undary" not in mail.body:
            both = signature(spaced, form) + signature(spaced, "relaxed/relaxed")
            (damaged,) = whitespace_lost(spaced, rng)
            yield Case(f"{name} two signatures", both + damaged.raw, "body-whitespace-lost")


def header_cases(name: str, mail: Mail, own: bytes, form: str, rng: Random) -> Iterator[Case]:
    damages = (*HEADERS, refolded) if form.startswith("simple") else HEADERS
    for damage in damages:
        for index, (field, damaged) in enumerate(damage(mail, rng)):
            if damaged.raw != mail.raw:
                yield Case(f"{name} {damage.__name__} {index}", own + damaged.raw, "header-changed", field)
    for extra in (b"Subject: Another one\r\n", b"From: mallory@example.org\r\n", b"To: all@example.org\r\n"):
        field = extra.partition(b":")[0].decode().lower()
        below = mail.raw.replace(b"\r\n\r\n", b"\r\n" + extra + b"\r\n", 1)
        yield Case(f"{name} duplicate below", own + below, "header-duplicated", field)
        above = signature(mail, form, oversign=True) + extra + mail.raw
        yield Case(f"{name} duplicate above", above, "header-duplicated", field)


def key_cases(name: str, mail: Mail, form: str) -> Iterator[Case]:
    for selector, tag in (("wrong", "key-does-not-match"), ("none", "key-missing"), ("revoked", "key-revoked")):
        yield Case(f"{name} {tag}", signature(mail, form, selector=selector) + mail.raw, tag)
    yield Case(f"{name} expired", signature(mail, form, expires=NOW + 60) + mail.raw, "expired")
