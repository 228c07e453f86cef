"""A conversation with one name server over TCP in which every message is signed (TSIG, RFC 8945).

A reply without a signature is believed when it refuses, never when it agrees. What the server, the key or the network
will not do is a ``Refusal`` in words; the secret is in none of them.
"""

from __future__ import annotations

import socket
import struct
from time import monotonic

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.tsig

from todoku.net.writers.dns_writer import Refusal, RefusalStatus
from todoku.net.writers.tsig_key import TsigKey
from todoku.words.verdict import Text

TIMEOUT = 10.0  # seconds for one message and its reply, the connection included

_AGREES = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})
_DENIED = frozenset({dns.rcode.REFUSED, dns.rcode.NOTAUTH})
_PEER_SAYS: dict[type[dns.tsig.PeerError], Text] = {
    dns.tsig.PeerBadKey: Text(
        "it is not known, or not for this zone (BADKEY)",
        "登録されていないか、このゾーンには使えません(BADKEY)",
    ),
    dns.tsig.PeerBadSignature: Text(
        "it is known by another secret (BADSIG)", "サーバーには別のシークレットで登録されています(BADSIG)"
    ),
    dns.tsig.PeerBadTime: Text(
        "the clocks of server and this machine differ too much (BADTIME)",
        "サーバーとこの端末の時刻がずれています(BADTIME)",
    ),
}
_PEER_DENIES = Text("its signature is not accepted", "署名が受け付けられません")


class SignedServer:
    """A name server and the key that it knows us by."""

    def __init__(self, host: str, port: int, key: TsigKey, *, timeout: float = TIMEOUT) -> None:
        """Speak to ``host``, which is a name or an address."""
        self._host, self._port, self._key, self._timeout = host, port, key, timeout

    def __str__(self) -> str:
        """The server in messages, as an operator would type it."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    def exchange(self, message: dns.message.Message) -> dns.message.Message | Refusal:
        """The reply, its signature verified, whatever it says; or why there is none that can be believed."""
        message.use_tsig(self._key)
        try:
            return self._verified(message, self._sent(message.to_wire()))
        except TimeoutError:
            return self._refusal("unreachable", Text("no answer in time", "時間内に応答がありません"))
        except (OSError, EOFError) as error:
            said = getattr(error, "strerror", None) or str(error)
            return self._refusal("unreachable", Text(f"no connection ({said})", f"接続できません({said})"))
        except dns.exception.TooBig:
            return self._refusal("refused", Text("the set is too large for DNS", "レコードの数が多すぎます"))
        except dns.tsig.PeerError as error:
            return self._denied(_PEER_SAYS.get(type(error), _PEER_DENIES))
        except (dns.exception.DNSException, ValueError) as error:
            said = type(error).__name__
            return self._refusal(
                "unreachable", Text(f"its reply cannot be read ({said})", f"応答を解釈できません({said})")
            )

    def refusal(self, reply: dns.message.Message) -> Refusal | None:
        """Why the server did not do what it was asked; None: it did."""
        rcode = reply.rcode()
        said = dns.rcode.to_text(rcode)
        if rcode in _AGREES:
            return None
        if rcode in _DENIED:
            return self._denied(Text(f"it may not do this ({said})", f"この操作は許可されていません({said})"))
        if rcode == dns.rcode.SERVFAIL:
            return self._refusal("unreachable", Text(f"it failed ({said})", f"サーバー側で失敗しました({said})"))
        return self._refusal("refused", Text(f"it does not take this ({said})", f"受け付けられません({said})"))

    def _sent(self, octets: bytes) -> bytes:
        """The octets of the reply: RFC 1035 4.2.2."""
        until = monotonic() + self._timeout
        with socket.create_connection((self._host, self._port), self._timeout) as sock:
            sock.sendall(struct.pack("!H", len(octets)) + octets)
            (length,) = struct.unpack("!H", _received(sock, 2, until))
            return _received(sock, length, until)

    def _verified(self, message: dns.message.Message, octets: bytes) -> dns.message.Message | Refusal:
        reply = dns.message.from_wire(octets, keyring=False)
        # A refusal may be a header alone.
        bare = not reply.question and reply.id == message.id and reply.rcode() not in _AGREES
        if not (bare or message.is_response(reply)):
            return self._refusal("unreachable", Text("its reply is to another question", "別の問い合わせへの応答です"))
        if reply.had_tsig:
            return dns.message.from_wire(octets, keyring=self._key, request_mac=message.mac)
        if reply.rcode() in _AGREES:  # RFC 8945 5.3
            return self._refusal("unreachable", Text("its reply is not signed", "応答に署名がありません"))
        return reply

    def _denied(self, why: Text) -> Refusal:
        key = self._key.name.to_text(omit_final_dot=True)
        return Refusal("denied", Text(f"{self}, key {key}: {why.en}", f"{self}、鍵 {key}: {why.ja}"))

    def _refusal(self, status: RefusalStatus, why: Text) -> Refusal:
        return Refusal(status, Text(f"{self}: {why.en}", f"{self}: {why.ja}"))


def _received(sock: socket.socket, count: int, until: float) -> bytes:
    """Exactly ``count`` octets. Raises ``TimeoutError`` when they are not there by ``until``, however they drip."""
    octets = b""
    while len(octets) < count:
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        some = sock.recv(count - len(octets))
        if not some:
            raise EOFError("closed")
        octets += some
    return octets
