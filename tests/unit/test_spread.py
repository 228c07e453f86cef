"""Work in several processes: results in order, every fault told, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from todoku.net.processes import BATCH, spread
from todoku.words.errors import ReportRefused, UsageError
from todoku.words.verdict import Text

NUMBERS = range(5 * BATCH)


def backwards(numbers: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """The squares, the last one first, and who worked them out."""
    for place in reversed(range(len(numbers))):
        yield place, (numbers[place] ** 2, os.getpid())


def failing(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, number in enumerate(numbers):
        yield place, 1 // (number - 7)


def killed(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, number in enumerate(numbers):
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        yield place, number


def endless(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, _ in enumerate(numbers):
        yield place, os.getpid()
    signal.pause()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order_from_so_many_processes(workers):
    found = list(spread(NUMBERS, backwards, workers))
    assert [square for square, _ in found] == [number**2 for number in NUMBERS]
    processes = {process for _, process in found}
    assert len(processes) == workers
    assert (os.getpid() in processes) == (workers == 1)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_inputs_than_processes(count):
    assert [square for square, _ in spread(NUMBERS[:count], backwards, 3)] == [n**2 for n in NUMBERS[:count]]


PROGRAM = """
import threading
from todoku.net.processes import spread


def squares(numbers):
    return ((place, number**2) for place, number in enumerate(numbers))


if __name__ == "__main__":
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    print(*spread(range(9), squares, 2))
    over.set()
"""


def test_a_program_with_threads_is_not_forked(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "-W", "error", tmp_path / "program.py"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"0 1 4 9 16 25 36 49 64\n", b"")


def test_what_work_raises_is_raised():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(spread(NUMBERS, failing, 2))


def test_a_process_that_is_killed_is_told():
    with pytest.raises(RuntimeError, match="ended before its work"):
        list(spread(NUMBERS, killed, 2))


def test_who_wants_no_more_leaves_no_process_behind():
    results = spread(NUMBERS, endless, 2)
    process = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.parametrize(
    "error",
    [UsageError(Text("no", "いいえ")), ReportRefused(Text("no", "いいえ"), "not-a-report")],
    ids=["slip", "refusal"],
)
def test_an_error_of_ours_crosses_over_whole(error):
    kind, given = error.__reduce__()
    again = kind(*given)
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
