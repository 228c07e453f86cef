"""``todoku check`` over every hostile message, in every form and both languages: exit codes, and nothing that acts."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hostile import Outcome, todoku, txt

FORMS = ("text", "json", "html", "markdown")
SENT = ("--ip", "192.0.2.66", "--helo", "mx.attack.example", "--mail-from", "a@attack.example")

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u200b\x08\x08"
MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>[x](javascript:alert(1)) ` | ```"
)
FORMULA = '=HYPERLINK("http://attack.example","x")'
ZONE = (
    # what a stranger's DNS may say: everything that it says stands in a report somewhere
    "attack.example. MX 10 mx.attack.example.\nmx.attack.example. A 192.0.2.66\n66.2.0.192.in-addr.arpa. PTR mx.attack.example.\n"
    'attack.example. TXT "v=spf1 exp=e.attack.example -all"\n'
    f'e.attack.example. TXT "{MARKUP.replace(chr(34), "")}"\n'
    '_dmarc.attack.example. TXT "v=DMARC1; p=none; rua=mailto:<script>alert(1)</script>@attack.example; x=\\027[2J\\010y"\n'
    's._domainkey.attack.example. TXT "v=DKIM1; n=<script>alert(1)</script>\\027]0;owned\\007; p=AAAA"\n'
    + txt("=cmd.attack.example", FORMULA)
)


class Tags(HTMLParser):
    """The elements of a page, with the attributes that could act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.acting: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        for name, value in attrs:
            safe = name != "href" or re.match(r"https://|#", value or "")
            if name.startswith("on") or name in ("src", "style", "action", "formaction", "srcdoc") or not safe:
                self.acting.append((name, value))


PAGE = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "dl", "dt", "dd", "div", "table", "tr", "th", "td", "a", "span", "section", "code", "ul", "li", "b", "pre", "mark"}  # fmt: skip


def acts(text: str) -> list[str]:
    """The characters that would do something to a terminal or to the order of a line."""
    return [repr(c) for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"]


def is_harmless(form: str, outcome: Outcome) -> None:
    assert outcome.code in (0, 1, 2, 3)
    assert "Traceback" not in outcome.err
    assert acts(outcome.err) == []
    if outcome.code == 2:
        assert outcome.out == ""
        assert outcome.err.count("\n") == 1
        return
    assert outcome.err == ""
    if form == "json":
        json.loads(outcome.out)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", outcome.out)
        return
    assert acts(outcome.out) == []
    if form == "html":
        page = Tags(outcome.out)
        assert page.seen <= PAGE
        assert page.acting == []
        assert "default-src 'none'" in outcome.out
    if form == "markdown":
        outside = re.sub(r"(?ms)^(`{3,})\n.*?^\1\n", "", outcome.out)
        outside = re.sub(r"(`+)[^\n]*?(?<!`)\1(?!`)", "", outside)
        assert not re.search(r"(?<!\\)<(?!https://|!-- -->)", outside)
        assert not re.search(r"(?<!\\)\]\((?!https://)", outside)
        assert not re.search(r"(?<![A-Za-z0-9])@[A-Za-z0-9]", outside)
        links = re.sub(r"\]\(https://[^)\s]*\)|<https://[^>\s]*>", "", outside)
        assert not re.search(r"(?<!\\)://|(?<!\\):(?<=mailto:)|\bwww\.|(?<!\\)&", links)


def message_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.eml"))


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("form", FORMS)
def test_every_hostile_message(hostile_inputs, tmp_path, form, lang):
    (tmp_path / "zone").write_text(ZONE)
    names = message_names(hostile_inputs)
    assert len(names) >= 37
    for name in names:
        options = ("--dns", f"zone:{tmp_path}/zone", "--format", form, "--lang", lang)
        is_harmless(form, todoku("check", str(hostile_inputs / name), *options, *SENT))


def hostile_message(payload: str) -> bytes:
    """A message that says the payload wherever a report may repeat it."""
    octets = payload.encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b"")
    return b"".join(
        [
            b"Received: from " + octets + b" (mx.attack.example [192.0.2.66]) by mx.google.com with ESMTPS id x\r\n",
            b" for <b@example.net>; Mon, 23 Nov 2026 00:00:00 +0000\r\n",
            b"Authentication-Results: mx.google.com; spf=pass (" + octets + b") smtp.mailfrom=" + octets + b";\r\n",
            b' dkim=fail reason="' + octets + b'" header.d=attack.example header.s=' + octets + b"\r\n",
            b"DKIM-Signature: v=1; a=rsa-sha256; d=attack.example; s=s; h=from; bh=AAAA; b=AAAA; i=" + octets + b"\r\n",
            b"DKIM-Signature: v=" + octets + b"; a=" + octets + b"; d=" + octets + b"; s=" + octets + b"\r\n",
            b"From: " + octets + b" <a@attack.example>\r\n",
            b"Reply-To: " + octets + b"\r\nTo: b@example.net\r\nSubject: " + octets + b"\r\n",
            b"Date: " + octets + b"\r\nMessage-ID: <" + octets + b">\r\nMIME-Version: 1.0\r\n",
            b"Content-Type: text/html; charset=" + octets + b"\r\nContent-Transfer-Encoding: " + octets + b"\r\n",
            b"List-Unsubscribe: <https://attack.example/" + octets + b">, <javascript:alert(1)>\r\n",
            b"List-Unsubscribe-Post: "
            + octets
            + b"\r\nFeedback-ID: "
            + octets
            + b"\r\nX-SES-Outgoing: "
            + octets
            + b"\r\n",
            b"List-Id: <"
            + octets
            + b">\r\n"
            + octets
            + b": x\r\n\r\n<a href='"
            + octets
            + b"'>"
            + octets
            + b"</a>\r\n",
        ]
    )


PAYLOADS = {
    "escapes": ESCAPES,
    "markup": MARKUP,
    "formula": FORMULA,
    "formulas": "+cmd|' /C calc'!A0 -2+3 @SUM(1) \t=1",
    "line ends": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "direction": "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "unseen": "\u00ad\u034f\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u2060\u2061\u3164\ufeff\uffa0\ufff9\U000e0041",
    "encoded escapes": "=?utf-8?q?=1B=5D0=3Bowned=07?= =?utf-8?q?=0D=0ADKIM__pass?= =?iso-2022-jp?b?GyRC?=",
    "encoded markup": "=?utf-8?b?PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=",
    "surrogates": "\ud800\udfff",
    "braces": "{0} {domain} {domain.__class__} %s %(x)s ${x} {{7*7}} {",
    "backslashes": "\\x1b \\u202e \\ \\\\ \\`",
    "nul": "a\0b",
    "links": "https://attack.example/x www.attack.example HTTP://a@b mailto:a@attack.example &lt;b&gt; &#60;b @everyone (@org/team",
    "shell": "$(touch x) `touch x` ; touch x && touch x | touch x\"'",
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_payload_everywhere(tmp_path, payload, form, lang):
    (tmp_path / "zone").write_text(ZONE)
    (tmp_path / "message.eml").write_bytes(hostile_message(PAYLOADS[payload]))
    options = ("--dns", f"zone:{tmp_path}/zone", "--format", form, "--lang", lang)
    for sent in (SENT, ()):
        outcome = todoku("check", str(tmp_path / "message.eml"), *options, *sent)
        assert outcome.code == 1
        is_harmless(form, outcome)


def test_an_explanation_that_acts_is_not_shown_raw(tmp_path):  # d32
    (tmp_path / "zone").write_text(ZONE)
    (tmp_path / "message.eml").write_bytes(b"From: a@attack.example\r\n\r\nx\r\n")
    for form in FORMS:
        outcome = todoku(
            "check", str(tmp_path / "message.eml"), "--dns", f"zone:{tmp_path}/zone", "--format", form, *SENT
        )
        is_harmless(form, outcome)


@pytest.mark.parametrize("name", ["<script>.eml", "a\x1b[2Jb.eml", "=1+1.eml", "a\nb.eml", "a\u202eb.eml", "日本.eml"])
def test_the_name_of_the_file_is_a_strangers_too(tmp_path, name):
    (tmp_path / "zone").write_text(ZONE)
    (tmp_path / name).write_bytes(b"From: a@attack.example\r\n\r\nx\r\n")
    for form in FORMS:
        is_harmless(
            form, todoku("check", str(tmp_path / name), "--dns", f"zone:{tmp_path}/zone", "--format", form, *SENT)
        )
    missing = todoku("check", str(tmp_path / f"no-{name}"))
    assert missing.code == 2
    assert acts(missing.err) == []
