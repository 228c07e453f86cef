"""What a call of a plan leaves in SES, and the read that shows it: so that it is seen to be done, and not done twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.words.change import SesCall


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What a call leaves: ``read`` shows it, as ``settings`` by their paths.

    ``makes``: what ``read`` reads is made by the call; ``removes``: it is removed by it. ``lapses`` is the path of a state
    that the call starts again where it is ``FAILED``.
    """

    read: SesCall
    settings: Mapping[str, Any] = {}
    makes: bool = False
    removes: bool = False
    lapses: str = ""


def trace(call: SesCall) -> Trace:
    """What a call leaves. Raises ``KeyError`` for an operation that no plan of this version has."""
    given = call.parameters
    if "EmailIdentity" in given:
        read = SesCall("GetEmailIdentity", {"EmailIdentity": given["EmailIdentity"]}, call.region)
    else:
        read = SesCall("GetConfigurationSet", {"ConfigurationSetName": given["ConfigurationSetName"]}, call.region)
    return _TRACES[call.operation](read, given)


def is_known(call: SesCall) -> bool:
    """Whether a plan of this version may make the call."""
    return call.operation in _TRACES


def _made(read: SesCall, _given: Mapping[str, Any]) -> Trace:
    return Trace(read=read, makes=True)


def _removed(read: SesCall, _given: Mapping[str, Any]) -> Trace:
    return Trace(read=read, removes=True)


def _signing(read: SesCall, given: Mapping[str, Any]) -> Trace:
    return Trace(read=read, settings={"DkimAttributes.SigningEnabled": given.get("SigningEnabled", False)})


def _key(read: SesCall, given: Mapping[str, Any]) -> Trace:
    """How SES signs; told nothing new, it looks for the records again."""
    settings = {"DkimAttributes.SigningAttributesOrigin": given["SigningAttributesOrigin"]}
    bits = given.get("SigningAttributes", {}).get("NextSigningKeyLength")
    if bits:
        settings["DkimAttributes.NextSigningKeyLength"] = bits
    return Trace(read=read, settings=settings, lapses="DkimAttributes.Status")


def _mail_from(read: SesCall, given: Mapping[str, Any]) -> Trace:
    """The MAIL FROM domain; without one it is taken away, and with it what is done where it cannot be used."""
    settings = {"MailFromAttributes.MailFromDomain": given.get("MailFromDomain")}
    if given.get("MailFromDomain"):
        settings["MailFromAttributes.BehaviorOnMxFailure"] = given.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
    return Trace(read=read, settings=settings, lapses="MailFromAttributes.MailFromDomainStatus")


def _default_set(read: SesCall, given: Mapping[str, Any]) -> Trace:
    return Trace(read=read, settings={"ConfigurationSetName": given.get("ConfigurationSetName")})


def _delivery(read: SesCall, given: Mapping[str, Any]) -> Trace:
    options = {name: value for name, value in given.items() if name != "ConfigurationSetName"}
    return Trace(read=read, settings={f"DeliveryOptions.{name}": value for name, value in options.items()})


_TRACES = {
    "CreateEmailIdentity": _made,
    "DeleteEmailIdentity": _removed,
    "PutEmailIdentityDkimAttributes": _signing,
    "PutEmailIdentityDkimSigningAttributes": _key,
    "PutEmailIdentityMailFromAttributes": _mail_from,
    "PutEmailIdentityConfigurationSetAttributes": _default_set,
    "CreateConfigurationSet": _made,
    "DeleteConfigurationSet": _removed,
    "PutConfigurationSetDeliveryOptions": _delivery,
}
