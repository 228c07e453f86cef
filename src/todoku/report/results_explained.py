"""A header field of authentication results, read to a person: who wrote it, what each result means, what to do next.

The rule here: **a line alone proves nothing.** Whoever pastes it may trust it; nobody can see from it who wrote it, and the
reader is told so. Whether a domain is aligned with From is worked out from the domains in the line, by the suffix list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from todoku.auth.dmarc import ReceiverDmarc, receiver_dmarc
from todoku.auth.dmarc.receiver import helo_domain, is_best_guess, mail_from_domain, signing_domain
from todoku.auth.suffixes import Suffixes
from todoku.causes.circumstances import is_amazon
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.witnesses.receiver_dmarc import DIFFERENCES, HANDLINGS, notes
from todoku.mail.authres import (
    AuthenticationResults,
    MethodResult,
    parse_authentication_results,
    parse_received_spf,
)
from todoku.mail.border import receiver_of
from todoku.receivers import NAMES
from todoku.report import results_words as words
from todoku.report.columns import wrapped
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text, fill, sentence

MAX_RESULTS = 40  # of a line; iCloud and Fastmail write about ten
FIELDS = ("authentication-results", "arc-authentication-results", "received-spf")

Outcome = Literal["good", "bad", "undecided", "beside"]


class Field(NamedTuple):
    """A header field: its name in lower case, and its value."""

    name: str
    value: str


class ExplainedResult(msgspec.Struct, frozen=True):
    """One result as it was written, and what it says. ``outcome``: a pass, a failure, undecided, or beside the point."""

    written: str
    means: tuple[Text, ...]
    outcome: Outcome


class Explained(msgspec.Struct, frozen=True):
    """A field, or several that belong together, in words. Every string in it is harmless."""

    heading: Text
    results: tuple[ExplainedResult, ...]
    advice: tuple[Text, ...]

    @property
    def failed(self) -> bool:
        """Whether a failure is shown."""
        return any(one.outcome == "bad" for one in self.results)

    @property
    def undecided(self) -> bool:
        """Whether the receiver could not decide something, or wrote no result at all."""
        return not self.results or any(one.outcome == "undecided" for one in self.results)

    def lines(self, language: Language, width: int) -> Iterator[str]:
        """The text form: the heading, each result, what to do next."""
        yield from wrapped(say(self.heading, language), width)
        for one in self.results or (ExplainedResult("-", (NOTHING,), "undecided"),):
            yield ""
            yield from (f"  {line}" for line in wrapped(one.written, width - 2))
            yield from (f"    {line}" for text in one.means for line in wrapped(say(text, language), width - 4))
        for text in self.advice:
            yield ""
            yield from wrapped(say(text, language), width)


NOTHING = Text("No result is in it.", "結果の記載はありません。")
NAME = re.compile(rf"\s*({'|'.join(FIELDS)})\s*:", re.IGNORECASE)
_REPLY = re.compile(r"\s*[245][0-9]{2}[ -]")
_DOMAIN_OF = re.compile(r"domain of (?:[^\s@]{0,256}@)?([A-Za-z0-9.-]{1,253})(?=\s)")  # Outlook.com has it nowhere else
_ADDRESS = re.compile(r"(?:sender IP is|designates?|client-ip=) ?([0-9A-Fa-f.:]{3,45})")


def results_field(text: str) -> Field | None:
    """The field in a pasted text, with or without its name; None where it is not one of authentication results."""
    named = NAME.match(text)
    if named is not None:
        return Field(named[1].lower(), text[named.end() :])
    if _REPLY.match(text):  # what a server said in SMTP
        return None
    found = parse_authentication_results(text).results
    return Field(FIELDS[0], text) if any(one.method in MEANINGS for one in found) else None


def explain_results(fields: Sequence[Field], suffixes: Suffixes) -> Explained:
    """What the fields say. Those of one message are read together: iCloud writes one for each method."""
    parsed = [_parsed(field) for field in fields]
    told = tuple(one for one in parsed if one.results)
    who = next((name for one in parsed if (name := _writer(one))), "")
    said = receiver_dmarc(told, "", suffixes)
    results = tuple(one for field in told for one in field.results)[:MAX_RESULTS]
    seen = _Seen(who or "?", results, said, suffixes)
    return Explained(
        heading=_heading(fields[0], parsed[0], who),
        results=tuple(_explained(one, seen) for one in results),
        advice=tuple(_harmless(text) for text in _advice(seen)),
    )


def _parsed(field: Field) -> AuthenticationResults:
    if field.name != "received-spf":
        return parse_authentication_results(field.value)
    spf = parse_received_spf(field.value)
    mail_from = spf.properties.get("envelope-from", "") or next(iter(_DOMAIN_OF.findall(spf.comment)), "")
    named = {"smtp.mailfrom": mail_from} if mail_from else {"smtp.helo": spf.properties.get("helo", "")}
    named["smtp.remote-ip"] = spf.properties.get("client-ip", "")
    by = spf.properties.get("receiver") or spf.comment.partition(":")[0]
    result = MethodResult(
        method="spf", result=spf.result, properties={name: value for name, value in named.items() if value}
    )
    return AuthenticationResults(authserv_id=by if "." in by else "", results=(result,) if spf.result else ())


def _writer(field: AuthenticationResults) -> str:
    """Whose line it says it is: by the authserv-id, or by what Outlook.com alone writes."""
    if field.authserv_id is None:
        return NAMES["outlook"] if field.of("compauth") or _ADDRESS.search(_comments(field)) else ""
    host = field.authserv_id.lower()
    receiver = receiver_of(host)
    if receiver is not None:
        return NAMES[receiver]
    known = {"messagingengine.com": "Fastmail", "fastmail.com": "Fastmail", "amazonses.com": "Amazon SES"}
    return next((name for domain, name in known.items() if f".{host}".endswith(f".{domain}")), harmless(host))


def _comments(field: AuthenticationResults) -> str:
    return " ".join(one.comment for one in field.of("spf"))


def _heading(field: Field, parsed: AuthenticationResults, who: str) -> Text:
    name = "-".join(word.upper() if word in ("arc", "spf") else word.title() for word in field.name.split("-"))
    authserv_id = harmless(parsed.authserv_id or "")
    if not who:
        return Text(f"{name}, without the name of who wrote it", f"{name}(記録したサーバー名の記載なし)")
    by = f" ({authserv_id})" if authserv_id and authserv_id != who else ""
    without = parsed.authserv_id is None
    english = f"{name}, as {who}{by} writes it" + (": without an authserv-id" if without else "")
    japanese = f"{name}({who}{by} の形式{'。authserv-idなし' if without else ''})"
    if parsed.instance is None:
        return Text(english, japanese)
    return Text(
        f"{english}: what it saw when it handed the message on as number {parsed.instance} of the ARC chain",
        f"{japanese}。ARCチェーンの{parsed.instance}番目に転送したサーバーの記録",
    )


class _Seen:
    """The domains of a line beside the From domain, and what was authenticated."""

    def __init__(
        self, who: str, results: Sequence[MethodResult], said: ReceiverDmarc | None, suffixes: Suffixes
    ) -> None:
        self.who = who
        self.said = said
        self.author = "" if said is None else said.author_domain
        self.suffixes = suffixes
        self.results = results
        self.passed = [domain for one in results if one.result == "pass" and (domain := _about(one))]

    def relation(self, domain: str) -> tuple[Text, ...]:
        """Whether a domain is aligned with From; nothing where the line does not name both."""
        if not self.author or not domain:
            return ()
        if domain == self.author:
            template = words.ALIGNED_SAME
        elif self.suffixes.organizational_domain(domain) == self.suffixes.organizational_domain(self.author):
            template = words.ALIGNED_RELAXED
        else:
            template = words.NOT_ALIGNED_SES if is_amazon(domain) else words.NOT_ALIGNED
        return (self.fill(template),)

    def fill(self, template: Text, **values: str) -> Text:
        """A template with its values, the receiver and the From domain filled in."""
        return fill(template, {"who": self.who, "author": self.author or "?", **values})

    @property
    def follows(self) -> str:
        """What follows for DMARC from the domains: pass, fail or unknown."""
        return "unknown" if self.said is None or not self.author else self.said.follows


def _about(one: MethodResult) -> str:
    """The domain that a result of SPF or DKIM is about, or ""."""
    if one.method == "dkim":
        return signing_domain(one)
    return mail_from_domain(one) or helo_domain(one) if one.method == "spf" else ""


def _explained(one: MethodResult, seen: _Seen) -> ExplainedResult:
    told = [f"{one.method}={one.written or one.result}"]
    told += [f"({one.comment})"] if one.comment else []
    told += [f"reason={one.reason}"] if one.reason else []
    told += [f"{name}={value}" for name, value in one.properties.items()]
    means = MEANINGS.get(one.method)
    known = words.OTHERS.get(one.method)
    texts = means(one, seen) if means is not None else () if known is None else (known,)
    return ExplainedResult(harmless(" ".join(told)), tuple(_harmless(text) for text in texts), _outcome(one, seen))


def _harmless(text: Text) -> Text:
    return Text(harmless(text.en), harmless(text.ja))


def _undecided(one: MethodResult) -> Text:
    return fill(words.UNDECIDED, {"method": one.method.upper(), "word": one.written or one.result})


def _spf(one: MethodResult, seen: _Seen) -> tuple[Text, ...]:
    domain = _about(one)
    address = one.properties.get("smtp.remote-ip", "") or next(iter(_ADDRESS.findall(one.comment)), "")
    template = words.SPF.get(one.result)
    if template is None:
        return (_undecided(one),)
    client = Text(address, address) if address else words.CLIENT
    said = _each(template, seen, domain=Text(domain or "?", domain or "?"), client=client)
    if is_best_guess(one):
        return said, words.BEST_GUESS
    return (said, *seen.relation(domain)) if one.result == "pass" else (said,)


def _dkim(one: MethodResult, seen: _Seen) -> tuple[Text, ...]:
    domain, selector = signing_domain(one), one.properties.get("header.s", "")
    template = words.DKIM.get(one.result)
    if template is None:
        return (_undecided(one),)
    key = fill(words.SELECTOR, {"selector": selector}) if selector else Text("", "")
    said = _each(template, seen, domain=Text(domain or "?", domain or "?"), selector=key)
    return (said, *seen.relation(domain)) if one.result == "pass" else (said,)


def _each(template: Text, seen: _Seen, **values: Text) -> Text:
    """A template filled in with values that are not the same in both languages."""
    english = seen.fill(template, **{name: text.en for name, text in values.items()}).en
    return Text(english, seen.fill(template, **{name: text.ja for name, text in values.items()}).ja)


def _dmarc(one: MethodResult, seen: _Seen) -> tuple[Text, ...]:
    template = words.DMARC.get(one.result)
    said = seen.said
    first = _undecided(one) if template is None else seen.fill(template)
    if said is None or one is not said.result:
        return (first,)
    did_nothing = one.result == "fail" and said.disposition == "none"
    further = tuple(sentence(note) for note in notes(said, seen.who) if note.reason in FURTHER)
    return (first, seen.fill(words.ACTION_NONE), *further) if did_nothing else (first, *further)


FURTHER = (
    *HANDLINGS.values(),
    *(DIFFERENCES[name] for name in ("arc", "local-policy", "strict", "best-guess-spf", "boundary", "unexplained")),
)
"""Of what parts a DMARC result from alignment, that which its word does not say already."""


def _compauth(one: MethodResult, seen: _Seen) -> tuple[Text, ...]:
    kind = None if seen.said is None else seen.said.compauth
    why = Text("", "") if kind is None else words.COMPAUTH_REASONS[kind]
    values = {"result": Text(one.result, one.result), "code": Text(one.reason or "-", one.reason or "-"), "why": why}
    said = _each(words.COMPAUTH, seen, **values)
    return (Text(said.en.rstrip(), said.ja),)


MEANINGS: dict[str, Callable[[MethodResult, _Seen], tuple[Text, ...]]] = {
    "spf": _spf,
    "dkim": _dkim,
    "dmarc": _dmarc,
    "compauth": _compauth,
}
FAILURES = {
    "spf": {"fail", "softfail", "neutral", "none", "permerror"},
    "dkim": {"fail", "none", "neutral", "policy", "permerror"},
    "dmarc": {"fail", "none", "bestguesspass", "permerror"},
    "compauth": {"fail"},
}
"""Words that say that what receivers ask for is not met."""


def _outcome(one: MethodResult, seen: _Seen) -> Outcome:
    """What a result amounts to. A signature that fails beside one that passes is beside the point."""
    if one.method not in FAILURES:
        return "beside"
    if one.result == "pass":
        return "bad" if is_best_guess(one) else "good"
    another = one.method == "dkim" and any(other.method == "dkim" and other.result == "pass" for other in seen.results)
    if another:
        return "beside"
    return "bad" if one.result in FAILURES[one.method] else "undecided"


def _advice(seen: _Seen) -> Iterator[Text]:
    """What to do next."""
    dmarc = next((one.result for one in seen.results if one.method == "dmarc"), "")
    if dmarc in ("none", "bestguesspass") and seen.author:
        yield seen.fill(words.WRITE_RECORD)
    if seen.follows == "fail" and seen.author in CONSUMER_DOMAINS:
        yield fill(CONSUMER_FROM.text, {"from_domain": seen.author})
    elif seen.follows == "fail" and seen.author:
        if seen.passed and all(map(is_amazon, seen.passed)):
            yield seen.fill(words.ONLY_SES)
        fixes = (EASY_DKIM.title, CUSTOM_MAIL_FROM.title)
        yield _each(
            words.PRINTED, seen, fixes=Text(". ".join(fix.en for fix in fixes), "。".join(fix.ja for fix in fixes))
        )
    elif any(one.method in ("spf", "dkim") and _outcome(one, seen) == "bad" for one in seen.results):
        yield words.SAVE_WHOLE
    yield words.UNPROVEN
