"""Which requirement an SMTP reply or an SES bounce names.

An enhanced status code (RFC 3463) is not enough: receivers give one code several meanings, and Google's own pages disagree
about a few. So a rule of ``replies/`` may ask for words of the reply too, the first rule that fits decides, and where only
words could have told two meanings apart and there are none, the diagnosis says all of them and that it is ambiguous.
"""

from __future__ import annotations

import re

import msgspec

from todoku.feedback.bounce_causes import likely_causes
from todoku.feedback.bounce_codes import RULES, UNKNOWN
from todoku.feedback.recipients import receiver_of
from todoku.feedback.replies.outlook import OUTLOOK_AUTHENTICATION
from todoku.feedback.replies.rule import REPLIERS, Handling, Replier, Rule
from todoku.words.verdict import Text, Values

MAX_TEXT = 8_192  # characters of a reply that are read; RFC 5321 4.5.3.1.5 allows 512 a line


class BounceDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply means. ``basic`` is the three-digit code, ``enhanced`` the one of RFC 3463, each "" where it is absent.

    ``receiver`` is who replied, as far as the reply shows it. ``handling`` is what to do with the address and the mail.
    ``official``: a page of the receiver's own has this meaning; otherwise it was only seen in bounces. ``requirements`` are the ids it names, the likeliest first; none for what is no sender requirement (a rate limit, an
    unknown mailbox at a receiver without one). ``causes`` are the tags of the reasons to think of with mail sent through SES,
    the likeliest first. ``values`` holds what else the reply tells: Outlook's three results.
    """

    receiver: Replier | None
    basic: str
    enhanced: str
    tag: str
    requirements: tuple[str, ...]
    text: Text
    handling: Handling = "find-out"
    official: bool = False
    ambiguous: bool = False
    values: Values = {}
    causes: tuple[str, ...] = ()


# "550-5.7.26", "550 5.7.26", "550 #5.1.1", "421-4.7.28"; an address such as 5.7.26.1 is none.
_BOTH = re.compile(r"(?<![0-9.])([245][0-9]{2})[ -]\(?#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])")
_BASIC = re.compile(
    r"(?:\A|[:;,\"'(] ?|said: |response: |(?:error|problem) )([45][0-9]{2})(?=[ -])", re.IGNORECASE
)  # "… problem 550-'Unknown user'" is how SES wrote it in 2011
_ENHANCED = re.compile(r"(?<![0-9.])([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])")
_LOCAL_PART = re.compile(
    r"(?<![^\s<>\"'(),;:])[^\s<>\"'(),;:]{1,320}@"
)  # what somebody's address is called says nothing
_CODE_ALONE = re.compile(r"\A([45][0-9]{2})\Z")

_WRITTEN_BY: tuple[tuple[Replier, str], ...] = (
    ("gmail", r"\bgsmtp\b|\bgcdp\b|our system has detected"),
    ("docomo", r"docomo\.ne\.jp"),
    ("au", r"\bau\.com\b|ezweb\.ne\.jp|uqmobile\.jp|the user\(s\) account"),
    ("softbank", r"softbank\.(?:ne\.)?jp|vodafone\.ne\.jp|ymobile\.ne\.jp"),
    # Yahoo! JAPAN is LY Corporation's, and no rule of Yahoo's holds there.
    ("yahoo-japan", r"yahoo\.co\.jp|yahoo-help\.jp|yahoo-net\.jp|ymail\.ne\.jp|ybb\.ne\.jp|\bDM Email not|\[895\]"),
    ("nifty", r"\bnifty\.(?:com|ne\.jp)"),
    ("jcom", r"\bjcom\.(?:home\.ne|zaq\.ne)\.jp|\bzaq\.ne\.jp"),
    ("gmail", r"google\b|gmail"),
    ("outlook", r"outlook|hotmail|office365|office\.com|microsoft|(?:postmaster|mail)\.live\.com"),
    ("outlook", r"\bA?S31[0-9]{2}\b|\(S775\)|\b(?:RP|SC|DY|OU)-00[0-9]\b|sending domain \S+ does not meet"),
    ("yahoo", r"yahoo|\baol\b|message not allowed - |\[(?:TSS?|BL|PH)[0-9]{2}\]"),
    ("icloud", r"icloud|apple\.com|\b(?:me|mac)\.com\b|\[(?:CS|HM|HME)[0-9]{1,2}\]"),
)
"""Words by which a reply shows who wrote it. The first that is found decides."""
_REPLIERS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _WRITTEN_BY)
_OUTLOOK_RESULTS = re.compile(r"\b(spf|dkim|dmarc) ?= ?([a-z]+)", re.IGNORECASE)
_OUTLOOK_NAMES = {"spf": "spf", "dkim": "dkim", "dmarc": "dmarc-alignment"}


def diagnose(line: str, recipient_domain: str = "") -> BounceDiagnosis:
    """What a reply says: one line or several, bare or in what SES and mail servers wrap around it. Never raises.

    ``recipient_domain`` tells who replied where the reply itself does not, as in au's ``550 : User unknown``.
    """
    text = " ".join(line[:MAX_TEXT].split())
    basic, enhanced = _codes(text)
    words = _LOCAL_PART.sub("@", _without_codes(text, basic, enhanced))
    receiver = _replier(words) or receiver_of(recipient_domain)
    codes = frozenset((basic, enhanced, f"{basic} {enhanced}"))
    rule = next((rule for rule in _RULES[receiver] if _fits(rule, codes, words)), UNKNOWN)
    values = _outlook_results(words) if rule.tag == OUTLOOK_AUTHENTICATION else {}
    failed = [_OUTLOOK_NAMES[name] for name, result in values.items() if result != "pass"]
    return BounceDiagnosis(
        receiver=rule.receiver or receiver,
        basic=basic,
        enhanced=enhanced,
        tag=rule.tag,
        requirements=(*rule.requirements, *failed),
        text=_with_results(rule.text, values),
        handling=rule.handling,
        official=rule.official,
        ambiguous=rule.ambiguous,
        values=values,
        causes=likely_causes(rule.tag, tuple(failed) or rule.requirements),
    )


def _replier(words: str) -> Replier | None:
    return next((name for name, pattern in _REPLIERS if pattern.search(words)), None)


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


def _may_say(rule: Rule, replier: Replier | None) -> bool:
    """Whether a rule is about this replier's replies. SES speaks about mail to every receiver, and may name the recipient."""
    return rule.receiver in (None, "ses", replier) or (replier is None and not rule.recognised)


_RULES = {replier: tuple(rule for rule in RULES if _may_say(rule, replier)) for replier in (None, *REPLIERS)}


def _fits(rule: Rule, codes: frozenset[str], words: str) -> bool:
    return (not rule.codes or not codes.isdisjoint(rule.codes)) and (
        rule.words is None or rule.words.search(words) is not None
    )


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
