"""The header inside a message saved by Outlook as ``.msg``: a compound file of MAPI properties ([MS-OXMSG] section 2).

Outlook keeps no copy of the message as it came, only its header as text; so this gives the header alone. The library
``olefile`` reads the container and is loaded only here.
"""

from __future__ import annotations

import struct
from importlib import import_module
from io import BytesIO

from todoku.errors import NotAMessage
from todoku.verdict import Text

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] section 2.2

# PidTagTransportMessageHeaders ([MS-OXOMSG] section 2.2.1.61) as Unicode, and as text of the sender's code page.
_UNICODE = "__substg1.0_007D001F"
_EIGHT_BIT = "__substg1.0_007D001E"
_EXCHANGE_LINE = b"Microsoft Mail Internet Headers Version 2.0"  # Exchange writes it above the first field

_NO_LIBRARY = Text(
    "Reading Outlook's .msg files needs one more library: pip install 'todoku[msg]'. Or save the message as .eml.",
    "Outlookの .msg ファイルを読むには追加のライブラリが必要です: pip install 'todoku[msg]'。または .eml 形式で保存してください。",
)
_NO_HEADERS = Text(
    "This .msg file holds no Internet headers: it is a draft, a sent copy or an item that is no mail. Save a message that "
    "was received.",
    "この .msg ファイルにはインターネットヘッダーがありません(下書き、送信済みの控え、またはメール以外の項目です)。"
    "受信したメールを保存してください。",
)
_BROKEN = Text(
    "This file begins like an Outlook .msg file but cannot be read as one. Save the message again.",
    "このファイルはOutlookの .msg ファイルのように始まりますが、読み取れません。メールを保存し直してください。",
)


def transport_headers(octets: bytes) -> bytes:
    """The header of the message in a ``.msg`` file, its lines as they were. Raises ``NotAMessage`` where there is none."""
    try:
        olefile = import_module("olefile")
    except ImportError:
        raise NotAMessage(_NO_LIBRARY) from None
    header: bytes
    try:
        with olefile.OleFileIO(BytesIO(octets)) as compound:
            if compound.exists(_UNICODE):
                header = compound.openstream(_UNICODE).read().decode("utf-16-le", "replace").encode("utf-8", "replace")
            elif compound.exists(_EIGHT_BIT):
                header = compound.openstream(_EIGHT_BIT).read()
            else:
                raise NotAMessage(_NO_HEADERS)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error):
        # What a broken compound file makes of the library's reading of it.
        raise NotAMessage(_BROKEN) from None
    header = header.strip(b"\0").removeprefix(_EXCHANGE_LINE).strip(b"\r\n")
    if not header:
        raise NotAMessage(_NO_HEADERS)
    return header + b"\r\n"
