"""One identity of SES in one region: what ``GetEmailIdentity`` says of it, in our words.

An identity is a domain or a single address. SES signs and chooses MAIL FROM by the narrowest one that a From address
matches: the address, then its subdomain, then the parent domain (AWS: creating-identities, "identity inheritance").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from todoku.auth.setup import SaidBySes

Status = Literal["PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED"]

FIELDS = (
    "IdentityType",
    "FeedbackForwardingStatus",
    "VerifiedForSendingStatus",
    "DkimAttributes",
    "MailFromAttributes",
    "Policies",
    "Tags",
    "ConfigurationSetName",
    "VerificationStatus",
    "VerificationInfo",
)
"""What of ``GetEmailIdentity``'s reply is kept."""


class DkimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How SES signs for an identity.

    ``origin``: ``AWS_SES`` (Easy DKIM), ``EXTERNAL`` (a key of one's own; ``tokens`` is then its selector), or
    ``AWS_SES_<REGION>`` (the keys of another region's identity). ``zone`` is where the three CNAMEs lead.
    """

    signing: bool = False
    status: Status = "NOT_STARTED"
    tokens: tuple[str, ...] = ()
    zone: str = ""
    origin: str = "AWS_SES"
    bits: int | None = None  # of the key in use
    next_bits: int | None = None

    @property
    def easy(self) -> bool:
        """Whether SES keeps the key, so that each selector is a CNAME."""
        return self.origin != "EXTERNAL"


class MailFromSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The custom MAIL FROM domain of an identity; ``domain`` is "" where none is set."""

    domain: str = ""
    status: Status = "NOT_STARTED"
    on_mx_failure: Literal["USE_DEFAULT_VALUE", "REJECT_MESSAGE"] = "USE_DEFAULT_VALUE"


class SesIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """An identity with its settings. ``error`` is why SES could not verify it: ``HOST_NOT_FOUND`` and the like."""

    name: str
    region: str
    kind: Literal["domain", "address"]
    verified: bool = False
    status: Status = "NOT_STARTED"
    dkim: DkimSettings = DkimSettings()
    mail_from: MailFromSettings = MailFromSettings()
    configuration_set: str = ""
    feedback_forwarding: bool = True
    error: str = ""
    policies: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def domain(self) -> str:
        """The domain that stands in From."""
        return self.name.rpartition("@")[2].lower()

    @property
    def said(self) -> SaidBySes:
        """Its states, as what DNS holds is to be weighed by them."""
        return SaidBySes(
            verified=self.verified,
            signing=self.dkim.signing,
            dkim_status=self.dkim.status,
            zone=self.dkim.zone if self.dkim.easy else "",
            mail_from_status=self.mail_from.status,
            rejects=self.mail_from.on_mx_failure == "REJECT_MESSAGE",
        )


def read_identity(name: str, region: str, reply: Mapping[str, Any]) -> SesIdentity:
    """An identity from the fields of ``GetEmailIdentity``'s reply; a field that the API leaves out has its default."""
    info = reply.get("VerificationInfo") or {}
    return SesIdentity(
        name=name,
        region=region,
        kind="address" if reply.get("IdentityType") == "EMAIL_ADDRESS" or "@" in name else "domain",
        verified=bool(reply.get("VerifiedForSendingStatus")),
        status=reply.get("VerificationStatus") or "NOT_STARTED",
        dkim=_dkim(reply.get("DkimAttributes") or {}),
        mail_from=_mail_from(reply.get("MailFromAttributes") or {}),
        configuration_set=reply.get("ConfigurationSetName") or "",
        feedback_forwarding=bool(reply.get("FeedbackForwardingStatus", True)),
        error=info.get("ErrorType") or "",
        policies=tuple(sorted(reply.get("Policies") or ())),
        tags=tuple(sorted((tag["Key"], tag["Value"]) for tag in reply.get("Tags") or ())),
    )


def _dkim(said: Mapping[str, Any]) -> DkimSettings:
    return DkimSettings(
        signing=bool(said.get("SigningEnabled")),
        status=said.get("Status") or "NOT_STARTED",
        tokens=tuple(said.get("Tokens") or ()),
        zone=(said.get("SigningHostedZone") or "").rstrip(".").lower(),
        origin=said.get("SigningAttributesOrigin") or "AWS_SES",
        bits=_bits(said.get("CurrentSigningKeyLength")),
        next_bits=_bits(said.get("NextSigningKeyLength")),
    )


def _bits(length: str | None) -> int | None:
    """``RSA_2048_BIT`` as a number."""
    digits = "".join(filter(str.isdigit, length or ""))
    return int(digits) if digits else None


def _mail_from(said: Mapping[str, Any]) -> MailFromSettings:
    return MailFromSettings(
        domain=(said.get("MailFromDomain") or "").rstrip(".").lower(),
        status=said.get("MailFromDomainStatus") or "NOT_STARTED",
        on_mx_failure=said.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE",
    )
