"""What a reply of SES says of that which a call leaves (``plan/trace.py``): so that what others did since is not undone.

What a read leaves out is not set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from todoku.account.identity import FIELDS as IDENTITY_FIELDS
from todoku.account.sending import SET_FIELDS
from todoku.auth.ask import Call
from todoku.plan.step import TAG
from todoku.plan.trace import Trace
from todoku.words.change import SesCall

FIELDS = {
    "GetEmailIdentity": IDENTITY_FIELDS,
    "GetConfigurationSet": SET_FIELDS,
}
"""What is kept of the reply of each read."""

_PART = re.compile(r"([A-Za-z0-9]+)((?:\[[0-9]+\])*)")


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
