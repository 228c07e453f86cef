"""Requests and replies as botocore's models describe them, sesv2 first: nothing here is known by heart.

A request is routed, read and checked by the model; a reply is checked against it and written so that botocore reads back
the same values.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

import msgspec
from botocore.model import ServiceModel, Shape
from botocore.session import Session
from botocore.validate import ParamValidator

from todoku.demo.ses_error import SesError, bad_request

_LABEL = re.compile(r"\{(\w+)\}")


class Route(NamedTuple):
    """Where an operation is: its method, its path as a pattern, its name."""

    method: str
    pattern: re.Pattern[str]
    operation: str


class WrongReplyError(AssertionError):
    """A reply that the model does not know: a mistake of the demo, not of its caller."""


@cache
def model(service: str) -> ServiceModel:
    """Botocore's model of SES v2."""
    return cast(ServiceModel, Session().get_service_model(service))


@cache
def routes(service: str) -> tuple[Route, ...]:
    """The routes of every operation that the model has."""
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        literal = _LABEL.split(http["requestUri"])  # literal, label, literal, label ...
        pattern = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(literal))
        found.append(Route(http["method"], re.compile(pattern), name))
    return tuple(found)


def routed(service: str, method: str, path: str) -> tuple[str, dict[str, str]]:
    """The operation that a request means, and what its path says, by the labels in it. ``path`` is still quoted."""
    for route in routes(service):
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match is not None:
            return route.operation, {label: unquote(value) for label, value in match.groupdict().items()}
    raise SesError("UnknownOperationException", f"{method} {path}")


def read_request(service: str, operation: str, labels: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
    """The parameters of a request, typed and checked. Raises ``SesError`` for what the model does not allow."""
    shape = model(service).operation_model(operation).input_shape
    if shape is None:
        return {}
    given = _read_body(body)
    asked = parse_qs(query, keep_blank_values=True)
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if place == "uri":
            given[name] = labels[wire_name]
        elif place == "querystring" and wire_name in asked:
            given[name] = asked[wire_name] if member.type_name == "list" else asked[wire_name][0]
    parameters = cast(dict[str, Any], _typed(shape, given, ""))
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise bad_request(report.generate_report())
    return parameters


def _read_body(body: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        raise bad_request("The request's body is not JSON.") from None
    if not isinstance(given, dict):
        raise bad_request("The request's body is not a JSON object.")
    return given


def _typed(shape: Shape, value: Any, where: str) -> Any:  # noqa: ANN401 -- JSON in, values of the model out
    """A value of a request as the model's type; what has the wrong type stays, for the validator to name."""
    match shape.type_name, value:
        case "structure", dict():
            members = shape.members
            return {
                name: _typed(members[name], each, f"{where}.{name}") if name in members else each
                for name, each in value.items()
                if each is not None
            }
        case "list", list():
            return [_typed(shape.member, each, where) for each in value]
        case "map", dict():
            return {key: _typed(shape.value, each, f"{where}.{key}") for key, each in value.items()}
        case "timestamp", str() | int() | float():
            return _timestamp(value, where)
        case "blob", str():
            return _blob(value, where)
        case (("integer" | "long"), str()):
            return int(value) if re.fullmatch("-?[0-9]{1,18}", value) else value
        case "boolean", "true" | "false":
            return value == "true"
        case "string", str():
            return _checked(shape, value, where)
    return value


def _timestamp(value: str | float, where: str) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise bad_request(f"{where} is not a timestamp.") from None


def _blob(value: str, where: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise bad_request(f"{where} is not base64.") from None


def _checked(shape: Shape, value: str, where: str) -> str:
    """The string, if it obeys the constraints that botocore's own validator leaves to the service."""
    if shape.enum and value not in shape.enum:
        raise bad_request(f"{where[1:]} must be one of {', '.join(shape.enum)}.")
    if len(value) > shape.metadata.get("max", len(value)):
        raise bad_request(f"{where[1:]} must have at most {shape.metadata['max']} characters.")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        raise bad_request(f"{where[1:]} must satisfy {pattern}.")
    return value


def write_reply(service: str, operation: str, reply: Mapping[str, Any]) -> bytes:
    """The body of a reply. Raises ``WrongReplyError`` for a member, a type or a word that the model does not have."""
    shape = model(service).operation_model(operation).output_shape
    return msgspec.json.encode(_wire(shape, reply, operation) if shape is not None else {})


def _wire(shape: Shape, value: Any, where: str) -> Any:  # noqa: ANN401 -- values of the model in, JSON out
    match shape.type_name, value:
        case "structure", Mapping():
            for name in value:
                if name not in shape.members:
                    raise WrongReplyError(f"{where} has no {name}")
            return {name: _wire(shape.members[name], each, f"{where}.{name}") for name, each in value.items()}
        case "list", list() | tuple():
            return [_wire(shape.member, each, where) for each in value]
        case "map", Mapping():
            return {key: _wire(shape.value, each, f"{where}.{key}") for key, each in value.items()}
        case "timestamp", datetime():
            return value.timestamp()
        case "blob", bytes():
            return base64.b64encode(value).decode()
        case "boolean", bool():
            return value
        case (("integer" | "long"), int()) if not isinstance(value, bool):
            return value
        case (("double" | "float"), float()):
            return value
        case "string", str() if not shape.enum or value in shape.enum:
            return value
    raise WrongReplyError(f"{where} is to be a {shape.type_name}: {value!r}")


def write_error(service: str, operation: str | None, error: SesError) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields and body of an error, as the model of the operation has it."""
    status = 400
    for shape in model(service).operation_model(operation).error_shapes if operation else ():
        if shape.name == error.code:
            status = shape.metadata.get("error", {}).get("httpStatusCode", status)
    status = UNMODELLED.get(error.code, status)
    return status, {"x-amzn-ErrorType": error.code}, msgspec.json.encode({"message": error.message})


def write_refusal(error: SesError, *, as_json: bool) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields and body of an error before the operation is known: XML for the services that speak it."""
    fields = {"x-amzn-ErrorType": error.code, "Content-Type": "application/json" if as_json else "text/xml"}
    if as_json:
        return 403, fields, msgspec.json.encode({"message": error.message})
    said = f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
    return 403, fields, f"<ErrorResponse>{said}</ErrorResponse>".encode()


# docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
UNMODELLED = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "UnrecognizedClientException": 403,
    "TooManyRequestsException": 429,
    "ServiceUnavailable": 503,
    "InternalFailure": 500,
    "UnknownOperationException": 404,
}
