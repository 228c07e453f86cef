"""The regions of an account: the one call of AWS's account service that moto does not know, and that todoku makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from todoku.demo.ses_names import REGIONS

# accounts/latest/reference/manage-acct-regions.html: these are off until the account turns them on
OPT_IN = frozenset(
    (
        *("af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1", "eu-central-2", "eu-south-1"),
        *("il-central-1", "me-central-1", "me-south-1"),
    )
)
PAGE = 50


def list_regions(parameters: Mapping[str, Any], turned_on: frozenset[str]) -> dict[str, Any]:
    """The regions of the commercial partition with what each is to the account, by pages."""
    wanted = parameters.get("RegionOptStatusContains")
    listed = [
        {"RegionName": name, "RegionOptStatus": status}
        for name in REGIONS
        if not name.startswith("us-gov-") and ((status := _status(name, turned_on)) in (wanted or (status,)))
    ]
    token = parameters.get("NextToken", "")
    start = int(token) if token.isascii() and token.isdecimal() and len(token) < 9 else 0
    end = start + parameters.get("MaxResults", PAGE)
    reply: dict[str, Any] = {"Regions": listed[start:end]}
    return {**reply, "NextToken": str(end)} if end < len(listed) else reply


def _status(name: str, turned_on: frozenset[str]) -> str:
    if name not in OPT_IN:
        return "ENABLED_BY_DEFAULT"
    return "ENABLED" if name in turned_on else "DISABLED"
