"""Authentication-Results and its kin: read what receivers really write, write what RFC 8601 says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class MethodResult(msgspec.Struct, frozen=True, kw_only=True):
    """One result: ``dkim=pass header.d=example.com``. Method, result and property names are lower-case; values as written,
    unquoted. ``comment`` joins the comments that stand with it; a result is never read from a comment or a quoted string.
    """

    method: str
    result: str
    reason: str = ""
    properties: Mapping[str, str] = {}  # "header.d" -> "example.com"; a property without ptype keeps its bare name
    comment: str = ""


class AuthenticationResults(msgspec.Struct, frozen=True, kw_only=True):
    """One field. ``authserv_id`` None: the writer left it out (Outlook)."""

    authserv_id: str | None
    results: tuple[MethodResult, ...] = ()
    instance: int | None = None  # i= of ARC-Authentication-Results
    version: str = ""
    offset: int = 0

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """The results of one method, in order."""
        return tuple(result for result in self.results if result.method == method)


def parse_authentication_results(value: str, *, offset: int = 0) -> AuthenticationResults:
    """The results in a field value (Authentication-Results or ARC-Authentication-Results). Never raises."""
    raise NotImplementedError


def format_authentication_results(authserv_id: str, results: Sequence[MethodResult]) -> str:
    """A field value by RFC 8601 section 2.2; parsing it gives the same results back."""
    raise NotImplementedError
