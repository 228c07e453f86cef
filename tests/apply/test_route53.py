"""A plan whose zone is in Route 53, as moto plays it with the checks of the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from moto.route53.models import route53_backends

from apply.conftest import SECRET, credentials
from apply.rig import ACCOUNT, DOMAIN, Rig
from strict_route53 import as_strict_as_route53
from todoku.apply.journal import begun
from todoku.demo.hosted_zones import HostedZones
from todoku.demo.ses_server import SesServer
from todoku.net.writers.by_hand import ByHand
from todoku.net.writers.route53 import Route53Writer
from todoku.net.writers.route53_api import route53_client
from todoku.net.writers.writer_per_name import WriterPerName
from todoku.words.change import RecordSet, RecordSetChange


@pytest.fixture
def rig(tmp_path: Path, key_file: Path) -> Iterator[Rig]:
    """An empty account, and a hosted zone in which only the name servers stand."""
    made = Rig(tmp_path, 0, key_file)
    made.dns = made.world.answers = HostedZones(ACCOUNT, made.world)
    backend = route53_backends[ACCOUNT]["aws"]
    backend.reset()
    with (
        pytest.MonkeyPatch.context() as environment,
        SesServer(made.world, secret=SECRET) as server,
        as_strict_as_route53(),
    ):
        credentials(environment, tmp_path)
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        made.server = server
        backend.create_hosted_zone(f"{DOMAIN}.", private_zone=False)
        made.writer = Route53Writer(route53_client(), made.dns)
        yield made
    backend.reset()


def records() -> list[tuple[object, ...]]:
    (zone,) = route53_backends[ACCOUNT]["aws"].zones.values()
    return sorted((each.name, each.type, int(each.ttl), *map(str, each.records)) for each in zone.rrsets)


def test_and_back(rig: Rig) -> None:
    before = records(), rig.account()
    plan = rig.plan()
    assert set(rig.apply(plan).values()) == {"done"}
    assert len(records()) == len(before[0]) + 6
    assert rig.plan().steps == ()
    journal = rig.journal_path.read_bytes()
    assert set(rig.apply(plan).values()) == {"unchanged"}
    assert rig.journal_path.read_bytes() == journal
    assert set(rig.undo(plan, "--delete-identity").values()) == {"done"}
    assert (records(), rig.account()) == before


def test_what_is_written_is_waited_for_until_every_server_has_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def settled(self: Route53Writer, change_id: str) -> bool:
        asked.append(change_id)
        return len(asked) > 3

    monkeypatch.setattr(Route53Writer, "settled", settled)
    plan = rig.plan()
    assert rig.apply(plan, only=("dmarc",)) == {"dmarc": "done"}
    assert (len(asked), rig.elapsed()) == (4, 6)
    monkeypatch.setattr(Route53Writer, "settled", lambda self, change_id: False)
    rig.apply(plan, only=("create-identity",))
    rig.apply(plan, only=("dkim-1",), seconds=10_000)
    assert rig.elapsed() == 6 + 120
    rig.apply(plan, only=("dkim-2",), seconds=0)
    assert rig.elapsed() == 6 + 120


def test_what_route_53_does_not_hold_is_for_a_person(rig: Rig) -> None:
    either = WriterPerName(rig.writer, ByHand(rig.dns))
    assert either.zone_of(f"_dmarc.{DOMAIN}") == DOMAIN
    assert either.passed_over == {}
    elsewhere = RecordSetChange(RecordSet("_dmarc.example.net", "TXT"), ("v=DMARC1; p=none",))
    assert either.write(elsewhere).status in ("by-hand", "refused")
    assert "no public hosted zone of the account is that of" in either.passed_over["_dmarc.example.net"].en
    rig.writer = either
    assert set(rig.apply(rig.plan()).values()) == {"done"}


@pytest.mark.parametrize("resumed", [True, False])
def test_a_record_written_before_the_end_is_taken_back(rig: Rig, resumed: bool) -> None:
    """The program ended between Route 53's answer and the journal's line; what others have at the name stays."""
    foreign = RecordSetChange(RecordSet(f"_dmarc.{DOMAIN}", "TXT"), ("MS=ms1",))
    assert rig.writer.write(foreign).status == "done"
    before = records()
    plan = rig.plan()
    step = next(step for step in plan.steps if step.id == "dmarc")
    assert isinstance(step.action, RecordSetChange)
    with rig.journal(plan) as journal:
        found = rig.writer.read(step.action.before.name, "TXT")
        change = msgspec.structs.replace(step.action, before=found, ttl=found.ttl)
        journal.append(begun(step, change, ""))
        assert rig.writer.write(change).status == "done"
    if resumed:
        assert rig.apply(plan, only=("dmarc",)) == {"dmarc": "done"}
    assert rig.undo(plan) == {"dmarc": "done"}
    assert records() == before
