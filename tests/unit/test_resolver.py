"""The resolver against name servers of our own on the loopback address: everything that DNS can do to us."""

from __future__ import annotations

import asyncio
import resource
import ssl
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import dns.message
import pytest
import trustme

from nameserver import Running, doh_server, name_of, nameserver, reply
from todoku.auth.ask import MAX_CHAIN, Answer, Question
from todoku.net.dns.resolver import Resolver
from todoku.net.dns.servers import system_servers
from todoku.words.errors import UsageError

NAME = "example.com"
SPF = f'{NAME}. 300 TXT "v=spf1 " "-all"'
SOA = f"{NAME}. 900 SOA ns.{NAME}. h.{NAME}. 1 2 3 4 60"


def ask(server: Running, name: str = NAME, rdtype: str = "TXT", *, timeout: float = 5.0) -> Answer:
    (answer,) = Resolver(server.address, timeout=timeout).answers([Question(name, rdtype)])
    assert answer.question == Question(name, rdtype)
    return answer


class TestKnowledge:
    def test_txt_strings_are_joined_without_a_space(self):
        with nameserver(lambda q, t: [reply(q, SPF, flags="QR RD RA AD")]) as server:
            answer = ask(server)
        assert answer.records == ("v=spf1 -all",)
        assert (answer.status, answer.ttl, answer.authenticated) == ("ok", 300, True)

    def test_txt_octets_survive_as_latin_1(self):
        with nameserver(lambda q, t: [reply(q, f'{NAME}. 300 TXT "\\227\\129\\130\\000"')]) as server:
            assert ask(server).records == ("\xe3\x81\x82\x00",)

    @pytest.mark.parametrize(
        ("rdtype", "value", "record"),
        [
            ("A", "192.0.2.1", "192.0.2.1"),
            ("AAAA", "2001:db8::1", "2001:db8::1"),
            ("MX", "10 mx.example.com.", "10 mx.example.com"),
            ("MX", "0 .", "0 ."),
            ("PTR", "host.example.com.", "host.example.com"),
            ("NS", "ns.example.com.", "ns.example.com"),
            ("CNAME", "other.example.com.", "other.example.com"),
        ],
    )
    def test_presentation_form(self, rdtype, value, record):
        with nameserver(lambda q, t: [reply(q, f"{NAME}. 300 {rdtype} {value}")]) as server:
            assert ask(server, rdtype=rdtype).records == (record,)

    def test_nxdomain_and_nodata_are_told_apart(self):
        def script(q, transport):
            return [reply(q, rcode="NXDOMAIN" if name_of(q) == "no.example.com" else "NOERROR", authority=SOA)]

        with nameserver(script) as server:
            absent, empty = ask(server, "no.example.com"), ask(server)
        assert (absent.status, absent.authority, absent.ttl) == ("nxdomain", NAME, 60)
        assert (empty.status, empty.authority, empty.ttl) == ("nodata", NAME, 60)
        assert not absent.failed
        assert not empty.failed

    def test_letter_case_of_the_reply_does_not_count(self):  # d23
        with nameserver(lambda q, t: [reply(q, SPF).replace(b"\7example\3com", b"\7ExAmPlE\3cOm")]) as server:
            assert ask(server).records == ("v=spf1 -all",)

    def test_large_answer_comes_over_tcp(self):  # d10, d11
        many = [f'{NAME}. 300 TXT "{"x" * 250}{number:03}"' for number in range(220)]

        def script(q, transport):
            return [reply(q, flags="QR RD RA TC") if transport == "udp" else reply(q, *many)]

        with nameserver(script) as server:
            answer = ask(server)
            assert [transport for transport, *_ in server.asked] == ["udp", "tcp"]
        assert len(answer.records) == 220

    def test_a_whole_batch_is_in_flight_together(self):
        together = threading.Barrier(3)

        def script(q, transport):
            together.wait(5)
            return [reply(q, f'{name_of(q)}. 300 TXT "{name_of(q)}"')]

        names = [f"{letter}.example.com" for letter in "abc"]
        with nameserver(script, threads=True) as server:
            answers = Resolver(server.address).answers([Question(name, "TXT") for name in names])
        assert [answer.records[0] for answer in answers] == names

    @pytest.mark.parametrize(("on_loop", "asked", "files"), [(False, 400, 350), (True, 700, 610)])
    def test_open_sockets_are_bounded(self, on_loop, asked, files):
        questions = [Question(f"{number}.example.com", "A") for number in range(asked)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with nameserver(lambda q, t: [reply(q, f"{name_of(q)}. 9 A 192.0.2.1")]) as server:
            resolver = Resolver(server.address)
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
            try:
                answers = asyncio.run(resolver.answers_async(questions)) if on_loop else resolver.answers(questions)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert {answer.records for answer in answers} == {("192.0.2.1",)}


class TestCnames:
    def test_chain_is_followed_within_the_answer(self):
        chain = ("example.com. 600 CNAME a.example.net.", "a.example.net. 20 CNAME B.example.org.")
        with nameserver(lambda q, t: [reply(q, *chain, 'b.example.org. 300 TXT "here"')]) as server:
            answer = ask(server)
        assert (answer.records, answer.chain, answer.ttl) == (("here",), ("a.example.net", "b.example.org"), 20)

    @pytest.mark.parametrize(("links", "status"), [(MAX_CHAIN, "ok"), (MAX_CHAIN + 1, "servfail")])
    def test_chain_is_bounded(self, links, status):  # d16
        names = [NAME, *(f"c{number}.example.com" for number in range(links))]
        records = [f"{name}. 300 CNAME {target}." for name, target in pairwise(names)]
        with nameserver(lambda q, t: [reply(q, *records, f'{names[-1]}. 300 TXT "end"')]) as server:
            answer = ask(server)
        assert answer.status == status
        assert len(answer.chain) == MAX_CHAIN

    def test_loop_is_a_failure(self):  # d16
        loop = ("example.com. 300 CNAME a.example.com.", "a.example.com. 300 CNAME example.com.")
        with nameserver(lambda q, t: [reply(q, *loop)]) as server:
            answer = ask(server)
        assert answer.status == "servfail"
        assert "circle" in answer.detail

    def test_nxdomain_speaks_of_the_target(self):
        record = "example.com. 300 CNAME gone.example.com."
        with nameserver(lambda q, t: [reply(q, record, rcode="NXDOMAIN", authority=SOA)]) as server:
            answer = ask(server)
        assert (answer.status, answer.chain) == ("nxdomain", ("gone.example.com",))

    def test_chain_that_an_authoritative_server_does_not_finish_is_no_absence(self):
        record = "example.com. 300 CNAME elsewhere.example.net."
        with nameserver(lambda q, t: [reply(q, record, flags="QR AA")]) as server:
            assert ask(server).status == "servfail"


class TestCouldNotLook:
    @pytest.mark.parametrize(
        ("rcode", "named"),
        [*((name, name) for name in ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")), ("BADVERS", "RCODE 16")],
    )
    def test_rcode_is_named(self, rcode, named):  # d20
        with nameserver(lambda q, t: [reply(q, rcode=rcode)]) as server:
            answer = ask(server)
            assert answer.status == "servfail"
            assert answer.detail == f"{named} from {server.address}"
            assert len(server.asked) == 2

    def test_lame_server_is_no_absence(self):  # d20
        with nameserver(lambda q, t: [reply(q, flags="QR", authority="com. 300 NS ns.example.net.")]) as server:
            answer = ask(server)
        assert answer.status == "servfail"
        assert "lame" in answer.detail

    def test_second_try_succeeds_without_edns(self):
        def script(q, transport):
            return [reply(q, rcode="FORMERR") if dns.message.from_wire(q).edns >= 0 else reply(q, SPF)]

        with nameserver(script) as server:
            assert ask(server).status == "ok"

    def test_silence_is_a_timeout(self):
        with nameserver(lambda q, t: []) as server:
            answer = ask(server, timeout=0.2)
            assert len(server.asked) == 2
        assert answer.status == "timeout"
        assert answer.detail == f"no answer from {server.address} in time"

    def test_nobody_there(self):
        with nameserver(lambda q, t: []) as server:
            pass
        answer = ask(server)
        assert answer.status == "servfail"
        assert "Connection refused" in answer.detail

    def test_truncated_and_tcp_refused(self):  # d17
        partial = ('example.com. 300 TXT "part"',)
        with nameserver(lambda q, t: [reply(q, *partial, flags="QR RD RA TC")], tcp=False) as server:
            answer = ask(server)
        assert (answer.status, answer.records) == ("servfail", ())

    def test_truncated_without_saying_so(self):  # d18
        with nameserver(lambda q, t: [reply(q, SPF)[:-4]]) as server:
            answer = ask(server)
        assert (answer.status, answer.records) == ("servfail", ())
        assert "unreadable" in answer.detail

    def test_slow_drip_over_tcp_ends_in_time(self):  # d19
        def script(q, transport):
            return [reply(q, SPF, flags="QR RD RA TC") if transport == "udp" else reply(q, SPF)]

        with nameserver(script, drip=0.1) as server:
            answer = ask(server, timeout=0.5)
        assert answer.status == "timeout"

    def test_flood_of_forged_replies_ends_in_time(self):
        def script(q, transport):
            return [b"\0\0" + reply(q, SPF)[2:] if q[:2] != b"\0\0" else b""] * 2_000

        with nameserver(script) as server:
            assert ask(server, timeout=0.3).status == "timeout"

    def test_next_server_is_asked(self):
        def broken(q, transport):
            return [reply(q, rcode="REFUSED")]

        with nameserver(broken) as first, nameserver(lambda q, t: [reply(q, SPF)]) as second:
            resolver = Resolver(first.address, second.address)
            (answer,) = resolver.answers([Question(NAME, "TXT")])
        assert answer.status == "ok"
        assert len(first.asked) == 2


class TestForgeries:  # d22, CVE-2023-29483
    def forged(self, q):
        evil = reply(q, 'example.com. 300 TXT "evil"')
        other = reply(dns.message.make_query("other.example", "TXT", id=dns.message.from_wire(q).id).to_wire())
        wrong_type = reply(dns.message.make_query(NAME, "A", id=dns.message.from_wire(q).id).to_wire())
        wrong_id = bytes((evil[0] ^ 1,)) + evil[1:]
        a_query = evil[:2] + bytes((evil[2] & 0x7F,)) + evil[3:]
        no_question = reply(q)[:4] + bytes(8)
        return [b"", b"\0", q[:12], wrong_id, other, wrong_type, a_query, no_question]

    def test_what_is_not_the_reply_is_ignored(self):
        with nameserver(lambda q, t: [*self.forged(q), reply(q, SPF)]) as server:
            assert ask(server).records == ("v=spf1 -all",)
            assert len(server.asked) == 1

    def test_each_forgery_alone_is_silence(self):
        for index in range(8):
            with nameserver(lambda q, t, index=index: [self.forged(q)[index]]) as server:
                assert ask(server, timeout=0.1).status == "timeout"

    def test_reply_to_another_question_ends_a_stream(self):
        def script(q, transport):
            return [reply(q, flags="QR RD RA TC")] if transport == "udp" else [self.forged(q)[4]]

        with nameserver(script) as server:
            answer = ask(server)
        assert answer.status == "servfail"
        assert "not asked" in answer.detail


class TestNames:
    @pytest.mark.parametrize(
        "name", ["a" * 64 + ".com", ".".join(["a" * 49] * 5) + ".abcde", "a..com", ".com", "日本.example"]
    )
    def test_impossible_name_is_not_asked(self, name):
        with nameserver(lambda q, t: [reply(q, SPF)]) as server:
            answer = ask(server, name)
            assert server.asked == []
        assert answer.status == "nxdomain"
        assert "not a domain name" in answer.detail

    @pytest.mark.parametrize("name", ["a" * 63 + ".com", ".".join(["a" * 49] * 5) + ".abc", "a b.com", ""])
    def test_possible_name_is_asked(self, name):
        with nameserver(lambda q, t: [reply(q, rcode="NXDOMAIN", authority=SOA)]) as server:
            assert ask(server, name).status == "nxdomain"
            assert len(server.asked) == 1


class TestOnce:
    def test_fresh_answer_is_not_asked_for_again(self):
        with nameserver(lambda q, t: [reply(q, SPF)]) as server:
            resolver = Resolver(server.address)
            question = Question(NAME, "TXT")
            assert resolver.answers([question, question]) == resolver.answers([question]) * 2
            assert len(server.asked) == 1

    @pytest.mark.parametrize("kind", ["threads", "tasks"])
    def test_question_in_flight_is_shared(self, kind):
        asked, go_on = threading.Event(), threading.Event()

        def script(q, transport):
            asked.set()
            assert go_on.wait(5)
            return [reply(q, SPF.replace("300", "0"))]

        question = Question(NAME, "TXT")
        answers = []
        with nameserver(script) as server:
            resolver = Resolver(server.address)
            threads = [threading.Thread(target=lambda: answers.extend(resolver.answers([question]))) for _ in range(4)]
            threads[0].start()
            assert asked.wait(5)
            if kind == "threads":
                for thread in threads[1:]:
                    thread.start()
                time.sleep(0.05)
                go_on.set()
            else:
                answers += asyncio.run(self.four(resolver, question, go_on))
            for thread in threads if kind == "threads" else threads[:1]:
                thread.join()
            assert len(server.asked) == 1
        assert {answer.records for answer in answers} == {("v=spf1 -all",)}
        assert len(answers) == 4

    async def four(self, resolver, question, go_on):
        tasks = [asyncio.create_task(resolver.answers_async([question])) for _ in range(4)]
        await asyncio.sleep(0.05)
        tasks[0].cancel()  # one that gives up must not take the answer from the others
        await asyncio.sleep(0)
        go_on.set()
        return [(await task)[0] for task in tasks[1:]]

    def test_event_loop_that_asks_and_blocks_hangs_nobody(self):
        async def scenario():
            resolver = Resolver(server.address, timeout=0.05)
            asking = asyncio.create_task(resolver.answers_async([Question(NAME, "TXT")]))
            await asyncio.sleep(0)
            (answer,) = resolver.answers([Question(NAME, "TXT")])
            await asking
            return answer

        with nameserver(lambda q, t: []) as server:
            answer = asyncio.run(scenario())
        assert answer.status == "timeout"
        assert "another look-up" in answer.detail

    def test_cancelled_asker_leaves_nobody_waiting(self):
        async def scenario():
            resolver = Resolver(server.address)
            first = asyncio.create_task(resolver.answers_async([Question(NAME, "TXT")]))
            await asyncio.sleep(0.05)
            second = asyncio.create_task(resolver.answers_async([Question(NAME, "TXT")]))
            await asyncio.sleep(0.05)
            first.cancel()
            (answer,) = await second
            return answer

        with nameserver(lambda q, t: []) as server:
            answer = asyncio.run(scenario())
        assert answer.status == "timeout"
        assert "given up" in answer.detail


class TestEventLoop:
    def test_same_answers(self):
        def script(q, transport):
            return [reply(q, flags="QR RD RA TC") if transport == "udp" else reply(q, SPF)]

        with nameserver(script) as server:
            (answer,) = asyncio.run(Resolver(server.address).answers_async([Question(NAME, "TXT")]))
        assert answer.records == ("v=spf1 -all",)

    def test_silence(self):
        with nameserver(lambda q, t: []) as server:
            resolver = Resolver(server.address, timeout=0.2)
            (answer,) = asyncio.run(resolver.answers_async([Question(NAME, "TXT")]))
        assert answer.status == "timeout"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """What a server at 127.0.0.1 shows; its authority is one that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


class TestTls:
    def test_many_questions_share_a_connection(self, certificate):
        with nameserver(lambda q, t: [reply(q, f'{name_of(q)}. 9 TXT "{name_of(q)}"')], tls=certificate) as server:
            questions = [Question(f"{letter}.example.com", "TXT") for letter in "abcdef"]
            answers = Resolver(f"tls://{server.address}").answers(questions)
            assert server.connections == 1
            assert {transport for transport, *_ in server.asked} == {"tcp"}
        assert [answer.records for answer in answers] == [(name,) for name, _ in questions]

    def test_unknown_authority_is_refused(self, certificate, monkeypatch):
        monkeypatch.delenv("SSL_CERT_FILE")
        with nameserver(lambda q, t: [reply(q, SPF)], tls=certificate) as server:
            (answer,) = Resolver(f"tls://{server.address}").answers([Question(NAME, "TXT")])
            assert server.asked == []
        assert answer.status == "servfail"
        assert "certificate" in answer.detail

    def test_certificate_for_another_address_is_refused(self, tmp_path, monkeypatch):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("192.0.2.1").configure_cert(context)
        with nameserver(lambda q, t: [reply(q, SPF)], tls=context) as server:
            (answer,) = Resolver(f"tls://{server.address}").answers([Question(NAME, "TXT")])
        assert (answer.status, server.asked) == ("servfail", [])

    def test_servfail_is_asked_again(self, certificate):
        def script(q, transport):
            return [reply(q, rcode="SERVFAIL") if len(server.asked) == 1 else reply(q, SPF)]

        with nameserver(script, tls=certificate) as server:
            (answer,) = asyncio.run(Resolver(f"tls://{server.address}").answers_async([Question(NAME, "TXT")]))
        assert answer.status == "ok"


class TestHttps:
    def ask(self, url: str, timeout: float = 5.0) -> Answer:
        resolver = Resolver(url, timeout=timeout)
        (blocking,) = resolver.answers([Question(NAME, "TXT")])
        (on_loop,) = asyncio.run(Resolver(url, timeout=timeout).answers_async([Question(NAME, "TXT")]))
        assert blocking == on_loop
        return blocking

    def test_answer(self, certificate):
        with doh_server(lambda q: (200, "application/dns-message", reply(q, SPF)), certificate) as url:
            assert self.ask(url).records == ("v=spf1 -all",)

    @pytest.mark.parametrize(
        ("status", "media_type", "said"),
        [(500, "application/dns-message", "HTTP 500"), (200, "text/html", "HTTP 200"), (302, "text/html", "HTTP 302")],
    )
    def test_what_is_no_dns_message(self, certificate, status, media_type, said):
        with doh_server(lambda q: (status, media_type, reply(q, SPF)), certificate) as url:
            answer = self.ask(url)
        assert answer.status == "servfail"
        assert said in answer.detail

    def test_endless_body(self, certificate):
        with doh_server(lambda q: (200, "application/dns-message", bytes(70_000)), certificate) as url:
            answer = self.ask(url)
        assert answer.status == "servfail"
        assert "longer" in answer.detail

    def test_reply_to_another_question(self, certificate):
        other = reply(dns.message.make_query("other.example", "TXT", id=0).to_wire())
        with doh_server(lambda q: (200, "application/dns-message", other), certificate) as url:
            assert self.ask(url).status == "servfail"

    def test_silence(self, certificate):
        over = threading.Event()

        def answer(q):
            over.wait(5)
            return 200, "application/dns-message", reply(q, SPF)

        with doh_server(answer, certificate) as url:
            assert self.ask(url, timeout=0.4).status == "timeout"
            over.set()

    def test_unknown_authority(self, certificate, monkeypatch):
        monkeypatch.delenv("SSL_CERT_FILE")
        with doh_server(lambda q: (200, "application/dns-message", reply(q, SPF)), certificate) as url:
            assert self.ask(url).status == "servfail"


class TestServers:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "example.com",
            "192.0.2.1:",
            "192.0.2.1:0",
            "192.0.2.1:65536",
            "192.0.2.1:٥",
            "2001:db8::1:99999",
            "[::1]x",
            "tls://dns.example",
            "tls://",
            "https://",
            "https://a:b/",
            "http://192.0.2.1/",
            "zone",
            "192.0.2.1 ",
            "[::1",
        ],
    )
    def test_nonsense(self, text):
        with pytest.raises(UsageError) as refused:
            Resolver(text)
        assert repr(text) in refused.value.text.en
        assert repr(text) in refused.value.text.ja

    @pytest.mark.parametrize(
        "text", ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53", "tls://192.0.2.1"]
    )
    def test_sense(self, text):
        Resolver(text)

    def test_resolv_conf(self, tmp_path):
        path = tmp_path / "resolv.conf"
        path.write_text(
            "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameserver\tfe80::1%lo\nnameserver x\n"
        )
        assert [server.ip for server in system_servers(path)] == ["192.0.2.1", "fe80::1%lo"]
        path.write_text("".join(f"nameserver 192.0.2.{number}\n" for number in range(1, 9)))
        assert len(system_servers(path)) == 3
        assert [server.ip for server in system_servers(tmp_path / "absent")] == ["127.0.0.1"]
