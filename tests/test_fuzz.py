"""The fuzzers without their engine: every kept input keeps its promise, a target can fail, and mutations stay in bounds."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import damaged_mail
from todoku.auth.arc import validate
from todoku.auth.ask import Answer, Question, exchanges
from todoku.auth.dkim.damage import diagnose
from todoku.auth.dkim.sign import sign
from todoku.auth.dkim.verify import verify
from todoku.cli.recording import open_record
from todoku.mail.message import MAX_FIELDS, scan
from todoku.net.bundle import Bundle, write_bundle
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run
from todoku.plan.document import read_document
from todoku.words.errors import UsageError

FUZZ = Path(__file__).parent.parent / "fuzz"
sys.path.insert(0, str(FUZZ))  # as its programs are run: python fuzz/run.py

import cover  # noqa: E402
import seeds  # noqa: E402
from mutate import CHANGES, Mutator  # noqa: E402
from planted import FAULTS  # noqa: E402
from targets import TARGETS, Target  # noqa: E402
from targets.registry import FEW, SHORT, inflated, planted  # noqa: E402

TABLE = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def unchanged(data: bytes, most: int) -> bytes:
    return data[:most]


class TestTargets:
    @pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
    def test_every_kept_input_keeps_its_promise(self, target: Target) -> None:
        kept = cover.inputs([FUZZ / "corpus" / target.name])
        assert kept
        for data in kept:
            target.run(data)

    def test_the_planted_fault_is_one(self) -> None:
        for harmless in (b"", b"tod", b"todx", b"Todo"):
            planted(harmless)
        with pytest.raises(AssertionError, match="the planted fault"):
            planted(b"todo")

    @pytest.mark.parametrize("name", TARGETS)
    def test_a_fault_in_a_parser_is_found(self, name: str) -> None:
        found = []
        tracer = cover.Tracer(TARGETS[name])
        with FAULTS[name].planted():
            for data in cover.inputs([FUZZ / "corpus" / name]):
                tracer.forget_all()
                try:
                    TARGETS[name].run(data)
                except Exception as broken:  # noqa: BLE001 -- whatever the fault makes of it
                    found.append(broken)
        tracer.forget_all()
        assert found

    @pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
    @given(data=st.data())
    @settings(max_examples=25, deadline=None)
    def test_any_words_of_its_grammar_keep_its_promise(self, target: Target, data: st.DataObject) -> None:
        words = st.sampled_from(target.words or (b"\0\1\2",)) | st.binary(max_size=6)
        target.run(b"".join(data.draw(st.lists(words, max_size=30))))

    def test_each_is_in_the_table_of_the_docs(self) -> None:
        table = TABLE.findall((FUZZ.parent / "docs" / "fuzzing.md").read_text("utf-8"))
        assert sorted(table) == sorted(TARGETS)


class TestInputs:
    def test_a_repeat_is_written_out(self) -> None:
        assert inflated(b"x{{3*ab}}y{{2*}}") == b"xabababy"
        assert inflated(b"{{3*ab") == b"{{3*ab"

    def test_only_a_repeat_alone_and_short_may_be_large(self) -> None:
        assert len(inflated(b"{{99999*ab}}", 5_000)) == pytest.approx(5_000, abs=20)
        assert len(inflated(b"{{99999*ab}}x", 5_000)) <= FEW + 20
        assert len(inflated(b"{{99999*" + b"a" * SHORT + b"}}", 5_000)) <= FEW + SHORT + 20

    def test_own_seeds_come_from_the_cases(self) -> None:
        assert {b"v=DMARC1; p=none"} <= {data[:16] for data in seeds.own(TARGETS["dmarc_record"])}
        assert any(b"Subject:" in data for data in seeds.own(TARGETS["message"]))

    def test_suites_give_seeds(self, suites: Path, monkeypatch) -> None:
        monkeypatch.setattr(seeds, "SUITES", suites)
        own, others = set(seeds.own(TARGETS["spf"])), set(seeds.of_suites(TARGETS["spf"]))
        assert len(others - own) > 100


class TestMutator:
    @given(
        data=st.binary(max_size=60) | st.sampled_from([b"a=b; c=d", b"From: a@b\r\nTo: c\r\n\r\nx"]),
        seed=st.integers(0, 2**32 - 1),
        most=st.integers(1, 100),
    )
    def test_the_same_change_again_and_never_too_long(self, data: bytes, seed: int, most: int) -> None:
        first, second = (Mutator(TARGETS["tags"], unchanged)(data, most, seed) for _ in range(2))
        assert first == second
        assert len(first) <= most

    def test_pieces_are_spliced(self) -> None:
        change = Mutator(TARGETS["tags"], unchanged)
        changed = {change(b"v=1; a=x; b=y", 200, seed) for seed in range(400)}
        assert len(changed) > 100
        assert any(b"v=DKIM1" in one for one in changed)
        assert any(one.count(b"a=x") > 1 or one.count(b" a") > 1 for one in changed)
        assert any(b"{{" in one for one in changed)
        assert len(set(CHANGES)) == 8


class TestCover:
    def test_lines_that_are_missed_are_told(self) -> None:
        tracer = cover.Tracer(TARGETS["tags"])
        few, total, missed = cover.report(TARGETS["tags"], tracer.steps(b"a=b"))
        more, _, _ = cover.report(TARGETS["tags"], tracer.steps(b"a=b") | tracer.steps(b"a=b;a=b;1"))
        assert 0 < few < more <= total
        assert "todoku.mail.tags" in missed[0]

    def test_what_is_kept_is_small_and_takes_every_step(self) -> None:
        tracer = cover.Tracer(TARGETS["tags"])
        candidates = [b"a=b", b"a=b", b"a=b; zzzzzzzz=yyyyyyyyy; a=c", b"a=b; zzzzzzzz=yyyyyyyyy; a=c; 1"]
        kept = cover.chosen(tracer, candidates)
        taken = frozenset[cover.Step]().union(*map(tracer.steps, kept))
        assert taken >= frozenset[cover.Step]().union(*map(tracer.steps, candidates))
        assert sum(map(len, kept)) < sum(map(len, candidates)) / 2


class TestFound:
    """What the fuzzers found, each by itself; the inputs are kept too."""

    def test_an_mx_record_that_is_none_is_passed_over(self) -> None:
        records = ("10 mx.example.com.", "0 .", "8/24", "x mx.example.com", "999999 a", "9" * 5_000, "10mx.example.com")
        answer = Answer(Question("example.com", "MX"), records)
        assert exchanges(answer) == ((0, ""), (10, "mx.example.com"))

    def test_a_chain_that_may_stand_beyond_a_limit_is_not_said_to_be_none(self) -> None:
        many = b"a:b\r\n" * MAX_FIELDS
        for raw, result in (
            (many, "none"),
            (many + b"ARC-Seal: i=1\r\n", "temperror"),
            (many + b"c:d\r\n", "temperror"),
        ):
            assert run(validate(scan(raw + b"\r\n"), now=None), Zone()).result == result

    @pytest.mark.parametrize("body", [b"--b\r\n", b"--b"])
    def test_a_multipart_that_ends_behind_its_first_delimiter_is_cut(self, body: bytes) -> None:
        header = b"From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        whole = header + b"--b\r\n\r\nHello\r\n--b--\r\n"
        field = sign(whole, domain="example.com", selector="s1", private_key=damaged_mail.CUSTOMER)
        assert [one.result for one in run(verify(scan(field + whole), now=None), damaged_mail.ZONE)] == ["pass"]
        message = scan(field + header + body)
        (result,) = run(verify(message, now=None), damaged_mail.ZONE)
        assert diagnose(message, result).tag == "body-cut"

    def test_a_plan_that_is_nested_without_end_is_refused(self) -> None:
        for deep in (b"[" * 100_000, b'{"todoku":{"plan":1},"plan":' + b'{"a":' * 100_000):
            with pytest.raises(UsageError, match="nested too deeply"):
                read_document(deep)

    def test_a_plan_that_is_no_utf_8_is_refused(self) -> None:
        with pytest.raises(UsageError, match="not JSON"):
            read_document(b'{"\xbf')

    def test_a_bundle_whose_report_is_damaged_is_refused(self, tmp_path: Path) -> None:
        options = {"version": "0.1.0", "name": "x", "settings": {}}
        for deep in (b"{}", b'{"a":' + b"[" * 100_000, b'{"\xbf'):
            write_bundle(tmp_path / "x.zip", Bundle(message=b"", options=options, transcript=(), report=deep))
            if deep == b"{}":
                assert open_record(tmp_path / "x.zip").record.name == "x"
                continue
            with pytest.raises(UsageError, match="cannot read"):
                open_record(tmp_path / "x.zip")
