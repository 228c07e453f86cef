"""Which name servers to ask: those of the machine (``/etc/resolv.conf``), or what a person wrote.

It reads ``/etc/resolv.conf`` and, for DNS over TLS, the machine's certificates; nothing else.
"""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from todoku.net.dns.sockets import Server
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

RESOLV_CONF = Path("/etc/resolv.conf")
MAX_SERVERS = 3  # as the C library does: resolv.conf(5)
MAX_RESOLV_CONF = 65_536


def system_servers(path: Path = RESOLV_CONF) -> tuple[Server, ...]:
    """The machine's name servers; the one on this machine where the file names none (resolv.conf(5))."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(MAX_RESOLV_CONF).splitlines()
    except FileNotFoundError:
        lines = []
    words = [line.split() for line in lines]
    ips = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver" and _is_ip(line[1])]
    return tuple(Server(ip) for ip in ips[:MAX_SERVERS]) or (Server("127.0.0.1"),)


def written_server(text: str) -> Server | str:
    """The server that ``IP[:port]`` or ``tls://IP[:port]`` names; an ``https://`` address stays as it is (RFC 8484).

    Raises ``UsageError`` for anything else.
    """
    scheme, found, rest = text.partition("://")
    if not found:
        return Server(*_ip_and_port(text, text, 53))
    if scheme == "tls":
        return Server(*_ip_and_port(rest, text, 853), tls=ssl.create_default_context())
    if scheme == "https" and _has_host(text):
        return text
    raise _not_a_server(text)


def _ip_and_port(written: str, whole: str, default: int) -> tuple[str, int]:
    if _is_ip(written):
        return written, default
    host, _, port = written.rpartition(":")
    ip = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_bare_v6 = ip == host and ":" in host
    if _is_ip(ip) and not is_bare_v6 and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536:
        return ip, int(port)
    raise _not_a_server(whole)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return False


def _not_a_server(text: str) -> UsageError:
    return UsageError(
        Text(
            f"not a DNS server: {text!r}. Write `system`, IP[:port], tls://IP, https://URL or zone:FILE",
            f"DNSサーバーの指定 {text!r} を解釈できません。`system`、IP[:ポート]、tls://IP、https://URL、zone:ファイル のいずれかで指定してください",
        )
    )
