"""What the reports in the store show: pass rates, new streams, who is silent, and new bounces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from todoku.cli.watch_checks.round import Found, Turn
from todoku.cli.watch_checks.watched import is_watched
from todoku.feedback.answers import Passing, Scope
from todoku.intake.parse import SCHEMAS
from todoku.mail.domain_name import ascii_domain
from todoku.settings.config import Config
from todoku.store.questions.bounces import diagnosed, receiver_days
from todoku.store.questions.extent import extent
from todoku.store.questions.passing import HEARD_DAYS, passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.unaligned import unaligned
from todoku.store.read import Reader
from todoku.watching import bounces, streams
from todoku.watching import passing as rates
from todoku.watching import reporters as silence
from todoku.watching.signal import Seen
from todoku.words.verdict import Text

PASSING_DAYS = 70  # eight weeks, and what they are held against
MOST_OTHERS = 500  # domains that no setting names


def ask_rows(turn: Turn, *, whole: bool, found: Found) -> None:
    """What reports show; of silence only if every mailbox could be read. Raises ``Away``.

    Rates and new senders are judged without unverified reports. Silence is judged with all: reporters are told apart by who signed.
    """
    today = turn.clock().date()
    yesterday = today - timedelta(days=1)
    with Reader(turn.store, SCHEMAS, of="credible") as credible, Reader(turn.store, SCHEMAS) as reader:
        lately = Scope("", today - timedelta(days=PASSING_DAYS), yesterday)
        daily = [one for one in passing(reader, lately, "day") if is_watched(turn.config, one.domain)]
        # Anybody can sign as a domain of his own, and tell of a million messages: in rates those count who have reported for a while.
        heard = passing(credible, lately, "day", heard_before=today - timedelta(days=HEARD_DAYS))
        believed = [one for one in heard if is_watched(turn.config, one.domain)]
        found.seen.append(rates.look_at(believed, today))
        found.seen.append(_bounces(turn, reader, lately, today))
        asked = asked_about(turn.config, daily)
        if left := len({one.domain for one in daily}) - len(asked):
            found.unseen.append(_left_out(left))
        for domain in asked:
            reach = extent(credible, Scope(domain))
            if reach is not None:
                found.seen.append(streams.look_at(domain, unaligned(credible, Scope(domain)), reach.first, today))
            if whole:
                found.seen.append(silence.look_at(domain, reporters(reader, Scope(domain)), today))


def _bounces(turn: Turn, reader: Reader, lately: Scope, today: date) -> Seen:
    """What SES's events show of bounces. SES signs them, so that no stranger can make one up."""
    days = [one for one in receiver_days(reader, lately) if is_watched(turn.config, one.domain)]
    return bounces.look_at(days, diagnosed(reader, lately), today)


def asked_about(config: Config, daily: Iterable[Passing]) -> list[str]:
    """The domains whose streams and reporters are asked for: all that the settings name, and of others, which may be names that a
    stranger invented below one of ours, those with the most days.
    """
    named = {ascii_domain(one) or one for one in (*config.store.domains, *config.watch.subjects)}
    days = Counter(one.domain for one in daily)
    others = sorted(days.keys() - named, key=lambda domain: (-days[domain], domain))
    return sorted({*(days.keys() & named), *others[:MOST_OTHERS]})


def _left_out(number: int) -> Text:
    return Text(
        f"reports tell of {number} more domains than are looked into; name those that matter in [store] domains",
        f"レポートに現れたドメインが多いため、{number}件は詳しく確認していません。重要なドメインは [store] domains に指定してください",
    )
