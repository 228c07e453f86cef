"""Reports from a bucket of S3, ``s3://BUCKET/PREFIX``: what SES's receipt rules and Mail Manager write there.

Objects are listed page by page and known by key and ETag: what was acknowledged once is not fetched again, and an object
that was written anew is. An acknowledged object stays, is tagged, moved to another prefix, or deleted, and each of these
only as long as it is still the one that was read. A moved one keeps what stands behind the prefix's last slash, so that no two
become one. S3 puts no condition on tags, so that for these it is asked just before.

It trusts S3, and reads nothing of an object. It touches the objects below its prefix, as ``[ingest] acknowledge`` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from todoku.intake.portions import portions
from todoku.intake.source import MAX_ITEM, Item, Memory, too_large
from todoku.net.sources.acknowledgement import Acknowledgement
from todoku.net.sources.aws_service import Refusal, Service, whole
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

SCHEME = "s3"
AT_ONCE = 32  # objects of one portion
AT_ONCE_OCTETS = 8 * 2**20
THREADS = 8
TAG = {"Key": "todoku", "Value": "taken"}
SETUP_NOTIFICATION = "AMAZON_SES_SETUP_NOTIFICATION"
"""The object by which SES tries out a bucket; it is no report, and neither is a folder that a console has made."""

_PLACE = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([ -~]{0,1000}))?")
_GONE = frozenset(("NoSuchKey", "PreconditionFailed", "404", "412"))  # removed or written anew since it was listed
_FROZEN = "InvalidObjectState"  # in an archive, from where it would have to be restored


class _Object(msgspec.Struct, frozen=True):
    key: str
    etag: str
    size: int

    @property
    def id(self) -> str:
        return f"{self.etag} {self.key}"


class Bucket:
    """What is below one prefix."""

    def __init__(self, address: str, acknowledgement: Acknowledgement) -> None:
        """Ask nothing yet. Raises ``UsageError`` where the address is none, or what is moved would be found again."""
        self.name = address
        place = _PLACE.fullmatch(address.partition("://")[2])
        if place is None:
            raise UsageError(
                Text("a bucket is named s3://BUCKET/PREFIX", "バケットは s3://BUCKET/PREFIX の形で指定してください")
            )
        self._bucket, self._prefix = place[1], place[2] or ""
        folder, slash, begin = self._prefix.rpartition("/")
        self._folder = folder + slash
        moved = _below(acknowledgement.place)
        if acknowledgement.how == "move" and any(one.startswith(self._prefix) for one in (moved, moved + begin)):
            raise UsageError(
                Text(
                    f"objects cannot be moved to {acknowledgement.place}: it is below {address}, and they would be found again",
                    f"{acknowledgement.place} は {address} の下にあり、移動したオブジェクトをまた取り込むことになるため、移動先にできません",
                )
            )
        self._memory: Memory | None = None
        self._acknowledgement = acknowledgement
        self._service = Service("s3", "", self.name)
        self._passed_over: list[Text] = []

    def items(self) -> Iterator[Item]:
        """Every object that was not acknowledged. Raises ``SourceAway``, ``Away``, ``UsageError``."""
        self._passed_over = []
        with ThreadPoolExecutor(THREADS) as pool:
            for page in self._pages():
                known = self._memory.among([one.id for one in page]) if self._memory else ()
                new = [one for one in page if one.id not in known and self._is_wanted(one)]
                for some in portions(((one, one.size) for one in new), AT_ONCE, AT_ONCE_OCTETS):
                    fetched = list(pool.map(self._fetched, some))
                    yield from (
                        Item(one.id, octets, name=self._shown(one.key))
                        for one, octets in zip(some, fetched, strict=True)
                        if octets is not None
                    )

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Remember these objects, or move or delete them. Raises ``SourceAway``, ``Away``."""
        for one in ids:
            etag, _, key = one.partition(" ")
            self._done_with(key, etag)
        if self._memory and self._acknowledgement.how in ("seen", "tag"):
            self._memory.add(ids)

    def remember_in(self, memory: Memory) -> None:
        """Ask this memory what was acknowledged before; without one everything is fetched again."""
        self._memory = memory

    def skipped(self) -> Sequence[Text]:
        """Objects that are too large, or in an archive."""
        return self._passed_over

    def close(self) -> None:
        """Nothing is open."""

    def _pages(self) -> Iterator[list[_Object]]:
        onward: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", Prefix=self._prefix, **onward)
            yield [_Object(one["Key"], one["ETag"].strip('"'), int(one["Size"])) for one in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return
            onward = {"ContinuationToken": page["NextContinuationToken"]}

    def _is_wanted(self, one: _Object) -> bool:
        if one.size > MAX_ITEM:
            self._passed_over.append(too_large(self._shown(one.key)))
            return False
        return one.size > 0 and one.key.rpartition("/")[2] != SETUP_NOTIFICATION

    def _fetched(self, one: _Object) -> bytes | None:
        """The object's octets; None where it is no longer that object, or cannot be had."""
        try:
            octets: bytes = self._service.ask(
                "get_object", _body, Bucket=self._bucket, Key=one.key, IfMatch=f'"{one.etag}"'
            )
        except Refusal as refusal:
            if refusal.code == _FROZEN:
                self._passed_over.append(_frozen(self._shown(one.key)))
            elif refusal.code not in _GONE:
                raise
            return None
        return octets

    def _shown(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _done_with(self, key: str, etag: str) -> None:
        """One that was written anew meanwhile is left as it is: it will be fetched."""
        how = self._acknowledgement.how
        try:
            if how == "move":
                to = _below(self._acknowledgement.place) + key.removeprefix(self._folder)
                source = {"Bucket": self._bucket, "Key": key}
                self._ask("copy_object", Key=to, CopySource=source, CopySourceIfMatch=f'"{etag}"')
            if how in ("move", "delete"):
                self._ask("delete_object", Key=key, IfMatch=f'"{etag}"')
            if how == "tag":
                self._ask("head_object", Key=key, IfMatch=f'"{etag}"')
                tags = [one for one in self._ask("get_object_tagging", Key=key)["TagSet"] if one["Key"] != TAG["Key"]]
                self._ask("put_object_tagging", Key=key, Tagging={"TagSet": [*tags, TAG]})
        except Refusal as refusal:
            if refusal.code not in _GONE:
                raise

    def _ask(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 -- boto3 has no types
        return self._service.ask(method, whole, Bucket=self._bucket, **parameters)


def _frozen(name: str) -> Text:
    return Text(
        f"{name}: in an archive (S3 Glacier), and has to be restored first",
        f"{name}: アーカイブ(S3 Glacier)にあるため、先に復元が必要です",
    )


def _below(prefix: str) -> str:
    return prefix.rstrip("/") + "/"


def _body(reply: Any) -> bytes:  # noqa: ANN401 -- boto3 has no types
    """No more than what is allowed; it was less when it was listed, and is the same object."""
    with reply["Body"] as body:
        return bytes(body.read(MAX_ITEM))
