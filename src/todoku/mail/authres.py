"""Authentication-Results and its kin: read what receivers really write, write what RFC 8601 says.

The rule here: **what a sender can choose never becomes a result.** Senders choose MAIL FROM, HELO and the domains that
receivers repeat in comments and property values. So a result is only ever read at the start of the field or right after
a ``;`` that stands outside every comment and quoted string, and only where it is a bare keyword. Where a quote and a
parenthesis overlap so that two readers would see two different fields, the rest of the field is left unread.

Everything is one pass from left to right; a comment or a quoted string that never ends takes the rest of the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from todoku.mail.encoded_word import decode_words


class MethodResult(msgspec.Struct, frozen=True, kw_only=True):
    """One result: ``dkim=pass header.d=example.com``. Method, result and property names are lower-case; values as written,
    unquoted. ``comment`` joins the comments of the result; a result is never read from a comment or a quoted string.
    """

    method: str
    result: str  # RFC 8601's word where the receiver has one of its own for it
    reason: str = ""
    properties: Mapping[str, str] = {}  # "header.d" -> "example.com"; a property without ptype keeps its bare name
    comment: str = ""
    written: str = ""  # the receiver's own word ("perm_fail"), where it is not the RFC's


class AuthenticationResults(msgspec.Struct, frozen=True, kw_only=True):
    """One field. ``authserv_id`` None: the writer left it out (Outlook)."""

    authserv_id: str | None
    results: tuple[MethodResult, ...] = ()
    instance: int | None = None  # i= of ARC-Authentication-Results
    version: str = ""
    offset: int = 0

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """The results of one method, in order."""
        return tuple(result for result in self.results if result.method == method)


class ReceivedSpf(msgspec.Struct, frozen=True, kw_only=True):
    """One Received-SPF field: RFC 7208 section 9.1. ``result`` and the keys of ``properties`` are lower-case."""

    result: str  # "" where there is none
    comment: str = ""
    properties: Mapping[str, str] = {}  # "client-ip" -> "192.0.2.1", "envelope-from", "helo", "receiver" ...
    offset: int = 0


# One step through a field that holds no quoted string and no nested comment, as nearly all do: a name=value, the end of a
# segment, or a comment. What this does not match is read character by character below. White space is RFC 5322's alone:
# any other may stand in a local part that is not quoted (RFC 6532 3.2), and an ``=`` too.
# resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]              RFC 8601 2.2
_STEP = re.compile(
    r"""[ \t\r\n]*+ (?: ([A-Za-z0-9_][A-Za-z0-9_.-]*+) [ \t\r\n]*+ = [ \t\r\n]*+                      # 1: name
                         ([^ \t\r\n;("\\]++) (?=[ \t\r\n;(]|\Z)                                 # 2: value
        | (;)
        | \( ([^()\\"]*+) \) )                                                           # 4: a comment
    """,
    re.VERBOSE,
)
# Keyword = let-dig / ldh-str: RFC 8601 section 2.2, RFC 5321 section 4.1.2. No dot: a domain is not a result. Yahoo writes
# "dkim=perm_fail".
_RESULT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_METHOD = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]*[a-z0-9])?")  # Google has "gateway.spf"
_NAME = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*+)[ \t\r\n]*+(=)?")
_PROPERTY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*+")
_METHOD_VERSION = re.compile(r"[0-9]++")
_BLANK = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r'(?:[^ \t\r\n;("\\]|\\.?)++', re.DOTALL)  # a backslash takes the next character with it
_QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_IN_COMMENT = re.compile(r'[()\\"]')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_INSTANCE = re.compile(r"[ \t\r\n]*+i[ \t\r\n]*+=[ \t\r\n]*+([0-9]{1,4})[ \t\r\n]*+(?:;|\Z)")
_AUTHSERV_ID = re.compile(r'[ \t\r\n]*+([^ \t\r\n;=("]++)(?:[ \t\r\n]++([0-9]{1,9}))?[ \t\r\n]*+(?:;|\Z)')
_VERSION = re.compile(r"[0-9]{1,9}(?=[ \t\r\n;(]|\Z)")
_ENCODED = re.compile(r"(?:[ \t\r\n]*+=\?[^? \t\r\n]++\?[BbQq]\?[^?\r\n]*+\?=)++[ \t\r\n]*+")

_PTYPES = frozenset({"body", "dns", "header", "policy", "smtp"})  # RFC 8601 2.3, RFC 8904
_OWN_WORDS = {  # of Yahoo, and of RFC 5451 and RFC 6376
    "hardfail": "fail",
    "perm_fail": "permerror",
    "permfail": "permerror",
    "success": "pass",
    "temp_fail": "temperror",
    "tempfail": "temperror",
}
_WORDS = frozenset({"fail", "neutral", "none", "pass", "permerror", "policy", "softfail", "temperror"})  # RFC 8601 2.7
# Names that some receivers (SES's inbound mail, old Yahoo) set between semicolons although they are no methods.
_NOT_METHODS = frozenset(
    {"action", "client-ip", "envelope-from", "from", "helo", "i", "identity", "reason", "receiver", "x-sender"}
)


def parse_authentication_results(value: str, *, offset: int = 0) -> AuthenticationResults:
    """The results in a field value (Authentication-Results or ARC-Authentication-Results). Never raises.

    Outlook.com writes the whole value as encoded words where From has an internationalized domain. Encoded words *in* a
    value stay as they are: they may be the sender's.
    """
    if _ENCODED.fullmatch(value):
        value = decode_words(value).strip()
    reader = _Reader(value)
    instance = _INSTANCE.match(value)  # RFC 8617 4.1.1
    if instance is not None:
        reader.position = instance.end()
    authserv_id, version = reader.authserv_id()
    reader.read_results()
    return AuthenticationResults(
        authserv_id=authserv_id,
        results=tuple([draft.finished() for draft in reader.drafts if draft.result]),
        instance=None if instance is None else int(instance[1]),
        version=version,
        offset=offset,
    )


def parse_received_spf(value: str, *, offset: int = 0) -> ReceivedSpf:
    """The result and the key-value pairs of a Received-SPF value. Never raises."""
    reader = _Reader(value)
    draft = _Draft("spf", "")
    reader.drafts.append(draft)
    reader.skip_blank()
    if _NAME.match(value, reader.position) is not None:
        word, bare = reader.value()
        draft.result = word.lower() if bare and _RESULT.fullmatch(word) else ""
    reader.read_results(methods=False)
    spf = draft.finished()
    properties = {**spf.properties, "reason": spf.reason} if spf.reason else spf.properties
    return ReceivedSpf(result=spf.result, comment=spf.comment, properties=properties, offset=offset)


class _Draft:
    """A result while its properties and comments are still being read. ``result`` "": what was written is no result's word."""

    __slots__ = ("comments", "method", "properties", "reason", "result", "written")

    def __init__(self, method: str, word: str) -> None:
        self.method = method
        bare = word.removeprefix(f"{method}_")  # Yahoo: dkim=dkim_pass
        self.result = _OWN_WORDS.get(word, bare if bare in _WORDS else word)
        self.written = "" if self.result == word else word
        self.reason = ""
        self.properties: dict[str, str] = {}
        self.comments: list[str] = []

    def add(self, name: str, value: str) -> None:
        """Keep a property. The first of a name stays: what follows it may be the sender's."""
        if name != "reason":
            self.properties.setdefault(name, value)
        elif not self.reason:
            self.reason = value

    def finished(self) -> MethodResult:
        """The result as it is handed out."""
        return MethodResult(
            method=self.method,
            result=self.result,
            reason=self.reason,
            properties=self.properties,
            comment=" ".join(self.comments),
            written=self.written,
        )


class _Reader:
    """A field value, how far it has been read, and the results so far."""

    __slots__ = ("drafts", "position", "text", "unfinished")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.drafts: list[_Draft] = []
        self.unfinished = ""  # the property whose value the next word may go on with

    def authserv_id(self) -> tuple[str | None, str]:
        """The authserv-id and its version; (None, "") where the field begins with a result, as Outlook's does."""
        match = _AUTHSERV_ID.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
            return match[1], match[2] or ""
        self.skip_blank()
        name = _NAME.match(self.text, self.position)
        if self._peek() in ("", ";") or (name is not None and name[2]):
            return None, ""
        word, _ = self.value()
        self.skip_blank()
        version = _VERSION.match(self.text, self.position)
        while self.skip_blank() not in ("", ";"):
            self.value()
        self.position += 1
        return word or None, version[0] if version else ""

    def read_results(self, *, methods: bool = True) -> None:
        """Read to the end. A segment (what stands between semicolons) may begin with a result; all else is a property."""
        text, step, end = self.text, _STEP.match, len(self.text)
        opens = methods
        while self.position < end:
            match = step(text, self.position)
            if match is None:
                opens = self._irregular(opens=opens)
                continue
            self.position = match.end()
            kind = match.lastindex
            if kind == 2:
                self._pair(match[1].lower(), match[2], opens=opens)
                opens = False
            elif kind == 3:
                self.unfinished = ""
                opens = methods
            else:
                self._comment_read(match[4].strip())

    def _pair(self, name: str, value: str, *, opens: bool, bare: bool = True) -> None:
        """Take ``name=value``: as a result where one may stand, else as a property of the result before it.

        One whose value is no result's word begins a result too, which is not handed out, and neither is what belongs to it.
        """
        if opens and _is_method(name):
            self.drafts.append(_Draft(name, value.lower() if bare and _RESULT.fullmatch(value) else ""))
            self.unfinished = ""
        elif self.drafts:
            draft = self.drafts[-1]
            is_new = name not in draft.properties
            draft.add(name, value)
            self.unfinished = name if bare and is_new and name in draft.properties else ""  # a reason is no property

    def _comment_read(self, comment: str) -> None:
        self.unfinished = ""
        if comment and self.drafts:
            self.drafts[-1].comments.append(comment)

    def _irregular(self, *, opens: bool) -> bool:
        """Take what ``_STEP`` does not: quoted values, nested comments, versions, words that are no pair."""
        self.position = _after_blank(self.text, self.position)
        if self._peek() == "(":
            self._comment_read(self._comment())
            return opens
        start = self.position
        name = self._name_before_equals()
        if name:
            self.skip_blank()
            value, bare = self.value()
            self._pair(name, value, opens=opens, bare=bare)
        elif self.position == start and self._peek():
            word, bare = self.value()
            if bare and self.unfinished:
                self.drafts[-1].properties[self.unfinished] += word  # Coremail folds inside a long local part
            self.unfinished = ""
        return False

    def _name_before_equals(self) -> str:
        """Take a name and its ``=``, with the CFWS between; "" where there is no ``=``: a name before a comment is passed then.

        CFWS may surround the slash of a method's version and the dot of a property: RFC 8601 section 2.2, appendix B.7.
        """
        match = _NAME.match(self.text, self.position)
        if match is None:
            return ""
        name = match[1].lower()
        if match[2]:
            self.position = match.end()
            return name
        if not self.text.startswith(("(", "/", "."), match.end()):
            return ""
        self.position = match.end()
        mark = self.skip_blank()
        pattern = {"/": _METHOD_VERSION, ".": _PROPERTY}.get(mark)
        if pattern is not None:
            self.position += 1
            self.skip_blank()
            further = pattern.match(self.text, self.position)
            if further is None:
                return ""
            self.position = further.end()
            name = f"{name}.{further[0].lower()}" if mark == "." else name
            mark = self.skip_blank()
        if mark != "=":
            return ""
        self.position += 1
        return name

    def _peek(self) -> str:
        """The next character, "" at the end."""
        return self.text[self.position : self.position + 1]

    def skip_blank(self) -> str:
        """Pass white space and comments (CFWS), keeping the comments; the character that follows, "" at the end."""
        while True:
            self.position = _after_blank(self.text, self.position)
            character = self._peek()
            if character != "(":
                return character
            self._comment_read(self._comment())

    def value(self) -> tuple[str, bool]:
        """The value that starts here, and whether no quotation mark is in it.

        A quoted string alone loses its quotes; one that is the local part of an address stays as it is written.
        """
        start = self.position
        bare = True
        while (character := self._peek()) not in ("", *";( \t\r\n"):
            pattern = _QUOTED if character == '"' else _WORD
            bare = bare and character != '"'
            match = pattern.match(self.text, self.position)
            # A quoted string without end takes the rest.
            self.position = len(self.text) if match is None else match.end()
        value = self.text[start : self.position]
        if bare or _QUOTED.fullmatch(value) is None:
            return value, bare
        return _unescape(value[1:-1]), False

    def _comment(self) -> str:
        """The comment that starts here, without its parentheses and escapes, stripped."""
        start = position = self.position + 1
        depth = 1
        while depth:
            mark = _IN_COMMENT.search(self.text, position)
            if mark is None:  # it never ends: nothing after it can be believed
                self.position = len(self.text)
                return _unescape(self.text[start:]).strip()
            position = mark.end()
            if mark[0] == "(":
                depth += 1
            elif mark[0] == ")":
                depth -= 1
            elif mark[0] == "\\":
                position += 1
            else:
                position = self._quote_in_comment(mark.start())
        self.position = position
        return _unescape(self.text[start : position - 1]).strip()

    def _quote_in_comment(self, start: int) -> int:
        """Where to go on after a quotation mark in a comment, which RFC 5322 section 3.2.2 gives no meaning.

        Receivers repeat the sender's address in comments. A quoted local part may hold ``); dkim=pass (``: it is passed as
        a whole. Another quotation that holds a parenthesis can be read in two ways, so the rest is not read at all.
        """
        quoted = _QUOTED.match(self.text, start)
        if quoted is None or not ("(" in quoted[0] or ")" in quoted[0]):
            return start + 1
        before, after = self.text[start - 1], self.text[quoted.end() : quoted.end() + 1]
        return quoted.end() if after == "@" and not before.isalnum() else len(self.text)


def _is_method(name: str) -> bool:
    """Whether a name at the beginning of a segment is a method's, and not that of a property of the result before."""
    return name not in _NOT_METHODS and name.partition(".")[0] not in _PTYPES and _METHOD.fullmatch(name) is not None


def _after_blank(text: str, position: int) -> int:
    """Where the next character that is not white space stands."""
    blank = _BLANK.match(text, position)
    return position if blank is None else blank.end()


def _unescape(text: str) -> str:
    """The text with each quoted-pair (RFC 5322 section 3.2.1) replaced by what it quotes."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


# token: RFC 2045 section 5.1. An address or a domain-name may stand unquoted too: pvalue of RFC 8601 section 2.2.
_ATOM = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]"
_BARE = re.compile(rf"{_ATOM}+|{_ATOM}*@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def format_authentication_results(authserv_id: str, results: Sequence[MethodResult]) -> str:
    """A field value by RFC 8601 section 2.2; parsing it gives the same results back.

    Control characters, which no field may hold, become spaces. The value is one line: folding is the header's business.
    """
    if not results:
        return f"{_quoted(authserv_id)}; none"  # RFC 8601 2.2: no-result
    return "; ".join([_quoted(authserv_id), *(_formatted(result) for result in results)])


def _formatted(result: MethodResult) -> str:
    """One resinfo: methodspec, a comment, reasonspec, propspecs."""
    words = [f"{result.method}={result.result}"]
    if result.comment:
        words.append("(" + re.sub(r'([()\\"])', r"\\\1", _UNWRITABLE.sub(" ", result.comment)) + ")")
    if result.reason:
        words.append(f"reason={_quoted(result.reason)}")
    words += [f"{name}={_quoted(value)}" for name, value in result.properties.items()]
    return " ".join(words)


def _quoted(value: str) -> str:
    """The value as a token or address where it is one, else as a quoted string."""
    if _BARE.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", _UNWRITABLE.sub(" ", value)) + '"'
