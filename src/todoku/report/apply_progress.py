"""How a plan goes, on a terminal: a line for each step as it is done, what is waited for, and what would be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from todoku.report.changes import aws_command
from todoku.report.columns import cell_len, padded, wrapped
from todoku.report.plan.records import master_value
from todoku.report.render_options import Manner
from todoku.report.words import harmless, say
from todoku.words.change import Irreversible, RecordSetChange, SesCall
from todoku.words.verdict import Text

STATUS_WORDS = {
    "done": Text("done", "完了"),
    "unchanged": Text("unchanged", "設定済み"),
    "told": Text("for you", "手作業"),
    "left": Text("left", "変更せず"),
    "waiting": Text("waiting", "待機中"),
    "stopped": Text("stopped", "中断"),
    "conflict": Text("CONFLICT", "要確認"),
    "refused": Text("REFUSED", "拒否"),
    "denied": Text("DENIED", "権限なし"),
    "throttled": Text("TOO BUSY", "混雑"),
    "unreachable": Text("NO ANSWER", "応答なし"),
}
UNDO_WORDS = {
    **STATUS_WORDS,
    "done": Text("undone", "取り消し"),
    "unchanged": Text("was undone", "変更なし"),
    "left": Text("stays", "変更せず"),
}
"""The same where steps are taken back."""
COLUMN = 12  # cells of a status


def line(place: str, status: str, title: Text, detail: Text, manner: Manner, *, back: bool = False) -> str:
    """One step: its place among all, what came of it, what it is; below, what is to be said of it. ``back``: it is taken back."""
    head = f"{place}  " if place else ""
    head += padded(say((UNDO_WORDS if back else STATUS_WORDS)[status], manner.language), COLUMN)
    pad = " " * cell_len(head)
    room = max(20, manner.width - len(pad))
    told = wrapped(harmless(say(title, manner.language)), room) if title.en else []
    for paragraph in say(detail, manner.language).split("\n") if detail.en else ():
        kept = paragraph.startswith("  ")  # a field to enter: it stays on its line
        told += [harmless(paragraph)] if kept else wrapped(harmless(paragraph), room)
    first, *further = told or [""]
    return f"{head}{first}".rstrip() + "\n" + "".join(f"{pad}{each}\n" for each in further)


def waited(elapsed: float, left: Text, manner: Manner) -> str:
    """What is waited for, in one line."""
    minutes, seconds = divmod(int(elapsed), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    told = Text(f"waiting {clock}: {left.en}", f"待機中 {clock}: {left.ja}")
    return harmless(say(told, manner.language))


def taken_back(
    what: RecordSetChange | SesCall,
    undo: Sequence[SesCall] | Irreversible,
    undo_with: str,
    also: Collection[str],
    manner: Manner,
) -> list[str]:
    """How a step would be taken back, in lines; or why it would be left. ``also``: the options that are given."""
    if isinstance(what, RecordSetChange):
        return [harmless(one) for one in _records(what.undone, manner)]
    if isinstance(undo, Irreversible):
        told = Text(f"stays: {undo.why.en}", f"元に戻せません: {undo.why.ja}")
    elif undo_with and undo_with not in also:
        told = Text(f"stays; {undo_with} takes it back too", f"残します。{undo_with} を指定すると、これも取り消します")
    elif undo:
        return [aws_command(call) for call in undo]
    else:
        told = Text("nothing to take back", "元に戻すものはありません")
    return [harmless(one) for one in wrapped(say(told, manner.language), manner.width - 6)]


def _records(change: RecordSetChange, manner: Manner) -> Iterator[str]:
    name, rdtype = change.before.name, change.before.rdtype
    for word, values in ((Text("remove", "削除"), change.remove), (Text("put back", "復元"), change.add)):
        for value in values:
            said = padded(say(word, manner.language), 10)
            yield f"{said}{name}.  {change.ttl}  IN  {rdtype}  {master_value(rdtype, value)}"
