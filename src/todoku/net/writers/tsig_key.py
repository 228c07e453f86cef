"""The key that signs DNS updates (TSIG, RFC 8945), read from the file that ``tsig-keygen`` or ``keymgr -t`` wrote.

It reads that one file. The secret is in no text that this module makes: not in an exception, not in a ``repr``.
"""

from __future__ import annotations

import base64
import re
import stat
from pathlib import Path

import dns.exception
import dns.name
import dns.tsig

from todoku.settings.regular_file import read_ordinary
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
MAX_KEY_FILE = 65_536

# quoted string | comments of named.conf | one of { } ; | word
_TOKEN = re.compile(r'"([^"\n]*)"|(?:/\*.*?(?:\*/|\Z)|//[^\n]*|#[^\n]*)|([{};])|([^\s{};"]+)', re.DOTALL)
_KNOT_FIELD = re.compile(r'^[ \t]*(?:-[ \t]+)?(id|algorithm|secret):[ \t]*"?([^\s"#]+)', re.MULTILINE)


class TsigKey(dns.tsig.Key):
    """A key whose text form does not hold its secret."""

    def __repr__(self) -> str:
        """Its name and algorithm."""
        return f"<TSIG key {self.name} {self.algorithm}>"


def read_key(path: Path) -> TsigKey:
    """The one key in a file. Raises ``UsageError`` when there is none, or when others than owner and group can open it."""
    try:
        octets, mode, _ = read_ordinary(path, MAX_KEY_FILE)
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}", f"を読み込めません({error.strerror})") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise _wrong(
            path,
            "can be opened by everybody on this machine; run chmod 600 on it and consider the key as known",
            "は全ユーザーが開ける状態です。chmod 600 で保護してください。鍵は漏れたものとみなし、作り直しも検討してください",
        )
    if len(octets) > MAX_KEY_FILE:
        raise _wrong(path, "is larger than 64 KiB", "は大きすぎます(上限は64 KiB)")
    text = octets.decode("utf-8", "replace")
    keys = _named_keys(text) or _knot_keys(text)
    if len(keys) != 1:
        raise _wrong(
            path,
            f'holds {len(keys)} keys; write one: key "name" {{ algorithm hmac-sha256; secret "..."; }};',
            f'には鍵が{len(keys)}個あります。key "name" {{ algorithm hmac-sha256; secret "..."; }}; の形で1つだけ書いてください',
        )
    return _key(path, *keys[0])


def _key(path: Path, name: str, algorithm: str, secret: str) -> TsigKey:
    if algorithm.lower() not in ALGORITHMS:  # RFC 8945 6: MD5 must not be used, SHA-1 is not recommended
        known = algorithm[:40] if algorithm.lower().startswith("hmac-") else "?"  # else it may be the secret, misplaced
        raise _wrong(
            path,
            f"is for {known!r}; use one of {', '.join(ALGORITHMS)}",
            f"のアルゴリズム {known!r} は使えません。{'、'.join(ALGORITHMS)} のいずれかにしてください",
        )
    try:
        octets = base64.b64decode(secret, validate=True)
    except ValueError:  # what is no base64 is one, and what is not ASCII
        raise _wrong(path, "holds a secret that is not base64", "の secret がbase64ではありません") from None
    try:
        return TsigKey(dns.name.from_text(name), octets, algorithm.lower())
    except dns.exception.DNSException:
        raise _wrong(
            path, f"names a key {name[:80]!r}, which is no domain name", "の鍵の名前がドメイン名ではありません"
        ) from None


def _named_keys(text: str) -> list[tuple[str, str, str]]:
    """The keys written as ``named.conf`` has them: ``key "name" { algorithm hmac-sha256; secret "..."; };``."""
    words = [quoted or mark or word for quoted, mark, word in _TOKEN.findall(text) if quoted or mark or word]
    keys = []
    for at, statement in enumerate(words):
        match words[at + 1 : at + 9] if statement == "key" else []:
            case [name, "{", "algorithm", algorithm, ";", "secret", secret, ";"]:
                keys.append((name, algorithm, secret))
            case [name, "{", "secret", secret, ";", "algorithm", algorithm, ";"]:
                keys.append((name, algorithm, secret))
    return keys


def _knot_keys(text: str) -> list[tuple[str, str, str]]:
    """The key as ``keymgr -t`` writes it: ``- id: name``, ``algorithm: hmac-sha256``, ``secret: ...``."""
    found = _KNOT_FIELD.findall(text)
    fields = dict(found)
    return [(fields["id"], fields["algorithm"], fields["secret"])] if len(found) == len(fields) == 3 else []


def _wrong(path: Path, en: str, ja: str) -> UsageError:
    return UsageError(Text(f"the key file {str(path)!r} {en}", f"鍵ファイル {str(path)!r} {ja}"))
