"""One Received field: who handed the message over, to whom, and how. RFC 5321 section 4.4; real forms of Gmail, Microsoft,
Postfix, Exim, SES, Yahoo, Apple, Sendmail, qmail and Coremail.

The field is clauses (``from``, ``by``, ``via``, ``with``, ``id``, ``for``) with comments, and a date after the last ``;``. What the
*server* saw (the client's address and reverse name, the TLS) stands in comments whose form differs from server to server;
what the *client* claimed (its HELO name) is never taken for it: an address is only read from a comment that is not the
client's own words, TLS only from words that begin a comment of their own or belong to ``with``.

The client chooses its HELO name, its reverse name, what its ident server says, the name in its TLS certificate, and the
words of a quoted local part. Many servers make these harmless, some copy them as they are. So a field in which such words
could stand for a clause, a comment or an address of the server is not *clear*, and nothing may be concluded from it.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

import msgspec

from todoku.mail.dates import parse_date
from todoku.mail.envelope import Tls
from todoku.mail.host_address import host_address

_PIECES = re.compile(r"\(([^()\\]*+)\)|([^\s()]++)|([()])")  # a comment, a word, a parenthesis that nests or is alone
_NESTED_PIECES = re.compile(r"\\.|[()]|[^\\()\s]++|\s++|\\", re.DOTALL)
_CLAUSES = frozenset({"from", "by", "via", "with", "id", "for"})

_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)(?:%[\w.-]+)?\]", re.IGNORECASE)
_LEADING_ADDRESS = re.compile(r"(?:IPv6:)?([0-9A-Fa-f:.]+)(?:%[\w.-]+)?(?=[\s:]|\Z)", re.IGNORECASE)
_HOST = re.compile(r"localhost|[\w-]+(?:\.[\w-]+)+")
_ADDRESS_LIKE = re.compile(r"[0-9.]+")
_HELO_COMMENT = re.compile(r"(?:HELO|EHLO|LHLO)(?:[ \t]+|\Z)(\S*)(.*)", re.IGNORECASE | re.DOTALL)
# Exim: "[address]:port helo=claimed ident=claimed", without the address where that stands before the comment.
_EXIM_COMMENT = re.compile(r"(\[[^\s\]]*\])?(?::[0-9]+|port=[0-9]+)?((?:(?:\A|[ \t]+)(?:helo|ident)=\S*)*)")
_OF_EXIM = ("port=", "helo=", "ident=")
_HELO_CLAIM = re.compile(r"helo=(\S*)")
_OF_CLIENT = ('Client CN "', "Authenticated sender: ")  # Postfix on who the client is, in the client's words
_POSTFIX = re.compile(r"Postfix\b")
_OF_SENDER = ("envelope-from", "envelope-sender")
_HIDDEN_CLAUSE = re.compile(r"\b(?:from|by)\b", re.IGNORECASE)

# RFC 3848 and RFC 6531: a protocol whose name ends in S (or SA) ran over TLS; Yahoo and Sendmail vary the case.
_OVER_TLS = re.compile(r"(?:UTF8)?(?:E?SMTP|LMTP)SA?", re.IGNORECASE)
_CLEAR = re.compile(r"(?:UTF8)?E?SMTPA?", re.IGNORECASE)
_TLS_WORDS = re.compile(r"(?:using[ \t]+|version=|Using[ \t]+)?(?:TLS|SSL)v?([0-9])?(?:[._]([0-9]))?(?![\w-]*\.[a-z])")
_CIPHER = re.compile(r"(?:cipher=|with cipher |tls |TLS[0-9v._]+:)([A-Za-z0-9_-]{3,})")

# Servers that write ESMTPS (or SMTPs) whenever TLS was used, so that plain SMTP or ESMTP means that it was not.
_TELLS_TLS_BY_HOST = re.compile(
    r"(?:\A|\.)(?:google\.com|outlook\.com|office365\.com|yahoo\.com|aol\.com|icloud\.com|apple\.com|me\.com)\Z"
    r"|\A[\w.-]*icloudmta",
    re.IGNORECASE,
)
_EXIM = re.compile(r"Exim\b")
_TELLS_TLS_BY_NAME = re.compile(r"Postfix|Exim|OpenSMTPD|Haraka|8\.1[2-9]\.", re.IGNORECASE)


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One hop. What is not said is ""."""

    helo: str = ""  # the name the client gave
    client_name: str = ""  # the name the server found by reverse DNS
    ip: str = ""
    is_seen: bool = False  # the server noted the address; else it may be no more than the HELO name
    is_clear: bool = True  # nothing that the client chose could stand for words of the server
    by: str = ""  # the host that wrote the field
    protocol: str = ""  # "ESMTPS"
    tls: Tls
    id: str = ""
    for_address: str = ""
    date: datetime | None = None
    offset: int = 0
    raw: str = ""  # the unfolded value, for evidence


@lru_cache(maxsize=16)  # the route and what SES left are read from the same fields
def parse_received(value: str, *, offset: int = 0) -> Received:
    """The hop in an unfolded Received value. Never raises."""
    trace, semicolon, date = value.rpartition(";")
    clauses, is_clear = _clauses(trace if semicolon else value)
    comments = [comment for clause in clauses.values() for comment in clause.comments]
    server = clauses.get("by", _NOTHING).words
    with_ = clauses.get("with", _NOTHING).words
    client = _client(clauses)
    by = server[0].strip("[]").rstrip(".") if server else ""
    protocol = " ".join(with_[:3] if with_[:1] == ["Microsoft"] else with_[:1])
    tls = _tls_said(protocol, comments, with_, server) or _tls_silent(protocol, by, client.ip, comments)
    return Received(
        helo=client.helo.rstrip("."),
        client_name=client.name,
        ip=client.ip,
        is_seen=client.is_seen,
        is_clear=is_clear and client.is_clear,
        by=by,
        protocol=protocol,
        tls=tls,
        id=_first(clauses, "id"),
        for_address=_first(clauses, "for").strip("<>;"),
        date=parse_date(date) if semicolon else None,
        offset=offset,
        raw=value,
    )


class _Clause:
    """The words after ``from``, ``by`` ... and the comments among them."""

    __slots__ = ("comments", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []


_NOTHING = _Clause()


def _clauses(text: str) -> tuple[dict[str, _Clause], bool]:
    """Each clause by its name, and whether it is clear where each begins. Text before any clause is under "".

    What comes before ``by`` may be the client's, but for the first ``from``; what a sender put into quotes ends the reading.
    """
    current = _Clause()
    clauses = {"": current}
    is_clear = True
    for comment, word, parenthesis in _pieces(text):
        if parenthesis:
            is_clear = False
        elif not word:
            if '"' in comment and comment.lstrip().startswith(_OF_SENDER):
                break
            is_clear = is_clear and ("(" not in comment or _HIDDEN_CLAUSE.search(comment) is None)
            current.comments.append(comment.strip())
        elif current is clauses.get("for") and '"' in word:
            break
        elif (name := word.lower()) not in _CLAUSES or (
            not current.words and not current.comments and len(clauses) > 1
        ):
            current.words.append(word)
        elif name in clauses or ("from" in clauses and name != "by" and "by" not in clauses):
            is_clear = is_clear and not (name in ("from", "by") or "by" not in clauses)
            current.words.append(word)
        else:
            is_clear = is_clear and (name != "from" or len(clauses) == 1)
            current = clauses[name] = _Clause()
    return clauses, is_clear and ("by" in clauses or "from" not in clauses)


def _pieces(text: str) -> list[tuple[str, str, str]]:
    """The comments and words in order, as ``_PIECES`` groups them; comments may nest and hold quoted-pairs."""
    pieces: list[tuple[str, str, str]] = _PIECES.findall(text)
    if not any(parenthesis for _, _, parenthesis in pieces):
        return pieces
    pieces, depth, inside = [], 0, []
    for piece in _NESTED_PIECES.findall(text):
        if piece == "(":
            depth += 1
        if depth:
            inside.append(piece)
        elif not piece.isspace():
            pieces.append(("", piece, "") if piece != ")" else ("", "", piece))
        if piece == ")" and depth:
            depth -= 1
            if not depth:
                pieces.append(("".join(inside)[1:-1], "", ""))
                inside = []
    if inside:  # a comment that never ends
        pieces += (("".join(inside)[1:], "", ""), ("", "", "("))
    return pieces


def _first(clauses: dict[str, _Clause], name: str) -> str:
    words = clauses.get(name, _NOTHING).words
    return words[0] if words else ""


class _Client(msgspec.Struct):
    """What a ``from`` clause says of the client, as far as it was read."""

    helo: str = ""
    name: str = ""
    ip: str = ""
    is_seen: bool = False
    is_clear: bool = True

    def note(self, address: str, name: str) -> None:
        """Take over what a server noted; of two addresses one is the client's word."""
        self.is_clear = self.is_clear and self.ip in ("", address)
        self.ip, self.is_seen = address, True
        self.name = name


_NOBODY = _Client()


def _client(clauses: dict[str, _Clause]) -> _Client:
    """The HELO name, reverse name and address of the client, from the ``from`` clause in any of its forms.

    Of several comments with an address the last one counts, what comes before it may be part of the claimed name; and
    where they differ, it is not clear which is the server's.
    """
    sender = clauses.get("from", _NOTHING)
    if sender is _NOTHING:
        return _NOBODY
    word = sender.words[0].strip('"') if sender.words else ""
    client = _Client(helo=word)
    is_said = False  # a comment repeats what the client said: then the word before it is the server's
    for comment in sender.comments:
        exim = _EXIM_COMMENT.fullmatch(comment)
        # qmail, Yahoo, Zimbra: "from REVERSE-NAME (HELO claimed) (address)"
        if (claimed := _HELO_COMMENT.match(comment)) is not None:
            client.is_clear = client.is_clear and not claimed[2] and not is_said
            client.helo, is_said = claimed[1], True
        # Exim: "from REVERSE-NAME ([address] helo=claimed)", "from [address] (helo=claimed)"
        elif exim is not None and comment:
            if (claim := _HELO_CLAIM.search(exim[2])) is not None:
                client.helo, is_said = claim[1], True
            if exim[1] and (address := _normal_address(exim[1][1:-1])):
                is_exim = _is_by(clauses, _EXIM, ("by", "with"))
                client.note(address, _host(word) if is_exim or claim else "")
        elif not (comment.startswith(_OF_CLIENT) and _is_by(clauses, _POSTFIX, ("by",))):
            _note_client(client, comment, word if is_said else "")
    if not client.ip or is_said:
        address = _normal_address(word.strip("[]").split("]")[0])
        if not client.ip:
            client.is_clear = client.is_clear and bool(client.helo)
            client.ip, client.is_seen = address, is_said and bool(address)
        elif address not in ("", client.ip):
            client.is_clear = False
    return client


def _note_client(client: _Client, comment: str, word: str) -> None:
    """Take over the address that a server noted in a comment, and the name that it found for it.

    ``name [192.0.2.1]``, ``192.0.2.1``, ``user@192.0.2.1 with login``: what an ident server answered may stand before it.
    """
    bracketed = [address for one in _BRACKETED.findall(comment) if (address := _normal_address(one))]
    for address in bracketed:
        client.note(address, _reverse_name(comment))
    leading = _LEADING_ADDRESS.match(comment.rpartition("@")[2])
    if leading is not None and (address := _normal_address(leading[1])):
        client.note(address, _host(word))
    if comment.startswith(_OF_EXIM):  # it goes on as Exim would never write it
        client.is_clear = False


def _is_by(clauses: dict[str, _Clause], server: re.Pattern[str], names: tuple[str, ...]) -> bool:
    """Whether a server says in one of these clauses that it is this one."""
    return any(server.match(said) for name in names for said in clauses.get(name, _NOTHING).comments)


def _reverse_name(comment: str) -> str:
    """The reverse name before a bracketed address; "" where it is none, or the server says that it may be forged."""
    name, bracket, after = comment.partition("[")
    if not bracket or "may be forged" in after:
        return ""
    return _host(name.strip().rpartition(" ")[2].rpartition("@")[2])


def _host(word: str) -> str:
    """The word as a host name without its last dot; "" where it is an address or says that there is none ("unknown")."""
    word = word.rstrip(".")
    return word if _HOST.fullmatch(word) and not _ADDRESS_LIKE.fullmatch(word) else ""


def _normal_address(text: str) -> str:
    """The address in its normal form, an IPv4 address mapped into IPv6 (RFC 4291 2.5.5.2) as IPv4; "" where it is none."""
    if not text[:1].isalnum() and text[:1] != ":":
        return ""
    address = host_address(text[5:] if text[:5].lower() == "ipv6:" else text)
    return "" if address is None else str(address)


def _tls_said(protocol: str, comments: list[str], with_: list[str], server: list[str]) -> Tls | None:
    """The TLS that the field tells of. Only comments that begin with it count: the others repeat what the client claimed."""
    said = f"with {protocol}" if protocol else ""
    for comment in comments:
        if "[" in comment or ("TLS" not in comment and "SSL" not in comment):
            continue
        match = _TLS_WORDS.match(comment)
        if match is not None:
            cipher = _CIPHER.search(comment)
            return Tls(
                used=True,
                version=_version(match),
                cipher=cipher[1] if cipher else _word_after("tls", with_),  # Exim: (TLS1.3) tls TLS_AES_256_GCM_SHA384
                evidence=f"{said} ({comment})".strip(),
            )
    if _OVER_TLS.fullmatch(protocol):
        return Tls(used=True, evidence=said)
    if "/TLS/" in protocol:  # IronPort: "with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384"
        return Tls(used=True, cipher=protocol.rpartition("/")[2], evidence=said)
    if _word_after("over", server) == "TLS":  # Microsoft SMTPSVC
        return Tls(used=True, evidence="over TLS secured channel")
    return None


def _tls_silent(protocol: str, by: str, ip: str, comments: list[str]) -> Tls:
    """What it means that a field does not speak of TLS: clear text where its server always does, else nothing."""
    clear = ip and (_CLEAR.fullmatch(protocol) or protocol == "Microsoft SMTP Server")
    tells = clear and (
        _TELLS_TLS_BY_HOST.search(by) is not None
        or any(_TELLS_TLS_BY_NAME.match(comment) for comment in comments)
        or any(comment.startswith("EHLO ") for comment in comments)  # Yahoo's own mail servers
    )
    return Tls(used=False if tells else None, evidence=f"with {protocol}" if protocol else "")


def _word_after(word: str, words: list[str]) -> str:
    """What follows ``word``, "" where it is not there."""
    return words[words.index(word) + 1] if word in words[:-1] else ""


def _version(match: re.Match[str]) -> str:
    """``1.3`` for ``TLS1_3``, ``TLSv1.3`` ...; "" where the words name none."""
    major, minor = match[1], match[2]
    if major is None:
        return ""
    return f"SSLv{major}" if "SSL" in match[0] else f"{major}.{minor or '0'}"
