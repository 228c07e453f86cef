"""The DKIM key is long enough: RSA of 1024 bits at least, 2048 advised.

It is about the keys of the sender's own signatures. The one of amazonses.com has 1024 bits and is AWS's business: it is
never held against a sender.
"""

from __future__ import annotations

from datetime import date

import msgspec

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.selector import SelectorKey
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import Circumstances, is_amazon
from todoku.causes.dkim.damage import DNS_FAILED, NOT_EVALUATED, signature_exhibits, signature_values
from todoku.causes.dkim.selector_records import judge_selector, selector_values, selectors_finding
from todoku.causes.dkim.signatures import own_signatures
from todoku.causes.dkim.stronger_key import ADVISED_BITS, DKIM_2048, KEY_TOO_SHORT
from todoku.causes.ses_identity import dkim_exhibit, identity_values, not_read
from todoku.receivers import clause, gmail, yahoo
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Finding, Missing, Reason, Requirement, SesDefault, Text, Witness, worst

LEAST_BITS = 1024  # RFC 8301 3.2

LONG_ENOUGH = Reason(
    "dkim-key-long-enough",
    Text(
        "The key of {domain} ({algorithm}) has {bits} bits.",
        "{domain} の公開鍵({algorithm})は{bits}ビットです。",
    ),
)
ED25519 = Reason(
    "dkim-key-ed25519",
    Text(
        "The key of {domain} is Ed25519, for which no length is asked. Not every receiver verifies it: sign with RSA as well.",
        "{domain} の公開鍵はEd25519で、鍵長の要件の対象外です。検証できない受信側もあるため、RSAでも署名してください。",
    ),
)
SES_KEY = Reason(
    "dkim-key-of-ses",
    Text(
        "Only SES signed, with its own key ({domain}, {bits} bits): it is managed by AWS.",
        "署名はSES自身のもの({domain}、{bits}ビット)だけで、この鍵はAWSが管理しています。",
    ),
)
SHORT = Reason(
    "dkim-key-1024",
    Text(
        "The key of {domain} at {key_name} has {bits} bits. That is accepted; {advised} are advised.",
        "{key_name} の公開鍵({domain})は{bits}ビットです。受け付けられますが、{advised}ビットが推奨されています。",
    ),
    fixes=(DKIM_2048,),
)
NOT_SEEN = Reason(
    "dkim-key-not-seen",
    Text(
        "No key of {domain} could be read at {key_name}, so that its length is not known.",
        "{key_name} に {domain} の公開鍵が見つからず、鍵長を確認できません。",
    ),
)
SAID_SHORT = Reason(
    "dkim-key-said-1024",
    Text(
        "By SES's word the key of {identity} has {bits} bits. That is accepted; {advised} are advised.",
        "SESによると、{identity} の鍵は{bits}ビットです。受け付けられますが、{advised}ビットが推奨されています。",
    ),
    fixes=(DKIM_2048,),
)
CHANGING = Reason(
    "dkim-key-changing",
    Text(
        "The key of {domain} has {bits} bits. SES is told to make the next one with {next}, and changes over by itself.",
        "{domain} の公開鍵は{bits}ビットです。次の鍵は{next}ビットに設定されており、SESが自動で切り替えます。",
    ),
)
SES_ALONE = Reason(
    "dkim-key-of-ses-alone",
    Text(
        "Mail from {identity} is signed only with SES's own key, which is managed by AWS.",
        "{identity} からのメールの署名はSES自身のものだけで、その鍵はAWSが管理しています。",
    ),
)
ELSEWHERE = Reason(
    "dkim-key-elsewhere",
    Text(
        "A signed message shows this; so does GetEmailIdentity (CurrentSigningKeyLength).",
        "署名付きのメールか、SESのGetEmailIdentity(CurrentSigningKeyLength)で確認できます。",
    ),
)


def decide(aspect: str, dkim: tuple[DkimResult, ...], around: Circumstances) -> Finding | None:
    """The shortest key of the sender's own signatures; without one, that of whoever signed."""
    own = own_signatures(dkim, around)
    judged = own or tuple(one for one in dkim if not is_amazon(one.domain)) or dkim
    if not judged:
        return None
    return worst(_judge(one, aspect) for one in judged)


def _judge(signature: DkimResult, aspect: str) -> Finding:
    """One key against the length that the clause asks for."""
    values = {**signature_values(signature), "advised": ADVISED_BITS}
    exhibits = signature_exhibits(signature)
    if signature.algorithm.startswith("ed25519"):
        return Finding("pass", ED25519, values, exhibits)
    if signature.key_bits is None:
        return _no_length(signature)
    if is_amazon(signature.domain):
        return Finding("pass", SES_KEY, values, exhibits)
    if signature.key_bits < LEAST_BITS:
        return Finding("fail", KEY_TOO_SHORT, values, exhibits)
    if aspect == "2048" and signature.key_bits < ADVISED_BITS:
        return Finding("fail", SHORT, values, exhibits)
    return Finding("pass", LONG_ENOUGH, values, exhibits)


def _no_length(signature: DkimResult) -> Finding:
    """A key that was not there, or not looked at."""
    values, exhibits = signature_values(signature), signature_exhibits(signature)
    dark = signature.key is not None and signature.key.failed  # whatever else is wrong with the signature
    if dark or signature.result == "temperror":
        reason = DNS_FAILED if dark or signature.cause == "dns-failed" else NOT_EVALUATED
        return Finding("unknown", reason, values, exhibits, missing="could-not-look")
    return Finding("unknown", NOT_SEEN, values, exhibits, missing="not-asked")


def decide_setup(aspect: str, setup: DomainSetup, identity: SesIdentity | Missing) -> Finding:
    """The shortest key of the selectors that were named, or that SES signs with."""
    shut = not_read(identity)
    if shut is not None or isinstance(identity, Missing):
        return shut or _judge_selectors(aspect, setup)
    said = (dkim_exhibit(identity),)
    if not identity.dkim.signing or not setup.selectors:
        return Finding("pass", SES_ALONE, identity_values(identity), said)
    seen = _judge_selectors(aspect, setup)
    if seen.reason is NOT_SEEN and identity.dkim.bits is not None:
        seen = _by_length(identity, identity.dkim.bits, aspect)
    if seen.reason is SHORT and (identity.dkim.next_bits or 0) >= ADVISED_BITS:
        seen = Finding("fail", CHANGING, {**seen.values, "next": identity.dkim.next_bits}, seen.exhibits)
    return msgspec.structs.replace(seen, exhibits=(*said, *seen.exhibits))


def _by_length(identity: SesIdentity, bits: int, aspect: str) -> Finding:
    """The length that SES itself gives for a key that DNS does not show."""
    values = {**identity_values(identity), "algorithm": "rsa", "bits": bits, "advised": ADVISED_BITS}
    short = aspect == "2048" and bits < ADVISED_BITS
    return Finding("fail" if short else "pass", SAID_SHORT if short else LONG_ENOUGH, values)


def _judge_selectors(aspect: str, setup: DomainSetup) -> Finding:
    in_use = [key for key in setup.selectors if not key.resting]
    if not in_use:
        return selectors_finding(setup)
    return worst(_judge_key(key, setup, aspect) for key in in_use)


def _judge_key(key: SelectorKey, setup: DomainSetup, aspect: str) -> Finding:
    """One published key against the length that the clause asks for; that it cannot be used is for ``dkim`` to say."""
    said = judge_selector(key, setup)
    values = {**selector_values(key, setup), "advised": ADVISED_BITS, "algorithm": key.kind}
    if said.missing or key.problem == "key-too-short":
        return said
    if key.bits is None:
        return Finding("unknown", NOT_SEEN, values, said.exhibits, missing="not-asked")
    if key.kind == "ed25519":
        return Finding("pass", ED25519, values, said.exhibits)
    if aspect == "2048" and key.bits < ADVISED_BITS:
        return Finding("fail", SHORT, values, said.exhibits)
    return Finding("pass", LONG_ENOUGH, values, said.exhibits)


RULE = Text(
    "RSA keys of DKIM have at least 1024 bits.",
    "DKIMのRSA鍵が1024ビット以上であること。",
)
ADVICE = Text(
    "RSA keys of DKIM should have 2048 bits.",
    "DKIMのRSA鍵は2048ビットを推奨。",
)
YAHOO_SINCE = date(2024, 7, 10)
YAHOO_HEADLINE = Text(
    "Yahoo asks for DKIM keys of at least 1024 bits",
    "YahooがDKIMの鍵長を1024ビット以上とするよう求めるようになりました",
)

REQUIREMENT = Requirement(
    id="dkim-key",
    title=Text("DKIM key length", "DKIMの鍵長"),
    clauses=(
        clause("gmail", "all", "must", RULE, consequence=gmail.FILES_AS_SPAM),
        clause("gmail", "all", "should", ADVICE, aspect="2048"),
        clause(
            "yahoo",
            "all",
            "must",
            RULE,
            since=YAHOO_SINCE,
            since_seen=True,
            headline=YAHOO_HEADLINE,
            source=yahoo.FAQ,
        ),
        clause(
            "yahoo",
            "all",
            "should",
            ADVICE,
            since=YAHOO_SINCE,
            since_seen=True,
            headline=YAHOO_HEADLINE,
            source=yahoo.FAQ,
            aspect="2048",
        ),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "Easy DKIM makes keys of 2048 bits; 1024 is a choice. The key of amazonses.com itself is managed by AWS.",
            "Easy DKIMの鍵は既定で2048ビットです(1024も選択可)。amazonses.com自身の鍵はAWSが管理しています。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dkim-easy.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dkim-easy"),
)
