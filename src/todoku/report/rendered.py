"""A report that was drawn by itself, as one of several: whoever puts them together need not look at it again.

So that each can be drawn where it was made, in a process that has the time, and what is large need not be held.
"""

from __future__ import annotations

import msgspec


class Drawn(msgspec.Struct, frozen=True):
    """The text of one report among several, without what stands between them, and the name of its subject where that is used.

    ``brief``: there is nothing but a sentence.
    """

    subject: str
    text: str
    brief: bool = False
