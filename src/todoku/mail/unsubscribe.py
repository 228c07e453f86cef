"""List-Unsubscribe and List-Unsubscribe-Post: RFC 2369 section 3.2, RFC 8058."""

from __future__ import annotations

import msgspec

from todoku.mail.message import Message


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True):
    """What the two fields say. ``uris`` in order, as written, for people; only ``https`` and ``mailto`` count.

    ``defects``: tags with byte offsets: ``several-fields``, ``no-angle-brackets``, ``encoded-word``, ``http``,
    ``several-https``, ``post-value`` (not exactly ``List-Unsubscribe=One-Click``), ``post-alone``, ``syntax`` ...
    """

    present: bool
    uris: tuple[str, ...] = ()
    https: str = ""
    mailto: str = ""
    http: str = ""
    one_click: bool = False  # an https URI and a right List-Unsubscribe-Post
    post: str | None = None
    defects: tuple[tuple[str, int], ...] = ()
    list_headers: tuple[str, ...] = ()  # names of every List-* field and of Precedence: bulk
    offset: int | None = None
    post_offset: int | None = None


def unsubscribe(message: Message) -> Unsubscribe:
    """What the message offers to unsubscribe by its header. Never raises, fetches nothing."""
    raise NotImplementedError
