"""How a domain comes to sign with Easy DKIM: its three CNAMEs, and what an identity that was read still lacks."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.account.identity import SesIdentity
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.words.change import Change, DnsRecord, Instruction, Output, SesCall
from todoku.words.verdict import Missing, Text


def cname_records(
    domain: str, reply: str = "DkimAttributes.Tokens", zone: str = "DkimAttributes.SigningHostedZone"
) -> tuple[DnsRecord, ...]:
    """The three CNAMEs of Easy DKIM. The zone they point to differs by region: the reply of step 1 names it."""
    return tuple(
        DnsRecord(
            f"{{0}}._domainkey.{domain}",
            "CNAME",
            "{0}.{1}",
            outputs=(Output(1, f"{reply}[{index}]"), Output(1, zone)),
        )
        for index in range(3)
    )


def sign_identity(
    identity: SesIdentity, wider: SesIdentity | Missing | None, standing: frozenset[str]
) -> tuple[Change, ...]:
    """What the identity lacks until SES signs as its domain; nothing where it signs, or waits for its records.

    ``standing`` are the names at which a key stands as it should.
    """
    if identity.domain in CONSUMER_DOMAINS or (identity.dkim.signing and identity.dkim.tokens):
        return ()
    if identity.kind == "address":
        return tuple(_sign_address(identity, wider, standing))
    if not identity.dkim.tokens:
        return _begin(identity)
    return (_switch_on(identity), *_known_records(identity, standing))


def _begin(identity: SesIdentity) -> tuple[Change, ...]:
    """Easy DKIM for a domain that has no tokens: the reply names them."""
    begin = SesCall(
        "PutEmailIdentityDkimSigningAttributes",
        {
            "EmailIdentity": identity.name,
            "SigningAttributesOrigin": "AWS_SES",
            "SigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
        },
        identity.region,
    )
    return (begin, *cname_records(identity.name, "DkimTokens", "SigningHostedZone"), _switch_on(identity))


def _switch_on(identity: SesIdentity) -> SesCall:
    named = {"EmailIdentity": identity.name, "SigningEnabled": True}
    return SesCall("PutEmailIdentityDkimAttributes", named, identity.region)


def _known_records(identity: SesIdentity, standing: frozenset[str]) -> Iterator[Change]:
    """The CNAMEs that SES has named already and that do not stand."""
    if identity.dkim.easy and identity.dkim.zone:
        for token in identity.dkim.tokens:
            name = f"{token}._domainkey.{identity.name}"
            if name not in standing:
                yield DnsRecord(name, "CNAME", f"{token}.{identity.dkim.zone}")


def _sign_address(
    identity: SesIdentity, wider: SesIdentity | Missing | None, standing: frozenset[str]
) -> Iterator[Change]:
    """An address is signed with the keys of its domain's identity, once that signs; the switch is its own."""
    if isinstance(wider, SesIdentity):
        yield from sign_identity(wider, None, standing)
    elif wider is None:
        yield SesCall("CreateEmailIdentity", {"EmailIdentity": identity.domain}, identity.region)
        yield from cname_records(identity.domain)
    yield Instruction(
        Text(
            f"Once {identity.domain} is verified, make the next call, or delete the identity {identity.name}: as long as it is there it "
            "takes precedence over that of its domain, with a DKIM switch of its own.",
            f"{identity.domain} の検証が完了したら、次の呼び出しを実行するか、検証済みID {identity.name} を削除してください。残っている間は"
            "ドメインの検証済みIDより優先され、DKIM署名の有効・無効も個別に設定されます。",
        )
    )
    yield _switch_on(identity)
