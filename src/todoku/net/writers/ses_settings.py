"""What a call leaves in SES, as its reads show it: so a step is not done twice, and what others did since is not undone.

Each call that a plan makes has a read that shows whether its settings stand. What a read leaves out is not set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from todoku.account.identity import FIELDS as IDENTITY_FIELDS
from todoku.account.sending import SET_FIELDS
from todoku.auth.ask import Call
from todoku.change import SesCall
from todoku.plan.step import TAG

FIELDS = {
    "GetEmailIdentity": IDENTITY_FIELDS,
    "GetConfigurationSet": SET_FIELDS,
}
"""What is kept of the reply of each read."""

_PART = re.compile(r"([A-Za-z0-9]+)((?:\[[0-9]+\])*)")


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


def read_call(call: SesCall, profile: str) -> Call:
    """A read of the plan as the adapter takes it."""
    fields = FIELDS[call.operation]
    return Call("sesv2", profile, call.region, call.operation, tuple(sorted(call.parameters.items())), fields)


def holds(left: Trace, reply: Mapping[str, Any]) -> bool:
    """Whether the settings are what the call leaves, whoever made them so."""
    return all(same(at(reply, path), value) for path, value in left.settings.items())


def has_lapsed(left: Trace, reply: Mapping[str, Any]) -> bool:
    """Whether SES has given up looking for what the call made it look for."""
    return bool(left.lapses) and at(reply, left.lapses) == "FAILED"


def bears_tag(reply: Mapping[str, Any], plan_id: str) -> bool:
    """Whether what was read was made by this plan."""
    return {"Key": TAG, "Value": plan_id} in (reply.get("Tags") or ())


def at(value: Any, path: str) -> Any:  # noqa: ANN401 -- whatever an API's reply holds
    """What stands in a reply at a path such as ``DkimAttributes.Tokens[0]``; None where nothing does."""
    for part in path.split("."):
        match = _PART.fullmatch(part)
        if match is None or not isinstance(value, Mapping):
            return None
        value = value.get(match[1])
        for index in re.findall("[0-9]+", match[2]):
            if not isinstance(value, list | tuple) or int(index) >= len(value):
                return None
            value = value[int(index)]
    return value


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 -- whatever an API's reply holds
    """Whether two values mean the same to SES: names in either case, nothing and the empty word, lists in any order."""
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)
