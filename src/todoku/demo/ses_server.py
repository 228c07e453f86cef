"""The demo's SES behind HTTP on the loopback address, on moto's server, which answers for Route 53, STS, EC2, S3 and the rest.

    with SesServer(World(clock=..., answers=zone)) as server:
        client = boto3.client("sesv2", endpoint_url=server.url, region_name="eu-west-1", ...)

It trusts whoever reaches its port and checks no signature: the access key says which account calls. An access key of
twelve digits is that account; others are looked up in ``accounts``, then among those that moto handed out by AssumeRole.
What moto keeps (hosted zones, buckets) is kept for the whole process, by account: two servers share it.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from todoku.demo.aws_regions import list_regions
from todoku.demo.ses_error import SesError
from todoku.demo.ses_wire import read_request, routed, write_error, write_reply
from todoku.demo.ses_world import OPERATIONS, World

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
HttpReply = tuple[int, dict[str, str], bytes]  # status, header fields, body
Fault = float | str
"""Seconds of latency, the name of an error, or what else can go wrong with a call:

``hang``, ``cut`` (the connection is gone before anything is done), ``html`` (a web page in place of JSON); or after it has
been carried out: ``half`` (of the reply's body), ``lost`` (the connection is gone, and the caller does not know).
"""

_SCOPE = re.compile(r"Credential=([^/\s]+)/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
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
        self, world: World, *, accounts: Mapping[str, str] | None = None, turned_on: Iterable[str] = ()
    ) -> None:
        """``accounts``: which account an access key belongs to, where it is not twelve digits itself.

        ``turned_on``: the opt-in regions that the accounts have turned on.
        """
        self.world = world
        self.url = ""
        self.calls: list[Call] = []
        self._accounts = dict(accounts or {})
        self._turned_on = frozenset(turned_on)
        self._faults: list[Injected] = []
        self._lock = Lock()
        self._stopped = Event()
        self._moto = DomainDispatcherApplication(create_backend_app)
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
        """The account that an access key belongs to."""
        if re.fullmatch("[0-9]{12}", access_key):
            return access_key
        return self._accounts.get(access_key) or get_account_id_from(access_key)

    def _application(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is not None:
            account = self.account(scope[1])
            path = urlsplit(environ["REQUEST_URI"]).path
            if scope[3] == "ses" and path.startswith("/v2/"):
                return self._ours(environ, start, Caller("sesv2", account, scope[2]))
            if scope[3] == "account" and path == "/listRegions":
                return self._ours(environ, start, Caller("account", account, scope[2]))
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        answer: Iterable[bytes] = self._moto(environ, start)
        return answer

    def _ours(self, environ: Environ, start: StartResponse, caller: Caller) -> Iterable[bytes]:
        uri = urlsplit(environ["REQUEST_URI"])
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
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
        status, fields, content = answer
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **fields}
        start(f"{status} {'OK' if status < 300 else 'Error'}", list(headers.items()))
        return [content]

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


def _hung_up(environ: Environ) -> HttpReply:
    """No reply: the connection is gone."""
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return 200, {}, b""


class _Quiet(MotoRequestHandler):
    """A handler that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- werkzeug's name
        """Say nothing."""
