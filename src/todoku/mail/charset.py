"""The charsets that mail is written in, by the names that mail gives them (RFC 2978), and Python's codec for each.

It is a list of what is allowed, not a look-up by name: Python's own would import modules by a stranger's word, and some
of its codecs (``idna``, ``punycode``) take quadratic time.
"""

from __future__ import annotations

import re
from typing import Final

_SAME = (
    "utf-8 utf-16 utf-16le utf-16be utf-32 utf-7 "
    "iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 "
    "iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 "
    "windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 "
    "windows-1258 koi8-r koi8-u tis-620 cp437 cp850 cp852 cp866 cp932 cp949 "
    "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 iso-2022-kr euc-jp euc-kr gbk gb18030 hz "
    "big5 big5-hkscs"
)

# Where programs write more than the name allows, the superset that they mean (as the WHATWG Encoding Standard does).
_CODECS: Final = dict(zip(_SAME.split(), _SAME.split(), strict=True)) | {
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "utf8": "utf-8",
    "latin1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "iso-8859-8-i": "iso-8859-8",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "cp1252": "windows-1252",
    "macintosh": "mac-roman",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc-jp",
    "eucjp": "euc-jp",
    "cp50220": "iso-2022-jp-3",
    "cp50221": "iso-2022-jp-3",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "windows-874": "cp874",
    "hz-gb-2312": "hz",
}

_PRIVATE = re.compile("[\x80-\x9f\ue000-\uf8ff]")


def codec(charset: str) -> str | None:
    """The name of Python's codec for a charset, or None where mail does not use it."""
    return _CODECS.get(charset.strip().lower())


def to_text(octets: bytes, charset: str) -> str:
    """The octets as text: in ``charset`` where it is known, else as UTF-8; what cannot be read is U+FFFD. Never raises."""
    name = codec(charset) or "utf-8"
    # Mail that says it is ASCII and is not is UTF-8 these days.
    return octets.decode("utf-8" if name == "ascii" else name, "replace")


def guessed(octets: bytes) -> str:
    """Which charset octets above 0x7F are likely to be in: "utf-8", "euc-jp", "shift_jis", or "" where it is none of these."""
    # EUC-JP comes before Shift_JIS, which reads nearly any of it as half-width katakana.
    for charset in ("utf-8", "euc-jp", "shift_jis"):
        try:
            text = octets.decode(_CODECS[charset])
        except UnicodeDecodeError:
            continue
        # Python reads five octets that mean nothing in Shift_JIS as private characters or controls.
        if not _PRIVATE.search(text):
            return charset
    return ""
