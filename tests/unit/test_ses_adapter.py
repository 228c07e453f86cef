"""Reading an SES account: paging, fields, errors, pace, regions side by side. boto3's own Stubber stands for AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.ask import Call, Reply
from todoku.net.aws import ses
from todoku.net.aws.calls import Kept
from todoku.net.aws.errors import Failure, failure_of, scrubbed
from todoku.net.aws.rate_limit import Pace, Timing
from todoku.net.aws.ses import Progress, SesApi
from todoku.net.aws.session import check_whole
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

TOKYO = "ap-northeast-1"
SECRET = "wJalrXUtnFEMIexampleK7MDENGexamplefiCYEXA"  # made up, and long enough to be one
KEY_ID = "AKIAIOSFODNN7EXAMPLE"


class Clock:
    """A clock that goes on when somebody sleeps, and notes how long."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timing(self, **given: Any) -> Timing:
        return Timing(clock=lambda: self.now, sleep=self.sleep, chance=Random(7), **given)


@cache
def client(service: str, region: str) -> Any:
    """A real client; making one takes longer than a test."""
    return boto3.Session(KEY_ID, SECRET, "token").client(service, region_name=region)


class Stubbed:
    """Clients of boto3's whose answers are laid out beforehand; every one must be used."""

    def __init__(self, refused: Failure | None = None) -> None:
        self.stubs: dict[tuple[str, str], Stubber] = {}
        self.refused = refused

    def open(self, account: str) -> Failure | None:
        return self.refused

    def client(self, service: str, account: str, region: str) -> Any:
        return client(service, region)

    def stub(self, service: str = "sesv2", region: str = TOKYO) -> Stubber:
        if (service, region) not in self.stubs:
            self.stubs[service, region] = Stubber(client(service, region))
            self.stubs[service, region].activate()
        return self.stubs[service, region]

    def used(self) -> None:
        for stub in self.stubs.values():
            stub.deactivate()
            stub.assert_no_pending_responses()


@pytest.fixture
def aws() -> Iterator[Stubbed]:
    stubbed = Stubbed()
    yield stubbed
    stubbed.used()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def identity(name: str, *fields: str, region: str = TOKYO) -> Call:
    return Call("sesv2", "", region, "GetEmailIdentity", (("EmailIdentity", name),), fields)


def error(
    aws: Stubbed, code: str, message: str = "no", *, status: int = 400, operation: str = "get_email_identity"
) -> None:
    aws.stub().add_client_error(operation, code, message, http_status_code=status)


# What enters a reply


def test_only_the_named_fields_enter_a_reply(aws, clock):
    said = {
        "IdentityType": "DOMAIN",
        "VerifiedForSendingStatus": True,
        "VerificationInfo": {
            "LastCheckedTimestamp": datetime(2026, 11, 24, 18, tzinfo=timezone(timedelta(hours=9))),
            "ErrorType": "TYPE_NOT_FOUND",
        },
        "Policies": {"a": "{}"},
    }
    aws.stub().add_response("get_email_identity", said, {"EmailIdentity": "example.com"})
    call = identity("example.com", "IdentityType", "VerificationInfo", "Tags")
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([call])
    assert reply == Reply(
        call,
        {
            "IdentityType": "DOMAIN",
            "VerificationInfo": {"LastCheckedTimestamp": "2026-11-24T09:00:00+00:00", "ErrorType": "TYPE_NOT_FOUND"},
        },
    )
    assert json.loads(json.dumps(reply.value)) == reply.value


def test_bytes_enter_nothing():
    value: dict[str, Any] = {}
    ses._join(value, {"A": b"x", "B": {"c": b"x", "d": [b"x", 1]}}, ("A", "B"))
    assert value == {"B": {"d": [1]}}


def test_a_listing_is_read_to_its_end(aws, clock):
    names = [{"IdentityName": f"{number}.example"} for number in range(5)]
    stub = aws.stub()
    stub.add_response("list_email_identities", {"EmailIdentities": names[:2], "NextToken": "a"}, {"PageSize": 1000})
    stub.add_response(
        "list_email_identities", {"EmailIdentities": names[2:4], "NextToken": "b"}, {"PageSize": 1000, "NextToken": "a"}
    )
    stub.add_response("list_email_identities", {"EmailIdentities": names[4:]}, {"PageSize": 1000, "NextToken": "b"})
    call = Call("sesv2", "", TOKYO, "ListEmailIdentities", (), ("EmailIdentities",), paged=True)
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([call])
    assert reply.value == {"EmailIdentities": names}


def test_of_a_call_that_is_not_paged_one_page_is_read(aws, clock):
    aws.stub().add_response("list_contact_lists", {"ContactLists": [], "NextToken": "a"}, {})
    call = Call("sesv2", "", TOKYO, "ListContactLists", (), ("ContactLists",))
    assert SesApi(clients=aws, timing=clock.timing()).replies([call])[0].value == {"ContactLists": []}


@pytest.mark.parametrize(("entries", "status"), [(6, "ok"), (7, "limit")])
def test_a_listing_is_bounded(aws, clock, monkeypatch, entries, status):
    monkeypatch.setattr(ses, "MAX_ENTRIES", 4)
    lists = [{"ContactListName": str(number)} for number in range(entries)]
    pages = [lists[:2], lists[2:4], lists[4:6], lists[6:]] if entries > 6 else [lists[:2], lists[2:4], lists[4:]]
    for number, page in enumerate(pages[:3]):
        more = {"NextToken": str(number)} if number + 1 < len(pages) else {}
        aws.stub().add_response("list_contact_lists", {"ContactLists": page, **more})
    call = Call("sesv2", "", TOKYO, "ListContactLists", (), ("ContactLists",), paged=True)
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([call])
    assert reply.status == status
    assert reply.failed is (status == "limit")
    assert len(reply.value.get("ContactLists", ())) == (6 if status == "ok" else 0)


def test_a_listing_that_goes_round_in_circles_ends(aws, clock):
    for _ in range(2):
        aws.stub().add_response("list_contact_lists", {"ContactLists": [], "NextToken": "a"})
    call = Call("sesv2", "", TOKYO, "ListContactLists", (), ("ContactLists",), paged=True)
    assert SesApi(clients=aws, timing=clock.timing()).replies([call])[0].status == "limit"


def test_objects_and_lists_among_the_parameters(aws, clock):
    query = (("Id", "a"), ("Namespace", "VDM"), ("Metric", "SEND"), ("Dimensions", (("ISP", "Gmail"),)))
    query += (("StartDate", "2026-11-01"), ("EndDate", "2026-11-02"))
    call = Call("sesv2", "", TOKYO, "BatchGetMetricData", (("Queries", (query,)),), ("Results",))
    expected = {"Queries": [{**dict(query), "Dimensions": {"ISP": "Gmail"}}]}
    aws.stub().add_response("batch_get_metric_data", {"Results": [{"Id": "a", "Values": [1]}]}, expected)
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([call])
    assert reply.value == {"Results": [{"Id": "a", "Values": [1]}]}


def test_a_call_asked_twice_is_made_once(aws, clock):
    aws.stub().add_response("get_email_identity", {"IdentityType": "DOMAIN"})
    call = identity("example.com", "IdentityType")
    told: list[Progress] = []
    first, second = SesApi(told.append, clients=aws, timing=clock.timing()).replies([call, call])
    assert first is second
    assert (first.status, len(told)) == ("ok", 1)


# What AWS refuses


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        ("NotFoundException", "absent", ""),
        ("AccessDeniedException", "denied", "missing permission: ses:GetEmailIdentity"),
        ("AccessDenied", "denied", "missing permission: ses:GetEmailIdentity"),
        ("ExpiredTokenException", "denied", "expired"),
        ("ExpiredToken", "denied", "expired"),
        ("InvalidClientTokenId", "denied", "does not accept the credentials"),
        ("SignatureDoesNotMatch", "denied", "does not accept the credentials"),
        ("UnrecognizedClientException", "denied", "does not accept the credentials"),
        ("OptInRequired", "denied", "ap-northeast-1 is off in this account"),
        ("BadRequestException", "refused", ""),
        ("TooManyRequestsException", "throttled", ""),
        ("ThrottlingException", "throttled", ""),
        ("LimitExceededException", "throttled", ""),
    ],
)
def test_an_error_of_aws_has_its_status(aws, clock, code, status, word):
    for _ in range(ses.TRIES.get(status, 1)):
        error(aws, code)
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([identity("example.com")])
    assert reply.status == status
    assert reply.detail.startswith(f"{code}: ")
    assert word in reply.detail
    assert reply.failed is (status != "absent")


def test_a_region_that_is_on_is_not_said_to_be_off(aws, clock):
    error(aws, "UnrecognizedClientException")
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([identity("example.com")])
    assert reply.detail == "UnrecognizedClientException: AWS does not accept the credentials"


def test_credentials_that_could_not_be_renewed_are_not_a_missing_permission():
    raised = botocore.exceptions.ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
    failure = failure_of(raised, identity("example.com"))
    assert (failure.status, failure.detail) == ("denied", "AccessDenied: AssumeRole gave no credentials: no")


def test_an_unknown_error_goes_by_its_http_status(aws, clock):
    for _ in range(ses.TRIES["throttled"]):
        error(aws, "Whatever", status=429)
    assert SesApi(clients=aws, timing=clock.timing()).replies([identity("c.example")])[0].status == "throttled"
    error(aws, "Whatever", status=403)
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([identity("a.example")])
    assert (reply.status, "ses:GetEmailIdentity" in reply.detail) == ("denied", True)
    for _ in range(ses.TRIES["unreachable"]):
        error(aws, "InternalFailure", status=500)
    assert SesApi(clients=aws, timing=clock.timing()).replies([identity("b.example")])[0].status == "unreachable"


def test_a_region_that_is_off_is_said_to_be_so(aws):
    aws.stub(region="af-south-1").add_client_error("get_email_identity", "UnrecognizedClientException")
    (reply,) = SesApi(clients=aws).replies([identity("example.com", region="af-south-1")])
    assert reply.status == "denied"
    assert "af-south-1: the region may be off in this account" in reply.detail


def test_a_region_without_ses_is_not_asked(aws):
    (reply,) = SesApi(clients=aws).replies([identity("example.com", region="xx-nowhere-1")])
    assert (reply.status, reply.detail) == ("absent", "SES is not offered in xx-nowhere-1")


def test_a_role_that_is_refused_refuses_all_of_its_calls():
    stubbed = Stubbed(Failure("denied", "AccessDenied", "not you; missing permission: sts:AssumeRole"))
    replies = SesApi(clients=stubbed).replies([identity("a.example"), identity("b.example")])
    assert {(reply.status, reply.detail) for reply in replies} == {
        ("denied", "AccessDenied: not you; missing permission: sts:AssumeRole")
    }
    assert stubbed.stubs == {}


def test_refused_credentials_are_not_tried_again(aws, clock):
    error(aws, "ExpiredTokenException")
    replies = SesApi(clients=aws, timing=clock.timing()).replies([identity(f"{n}.example") for n in range(4)])
    assert [reply.status for reply in replies] == ["denied"] * 4
    assert replies[1].detail.endswith("(not asked again)")


def test_a_region_that_does_not_answer_is_given_up(aws, clock):
    for _ in range(ses.TRIES["unreachable"] * ses.GIVE_UP):
        error(aws, "ServiceUnavailable", status=503)
    replies = SesApi(clients=aws, timing=clock.timing()).replies([identity(f"{n}.example") for n in range(9)])
    assert [reply.status for reply in replies] == ["unreachable"] * 9
    assert [reply.call for reply in replies] == [identity(f"{n}.example") for n in range(9)]
    assert [reply.detail.endswith("(not asked again)") for reply in replies] == [False] * 3 + [True] * 6


def test_a_permission_that_is_missing_once_is_asked_for_again(aws, clock):
    for _ in range(4):
        error(aws, "AccessDeniedException")
    replies = SesApi(clients=aws, timing=clock.timing()).replies([identity(f"{n}.example") for n in range(4)])
    assert not any("not asked" in reply.detail for reply in replies)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"IdentityType": "DOM', b"<html>", b"[" * 10_000, b"\xff{}"])
def test_what_is_no_object_is_no_reply(body):
    """botocore would read it as an identity without any settings."""
    operation = client("sesv2", TOKYO).meta.service_model.operation_model("GetEmailIdentity")
    with pytest.raises(ResponseParserError):
        check_whole(operation, {"status_code": 200, "body": body})
    check_whole(operation, {"status_code": 403, "body": body})  # an error has its own reader
    check_whole(operation, {"status_code": 200, "body": b"{}"})


def test_what_replies_with_nothing_may_do_so():
    service = client("sesv2", TOKYO).meta.service_model
    check_whole(service.operation_model("TagResource"), {"status_code": 200, "body": b"{}"})
    sts = client("sts", TOKYO).meta.service_model.operation_model("GetCallerIdentity")
    check_whole(sts, {"status_code": 200, "body": b"<xml/>"})


# Nothing secret


@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "IncompleteSignature", "BadRequestException", "AccessDenied"]
)
def test_no_secret_is_in_a_detail(aws, clock, code):
    error(aws, code, f"{KEY_ID} x-amz-security-token:{SECRET * 3} {SECRET}\nsecret {SECRET}")
    (reply,) = SesApi(clients=aws, timing=clock.timing()).replies([identity("example.com")])
    assert SECRET not in repr(reply)
    assert KEY_ID not in repr(reply)


@given(st.text(), st.text())
def test_no_key_comes_through_whatever_is_around_it(before, after):
    said = scrubbed(f"{before} {KEY_ID} {SECRET} {after}")
    assert KEY_ID not in said
    assert SECRET not in said
    assert len(said) <= 300
    assert len(said.splitlines()) <= 1


def test_of_a_key_id_four_characters_stay():
    assert scrubbed(f"the key {KEY_ID} is not active") == "the key …MPLE is not active"


def test_a_page_of_a_proxy_is_not_shown():
    assert scrubbed("<html><body>Blocked</body></html>") == ""


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (botocore.exceptions.EndpointConnectionError(endpoint_url="https://x"), "unreachable"),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="https://x"), "unreachable"),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="https://x"), "unreachable"),
        (botocore.exceptions.NoCredentialsError(), "denied"),
        (botocore.exceptions.CredentialRetrievalError(provider="process", error_msg=SECRET), "denied"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), "denied"),
        (botocore.exceptions.ParamValidationError(report="no such parameter"), "refused"),
    ],
)
def test_what_boto3_raises_has_its_status(raised, status):
    failure = failure_of(raised, identity("example.com"))
    assert failure.status == status
    assert SECRET not in failure.detail
    assert "\n" not in failure.detail


# Pace


def test_calls_keep_to_the_rate_after_the_burst(aws, clock):
    for _ in range(7):
        aws.stub().add_response("get_email_identity", {})
    api = SesApi(clients=aws, timing=clock.timing(rate=1, burst=3))
    api.replies([identity(f"{number}.example") for number in range(7)])
    assert clock.slept == pytest.approx([1, 1, 1, 1])


def test_throttled_calls_are_made_again_ever_more_slowly(aws, clock):
    for _ in range(3):
        error(aws, "TooManyRequestsException", status=429)
    aws.stub().add_response("get_email_identity", {"IdentityType": "DOMAIN"})
    api = SesApi(clients=aws, timing=clock.timing(rate=1, burst=10))
    (reply,) = api.replies([identity("example.com", "IdentityType")])
    assert reply.value == {"IdentityType": "DOMAIN"}
    holds = clock.slept[:3]
    assert all(low <= hold < high for hold, (low, high) in zip(holds, [(0.5, 1), (1, 2), (2, 4)], strict=True))


def test_a_throttled_region_is_asked_slowly_and_then_faster_again(aws, clock):
    error(aws, "TooManyRequestsException", status=429)
    for _ in range(12):
        aws.stub().add_response("get_email_identity", {})
    api = SesApi(clients=aws, timing=clock.timing(rate=1, burst=10))
    api.replies([identity(f"{number}.example") for number in range(12)])
    waits = clock.slept[1:]
    assert len(waits) == 11  # what was left of the burst is gone
    assert waits[0] == pytest.approx(2 / 1.1)
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == pytest.approx(1)


def test_a_pace_slows_down_and_finds_itself_again(clock):
    pace = Pace(clock.timing(rate=1, burst=1))
    pace.wait()
    pace.hold(1, throttled=True)
    clock.slept.clear()
    pace.wait()
    pace.wait()
    assert clock.slept[-1] == pytest.approx(2)  # half the rate
    for _ in range(20):
        pace.let_through()
    pace.wait()
    assert clock.slept[-1] == pytest.approx(1)
    for _ in range(99):
        pace.hold(1, throttled=True)
    pace.wait()
    pace.wait()
    assert clock.slept[-1] == pytest.approx(16)  # never slower


def test_other_services_are_not_held_to_the_rate(aws, clock):
    stub = aws.stub("sts")
    for _ in range(4):
        stub.add_response("get_caller_identity", {"Account": "123456789012"})
    api = SesApi(clients=aws, timing=clock.timing(rate=1, burst=1))
    for _ in range(4):
        api.replies([Call("sts", "", TOKYO, "GetCallerIdentity", (), ("Account",))])
    assert clock.slept == []


def test_regions_are_read_side_by_side(aws):
    """Each region waits until the other one has been asked too."""
    both = threading.Barrier(2, timeout=20)

    def wait(**_given: object) -> None:
        both.wait()

    for region in (TOKYO, "us-east-1"):
        aws.stub(region=region).add_response("get_email_identity", {"IdentityType": "DOMAIN"})
        client("sesv2", region).meta.events.register("before-parameter-build", wait, "barrier")
    calls = [identity("example.com", "IdentityType", region=region) for region in (TOKYO, "us-east-1")]
    try:
        assert [reply.call.region for reply in SesApi(clients=aws).replies(calls)] == [TOKYO, "us-east-1"]
    finally:
        for region in (TOKYO, "us-east-1"):
            client("sesv2", region).meta.events.unregister("before-parameter-build", unique_id="barrier")


def test_progress_is_told_in_the_callers_thread(aws, clock):
    for _ in range(3):
        aws.stub().add_response("get_email_identity", {})
    told: list[Progress] = []
    threads = set()

    def tell(progress: Progress) -> None:
        told.append(progress)
        threads.add(threading.current_thread())

    api = SesApi(tell, clients=aws, timing=clock.timing())
    api.replies([identity("a.example"), identity("b.example")])
    api.replies([identity("c.example")])
    assert [(one.done, one.total) for one in told] == [(1, 2), (2, 2), (3, 3)]
    assert threads == {threading.current_thread()}


def test_an_interrupt_ends_the_waiting(aws):
    for _ in range(2):
        aws.stub().add_response("get_email_identity", {})

    def interrupt(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    api = SesApi(interrupt, clients=aws)
    api._timing = Timing(rate=1 / 3600, burst=2, sleep=api._stopped.wait)  # an hour, were it not interrupted
    with pytest.raises(KeyboardInterrupt):
        api.replies([identity(f"{number}.example") for number in range(5)])


def test_an_interrupt_waits_for_no_call_that_is_under_way(aws):
    aws.stub().add_response("get_email_identity", {})
    answered = threading.Event()
    over = threading.Event()

    class Slow:
        """The second call is answered only when the look is over, or after as long as nobody would wait."""

        def open(self, account: str) -> None:
            aws.open(account)

        def client(self, service: str, account: str, region: str):
            if answered.is_set():
                over.wait(60)
            answered.set()
            return aws.client(service, account, region)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SesApi(interrupt, clients=Slow()).replies([identity("a.example"), identity("b.example")])
    assert not over.is_set()
    left = [one for one in threading.enumerate() if one.name == "ses"]
    assert left
    over.set()
    for thread in left:
        thread.join(60)  # or else it would take an answer of the next test's, whose client is the same


# Resuming


def kept(path: Path, day: int = 24) -> Kept:
    return Kept(path, now=lambda: datetime(2026, 11, day, 12, tzinfo=UTC))


def account(aws: Stubbed, number: str = "123456789012") -> None:
    aws.stub("sts").add_response("get_caller_identity", {"Account": number})


def test_a_look_that_was_killed_goes_on(aws, clock, tmp_path):
    account(aws)
    aws.stub().add_response("get_email_identity", {"IdentityType": "DOMAIN"})
    with kept(tmp_path / "kept") as file:
        SesApi(kept=file, clients=aws, timing=clock.timing()).replies([identity("a.example", "IdentityType")])
    account(aws)
    aws.stub().add_response("get_email_identity", {"IdentityType": "DOMAIN"}, {"EmailIdentity": "b.example"})
    told: list[Progress] = []
    with kept(tmp_path / "kept") as file:
        api = SesApi(told.append, file, clients=aws, timing=clock.timing())
        replies = api.replies([identity("b.example", "IdentityType"), identity("a.example", "IdentityType")])
    assert [reply.value for reply in replies] == [{"IdentityType": "DOMAIN"}] * 2
    assert [reply.call for reply in replies] == [identity(f"{name}.example", "IdentityType") for name in "ba"]
    assert told[-1][:2] == (2, 2)


def test_what_another_account_said_is_not_believed(aws, clock, tmp_path):
    account(aws, "111111111111")
    aws.stub().add_response("get_email_identity", {"IdentityType": "DOMAIN"})
    with kept(tmp_path / "kept") as file:
        SesApi(kept=file, clients=aws, timing=clock.timing()).replies([identity("a.example", "IdentityType")])
    account(aws, "222222222222")
    error(aws, "NotFoundException")
    with kept(tmp_path / "kept") as file:
        (reply,) = SesApi(kept=file, clients=aws, timing=clock.timing()).replies(
            [identity("a.example", "IdentityType")]
        )
    assert reply.status == "absent"


def test_who_is_asked_is_asked_anew(aws, clock, tmp_path):
    call = Call("sts", "", TOKYO, "GetCallerIdentity", (), ("Account",))
    for _ in range(2):
        account(aws)  # for the file, and for the caller
        account(aws)
        with kept(tmp_path / "kept") as file:
            assert SesApi(kept=file, clients=aws, timing=clock.timing()).replies([call])[0].value == {
                "Account": "123456789012"
            }


def test_what_could_not_be_had_is_asked_again(aws, clock, tmp_path):
    account(aws)
    error(aws, "AccessDeniedException")
    error(aws, "NotFoundException")
    calls = [identity("a.example"), identity("b.example")]
    with kept(tmp_path / "kept") as file:
        replies = SesApi(kept=file, clients=aws, timing=clock.timing()).replies(calls)
        assert [file.get(call, "123456789012") for call in calls] == [None, replies[1]]


def test_no_credentials_are_the_operators_slip(clock):
    class Nobody(Stubbed):
        def open(self, account: str) -> Failure | None:
            raise UsageError(Text("no credentials", "認証情報なし"))

    with pytest.raises(UsageError, match="no credentials"):
        SesApi(clients=Nobody(), timing=clock.timing()).replies([identity("a.example")])
