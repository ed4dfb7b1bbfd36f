"""The replies of models in a store: several models, each call once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.core.codec import encode
from loopwright.core.proposal import Reply
from loopwright.storage.database import Database
from loopwright.storage.schema import Table


@dataclass(frozen=True, slots=True)
class StoredReplies:
    """The table of replies.

    Attributes:
        database: Open; whoever opened it closes it.
    """

    database: Database

    def put(self, call_key: str, model: str, replies: tuple[Reply, ...]) -> bool:
        """Keep the replies to one call; False, and nothing is done, if there are some already."""
        return self.database.add(Table.REPLIES, call_key, encode(replies), model=model)

    def find(self, call_key: str) -> tuple[Reply, ...] | None:
        """Return the replies to one call, None if it was not recorded.

        Raises:
            UserError: The row is damaged.
        """
        row = self.database.latest(Table.REPLIES, call_key)
        return self.database.read(tuple[Reply, ...], row) if row is not None else None

    def all(self) -> Iterator[tuple[str, str, tuple[Reply, ...]]]:
        """Yield key, model and replies of every call, in the order in which they were kept."""
        for row in self.database.rows(Table.REPLIES):
            yield row.key, row.owner, self.database.read(tuple[Reply, ...], row)

    def models(self) -> tuple[str, ...]:
        """Return the name of every model that has replies, in the order in which they came."""
        return tuple(dict.fromkeys(name for _, name in self.database.names(Table.REPLIES, "model")))
