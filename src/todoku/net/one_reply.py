"""One reply of an HTTP server that is not to be trusted far: as it came, bounded in size and in time, no redirect followed.

Nothing is unpacked, so that few octets cannot become many. A form may hold secrets, and what answers may quote it: no text
of this module holds a word of either.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

import httpx2

SECONDS = 20.0  # to connect, and for each part of the answer
ALL_SECONDS = 30.0  # for the answer
MAX_OCTETS = 64 * 1024


class Reply(NamedTuple):
    """What came. ``octets`` are the first ``MAX_OCTETS``; ``is_whole``: there are no more."""

    status: int
    octets: bytes
    is_whole: bool


class NoReply(Exception):  # noqa: N818 -- it says what there is
    """Nothing came, or too slowly. Its text is the name of what went wrong (``ConnectError``), and holds nothing secret."""


def one_reply(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    trusted: ssl.SSLContext | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> Reply:
    """What a server answers to a GET, or to a POST of ``form``. Raises ``NoReply``.

    ``trusted``: whose certificates are believed, else the library's. ``transport``: how the host is reached, if not as this
    machine does it.
    """
    try:
        with (
            httpx2.Client(verify=trusted or True, transport=transport, timeout=SECONDS) as client,
            client.stream(
                "GET" if form is None else "POST", url, data=form, headers={"accept-encoding": "identity"}
            ) as response,
        ):
            octets = _bounded(response)
    except (OSError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NoReply(type(error).__name__) from None  # whose own words may hold the request
    return Reply(response.status_code, octets[:MAX_OCTETS], len(octets) <= MAX_OCTETS)


def _bounded(response: httpx2.Response) -> bytes:
    """The octets, up to the part with which they are too many."""
    until = monotonic() + ALL_SECONDS
    octets = bytearray()
    for some in response.iter_raw():
        octets += some
        if len(octets) > MAX_OCTETS:
            break
        if monotonic() > until:  # it comes by drops
            raise httpx2.ReadTimeout("")
    return bytes(octets)
