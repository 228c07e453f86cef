"""Engines that read an API beside the DNS: who answers what, what is kept, and what a record says of calls."""

from __future__ import annotations

import time
from collections.abc import Sequence

from todoku.auth.ask import Call, Look, Question, Reply, all_of, ask, call, dns
from todoku.net.dns.zone import Zone
from todoku.net.drivers import Recorded, Transcript, recording_look, run_look

ZONE = Zone.from_dict({"a.example": [("A", "192.0.2.1")], "b.example": [("A", "192.0.2.2")]})


class Api:
    """An API that knows a few identities, and takes its time."""

    def __init__(self, delay: float = 0) -> None:
        self.delay = delay
        self.batches: list[list[Call]] = []

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        self.batches.append(list(calls))
        time.sleep(self.delay)
        return [self.reply(one) for one in calls]

    def reply(self, one: Call) -> Reply:
        name = dict(one.parameters)["EmailIdentity"]
        if name.startswith("x"):
            return Reply(one, status="absent", detail="NotFoundException: no such identity")
        return Reply(one, {"VerifiedForSendingStatus": True, "Name": name})


def identity(name: str) -> Look[tuple[str, str]]:
    """Of a name what the API says, then what the DNS says."""
    reply = yield from call("sesv2", "", "us-east-1", "GetEmailIdentity", ("Name",), EmailIdentity=name)
    answer = yield from dns(ask(name, "A"))
    return reply.value.get("Name", reply.status), answer.records[0] if answer.records else answer.status


def test_questions_and_calls_of_one_batch_are_answered_in_their_order():
    def mixed():
        calls = [Call("sesv2", "", "r", "GetEmailIdentity", (("EmailIdentity", name),)) for name in "ab"]
        batch = (calls[0], Question("b.example", "A"), calls[1], Question("a.example", "A"), calls[0])
        return (yield batch)

    api = Api()
    found = run_look(mixed(), ZONE, api)
    assert [getattr(one, "records", None) or one.value["Name"] for one in found] == [
        *("a", ("192.0.2.2",), "b", ("192.0.2.1",), "a")
    ]
    assert len(api.batches) == 1


def test_a_batch_without_calls_asks_no_api_and_one_without_questions_no_dns():
    class Deaf:
        def answers(self, questions, *, seconds=None):
            raise AssertionError(questions)

    api = Api()
    assert run_look(dns(ask("a.example", "A")), ZONE, api).records == ("192.0.2.1",)
    assert api.batches == []
    reply = run_look(call("sesv2", "", "r", "GetEmailIdentity", (), EmailIdentity="a"), Deaf(), api)
    assert reply.status == "ok"


def test_looks_side_by_side_make_one_batch_of_calls():
    api = Api()
    found = run_look(all_of([identity(name) for name in ("a.example", "b.example", "x.example")]), ZONE, api)
    assert found == (("a.example", "192.0.2.1"), ("b.example", "192.0.2.2"), ("absent", "nxdomain"))
    assert [len(batch) for batch in api.batches] == [3]


def test_waiting_for_an_api_is_not_the_waiting_for_the_dns():
    assert run_look(identity("a.example"), ZONE, Api(delay=0.05), seconds=0.04)[1] == "192.0.2.1"


def test_each_call_is_made_once_and_kept_in_order():
    def twice():
        first = yield from identity("b.example")
        second = yield from identity("a.example")
        third = yield from identity("b.example")
        return first == third, second

    api, transcript = Api(), Transcript()
    assert run_look(recording_look(twice(), transcript), ZONE, api) == (True, ("a.example", "192.0.2.1"))
    assert [len(batch) for batch in api.batches] == [1, 1]
    assert [reply.value["Name"] for reply in transcript.replies] == ["b.example", "a.example"]
    assert [answer.question.name for answer in transcript] == ["b.example", "a.example"]
    assert len(transcript) == 4


def test_a_record_replies_again_and_says_what_it_lacks():
    transcript = Transcript()
    run_look(recording_look(all_of([identity("a.example"), identity("x.example")]), transcript), ZONE, Api())
    recorded = Recorded(Transcript(tuple(transcript), tuple(transcript.replies)))
    names = ("a.example", "x.example", "b.example")
    found = run_look(all_of([identity(name) for name in names]), recorded, recorded)
    assert found == (("a.example", "192.0.2.1"), ("absent", "nxdomain"), ("not-recorded", "not-recorded"))


def test_what_is_not_recorded_is_no_absence():
    (reply,) = Recorded(Transcript()).replies([Call("sesv2", "", "r", "GetAccount")])
    assert reply.failed
    assert not Reply(reply.call, status="absent").failed
