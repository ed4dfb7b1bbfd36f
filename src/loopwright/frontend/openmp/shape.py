"""How the places of one object are told apart: fields and subscripts as tuples of numbers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from loopwright.core.codes import Code
from loopwright.frontend.affine import Piece, Poly, Value, conjunction
from loopwright.frontend.delinearize import Layout, find_layout, split
from loopwright.frontend.openmp.machine import Machine
from loopwright.frontend.openmp.memory import CONTENTS, Doubt, Element, Field, ObjectKind, Opaque, Place

_MOST_CASES = 1024


@dataclass(frozen=True, slots=True)
class Case:
    """Where a place is when ``formula`` holds: one text per coordinate, None for any; and why it may be elsewhere."""

    formula: str
    texts: tuple[str | None, ...]
    doubt: Doubt | None = None

    def then(self, other: Case) -> Case:
        """Return the case with the coordinates of what follows."""
        formula = conjunction(self.formula, other.formula)
        return Case(formula, (*self.texts, *other.texts), self.doubt or other.doubt)


class Shape:
    """How the places of one object are told apart.

    The way to a place becomes a tuple of numbers: a field is the number of its name, a subscript its value. Subscripts
    of a row that may leave it, and those that hold products, make one number per row of rows.
    """

    def __init__(self, machine: Machine, touches: list[tuple[Place, tuple[str, ...]]]) -> None:
        self._machine = machine
        self._facts = machine.facts
        self._fields: dict[str, int] = {}
        self._flat: set[tuple[str, ...]] = set()
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self._lengths: dict[tuple[str, ...], int] = {}
        known = [(place, path) for place, path in touches if place.doubt is None]
        self._is_mixed = _is_mixed({_skeleton(place) for place, _ in known})
        for place, path in known:
            self._study(place, path)
        self._find_layouts(known)
        self.rank = max((self._width(place) for place, _ in known), default=0)

    def _study(self, place: Place, path: tuple[str, ...]) -> None:
        """Note which rows may be left."""
        for key, block in _blocks(place):
            self._lengths[key] = max(len(block), self._lengths.get(key, 0))
            for position, element in enumerate(block):
                is_first = position == 0 and len(key) == 0
                if is_first or not isinstance(element.value, Value):
                    continue
                if not self._stays(element, path):
                    self._flat.add(key)

    def _stays(self, element: Element, path: tuple[str, ...]) -> bool:
        if not isinstance(element.value, Value) or element.count is None:
            return False
        uppers = [(piece.formula, self._facts.text(piece.poly)) for piece in element.count.pieces]
        with self._facts.under(*path):
            for piece in element.value.pieces:
                text = self._facts.text(piece.poly)
                for given, upper in uppers:
                    with self._facts.under(piece.formula, given):
                        if text is None or upper is None or not self._facts.prove(f"0 <= {text} < {upper}"):
                            return False
        return True

    def _find_layouts(self, touches: list[tuple[Place, tuple[str, ...]]]) -> None:
        polys: dict[tuple[str, ...], list[Poly]] = {}
        for place, _ in touches:
            for key, block in _blocks(place):
                if self._lengths[key] == 1 and isinstance(block[0].value, Value):
                    polys.setdefault(key, []).extend(piece.poly for piece in block[0].value.pieces)
        for key, found in polys.items():
            if any(self._facts.linear(poly) is None or _has_product(poly) for poly in found):
                layout = find_layout(found, frozenset(self._facts.symbols))
                if layout is not None:
                    self._layouts[key] = layout

    def _width(self, place: Place) -> int:
        width = sum(1 for step in place.steps if isinstance(step, Field))
        return width + sum(self._block_width(key) for key, _ in _blocks(place))

    def _block_width(self, key: tuple[str, ...]) -> int:
        if key in self._layouts:
            return len(self._layouts[key].strides)
        return 1 if self._is_flattened(key) else self._lengths[key]

    def _is_flattened(self, key: tuple[str, ...]) -> bool:
        return key in self._flat and self._lengths[key] > 1

    def locate(self, place: Place, path: tuple[str, ...]) -> tuple[Case, ...]:
        """Return the coordinates of a place."""
        anywhere: tuple[str | None, ...] = (None,) * self.rank
        if place.doubt is not None:
            return (Case("", anywhere, place.doubt),)
        if place.object.is_summary and place.object.kind is ObjectKind.EXTERN:
            return (Case("", anywhere, Doubt(Code.ROW_POINTERS, "several pointers may lead to the same memory")),)
        if self._is_mixed:
            return (Case("", anywhere, Doubt(Code.REINTERPRETED_MEMORY, "the memory is used as several types")),)
        cases: list[Case] = [Case("", ())]
        steps = list(place.steps)
        position = 0
        while position < len(steps):
            step = steps[position]
            if isinstance(step, Field):
                number = str(self._fields.setdefault(step.name, len(self._fields)))
                found = [Case("", (number,))]
                position += 1
            else:
                key = _skeleton(replace(place, steps=tuple(steps[:position])))
                block = [
                    each for each in itertools.takewhile(_is_element, steps[position:]) if isinstance(each, Element)
                ]
                if self._may_leave_member(key, block, path):
                    reason = "a subscript may leave the array in its record"
                    return (Case("", anywhere, Doubt(Code.SUBSCRIPT_BOUNDS, reason)),)
                found = self._block(key, block, path)
                position += len(block)
            cases = [case.then(other) for case in cases for other in found]
            if len(cases) > _MOST_CASES:
                reason = "the subscripts have too many cases"
                return (Case("", anywhere, Doubt(Code.NON_AFFINE_SUBSCRIPT, reason)),)
        return tuple(
            replace(case, texts=(*case.texts, *(None for _ in range(self.rank - len(case.texts))))) for case in cases
        )

    def _may_leave_member(self, key: tuple[str, ...], block: list[Element], path: tuple[str, ...]) -> bool:
        """Return True if subscripts of an array in a record may lead to other members.

        Those that nothing is known of stay inside, as those of any array do; so do all of a last member without length.
        """
        if not key or key[-1] == CONTENTS.name or not isinstance(block[0].value, Value) or block[0].count is None:
            return False
        return self._is_flattened(key) or not self._stays(block[0], path)

    def _block(self, key: tuple[str, ...], block: list[Element], path: tuple[str, ...]) -> list[Case]:
        """Return the coordinates of consecutive subscripts."""
        if key in self._layouts:
            return self._split(key, block[0], path)
        missing = self._lengths[key] - len(block)
        if self._is_flattened(key):
            doubt = Doubt(Code.SUBSCRIPT_BOUNDS, "a whole row is touched, and another subscript may leave its row")
            return [Case("", (None,), doubt)] if missing else self._flattened(block)
        cases: list[Case] = [Case("", ())]
        for element in block:
            cases = [case.then(other) for case in cases for other in self._coordinate(element)]
        # All elements of a row that is touched as a whole.
        return [replace(case, texts=(*case.texts, *(None for _ in range(missing)))) for case in cases]

    def _coordinate(self, element: Element) -> list[Case]:
        if isinstance(element.value, Opaque):
            return [Case("", (None,), element.value.doubt())]
        return [self._piece(piece) for piece in element.value.pieces]

    def _piece(self, piece: Piece, doubt: Doubt | None = None) -> Case:
        text = self._facts.text(piece.poly)
        if text is None:
            reason = "the subscript multiplies values that change"
            return Case(piece.formula, (None,), doubt or Doubt(Code.NON_AFFINE_SUBSCRIPT, reason))
        return Case(piece.formula, (text,))

    def _flattened(self, block: list[Element]) -> list[Case]:
        """Return one coordinate for all subscripts of a row of rows."""
        reason = "a subscript may leave its row, and the length of the row is not a number"
        doubt = Doubt(Code.SUBSCRIPT_BOUNDS, reason)
        numbers = self._machine.numbers
        total: Value | None = Value.of(0)
        for number, element in enumerate(block):
            if isinstance(element.value, Opaque):
                return [Case("", (None,), element.value.doubt())]
            if number and total is not None:
                total = numbers.combine(total, element.count, Poly.__mul__) if element.count is not None else None
            if total is not None:
                total = numbers.combine(total, element.value, Poly.__add__)
        if total is None:
            return [Case("", (None,), doubt)]
        return [self._piece(piece, doubt) for piece in total.pieces]

    def _split(self, key: tuple[str, ...], element: Element, path: tuple[str, ...]) -> list[Case]:
        """Return the subscripts that a product such as ``i*n + j`` stands for."""
        layout = self._layouts[key]
        free: tuple[str | None, ...] = (None,) * len(layout.strides)
        if isinstance(element.value, Opaque):
            return [Case("", free, element.value.doubt())]
        found: list[Case] = []
        for piece in element.value.pieces:
            parts = split(piece.poly, layout)
            if parts is None:
                doubt = Doubt(Code.NON_AFFINE_SUBSCRIPT, "the subscript does not fit the array's others")
                found.append(Case(piece.formula, free, doubt))
                continue
            with self._facts.under(*path, piece.formula):
                settled = self._carried(parts, layout)
            doubt = Doubt(Code.SUBSCRIPT_BOUNDS, "a subscript may leave its recovered row")
            found.append(Case(piece.formula, settled or free, None if settled else doubt))
        return found

    def _carried(self, parts: list[Poly], layout: Layout) -> tuple[str, ...] | None:
        """Return the subscripts brought into their rows (``a[i*n + n - 1]`` is ``[i][n - 1]``)."""
        parts = list(parts)
        for position in range(len(parts) - 1, 0, -1):
            extent = layout.extents[position - 1]
            upper = self._facts.text(extent)
            for borrowed in (0, 1, -1):
                shifted = parts[position] + extent.scaled(borrowed)
                text = self._facts.text(shifted)
                if text is not None and upper is not None and self._facts.prove(f"0 <= {text} < {upper}"):
                    parts[position] = shifted
                    parts[position - 1] = parts[position - 1] - Poly.of(borrowed)
                    break
            else:
                return None
        texts = [self._facts.text(part) for part in parts]
        found = tuple(text for text in texts if text is not None)
        return found if len(found) == len(texts) else None


def _is_element(step: Element | Field) -> bool:
    return isinstance(step, Element)


def _is_mixed(skeletons: set[tuple[str, ...]]) -> bool:
    """Return True if one place has both subscripts and fields, as if it were of two types."""
    kinds: dict[tuple[str, ...], set[bool]] = {}
    for skeleton in skeletons:
        for position, step in enumerate(skeleton):
            kinds.setdefault(skeleton[:position], set()).add(step == "[]")
    return any(len(found) > 1 for found in kinds.values())


def _has_product(poly: Poly) -> bool:
    return any(len(monomial) > 1 for monomial, _ in poly.terms)


def _skeleton(place: Place) -> tuple[str, ...]:
    return tuple(step.name if isinstance(step, Field) else "[]" for step in place.steps)


def _blocks(place: Place) -> list[tuple[tuple[str, ...], list[Element]]]:
    """Return the runs of consecutive subscripts, each with the way to it."""
    found: list[tuple[tuple[str, ...], list[Element]]] = []
    current: list[Element] = []
    for position, step in enumerate(place.steps):
        if isinstance(step, Element):
            if not current:
                found.append((_skeleton(replace(place, steps=place.steps[:position])), current))
            current.append(step)
        else:
            current = []
    return found
