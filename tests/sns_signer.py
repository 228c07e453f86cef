"""What SNS does to a message: an envelope signed with a key whose certificate is at a host of SNS's name, by real TLS."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any, Self

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

HOST = "sns.eu-west-1.amazonaws.com"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:ses-events"
PAGE = f"SimpleNotificationService-{'0' * 32}.pem"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def certificate(key: RSAPrivateKey, *, begin: datetime = NOW - timedelta(days=1)) -> bytes:
    """A certificate of the key for ten days, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=10))
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM)


class Signer:
    """A key, and the envelopes that it signs."""

    def __init__(self, bits: int = 2048) -> None:
        self.key = generate_private_key(65537, bits)

    def envelope(
        self, message: str, *, version: str = "1", subject: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """As SNS delivers it. What is changed is changed before it is signed."""
        made = {
            "Type": "Notification",
            "MessageId": "11111111-2222-3333-4444-555555555555",
            "TopicArn": TOPIC,
            **({"Subject": subject} if subject is not None else {}),
            "Message": message,
            "Timestamp": f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z",
            "SignatureVersion": version,
            "SigningCertURL": f"https://{HOST}/{PAGE}",
            "UnsubscribeURL": f"https://{HOST}/?Action=Unsubscribe",
            **changes,
        }
        names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
        text = "".join(f"{name}\n{made[name]}\n" for name in names if name in made)
        signature = self.key.sign(text.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
        return {**made, "Signature": b64encode(signature).decode()}


def event(number: int = 1, *recipients: str, kind: str = "Bounce", at: str = "2026-11-23T12:00:00.000Z") -> str:
    """A bounce as SES publishes it."""
    people = [
        {"emailAddress": one, "status": "5.1.1", "diagnosticCode": f"smtp; 550 5.1.1 <{one}> unknown"}
        for one in recipients or ("someone@example.net",)
    ]
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": people, "timestamp": at}
    mail = {"messageId": f"m{number}", "timestamp": at, "source": "sender@example.com", "destination": list(recipients)}
    return json.dumps({"eventType": kind, "bounce": bounce, "mail": mail})


class CertificateHost:
    """The host that SNS's certificates are fetched from, on a socket in a folder. It is a context manager. A page may be a status."""

    def __init__(self, folder: Path, ca: trustme.CA, pages: dict[str, bytes | int]) -> None:
        self.socket = folder / "s"
        self.pages = pages
        self.asked: list[str] = []
        self.server = ThreadingUnixStreamServer(str(self.socket), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(HOST).configure_cert(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                page = host.pages.get(self.path.strip("/"), 404)
                status, octets = (page, b"") if isinstance(page, int) else (200, page)
                self.send_response(status)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def log_message(self, *_arguments: object) -> None:
                return

        return Handler
