"""What the hosted zones of Route 53 (moto's) would answer, so that SES sees the records that were written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from moto.route53.models import route53_backends

from todoku.auth.ask import Answer, Question
from todoku.demo.ses_names import quoted
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone

NAMES_AT_THE_END = frozenset(("CNAME", "MX", "NS", "PTR", "SRV"))


class HostedZones:
    """A ``Source``: all public hosted zones of an account as they stand now, with what SES publishes. Closed to the rest."""

    def __init__(self, account: str, world: World) -> None:
        """``world`` is the SES whose keys and hosts are to be found too."""
        self._account = account
        self._world = world

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:  # noqa: ARG002 -- nothing to wait for
        """The answers of this moment."""
        return self.zone().answers(questions)

    def zone(self) -> Zone:
        """The records of this moment as a zone."""
        return Zone.from_text("\n".join((*self._written(), *self._amazon())))

    def _written(self) -> Iterator[str]:
        for backend in route53_backends[self._account].values():
            for hosted in backend.zones.values():
                if not hosted.private_zone:
                    yield from (line for rrset in hosted.rrsets for line in _lines(rrset))

    def _amazon(self) -> Iterator[str]:
        for name, records in self._world.records().items():
            for rdtype, value in records:
                yield f"{name}. 300 {rdtype} {quoted(value) if rdtype == 'TXT' else _absolute(rdtype, value)}"


def _lines(rrset: Any) -> Iterator[str]:  # noqa: ANN401 -- moto's record set leaves its fields untyped
    for record in rrset.records:
        value = record["Value"] if isinstance(record, dict) else record  # moto keeps its own SOA and NS records so
        yield f"{rrset.name.rstrip('.')}. {rrset.ttl} {rrset.type} {_absolute(rrset.type, value)}"


def _absolute(rdtype: str, value: str) -> str:
    """The value with the last dot of its name, which Route 53 does without."""
    return f"{value.rstrip('.')}." if rdtype in NAMES_AT_THE_END else value
