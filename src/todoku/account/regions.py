"""The regions that are on in an account, by AWS's account service."""

from __future__ import annotations

from typing import cast

from todoku.auth.ask import Call, Look, Reply

_ON = (("RegionOptStatusContains", ("ENABLED", "ENABLED_BY_DEFAULT")),)


def regions_on(profile: str, region: str) -> Look[tuple[str, ...] | Reply]:
    """Their names, or why these could not be read. ``region`` is any region of the account's."""
    (reply,) = yield (Call("account", profile, region, "ListRegions", _ON, ("Regions",), paged=True),)
    reply = cast(Reply, reply)
    if reply.status != "ok":
        return reply
    return tuple(one["RegionName"] for one in reply.value.get("Regions", ()))
