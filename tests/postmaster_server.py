"""Google's Postmaster Tools on the loopback address, with the misbehaviours that an API has.

It knows no path, parameter, field or word that Google's own discovery document does not have: what is asked is held against
the document, and so is what it answers.
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import googleapiclient
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DISCOVERY = json.loads(
    (Path(googleapiclient.__file__).parent / "discovery_cache/documents/gmailpostmastertools.v2.json").read_text(
        "utf-8"
    )
)
PLAIN = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}

MISBEHAVIOURS = (
    *("429", "500", "503", "403", "401", "invalid_grant", "html", "half", "hang", "empty", "wrong-json", "huge"),
)


class UnlikeError(ValueError):
    """Something is not as the discovery document has it."""


def operations() -> Iterator[dict[str, Any]]:
    waiting = [DISCOVERY]
    while waiting:
        resource = waiting.pop()
        yield from resource.get("methods", {}).values()
        waiting += resource.get("resources", {}).values()


def operation(method: str, path: str) -> tuple[dict[str, Any], str]:
    """The operation that is called, and the resource in its path."""
    for one in operations():
        pattern = re.escape(one["path"])
        variable = re.search(r"\\{\\\+(\w+)\\}", pattern)
        if variable:
            inner = one["parameters"][variable[1]]["pattern"].strip("^$")
            pattern = pattern.replace(variable[0], f"({inner})")
        found = re.fullmatch(pattern, path)
        if found and one["httpMethod"] == method:
            return one, found[1] if variable else ""
    raise UnlikeError(f"no operation {method} {path}")


NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
"""How JSON has what it has no numbers for: protobuf.dev/programming-guides/json."""


def check(schema: str, value: Any, where: str = "") -> None:
    """Raises ``UnlikeError`` where a value has a field, a type or a word that the schema does not have."""
    if not isinstance(value, dict):
        raise UnlikeError(f"{where} is no {schema}")
    properties = DISCOVERY["schemas"][schema].get("properties", {})
    for name, inner in value.items():
        if name not in properties:
            raise UnlikeError(f"{schema} has no field {name}")
        _check(properties[name], inner, f"{schema}.{name}")


def _check(property_: dict[str, Any], value: Any, where: str) -> None:
    if "$ref" in property_:
        check(property_["$ref"], value, where)
    elif property_["type"] == "number" and value in NO_NUMBERS:
        pass
    elif not isinstance(value, PLAIN[property_["type"]]):
        raise UnlikeError(f"{where} is no {property_['type']}: {value!r}")
    elif property_["type"] == "array":
        for one in value:
            _check(property_["items"], one, where)
    elif "enum" in property_ and value not in property_["enum"]:
        raise UnlikeError(f"{where} knows no {value!r}")


def known(called: dict[str, Any], given: dict[str, str]) -> None:
    """Raises ``UnlikeError`` where a parameter is given that the operation does not have."""
    if strange := given.keys() - called["parameters"].keys():
        raise UnlikeError(f"no parameter {strange}")


def day_of(told: dict[str, int]) -> date:
    return date(told["year"], told["month"], told["day"])


class PostmasterServer:
    """``figures``: by domain, standard metric and filter, the value of each day. ``compliance``: by domain, a DomainComplianceStatus.

    ``misbehave``: what happens to the next calls, one after the other; ``always``: what happens to all; beside
    ``MISBEHAVIOURS`` there is ``drops``, a reply that comes octet by octet.
    """

    def __init__(self, *, page: int = 200) -> None:
        self.page = page
        self.domains: dict[str, dict[str, Any]] = {}
        self.figures: dict[tuple[str, str, str], dict[date, dict[str, Any]]] = {}
        self.compliance: dict[str, dict[str, Any]] = {}
        self.published: set[str] = set()  # domains whose DNS holds the token
        self.misbehave: list[str] = []
        self.always = ""
        self.revoked = False
        self.failing: list[int] = []  # the google.rpc.Code of the next queries of batches, one after the other
        self.stuck = False  # statistics go on for ever, with the same page
        self.called: Counter[str] = Counter()
        self.tokens_asked = 0
        self.heard_out = 0  # replies by drops of which somebody took the last one
        self.faults: list[str] = []
        self.refresh_token = f"canary-refresh-{secrets.token_hex(8)}"
        self.client_secret = f"canary-secret-{secrets.token_hex(8)}"
        self.codes: dict[str, str] = {}
        self.access_tokens: set[str] = set()
        self.stopped = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"postmaster": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, domain: str, *, verified: bool = True, permission: str = "OWNER") -> None:
        state = "VERIFIED" if verified else "UNVERIFIED"
        self.domains[domain] = {"name": f"domains/{domain}", "verificationState": state, "permission": permission}

    def count(self, domain: str, standard: str, filter_: str, values: dict[date, float | int | list[str]]) -> None:
        boxed = self.figures.setdefault((domain, standard, filter_), {})
        for day, value in values.items():
            match value:
                case list():
                    boxed[day] = {"stringList": {"values": value}}
                case int():
                    boxed[day] = {"intValue": str(value)}
                case _:
                    boxed[day] = {"doubleValue": value}

    def key_file(self, folder: Path) -> Path:
        """A service account's key."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        told = {
            "type": "service_account",
            "project_id": "example",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "watcher@example.iam.gserviceaccount.com",
            "token_uri": f"{self.url}/token",
        }
        return self._written(folder / "key.json", told)

    def consent_file(self, folder: Path) -> Path:
        """What a login leaves."""
        told = {
            "token_uri": f"{self.url}/token",
            "client_id": "client",
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        return self._written(folder / "consent.json", told)

    def client_file(self, folder: Path) -> Path:
        """An OAuth client as Google Cloud gives it."""
        told = {
            "client_id": "client",
            "client_secret": self.client_secret,
            "auth_uri": f"{self.url}/auth",
            "token_uri": f"{self.url}/token",
            "redirect_uris": ["http://localhost"],
        }
        return self._written(folder / "client.json", {"installed": told})

    def _written(self, path: Path, told: dict[str, Any]) -> Path:
        path.write_text(json.dumps(told), "utf-8")
        path.chmod(0o600)
        return path

    @property
    def canaries(self) -> list[str]:
        """What may stand in no output."""
        return [self.refresh_token, self.client_secret, *self.codes, *self.access_tokens, "PRIVATE KEY"]

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint: RFC 6749 sections 4.1.3 and 6, RFC 7523, RFC 7636."""
        self.tokens_asked += 1
        if self.revoked:
            return 400, {"error": "invalid_grant", "error_description": f"Token {self.refresh_token} has been revoked."}
        match form["grant_type"]:
            case "refresh_token":
                if (form["refresh_token"], form["client_secret"]) != (self.refresh_token, self.client_secret):
                    return 400, {"error": "invalid_grant"}
            case "authorization_code":
                challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
                if self.codes.get(form["code"]) != challenge or form["client_secret"] != self.client_secret:
                    return 400, {"error": "invalid_grant"}
            case _:
                assert form["grant_type"].endswith("jwt-bearer")
        token = f"canary-access-{secrets.token_hex(8)}"
        self.access_tokens.add(token)
        given = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        consents = form["grant_type"] == "authorization_code"
        return 200, {**given, "refresh_token": self.refresh_token} if consents else given

    def answer(self, method: str, url: str, octets: bytes) -> tuple[int, dict[str, Any]]:
        """A call as the API answers it. What the document does not know is a fault of the caller's, and remembered."""
        parts = urlsplit(url)
        try:
            called, resource = operation(method, parts.path.lstrip("/"))
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            known(called, given)
            body = json.loads(octets) if octets else {}
            if "request" in called:
                check(called["request"]["$ref"], body)
        except UnlikeError as fault:
            self.faults.append(str(fault))
            return 400, _error(400, "INVALID_ARGUMENT")
        self.called[called["id"]] += 1
        status, reply = self._do(called["id"].removeprefix("gmailpostmastertools."), resource, given, body)
        if status == 200:
            check(called["response"]["$ref"], reply)
        return status, reply

    def _do(self, name: str, resource: str, given: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        domain = resource.split("/")[1] if resource else ""
        if domain and domain not in self.domains:
            return 404, _error(404, "NOT_FOUND")
        match name:
            case "domains.list":
                every = [self.domains[one] for one in sorted(self.domains)]
                return 200, self._paged("domains", every, given, default=10)
            case "domains.get":
                return 200, self.domains[domain]
            case "domains.create":
                if body["domainId"] in self.domains:
                    return 409, _error(409, "ALREADY_EXISTS")
                self.add(body["domainId"], verified=False)
                return 200, self.domains[body["domainId"]]
            case "domains.getVerificationToken":
                way = given["verificationMethod"]
                return 200, {
                    "name": resource,
                    "token": f"google-site-verification={domain}-{way}",
                    "verificationMethod": way,
                }
            case "domains.verify":
                if domain not in self.published:
                    return 400, _error(400, "FAILED_PRECONDITION")
                self.add(domain)
                return 200, {}
            case "domains.getComplianceStatus":
                return 200, {"name": resource, **self.compliance.get(domain, {})}
            case "domainStats.batchQuery":
                assert 0 < len(body["requests"]) <= 100
                return 200, {"results": [self._stats(one) for one in body["requests"]]}
        raise AssertionError(name)

    def _paged(self, field: str, every: list[Any], given: dict[str, Any], default: int = 10) -> dict[str, Any]:
        start, size = int(given.get("pageToken") or 0), min(int(given.get("pageSize", default)), 200, self.page)
        more = {"nextPageToken": str(start + size)} if start + size < len(every) else {}
        return {field: every[start : start + size], **more}

    def _stats(self, query: dict[str, Any]) -> dict[str, Any]:
        if self.failing:
            return {"error": {"code": self.failing.pop(0), "message": "What Google says to people."}}
        domain = query["parent"].removeprefix("domains/")
        if self.domains.get(domain, {}).get("verificationState") != "VERIFIED":
            return {"error": {"code": 7, "message": "permission denied"}}
        ranges = [(day_of(one["start"]), day_of(one["end"])) for one in query["timeQuery"]["dateRanges"]["dateRanges"]]
        stats = [
            {
                "name": f"{query['parent']}/domainStats/{number}",
                "metric": metric["name"],
                "date": _told(day),
                "value": value,
            }
            for first, last in ranges
            for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
            for number, metric in enumerate(query["metricDefinitions"])
            if (value := self._figure(domain, metric).get(day))
        ]
        page = self._paged("domainStats", stats, query)
        return {"response": {**page, "nextPageToken": "0"} if self.stuck else page}

    def _figure(self, domain: str, metric: dict[str, Any]) -> dict[date, dict[str, Any]]:
        return self.figures.get((domain, metric["baseMetric"]["standardMetric"], metric.get("filter", "")), {})


def _told(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _error(code: int, status: str, reason: str = "") -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return {"error": {"code": code, "status": status, "message": "What Google says to people.", "details": details}}


class _Handler(BaseHTTPRequestHandler):
    postmaster: PostmasterServer

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/auth":
            self._consent()
        else:
            self._called(b"")

    def do_POST(self) -> None:
        octets = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if urlsplit(self.path).path == "/token":
            form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
            self._send(*self.postmaster.token(form))
        else:
            self._called(octets)

    def _consent(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"], asked["access_type"]) == (
            "code",
            "S256",
            "offline",
        )
        code = f"canary-code-{secrets.token_hex(8)}"
        self.postmaster.codes[code] = asked["code_challenge"]
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': code})}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _called(self, octets: bytes) -> None:
        how = self.postmaster.always or (self.postmaster.misbehave.pop(0) if self.postmaster.misbehave else "")
        if how == "drops":
            self._drop_by_drop(b"{}".rjust(400))
        elif how:
            self._misbehave(how, octets)
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.postmaster.access_tokens:
            self._send(401, _error(401, "UNAUTHENTICATED"))
        else:
            self._send(*self.postmaster.answer(self.command, self.path, octets))

    def _misbehave(self, how: str, octets: bytes) -> None:
        status, reply = 200, b"{}"
        match how:
            case "429":
                return self._send(429, _error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), {"Retry-After": "7"})
            case "500" | "503":
                return self._send(int(how), _error(int(how), "INTERNAL"))
            case "403":
                return self._send(403, _error(403, "PERMISSION_DENIED", "SERVICE_DISABLED"))
            case "401":
                return self._send(401, _error(401, "UNAUTHENTICATED"))
            case "invalid_grant":
                self.postmaster.revoked = True
                return self._send(401, _error(401, "UNAUTHENTICATED"))
            case "html":
                reply = b"<!DOCTYPE html><title>Sorry</title>"
            case "half":
                whole = msgspec.json.encode(self.postmaster.answer(self.command, self.path, octets)[1])
                self._raw(200, whole, {}, cut=len(whole) // 2)
                return None
            case "hang":
                self.postmaster.stopped.wait(60)
            case "empty":
                reply = b""
            case "wrong-json":
                reply = b'{"results": 7, "domains": {"a": []}, "complianceData": [[]]}'
            case "huge":
                reply = b'{"nextPageToken": "' + b"a" * (5 * 2**20) + b'"}'
        self._raw(status, reply, {})
        return None

    def _drop_by_drop(self, octets: bytes) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        try:
            for octet in octets:
                self.wfile.write(bytes([octet]))
                if self.postmaster.stopped.wait(0.05):
                    return
        except OSError:  # the caller has gone
            return
        self.postmaster.heard_out += 1

    def _send(self, status: int, reply: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._raw(status, msgspec.json.encode(reply), headers or {})

    def _raw(self, status: int, octets: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(octets[:cut])
            self.close_connection = cut is not None
        except OSError:  # the caller has gone
            self.close_connection = True

    def log_message(self, *_told: object) -> None:
        """Nothing is printed."""
