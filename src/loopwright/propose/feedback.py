"""What the checks said -> words for a model: the refusal, its witness, and what would help."""

from __future__ import annotations

from typing import assert_never

from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.propose.abstract import plain


def describe_legality(legality: Legality) -> str:
    """Return one line on what legality said of a plan."""
    match legality:
        case Proved(assumptions=assumptions):
            given = ", ".join(sorted({assumption.kind.value for assumption in assumptions}))
            return f"legal, given {given}" if given else "legal"
        case Refuted():
            text = f"refused ({legality.code.value}): {_sentence(legality.reason)}"
            if legality.witness is not None:
                source, sink = legality.witness.source, legality.witness.sink
                text += f" Example: {_instance(source.statement, source.iterators)} must run before "
                text += f"{_instance(sink.statement, sink.iterators)}, both touch {plain(legality.witness.element)}."
            return text
        case Undecided():
            return f"not proved ({legality.code.value}): {_sentence(legality.reason)}"
        case _:
            assert_never(legality)


def _instance(statement: str, iterators: tuple[tuple[str, int], ...]) -> str:
    return f"{statement}[{', '.join(f'{name}={value}' for name, value in iterators)}]"


def _sentence(reason: str) -> str:
    """Return the first words of a reason as plain text; it may quote the user's source."""
    words: list[str] = []
    length = 0
    for word in reason.split():
        length += len(word) + 1
        if length > 160:
            break
        words.append(plain(word))
    return " ".join(word for word in words if word).rstrip(".") + "."
