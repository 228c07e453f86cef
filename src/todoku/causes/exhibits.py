"""How evidence is shown: a header field, a DNS answer, a value that we worked out, each so that a person can check it."""

from __future__ import annotations

from todoku.auth.ask import Answer, readable
from todoku.causes.identity_cache import remembered_few, remembered_of_senders
from todoku.mail.message import Field
from todoku.words.verdict import Exhibit

NOT_THERE = {"nxdomain": "NXDOMAIN", "nodata": "NODATA", "servfail": "SERVFAIL", "timeout": "(timed out)"}
LONGEST = 400


@remembered_of_senders
def dns_exhibit(answer: Answer) -> Exhibit:
    """A DNS answer: its records joined by line ends, or why there are none."""
    source = f"{answer.question.name} {answer.question.rdtype}"
    if answer.records:
        return Exhibit("dns", source, "\n".join(one_line(readable(record)) for record in answer.records))
    word = NOT_THERE.get(answer.status, answer.status)
    return Exhibit("dns", source, f"{word} {answer.detail}".strip())


@remembered_few
def header_exhibit(field: Field) -> Exhibit:
    """A header field with where it stands; a long value is cut."""
    value = one_line(field.value)
    return Exhibit(
        "header", field.written_name.strip(), value if len(value) <= LONGEST else value[:LONGEST] + " …", field.offset
    )


def computed(source: str, value: str) -> Exhibit:
    """A value that we worked out ourselves."""
    return Exhibit("computed", source, value)


def one_line(text: str) -> str:
    """The text with its own line ends written out: a line of an exhibit is ours to begin, not a stranger's."""
    return text.replace("\n", "\\x0a")
