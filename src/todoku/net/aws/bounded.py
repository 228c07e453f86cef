"""Replies of AWS within bounds: botocore reads whatever an endpoint sends, and its time-outs begin anew with every octet.

An endpoint may be anybody's (``AWS_ENDPOINT_URL``, a proxy). A reply that is larger than any of AWS's, or not whole after
some time, is no reply: botocore sees a time-out or a broken stream, which becomes "could not look".
"""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from todoku.net.aws.errors import library

MAX_REPLY = 16 * 2**20
"""Octets of a reply: a page of a listing or of metrics has a few hundred thousand."""
LEEWAY_SECONDS = 10.0
"""What a call may take as a whole, from the connection to the last octet, beyond what botocore waits for one octet."""

_PIECE = 65_536


class BoundedSession:
    """A session of botocore's that reads no more than ``MAX_REPLY`` octets of a reply, in ``seconds``.

    What botocore streams (a file of S3) whoever reads it bounds.
    """

    def __init__(self, session: Any, seconds: float) -> None:  # noqa: ANN401 -- boto3 has no types
        """Send by ``session``."""
        self._session, self._seconds = session, seconds

    def send(self, request: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
        """The response. Raises botocore's errors."""
        if request.stream_output:
            return self._session.send(request)
        return _within(self._seconds, lambda: _read(self._session, request), request.url)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def bound_replies(client: Any) -> None:  # noqa: ANN401 -- boto3 has no types
    """Let a client of boto3's read its replies within the bounds."""
    endpoint = client._endpoint  # noqa: SLF001 -- botocore has no public name for it
    endpoint.http_session = BoundedSession(endpoint.http_session, client.meta.config.read_timeout + LEEWAY_SECONDS)


def _read(session: Any, request: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
    request.stream_output = True  # so that the session leaves the body to us
    response = session.send(request)
    pieces, length = [], 0
    while piece := response.raw.read1(_PIECE):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_REPLY:
            response.raw.close()
            raise library("botocore.exceptions").ResponseStreamingError(error="the reply is too large")
    response.raw.release_conn()
    response._content = b"".join(pieces)  # noqa: SLF001 -- where botocore keeps what it has read
    return response


def _within(seconds: float, do: Callable[[], Any], url: str) -> Any:  # noqa: ANN401 -- what ``do`` gives
    """What ``do`` gives or raises; a time-out where it does neither in time. Its thread ends with its socket, or with the process."""
    done: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((do(), None))
        except Exception as error:  # noqa: BLE001 -- raised again below, in the thread that waits
            done.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except Empty:
        raise library("botocore.exceptions").ReadTimeoutError(endpoint_url=url) from None
    if error is not None:
        raise error
    return result
