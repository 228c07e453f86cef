"""The demo's SES behind HTTP on the loopback address; beside it moto answers for the three services in ``MOTO``.

    with SesServer(World(clock=..., answers=zone)) as server:
        client = boto3.client("sesv2", endpoint_url=server.url, aws_access_key_id=ACCOUNT, aws_secret_access_key=server.secret, ...)

A request must be signed with ``secret``, which is drawn anew for each server (``ses_signature.py``): whatever else comes in
is refused before moto sees it. The access key says which account calls. An access key of twelve digits is that account;
others are looked up in ``accounts``, then among those that moto handed out by AssumeRole, with secrets of their own.
What moto keeps (hosted zones) is kept for the whole process, by account: two servers share it.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Literal, NamedTuple, Self
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication

from moto.iam.models import AccessKey, iam_backends
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from todoku.demo.aws_regions import list_regions
from todoku.demo.ses_error import SesError
from todoku.demo.ses_signature import Environ, check_sender, check_signature
from todoku.demo.ses_wire import read_request, routed, write_error, write_refusal, write_reply
from todoku.demo.ses_world import OPERATIONS, World

HttpReply = tuple[int, dict[str, str], bytes]  # status, header fields, body
Fault = float | str
"""Seconds of latency, the name of an error, or what else can go wrong with a call:

``hang``, ``cut`` (the connection is gone before anything is done), ``html`` (a web page in place of JSON); or after it has
been carried out: ``half`` (of the reply's body), ``lost`` (the connection is gone, and the caller does not know).
"""

Service = Literal["sts", "route53", "cloudwatch"]
MOTO: dict[str, Service] = {"sts": "sts", "route53": "route53", "monitoring": "cloudwatch"}
"""What moto answers for, by the service's signing name. Moto knows many more, and some run what they are sent."""
HANG = 120.0  # seconds after which a connection that hangs is cut, should nobody stop the server


class Call(NamedTuple):
    """A request that came in and that is not for moto."""

    account: str
    region: str
    operation: str


class Caller(NamedTuple):
    """Who calls which service where."""

    service: str  # as botocore names it
    account: str
    region: str


class Injected:
    """A fault that the next calls of an operation meet."""

    def __init__(self, operation: str, fault: Fault, times: int | None) -> None:
        """``times`` None: for ever."""
        self.operation = operation
        self.fault = fault
        self.left = times

    def taken(self, operation: str) -> bool:
        """Whether this call meets the fault; it is counted."""
        if self.operation not in ("*", operation) or self.left == 0:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class SesServer:
    """SES and the rest of AWS on a free port, while the ``with`` block runs. ``calls`` are those that SES got."""

    def __init__(
        self,
        world: World,
        *,
        accounts: Mapping[str, str] | None = None,
        turned_on: Iterable[str] = (),
        secret: str = "",
    ) -> None:
        """``accounts``: which account an access key belongs to, where it is not twelve digits itself.

        ``turned_on``: the opt-in regions that the accounts have turned on. ``secret``: in place of one that is drawn.
        """
        self.world = world
        self.url = ""
        self.secret = secret or secrets.token_urlsafe(30)
        self.calls: list[Call] = []
        self._accounts = dict(accounts or {})
        self._turned_on = frozenset(turned_on)
        self._faults: list[Injected] = []
        self._lock = Lock()
        self._stopped = Event()
        self._server = make_server("127.0.0.1", 0, self._application, threaded=True, request_handler=_Quiet)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and let go of those who hang."""
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def inject(self, operation: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next ``times`` calls of an operation (``*``: of any) meet a fault; None: all from now on.

        An error is named as AWS names it: ``AccessDeniedException``, ``TooManyRequestsException``, ``ServiceUnavailable``.
        """
        with self._lock:
            self._faults.append(Injected(operation, fault, times))

    def clear(self) -> None:
        """Forget the faults that are left."""
        with self._lock:
            self._faults.clear()

    def account(self, access_key: str) -> str:
        """The account that an access key belongs to, or ""."""
        if re.fullmatch("[0-9]{12}", access_key):
            return access_key
        lent = _lent(access_key)
        return self._accounts.get(access_key) or (lent[0] if lent else "")

    def _secret_of(self, access_key: str) -> str | None:
        """What its holder signs with: the demo's own secret, or the one that came with the key of an assumed role."""
        if access_key in self._accounts or re.fullmatch("[0-9]{12}", access_key):
            return self.secret
        lent = _lent(access_key)
        return lent[1].secret_access_key if lent else None

    def _application(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        uri = environ["REQUEST_URI"]
        try:
            check_sender(environ, self.url.removeprefix("http://"))
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            scope = check_signature(environ, body, self._secret_of)
        except SesError as error:
            return _sent(start, write_refusal(error, as_json=uri.startswith("/v2/")))
        account = self.account(scope.access_key)
        if scope.service == "ses" and uri.startswith("/v2/"):
            return _sent(start, self._ours(environ, Caller("sesv2", account, scope.region), body))
        if scope.service == "account" and urlsplit(uri).path == "/listRegions":
            return _sent(start, self._ours(environ, Caller("account", account, scope.region), body))
        if scope.service not in MOTO:
            refusal = SesError("AccessDeniedException", f"The demo has no service {scope.service}.")
            return _sent(start, write_refusal(refusal, as_json=False))
        environ["wsgi.input"] = BytesIO(body)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        return _moto(MOTO[scope.service])(environ, start)

    def _ours(self, environ: Environ, caller: Caller, body: bytes) -> HttpReply:
        uri = urlsplit(environ["REQUEST_URI"])
        operation = None
        try:
            operation, labels = routed(caller.service, environ["REQUEST_METHOD"], uri.path)
            faults = self._faults_met(Call(caller.account, caller.region, operation))
            answer = self._instead(environ, operation, faults)
            if answer is None:
                answer = self._answered(caller, operation, labels, uri.query, body)
                answer = self._spoilt(environ, answer, faults)
        except SesError as error:
            answer = write_error(caller.service, operation, error)
        return answer

    def _faults_met(self, call: Call) -> list[Fault]:
        """The faults that this call meets."""
        with self._lock:
            self.calls.append(call)
            return [each.fault for each in self._faults if each.taken(call.operation)]

    def _instead(self, environ: Environ, operation: str, faults: list[Fault]) -> HttpReply | None:
        """What comes in place of an answer, or None; time passes. Raises ``SesError`` for an error by its name."""
        for fault in faults:
            if not isinstance(fault, str):
                self._stopped.wait(fault)
            elif fault in ("hang", "cut"):
                self._stopped.wait(HANG if fault == "hang" else 0)
                return _hung_up(environ)
            elif fault == "html":
                return 502, {"Content-Type": "text/html"}, b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"
            elif fault not in ("half", "lost"):
                raise SesError(fault, f"{operation} was made to fail.")
        return None

    def _spoilt(self, environ: Environ, answer: HttpReply, faults: list[Fault]) -> HttpReply:
        """The answer to a call that was carried out, as its caller gets it."""
        if "lost" in faults:
            return _hung_up(environ)
        status, fields, content = answer
        if "half" in faults:
            return status, {**fields, "Content-Length": str(len(content))}, content[: len(content) // 2]
        return answer

    def _answered(
        self, caller: Caller, operation: str, labels: Mapping[str, str], query: str, body: bytes
    ) -> HttpReply:
        if caller.service == "sesv2" and operation not in OPERATIONS:
            raise SesError("UnknownOperationException", f"The demo's SES does not know {operation}.")
        parameters = read_request(caller.service, operation, labels, query, body)
        if caller.service == "account":
            reply = list_regions(parameters, self._turned_on)
        else:
            reply = self.world.call(caller.account, caller.region, operation, parameters)
        return 200, {}, write_reply(caller.service, operation, reply)


def _sent(start: StartResponse, reply: HttpReply) -> Iterable[bytes]:
    status, fields, content = reply
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **fields}
    start(f"{status} {'OK' if status < 300 else 'Error'}", list(headers.items()))
    return [content]


@cache
def _moto(service: Service) -> WSGIApplication:
    """Moto's application for one service: without those that moto adds for itself (``/moto-api``, its recorder)."""
    return create_backend_app(service)


def _lent(access_key: str) -> tuple[str, AccessKey] | None:
    """The account and the key of a role that somebody has assumed."""
    for account, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            if access_key in backend.access_keys:
                return account, backend.access_keys[access_key]
    return None


def _hung_up(environ: Environ) -> HttpReply:
    """No reply: the connection is gone."""
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return 200, {}, b""


class _Quiet(MotoRequestHandler):
    """A handler that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- werkzeug's name
        """Say nothing."""
