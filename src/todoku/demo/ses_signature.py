"""Who may call the demo's AWS: a program that signs with the demo's own key. Never a web page, never another user.

The demo listens on the loopback address, which every user of the machine and every page in a browser can reach. So a
request is looked at before anything reads its content: it must carry AWS's Signature Version 4 in its ``Authorization``
field, as every AWS SDK writes it, and nothing that only a browser sends.

IAM's guide: reference_sigv-create-signed-request.html. The signature is computed by botocore, from what came in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from todoku.demo.ses_error import SesError

Environ = dict[str, Any]
FORMS = frozenset(("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"))
"""What a page may send to another site without asking it first (the Fetch standard's CORS-safelisted types)."""
QUERY_SERVICES = frozenset(("sts",))
"""The services whose protocol is a form: botocore writes ``application/x-www-form-urlencoded; charset=utf-8``."""
MAX_BODY = 64 * 2**20
"""The octets of a request: SES takes messages of 40 MB after base64, and the API writes that once more in base64."""

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/\s,]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?"
    r"SignedHeaders=([a-z0-9-]+(?:;[a-z0-9-]+)*), ?Signature=([0-9a-f]{64})"
)


class Scope(NamedTuple):
    """What a signature is for: the access key, and the region and service (by its signing name) that it is good for."""

    access_key: str
    region: str
    service: str


def check_sender(environ: Environ, host: str) -> None:
    """Refuse what a browser sends, before the body is read. Raises ``SesError``. ``host``: the only Host that is right."""
    if environ.get("HTTP_HOST") != host:  # a name that was made to lead here (DNS rebinding)
        raise _denied("The Host field names another server.")
    if "HTTP_ORIGIN" in environ or any(name.startswith("HTTP_SEC_FETCH_") for name in environ):
        raise _denied("This server answers no web page.")
    if not environ["REQUEST_URI"].startswith("/") or environ["REQUEST_URI"].startswith("//"):
        raise _denied("The request's target is no path.")
    length = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in environ or not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAX_BODY:
        raise _denied(f"The Content-Length is to be given, and at most {MAX_BODY}.")


def check_signature(environ: Environ, body: bytes, secret_of: Callable[[str], str | None]) -> Scope:
    """What the request is signed for. Raises ``SesError`` where the signature is not that of the access key's secret.

    Credentials in the query (a presigned URL) are none: such a URL works wherever it is opened.
    """
    given = _AUTHORIZATION.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
    if given is None:
        raise SesError("MissingAuthenticationTokenException", "The request is not signed (Signature Version 4).")
    access_key, day, region, service, names, signature = given.groups()
    if _content_type(environ) in FORMS and service not in QUERY_SERVICES:
        raise _denied("This service takes no form.")
    secret = secret_of(access_key)
    headers = {name: _field(environ, name) for name in names.split(";")}
    at = headers.get("x-amz-date", "")
    hashed = headers.get("x-amz-content-sha256")
    whole = "host" in headers and at.startswith(day) and hashed in (None, sha256(body).hexdigest())
    if secret is None or not whole or not compare_digest(_signature(environ, headers, body, given, secret), signature):
        raise SesError("SignatureDoesNotMatch", "The request is not signed with this demo's key.")
    return Scope(access_key, region, service)


def _signature(environ: Environ, headers: Mapping[str, str], body: bytes, given: re.Match[str], secret: str) -> str:
    """The signature that the request would have, if it were signed with ``secret``."""
    signer = SigV4Auth(Credentials(given[1], secret), given[4], given[3])
    url = f"http://{environ['HTTP_HOST']}{environ['REQUEST_URI']}"
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers, data=body)
    request.context["timestamp"] = headers["x-amz-date"]
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _field(environ: Environ, name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}", ""))


def _content_type(environ: Environ) -> str:
    return str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _denied(message: str) -> SesError:
    return SesError("AccessDeniedException", message)
