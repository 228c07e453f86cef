"""Files that a person names, and what else may lie in a folder to which others can write."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mint_reports import aggregate, mailed
from store_bench import Bench
from todoku.intake.files import Files, StandardInput
from todoku.intake.receive import Taken, take
from todoku.words.errors import UsageError


def taken(bench: Bench, source: Files) -> Taken:
    return sum(take(bench.store, source, bench.clock), Taken())


def test_what_is_no_file_in_a_folder_is_passed_over(tmp_path: Path, bench: Bench) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "report.xml").write_bytes(aggregate(1))
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "loop").symlink_to("loop")
    source = Files(folder)
    assert taken(bench, source) == Taken(new=1)
    assert [told.en.rpartition("/")[2].partition(":")[0] for told in source.skipped()] == ["loop"]


def test_a_name_that_is_no_text_is_written_out(tmp_path: Path, bench: Bench) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in-\xff"))
    folder.mkdir()
    (folder / os.fsdecode(b"report-\xff.xml")).write_bytes(aggregate(1))
    assert taken(bench, Files(folder)) == Taken(new=1)
    assert bench.status().sources[0].name.endswith("in-\\udcff")


def test_files_of_one_folder_are_one_source(tmp_path: Path, bench: Bench) -> None:
    """A mail server may hand over each report as a file of its own."""
    for number in range(3):
        (tmp_path / f"{number}.xml").write_bytes(aggregate(number))
        taken(bench, Files(tmp_path / f"{number}.xml"))
    assert [(one.name, one.new) for one in bench.status().sources] == [(str(tmp_path), 3)]


@pytest.mark.parametrize("name", ["missing", "x" * 300, "nul\0", "report.xml/below", "pipe"])
def test_what_cannot_be_read_is_a_slip(tmp_path: Path, name: str) -> None:
    (tmp_path / "report.xml").write_bytes(aggregate(1))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError):
        Files(tmp_path / name)


def test_standard_input_that_is_closed_is_a_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError):
        list(StandardInput().items())


def test_a_maildir_is_read_with_the_folders_below_it(tmp_path: Path, bench: Bench) -> None:
    """Maildir++ has them beside ``cur``, hidden; Dovecot's own files and what is being delivered are no mail."""
    for number, folder in enumerate(("cur", "new", ".DMARC/cur", ".DMARC.2026/new", ".DMARC/tmp", "tmp", "own/cur")):
        for one in ("cur", "new", "tmp"):
            (tmp_path / "mail" / folder).parent.joinpath(one).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mail" / folder / f"{number}.host:2,S").write_bytes(mailed(aggregate(number)))
    (tmp_path / "mail" / "dovecot-uidlist").write_bytes(b"3 V1 N4\n")
    (tmp_path / "mail" / ".hidden").mkdir()
    (tmp_path / "mail" / ".hidden" / "9.xml").write_bytes(aggregate(9))
    source = Files(tmp_path / "mail")
    assert taken(bench, source) == Taken(new=5)
    assert source.skipped() == []
    assert bench.process().reports == 5


def test_a_link_to_a_folder_is_told(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.xml").write_bytes(aggregate(1))
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    source = Files(tmp_path / "in")
    assert taken(bench, source) == Taken()
    assert [one.en for one in source.skipped()] == [
        f"{tmp_path}/in/link: a link to a folder: name the folder itself as a source"
    ]
    assert taken(bench, Files(tmp_path / "in" / "link")) == Taken(new=1)
