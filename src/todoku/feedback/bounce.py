"""Which requirement an SMTP reply or an SES bounce names.

An enhanced status code (RFC 3463) is not enough: receivers give one code several meanings, and Google's own pages disagree
about a few. So a rule of ``bounce_codes.py`` may ask for words of the reply too, the first rule that fits decides, and
where only words could have told two meanings apart and there are none, the diagnosis says that it is ambiguous.
"""

from __future__ import annotations

import re

import msgspec

from todoku.feedback.bounce_causes import likely_causes
from todoku.feedback.bounce_codes import OUTLOOK_AUTHENTICATION, RULES, UNKNOWN, Rule
from todoku.verdict import Receiver, Text, Values

MAX_TEXT = 8_192  # characters of a reply that are read; RFC 5321 4.5.3.1.5 allows 512 a line


class BounceDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply means. ``basic`` is the three-digit code, ``enhanced`` the one of RFC 3463, each "" where it is absent.

    ``requirements`` are the ids it names, the likeliest first; none for what is no sender requirement (a rate limit, an
    unknown mailbox at a receiver without one). ``causes`` are the tags of the reasons to think of with mail sent through SES,
    the likeliest first. ``values`` holds what else the reply tells: Outlook's three results.
    """

    receiver: Receiver | None
    basic: str
    enhanced: str
    tag: str
    requirements: tuple[str, ...]
    text: Text
    ambiguous: bool = False
    values: Values = {}
    causes: tuple[str, ...] = ()


# "550-5.7.26", "550 5.7.26", "550 #5.1.1", "421-4.7.28"; an address such as 5.7.26.1 is none.
_BOTH = re.compile(r"(?<![0-9.])([245][0-9]{2})[ -]\(?#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])")
_BASIC = re.compile(r"(?:\A|[:;,\"'(] ?|said: |response: )([45][0-9]{2})(?=[ -])", re.IGNORECASE)
_ENHANCED = re.compile(r"(?<![0-9.])([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])")
_CODE_ALONE = re.compile(r"\A([45][0-9]{2})\Z")

_RECEIVERS: tuple[tuple[Receiver, re.Pattern[str]], ...] = (
    ("gmail", re.compile(r"\bgsmtp\b|google\.com|gmail|our system has detected", re.IGNORECASE)),
    (
        "outlook",
        re.compile(r"outlook|hotmail|office365|microsoft|\bS31[45]0\b|sending domain \S+ does not meet", re.IGNORECASE),
    ),
    ("yahoo", re.compile(r"yahoo|\baol\b|\[(?:TSS|BL|PH)[0-9]{2}\]", re.IGNORECASE)),
    ("icloud", re.compile(r"icloud|apple\.com|\[(?:CS|HME)[0-9]{1,2}\]", re.IGNORECASE)),
)
_OUTLOOK_RESULTS = re.compile(r"\b(spf|dkim|dmarc) ?= ?([a-z]+)", re.IGNORECASE)
_OUTLOOK_NAMES = {"spf": "spf", "dkim": "dkim", "dmarc": "dmarc-alignment"}


def diagnose(line: str) -> BounceDiagnosis:
    """What a reply says: one line or several, bare or in what SES and mail servers wrap around it. Never raises."""
    text = " ".join(line[:MAX_TEXT].split())
    basic, enhanced = _codes(text)
    words = _without_codes(text, basic, enhanced)
    receiver = next((name for name, pattern in _RECEIVERS if pattern.search(words)), None)
    rule = next((rule for rule in RULES if _fits(rule, receiver, basic, enhanced, words)), UNKNOWN)
    values = _outlook_results(words) if rule.tag == OUTLOOK_AUTHENTICATION else {}
    failed = [_OUTLOOK_NAMES[name] for name, result in values.items() if result != "pass"]
    return BounceDiagnosis(
        receiver=rule.receiver or receiver,
        basic=basic,
        enhanced=enhanced,
        tag=rule.tag,
        requirements=(*rule.requirements, *failed),
        text=_with_results(rule.text, values),
        ambiguous=rule.ambiguous,
        values=values,
        causes=likely_causes(rule.tag, tuple(failed) or rule.requirements),
    )


def _codes(text: str) -> tuple[str, str]:
    """The basic and the enhanced code, "" for one that is absent."""
    both = _BOTH.search(text)
    if both is not None:
        return both[1], both[2]
    basic = _BASIC.search(text) or _CODE_ALONE.match(text)
    enhanced = _ENHANCED.search(text)
    return basic[1] if basic else "", enhanced[1] if enhanced else ""


def _without_codes(text: str, basic: str, enhanced: str) -> str:
    """The words of the reply: every line of a reply repeats the codes (RFC 5321 section 4.2.1, RFC 2034 section 4)."""
    if not basic or not enhanced:
        return text
    return re.sub(rf" ?{basic}[ -]\(?#?{re.escape(enhanced)}\)? ?", " ", text).strip()


def _fits(rule: Rule, receiver: Receiver | None, basic: str, enhanced: str, words: str) -> bool:
    if rule.receiver is not None and receiver != rule.receiver and (rule.recognised or receiver is not None):
        return False
    if rule.codes and not any(code in (basic, enhanced, f"{basic} {enhanced}") for code in rule.codes):
        return False
    return rule.words is None or rule.words.search(words) is not None


def _outlook_results(words: str) -> dict[str, str]:
    """The three results that Outlook's 5.7.515 ends with, ``Spf= Fail , Dkim= Pass , DMARC= Fail``, in lower case."""
    found: dict[str, str] = {}
    for name, result in _OUTLOOK_RESULTS.findall(words):
        found.setdefault(name.lower(), result.lower())
    return found


def _with_results(text: Text, values: dict[str, str]) -> Text:
    if not values:
        return text
    shown = ", ".join(f"{name.upper()}={result}" for name, result in values.items())
    return Text(f"{text.en} Its results: {shown}.", f"{text.ja}判定結果は {shown} です。")
