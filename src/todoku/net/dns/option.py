"""Who answers DNS questions, as a person says it: ``--dns system --dns zone:planned.zone``.

It reads the zone files that are named, and what ``servers.py`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from todoku.net.dns.zone import Zone
from todoku.net.drivers import DnsSource, Layers
from todoku.settings.regular_file import read_given
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ZONE = "zone:"
MAX_ZONE_FILE = 16 * 2**20


def parse_dns_options(options: Sequence[str] = ()) -> DnsSource:
    """The source that the options name: ``system``, ``IP[:port]``, ``tls://IP``, ``https://URL``, ``zone:FILE``.

    Later zones lie over what comes before them; several servers ``IP[:port]`` stand in for one another. None at all is
    ``system``. Raises ``UsageError``, with one clear line, for anything else.
    """
    servers = [option for option in options if not option.startswith(ZONE)]
    zones = [_zone(option.removeprefix(ZONE)) for option in options if option.startswith(ZONE)]
    if servers and any(option.startswith(ZONE) for option in options[: len(servers)]):
        raise UsageError(
            Text(
                "a zone file lies over what comes before it: name the server first, then the zones",
                "ゾーンファイルは先に指定したDNSに重ねられます。サーバーを先に、ゾーンを後に指定してください",
            )
        )
    base = [] if zones and not servers else [_resolver(servers)]
    sources: list[DnsSource] = [*base, *zones]
    return sources[0] if len(sources) == 1 else Layers(sources)


def _resolver(servers: Sequence[str]) -> DnsSource:
    from todoku.net.dns.resolver import Resolver  # noqa: PLC0415 -- dnspython, only where the network is asked

    named = [server for server in servers if server != "system"]
    if named and len(named) < len(servers):
        raise UsageError(
            Text(
                "`system` already names the servers to ask: give it alone, or give the servers",
                "`system` は端末に設定されたDNSサーバーを使う指定です。サーバーの指定とは併用できません",
            )
        )
    return Resolver(*named)


def _zone(name: str) -> Zone:
    path = Path(name)
    try:
        octets = read_given(path, MAX_ZONE_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            Text(
                f"cannot read the zone file {name!r}: {reason}",
                f"ゾーンファイル {name!r} を読み込めません({reason})",
            )
        ) from None
    if len(octets) > MAX_ZONE_FILE:
        raise UsageError(
            Text(
                f"the zone file {name!r} is larger than 16 MiB",
                f"ゾーンファイル {name!r} は大きすぎます(上限は16 MiB)",
            )
        )
    try:
        return Zone.from_text(octets.decode(), file=name)
    except UnicodeDecodeError:
        raise UsageError(
            Text(
                f"the zone file {name!r} is not UTF-8 text",
                f"ゾーンファイル {name!r} の文字コードがUTF-8ではありません",
            )
        ) from None
