"""Who writes DNS records, as a person says it: ``route53``, ``route53:ZONEID``, ``rfc2136://SERVER/ZONE``, ``hand``.

It reads the key file that is named; each writer's libraries are loaded only for it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from todoku.mail.domain_name import ascii_domain
from todoku.net.drivers import Source
from todoku.net.writers.dns_writer import DnsWriter
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

RFC2136, ROUTE53, HAND = "rfc2136://", "route53", "hand"


def writer_for(spec: str, *, source: Source, tsig: Path | None = None, profile: str = "") -> DnsWriter:
    """The writer that ``spec`` names. ``source`` is the public DNS, ``tsig`` the file with the key of ``rfc2136``, ``profile`` whose
    hosted zones those of ``route53`` are, as in ``auth.ask.Call``.

    Raises ``UsageError`` for anything else, for a key that is missing or open to everybody, and where boto3 is missing.
    """
    if spec.startswith(RFC2136):
        return _rfc2136(spec, tsig)
    name, _, zone_id = spec.partition(":")
    if spec not in (HAND, ROUTE53) and (name != ROUTE53 or not zone_id):
        raise UsageError(
            Text(
                f"not a way to write DNS: {spec!r}. Write route53, route53:ZONEID, rfc2136://SERVER[:PORT][/ZONE] or hand",
                f"DNSの書き込み先 {spec!r} を解釈できません。route53、route53:ゾーンID、rfc2136://サーバー[:ポート][/ゾーン]、hand のいずれかで指定してください",
            )
        )
    if tsig is not None:
        raise UsageError(
            Text(
                "--tsig goes with rfc2136://SERVER only", "--tsig は rfc2136://サーバー と組み合わせて指定してください"
            )
        )
    if spec == HAND:
        from todoku.net.writers.by_hand import ByHand  # noqa: PLC0415 -- each writer's libraries are loaded for it alone

        return ByHand(source)
    from todoku.net.writers.route53 import Route53Writer  # noqa: PLC0415 -- as above
    from todoku.net.writers.route53_api import route53_client  # noqa: PLC0415 -- as above

    return Route53Writer(route53_client(profile), source, zone_id=zone_id.removeprefix("/hostedzone/"))


def _rfc2136(spec: str, tsig: Path | None) -> DnsWriter:
    from todoku.net.writers.rfc2136 import Rfc2136Writer  # noqa: PLC0415 -- dnspython, for those only who write so
    from todoku.net.writers.tsig_key import read_key  # noqa: PLC0415 -- as above

    server = _server(spec)
    if server is None:
        raise UsageError(
            Text(
                f"not a name server: {spec!r}. Write rfc2136://SERVER[:PORT][/ZONE]",
                f"{spec!r} を解釈できません。rfc2136://サーバー[:ポート][/ゾーン] の形で指定してください",
            )
        )
    if tsig is None:
        raise UsageError(
            Text(
                "updates are signed: name the file with the key, --tsig FILE (tsig-keygen writes one)",
                "更新には署名が必要です。--tsig で鍵ファイルを指定してください(tsig-keygen で作成できます)",
            )
        )
    host, port, zone = server
    return Rfc2136Writer(host, read_key(tsig), port=port, zone=zone)


def _server(spec: str) -> tuple[str, int, str] | None:
    """Host, port and zone that are named ("": any zone); None where it is not written so."""
    try:
        parts = urlsplit(spec)
        host, port = parts.hostname, 53 if parts.port is None else parts.port
    except ValueError:
        return None
    written = parts.path.removeprefix("/")
    zone = ascii_domain(written) if written else ""
    if not host or not port or zone is None or parts.query or parts.fragment or parts.username is not None:
        return None
    return host, port, zone
