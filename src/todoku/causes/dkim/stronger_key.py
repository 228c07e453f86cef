"""A DKIM key that is short: receivers ignore RSA below 1024 bits, and advise 2048."""

from __future__ import annotations

from typing import NamedTuple

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.selector import SelectorKey
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_within
from todoku.causes.dkim.easy_dkim import is_easy_dkim
from todoku.causes.dmarc.consumer_from import own_organization
from todoku.mail.address import Author
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, Instruction, SesCall
from todoku.words.verdict import Fix, Missing, Reason, Text

ADVISED_BITS = 2048


def lengthen_key(
    author: Author,
    ses: SesStamp,
    dmarc: DmarcResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    setup: DomainSetup | Missing,
    identity: SesIdentity | Missing,
) -> tuple[Change, ...]:
    """A longer key: one call for Easy DKIM, a new key pair for a signer of one's own."""
    own = own_organization(author, dmarc)
    keys = [*_signed_with(dkim), *_published(setup), *_said_by_ses(identity)]
    short = next((key for key in keys if is_within(key.domain, own) and 0 < key.bits < ADVISED_BITS), None)
    if short is None:
        return ()
    if short.easy and ses.sent_by_ses:
        parameters = {
            "EmailIdentity": short.domain,
            "SigningAttributesOrigin": "AWS_SES",
            "SigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
        }
        region = _region_of_key(identity) or ses.region
        return (SesCall("PutEmailIdentityDkimSigningAttributes", parameters, region),)
    return (
        Instruction(
            Text(
                f"Make an RSA key pair of 2048 bits, publish its public half under a new selector of {short.domain}, and "
                f"sign with it. Keep {short.selector}._domainkey.{short.domain} for a week.",
                f"2048ビットのRSA鍵を作成し、公開鍵を {short.domain} の新しいセレクターで登録してから、その鍵で署名してください。"
                f"{short.selector}._domainkey.{short.domain} は1週間残しておきます。",
            )
        ),
    )


def _region_of_key(identity: SesIdentity | Missing) -> str:
    """Where the key is kept that a replica signs with: ``AWS_SES_EU_WEST_1`` is eu-west-1. "" where it is its own."""
    origin = "" if isinstance(identity, Missing) else identity.dkim.origin
    return origin.removeprefix("AWS_SES_").lower().replace("_", "-") if origin.startswith("AWS_SES_") else ""


class _Key(NamedTuple):
    domain: str
    selector: str
    bits: int
    easy: bool


def _signed_with(dkim: tuple[DkimResult, ...] | Missing) -> list[_Key]:
    signatures = () if isinstance(dkim, Missing) else dkim
    return [_Key(one.domain, one.selector, one.key_bits or 0, is_easy_dkim(one)) for one in signatures]


def _said_by_ses(identity: SesIdentity | Missing) -> list[_Key]:
    """The key of Easy DKIM by its length alone, where DNS does not show it."""
    if isinstance(identity, Missing) or not identity.dkim.easy:
        return []
    return [_Key(identity.domain, "", identity.dkim.bits or 0, easy=True)]


def _published(setup: DomainSetup | Missing) -> list[_Key]:
    selectors = () if isinstance(setup, Missing) else setup.selectors
    return [_Key(one.domain, one.selector, _rsa_bits(one), one.easy) for one in selectors]


def _rsa_bits(key: SelectorKey) -> int:
    return (key.bits or 0) if key.kind == "rsa" else 0


DKIM_2048 = Fix("dkim-2048", Text("Use a DKIM key of 2048 bits", "2048ビットのDKIM鍵を使う"), lengthen_key)

KEY_TOO_SHORT = Reason(
    "dkim-key-too-short",
    Text(
        "The key of {domain} at {key_name} has {bits} bits. Receivers ignore signatures of RSA keys below 1024 bits.",
        "{key_name} の公開鍵({domain})は{bits}ビットです。1024ビット未満のRSA鍵の署名は受信側に無視されます。",
    ),
    fixes=(DKIM_2048,),
)
