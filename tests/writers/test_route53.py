"""Changes of record sets made on Route 53 as moto plays it, with the checks of the real one."""

from __future__ import annotations

import io
import logging

import pytest

boto3 = pytest.importorskip("boto3", reason='boto3 not found: pip install "todoku[aws]"')
pytest.importorskip("moto", reason='moto not found: pip install "todoku[demo]"')

import botocore.exceptions  # noqa: E402 -- after the skip
from botocore.awsrequest import AWSResponse  # noqa: E402
from botocore.httpsession import URLLib3Session  # noqa: E402
from botocore.stub import Stubber  # noqa: E402
from moto.route53 import route53_backends  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

from strict_route53 import as_strict_as_route53  # noqa: E402
from todoku.net.dns.zone import TIMEOUT, Zone  # noqa: E402
from todoku.net.writers.route53 import Route53Writer  # noqa: E402
from todoku.net.writers.route53_api import route53_client  # noqa: E402
from todoku.net.writers.writer_option import writer_for  # noqa: E402
from todoku.words.change import RecordSet, RecordSetChange  # noqa: E402
from todoku.words.errors import UsageError  # noqa: E402

CANARY = "canaryCANARYcanaryCANARYcanaryCANARYcana"
SERVERS = ("ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net")
HANDLERS = []  # of the test that runs
WORLD = Zone.from_dict({"example.com": [("NS", each) for each in SERVERS]})


@pytest.fixture(scope="module")
def moto():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    with as_strict_as_route53():
        yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(autouse=True)
def backend(moto, monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIACANARYCANARYCANA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", moto)
    backend = route53_backends["123456789012"]["aws"]
    yield backend
    backend.reset()


@pytest.fixture
def client(backend, made=[]):  # noqa: B006 -- boto3 takes half a second to make one
    made[:] = made or [route53_client(attempts=1)]
    yield made[0]
    while HANDLERS:
        made[0].meta.events.unregister(*HANDLERS.pop())


@pytest.fixture
def other_client(backend, made=[]):  # noqa: B006 -- as above
    """Somebody else's."""
    made[:] = made or [route53_client(attempts=1)]
    return made[0]


@pytest.fixture
def zone(backend):
    return backend.create_hosted_zone("example.com.", private_zone=False)


@pytest.fixture
def writer(client, zone):
    return Route53Writer(client, WORLD)


def put(client, zone, name, rdtype, *values, ttl=300, **fields):
    """A set, made by boto3 alone."""
    records = {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    new = {"Name": name, "Type": rdtype, **records, **fields}
    client.change_resource_record_sets(
        HostedZoneId=zone.id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": new}]}
    )


def listed(client, zone):
    """Every set but SOA, as Route 53 has them."""
    sets = client.list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    return [each for each in sets if each["Type"] != "SOA"]


def texts(client, zone, name):
    return [
        each["Value"]
        for one in listed(client, zone)
        if one["Name"] == name and one["Type"] == "TXT"
        for each in one["ResourceRecords"]
    ]


def change(name, rdtype, *add, remove=(), before=(), ttl=300, was=300):
    held = RecordSet(name, rdtype, tuple(before), was if before else 0)
    return RecordSetChange(held, add, tuple(remove), ttl)


def on(client, operation, handler):
    """Let ``handler`` stand between botocore and the network for an operation."""
    HANDLERS.append((f"before-send.route53.{operation}", handler))
    client.meta.events.register(*HANDLERS[-1])


def answering(status, code, message="no"):
    """A handler that answers every request with this error."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"

    class Raw(io.BytesIO):
        def stream(self, **_):
            yield self.read()

    return lambda request, **_: AWSResponse(request.url, status, {}, Raw(body.encode()))


class TestZoneOf:
    def test_longest_match(self, client, backend, zone):
        backend.create_hosted_zone("mail.example.com.", private_zone=False)
        world = Zone.from_dict({name: [("NS", SERVERS[0])] for name in ("example.com", "mail.example.com")})
        writer = Route53Writer(client, world)
        names = ("example.com", "a.example.com", "mail.example.com", "x.y.mail.example.com", "xmail.example.com")
        assert [writer.zone_of(name) for name in names] == [
            "example.com",
            "example.com",
            "mail.example.com",
            "mail.example.com",
            "example.com",
        ]

    @pytest.mark.parametrize("name", ["example.org", "com", "", "notexample.com"])
    def test_none(self, writer, name):
        assert writer.zone_of(name) is None

    def test_private_zones_are_none(self, client, backend):
        backend.create_hosted_zone("example.com.", private_zone=True)
        assert Route53Writer(client, WORLD).zone_of("example.com") is None

    def test_of_more_than_a_page(self, client, backend):
        for number in range(101):
            backend.create_hosted_zone(f"n{number}.example.net.", private_zone=False)
        world = Zone.from_dict({f"n{number}.example.net": [("NS", SERVERS[0])] for number in range(101)})
        writer = Route53Writer(client, world)
        assert all(writer.zone_of(f"n{number}.example.net") for number in range(101))

    def test_that_nobody_delegates_to_is_passed_over(self, client, backend, zone):
        backend.create_hosted_zone("mail.example.com.", private_zone=False)
        assert Route53Writer(client, WORLD).zone_of("x.mail.example.com") == "example.com"

    def test_nobody_delegates_to_any(self, client, zone):
        refusal = Route53Writer(client, Zone.from_dict({})).zone_of("a.example.com")
        assert refusal.status == "refused"
        assert zone.resource_id in refusal.detail.en
        assert zone.resource_id in refusal.detail.ja

    def test_delegated_elsewhere(self, client, zone):
        refusal = Route53Writer(client, Zone.from_dict({"example.com": [("NS", "ns.elsewhere.example")]})).zone_of(
            "example.com"
        )
        assert refusal.status == "refused"
        assert "ns.elsewhere.example" in refusal.detail.en

    @pytest.mark.parametrize("asked", ["NS1.example.net", SERVERS[0]])
    def test_under_names_of_its_own(self, client, zone, asked):
        zone.rrsets[0].records = ["ns1.example.net."]
        assert (
            Route53Writer(client, Zone.from_dict({"example.com": [("NS", asked)]})).zone_of("example.com")
            == "example.com"
        )

    def test_dns_does_not_answer(self, client, zone):
        assert Route53Writer(client, Zone.from_dict({"example.com": [TIMEOUT]})).zone_of("example.com") == "example.com"

    def test_by_id(self, client, zone):
        writer = Route53Writer(client, Zone.from_dict({}), zone_id=zone.resource_id)
        assert writer.zone_of("a.example.com") == "example.com"
        assert writer.zone_of("a.example.org") is None

    def test_by_the_id_of_a_private_one(self, client, backend):
        private = backend.create_hosted_zone("example.com.", private_zone=True)
        refusal = Route53Writer(client, WORLD, zone_id=private.resource_id).zone_of("example.com")
        assert (refusal.status, "private" in refusal.detail.en) == ("refused", True)

    def test_by_an_id_that_is_none(self, client):
        assert Route53Writer(client, WORLD, zone_id="Z0").zone_of("example.com").status == "refused"


class TestTwoOfOneName:
    @pytest.fixture
    def twins(self, backend):
        twins = [backend.create_hosted_zone("example.com.", False, delegation_set_id=each) for each in "AB"]
        for twin, letter in zip(twins, "ab", strict=True):
            twin.delegation_set.name_servers = [f"ns-{letter}.awsdns.example"]
            twin.rrsets[0].records = [f"ns-{letter}.awsdns.example."]
        return twins

    @pytest.mark.parametrize("used", [0, 1])
    def test_the_one_that_the_world_asks_is_written(self, client, twins, used):
        world = Zone.from_dict({"example.com": [("NS", f"ns-{'ab'[used]}.awsdns.example")]})
        assert Route53Writer(client, world).write(change("a.example.com", "TXT", "x")).status == "done"
        assert [len(texts(client, twin, "a.example.com.")) for twin in twins] == [1 - used, used]

    def test_neither(self, client, twins):
        written = Route53Writer(client, WORLD).write(change("a.example.com", "TXT", "x"))
        assert written.status == "refused"

    def test_dns_does_not_answer(self, client, twins):
        writer = Route53Writer(client, Zone.from_dict({"example.com": [TIMEOUT]}))
        assert writer.write(change("a.example.com", "TXT", "x")).status == "unreachable"


class TestRead:
    def test_set(self, client, zone, writer):
        put(client, zone, "a.example.com", "TXT", r'"say \"\303\251\""', '"b" "c"', ttl=77)
        assert writer.read("A.example.com.", "TXT") == RecordSet("a.example.com", "TXT", ("bc", 'say "\xc3\xa9"'), 77)

    def test_none(self, client, zone, writer):
        put(client, zone, "b.example.com", "TXT", '"x"')
        for name in ("a.example.com", "c.example.com", "x.b.example.com"):
            assert writer.read(name, "TXT") == RecordSet(name, "TXT")

    def test_page_by_page(self, client, zone):
        with Stubber(client) as stubber:
            common = {"IsTruncated": True, "MaxItems": "1"}
            zones = [
                {
                    "Id": "/hostedzone/Z1",
                    "Name": "example.com.",
                    "CallerReference": "x",
                    "Config": {"PrivateZone": False},
                }
            ]
            stubber.add_response("get_hosted_zone", {"HostedZone": zones[0]}, {"Id": "Z1"})
            first = {
                "Name": "a.example.com.",
                "Type": "MX",
                "TTL": 60,
                "ResourceRecords": [{"Value": "10 mx.example.com"}],
            }
            second = {**first, "Type": "TXT", "ResourceRecords": [{"Value": '"x"'}]}
            asked = {"HostedZoneId": "Z1", "StartRecordName": "a.example.com"}
            stubber.add_response(
                "list_resource_record_sets",
                {**common, "ResourceRecordSets": [first], "NextRecordName": "a.example.com.", "NextRecordType": "TXT"},
                asked,
            )
            stubber.add_response(
                "list_resource_record_sets",
                {**common, "ResourceRecordSets": [second, {**second, "Name": "b.example.com."}]},
                {**asked, "StartRecordName": "a.example.com.", "StartRecordType": "TXT"},
            )
            read = Route53Writer(client, WORLD, zone_id="Z1").read("a.example.com", "TXT")
            stubber.assert_no_pending_responses()
        assert read == RecordSet("a.example.com", "TXT", ("x",), 60)

    def test_alias(self, client, zone, writer):
        target = {"HostedZoneId": "Z1", "DNSName": "d1.cloudfront.net.", "EvaluateTargetHealth": False}
        put(client, zone, "a.example.com", "A", AliasTarget=target)
        assert writer.read("a.example.com", "A").status == "refused"
        assert writer.read("a.example.com", "TXT") == RecordSet("a.example.com", "TXT")


class TestWrite:
    def test_new_set(self, client, zone, writer):
        written = writer.write(change("_dmarc.example.com", "TXT", "v=DMARC1; p=none"))
        assert (written.status, written.found) == (
            "done",
            RecordSet("_dmarc.example.com", "TXT", ("v=DMARC1; p=none",), 300),
        )
        assert texts(client, zone, "_dmarc.example.com.") == ['"v=DMARC1; p=none"']
        assert writer.settled(written.change_id) is True

    def test_text_set_keeps_a_site_verification_as_it_is_written(self, client, zone, writer):
        put(client, zone, "example.com", "TXT", '"v=spf1 " "-all"', r'"site=\141" "b"', ttl=900)
        asked = change(
            "example.com", "TXT", "v=spf1 ~all", remove=["v=spf1 -all"], before=["v=spf1 -all"], ttl=900, was=900
        )
        assert writer.write(asked).status == "done"
        assert sorted(texts(client, zone, "example.com.")) == [r'"site=\141" "b"', '"v=spf1 ~all"']

    def test_octets_of_every_kind(self, writer):
        value = "".join(map(chr, range(256)))
        assert writer.write(change("a.example.com", "TXT", value)).status == "done"
        assert writer.read("a.example.com", "TXT").values == (value,)

    def test_set_is_removed(self, client, zone, writer):
        put(client, zone, "a.example.com", "MX", "10 mx.example.com.")
        written = writer.write(change("a.example.com", "MX", remove=["10 mx.example.com"]))
        assert (written.status, written.found) == ("done", RecordSet("a.example.com", "MX"))
        assert not any(each["Type"] == "MX" for each in listed(client, zone))

    def test_second_time_nothing_is_written(self, client, writer):
        sent = []
        on(client, "ChangeResourceRecordSets", lambda request, **_: sent.append(request))
        asked = change("a.example.com", "CNAME", "token.dkim.amazonses.com")
        assert [writer.write(asked).status for _ in range(2)] == ["done", "unchanged"]
        assert len(sent) == 1

    @pytest.mark.parametrize(
        ("stood", "asked"),
        [
            ((), change("a.example.com", "TXT", "a", ttl=60)),
            (("a", "b"), change("a.example.com", "TXT", "c", before=["a", "b"], was=900, ttl=60)),
            (("a", "b"), change("a.example.com", "TXT", "c", remove=["a", "b"], before=["a", "b"], was=900, ttl=900)),
            (("a",), change("a.example.com", "TXT", remove=["a"], before=["a"], was=900, ttl=60)),
        ],
    )
    def test_undo_leaves_the_zone_as_it_was(self, client, zone, writer, stood, asked):
        if stood:
            put(client, zone, "a.example.com", "TXT", *(f'"{value}"' for value in stood), ttl=900)
        before = listed(client, zone)
        assert writer.write(asked).status == "done"
        assert listed(client, zone) != before
        assert writer.write(asked.undone).status == "done"
        assert listed(client, zone) == before

    @pytest.mark.parametrize(
        "asked",
        [
            change("a.example.com", "TXT", "あ"),
            change("a.example.org", "TXT", "a"),
            change("a.example.com", "TXT", "a", ttl=-1),
        ],
    )
    def test_refused(self, writer, asked):
        assert writer.write(asked).status == "refused"


class TestConflict:
    def test_value_is_gone(self, client, zone, writer):
        put(client, zone, "example.com", "TXT", '"v=spf1 mx -all"')
        written = writer.write(
            change("example.com", "TXT", "v=spf1 ~all", remove=["v=spf1 -all"], before=["v=spf1 -all"])
        )
        assert (written.status, written.found.values) == ("conflict", ("v=spf1 mx -all",))

    @pytest.mark.parametrize("rdtype", ["TXT", "CNAME"])
    def test_alias_and_others(self, client, zone, writer, rdtype):
        put(client, zone, "a.example.com", "CNAME" if rdtype == "TXT" else "TXT", '"x.example.net"')
        written = writer.write(change("a.example.com", rdtype, "token.dkim.amazonses.com"))
        assert (written.status, written.found.rdtype) == ("conflict", "CNAME" if rdtype == "TXT" else "TXT")

    def test_cname_where_an_alias_of_route_53_stands(self, client, zone, writer):
        target = {"HostedZoneId": "Z1", "DNSName": "d1.cloudfront.net.", "EvaluateTargetHealth": False}
        put(client, zone, "a.example.com", "A", AliasTarget=target)
        written = writer.write(change("a.example.com", "CNAME", "token.dkim.amazonses.com"))
        assert (written.status, written.found.values) == ("conflict", ("alias d1.cloudfront.net.",))

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            (
                {"AliasTarget": {"HostedZoneId": "Z1", "DNSName": "x.example.net.", "EvaluateTargetHealth": False}},
                "alias",
            ),
            ({"SetIdentifier": "blue", "Weight": 10}, "routing policy"),
            ({"SetIdentifier": "eu", "Region": "eu-west-1"}, "routing policy"),
        ],
    )
    def test_what_is_more_than_a_set(self, client, zone, writer, fields, word):
        put(client, zone, "a.example.com", "TXT", *(() if "AliasTarget" in fields else ('"v=spf1 -all"',)), **fields)
        before = listed(client, zone)
        written = writer.write(change("a.example.com", "TXT", "x"))
        assert written.status == "conflict"
        assert word in written.detail.en
        assert listed(client, zone) == before


class TestRace:
    """Somebody writes between our read and our batch."""

    @pytest.mark.parametrize(
        ("asked", "theirs"),
        [
            (("TXT", "v=spf1 ~all"), ("TXT", '"v=spf1 -all"')),
            (("TXT", "a"), ("TXT", '"b"')),
            (("TXT", "a"), ("CNAME", "b.example.net")),
            (("CNAME", "a.example.net"), ("CNAME", "b.example.net")),
            (("CNAME", "a.example.net"), ("TXT", '"b"')),
        ],
    )
    def test_is_lost(self, client, other_client, zone, writer, asked, theirs):
        on(client, "ChangeResourceRecordSets", lambda **_: put(other_client, zone, "a.example.com", *theirs))
        written = writer.write(change("a.example.com", *asked))
        assert (written.status, written.found.rdtype) == ("conflict", theirs[0])

    def test_of_two_writers_one_meets_a_conflict(self, client, other_client, zone, writer):
        put(client, zone, "a.example.com", "TXT", '"v=spf1 -all"', '"site=1"')
        first, second = (
            change("a.example.com", "TXT", new, remove=["v=spf1 -all"], before=["v=spf1 -all", "site=1"])
            for new in ("v=spf1 a -all", "v=spf1 mx -all")
        )
        results = []
        other = Route53Writer(other_client, WORLD)
        on(client, "ChangeResourceRecordSets", lambda **_: results.append(other.write(first)))
        results.append(writer.write(second))
        assert [each.status for each in results] == ["done", "conflict"]
        assert sorted(texts(client, zone, "a.example.com.")) == ['"site=1"', '"v=spf1 a -all"']

    def test_for_the_same_change_is_none(self, client, other_client, zone, writer):
        on(client, "ChangeResourceRecordSets", lambda **_: put(other_client, zone, "a.example.com", "TXT", '"a"'))
        assert writer.write(change("a.example.com", "TXT", "a")).status == "unchanged"


class TestSilence:
    @staticmethod
    def lost(request, **_):
        """The request arrives and its answer does not."""
        URLLib3Session().send(request)
        raise botocore.exceptions.ReadTimeoutError(endpoint_url=request.url)

    def test_after_it_was_done(self, client, writer):
        on(client, "ChangeResourceRecordSets", self.lost)
        written = writer.write(change("a.example.com", "TXT", "a"))
        assert (written.status, written.found.values) == ("done", ("a",))

    def test_and_botocore_asked_again(self, zone):
        client = route53_client(attempts=2)
        requests = []

        def first_is_lost(request, **_):
            requests.append(request)
            if len(requests) == 1:
                self.lost(request)

        on(client, "ChangeResourceRecordSets", first_is_lost)
        written = Route53Writer(client, WORLD).write(change("a.example.com", "TXT", "a"))
        assert (len(requests), written.status) == (2, "done")

    def test_before_it_was_done(self, client, zone, writer):
        def refuse(request, **_):
            raise botocore.exceptions.ConnectTimeoutError(endpoint_url=request.url)

        on(client, "ChangeResourceRecordSets", refuse)
        written = writer.write(change("a.example.com", "TXT", "a"))
        assert (written.status, written.found) == ("unreachable", RecordSet("a.example.com", "TXT"))

    def test_for_good(self, client, zone, writer):
        def refuse(request, **_):
            on(client, "ListResourceRecordSets", refuse)
            raise botocore.exceptions.EndpointConnectionError(endpoint_url=request.url)

        on(client, "ChangeResourceRecordSets", refuse)
        written = writer.write(change("a.example.com", "TXT", "a"))
        assert (written.status, written.found) == ("unreachable", None)
        assert "not known" in written.detail.en

    def test_of_the_way_to_all_servers(self, client, writer):
        on(client, "GetChange", answering(403, "AccessDenied"))
        assert writer.settled("C1") is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "expected", "word"),
        [
            (403, "AccessDenied", "denied", "route53:ChangeResourceRecordSets"),
            (403, "ExpiredToken", "denied", "expired"),
            (403, "InvalidClientTokenId", "denied", "credentials"),
            (403, "SignatureDoesNotMatch", "denied", "credentials"),
            (400, "Throttling", "throttled", "Throttling"),
            (400, "PriorRequestNotComplete", "throttled", "PriorRequestNotComplete"),
            (503, "ServiceUnavailable", "unreachable", "ServiceUnavailable"),
            (404, "NoSuchHostedZone", "refused", "NoSuchHostedZone"),
            (400, "InvalidChangeBatch", "refused", "the value is too long"),
        ],
    )
    def test_of_a_write(self, client, writer, status, code, expected, word):
        on(client, "ChangeResourceRecordSets", answering(status, code, f"the value is too long {CANARY}"))
        written = writer.write(change("a.example.com", "TXT", "a"))
        assert written.status == expected
        assert word in written.detail.en
        assert CANARY not in repr(written)

    @pytest.mark.parametrize(
        ("operation", "action"),
        [
            ("ListHostedZones", "route53:ListHostedZones"),
            ("ListResourceRecordSets", "route53:ListResourceRecordSets"),
            ("GetHostedZone", "route53:GetHostedZone"),
        ],
    )
    def test_of_a_read(self, client, writer, operation, action):
        on(client, operation, answering(403, "AccessDenied"))
        assert writer.write(change("a.example.com", "TXT", "a")).status == "denied"
        assert action in writer.read("a.example.com", "TXT").detail.en

    def test_busy_for_a_while(self, zone):
        client = route53_client(attempts=3)
        busy = [answering(400, "PriorRequestNotComplete"), answering(400, "Throttling")]
        on(client, "ChangeResourceRecordSets", lambda **given: busy.pop()(**given) if busy else None)
        assert Route53Writer(client, WORLD).write(change("a.example.com", "TXT", "a")).status == "done"

    def test_no_credentials(self, zone, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        written = Route53Writer(route53_client(attempts=1), WORLD).write(change("a.example.com", "TXT", "a"))
        assert written.status == "denied"
        assert "credentials" in written.detail.en

    def test_no_such_profile(self, monkeypatch):
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(UsageError):
            writer_for("route53", source=WORLD)


def test_the_zones_of_a_profile(zone, tmp_path, monkeypatch):
    (tmp_path / "credentials").write_text("[dns]\naws_access_key_id = A\naws_secret_access_key = B\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    writer = writer_for("route53", source=WORLD, profile="dns")
    assert writer.write(change("a.example.com", "TXT", "a")).status == "done"
    with pytest.raises(UsageError, match="nobody"):
        writer_for("route53", source=WORLD, profile="nobody").write(change("b.example.com", "TXT", "b"))


@pytest.mark.parametrize("spec", ["route53", "route53:{id}", "route53:/hostedzone/{id}"])
def test_by_its_spec(zone, spec):
    writer = writer_for(spec.format(id=zone.resource_id), source=WORLD)
    assert writer.write(change("a.example.com", "TXT", "a")).status == "done"
