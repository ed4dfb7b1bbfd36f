"""From raw accesses to access relations: delinearization, bounds, variables."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopwright.core.assumption import AssumptionKind, MapText
from loopwright.core.codes import Code
from loopwright.core.nest import Access
from loopwright.core.source import Span
from loopwright.frontend.affine import NotAffine, Poly, Value, conjunction
from loopwright.frontend.collect import RawAccess
from loopwright.frontend.delinearize import Layout, find_layout, split
from loopwright.frontend.places import Index
from loopwright.frontend.values import ValueReader


@dataclass(slots=True)
class ArrayShape:
    """How the subscripts of one variable are laid out.

    Attributes:
        layouts: Per C subscript, how it is split; None where it stays one.
        extents: Per final subscript, as text.
        counts: The same as values, None where unknown.
        strides: Per final subscript, in elements of the base; empty unless one was split.
    """

    layouts: list[Layout | None] = field(default_factory=list["Layout | None"])
    extents: list[str] = field(default_factory=list[str])
    counts: list[Poly | None] = field(default_factory=list["Poly | None"])
    strides: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """Number of final subscripts."""
        return len(self.extents)


class RelationBuilder:
    """Settles the subscripts of one variable's accesses and writes their relations."""

    def __init__(self, reader: ValueReader) -> None:
        self._reader = reader
        self._scope = reader.scope

    def shape(self, accesses: list[RawAccess]) -> ArrayShape:
        """Return the layout that fits the accesses of one variable."""
        shape = ArrayShape()
        positions = len(accesses[0].place.indices)
        for position in range(positions):
            indices = [access.place.indices[position] for access in accesses]
            values = [index.value for index in indices if isinstance(index.value, Value) and not index.is_whole]
            polys = [piece.poly for value in values for piece in value.pieces]
            layout = None
            if any(self._reader.linear(poly) is None or _has_product(poly) for poly in polys):
                layout = find_layout(polys, frozenset(self._scope.parameters.names))
            known = next((index for index in indices if index.extent), indices[0])
            count = _poly_of(known)
            shape.layouts.append(layout)
            shape.extents.append(self._scope.parameters.c_text(count) if count is not None else known.extent)
            shape.counts.append(count)
            if layout is not None:
                shape.extents += [self._scope.parameters.c_text(extent) for extent in layout.extents]
                shape.counts += layout.extents
        if any(shape.layouts):
            shape.strides = self._strides(shape)
        return shape

    def _strides(self, shape: ArrayShape) -> tuple[str, ...]:
        strides: list[str] = []
        for position, layout in enumerate(shape.layouts):
            if layout is None:
                strides.append("1" if len(shape.layouts) == 1 else "0")
            else:
                texts = [self._scope.parameters.c_text(stride) for stride in layout.strides]
                strides += texts if position == 0 else ["0"] * len(texts)
        return tuple(strides)

    def relation(
        self,
        access: RawAccess,
        shape: ArrayShape,
        statement: str,
        array: str,
        variable: str,
        span: Span,
        steering: tuple[str, ...],
    ) -> Access:
        """Return the access with its relation."""
        found = self._exact(access, shape, statement, array)
        if isinstance(found, NotAffine):
            free = [f"o{number}'" for number in range(shape.rank)]
            text = self._map(access, statement, array, free, access.extra)
            return Access(
                variable, access.kind, text, False, span, found.code, found.reason, steering, access.is_update
            )
        why = access.inexact
        place = access.place
        code, reason = (why.code, why.reason) if why else (place.code, place.reason)
        return Access(variable, access.kind, found, code is None, span, code, reason, (), access.is_update)

    def _exact(self, access: RawAccess, shape: ArrayShape, statement: str, array: str) -> MapText | NotAffine:
        place = access.place
        if place.code is Code.REINTERPRETED_MEMORY or place.code is Code.ROW_POINTERS:
            return NotAffine(place.code, place.reason)
        cases: list[tuple[str, list[str]]] = [("", [])]
        for position, index in enumerate(place.indices):
            if isinstance(index.value, NotAffine):
                return index.value
            if index.is_whole:
                bound = self._reader.isl(index.count.poly) if index.count and index.count.poly is not None else None
                if bound is None or shape.layouts[position] is not None:
                    return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "all elements of an array are accessed")
                cases = [
                    (conjunction(formula, f"0 <= o{position}' < {bound}"), [*texts, f"o{position}'"])
                    for formula, texts in cases
                ]
                continue
            grown: list[tuple[str, list[str]]] = []
            for formula, texts in cases:
                for piece in index.value.pieces:
                    given = conjunction(formula, piece.formula)
                    subscripts = self._subscripts(piece.poly, position, shape, access, given)
                    if isinstance(subscripts, NotAffine):
                        return subscripts
                    grown.append((given, texts + subscripts))
            if len(grown) > 8:
                return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the subscripts have too many cases")
            cases = grown
        return self._union(access, statement, array, cases)

    def _subscripts(
        self, poly: Poly, position: int, shape: ArrayShape, access: RawAccess, given: str
    ) -> list[str] | NotAffine:
        layout = shape.layouts[position]
        parts = [poly] if layout is None else split(poly, layout)
        if parts is None:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the subscript does not fit the array's other subscripts")
        first = self._first_position(position, shape)
        for offset in range(len(parts) - 1, 0, -1):
            carry = self._carry(parts[offset], shape.counts[first + offset], access, given)
            if isinstance(carry, NotAffine):
                return carry
            parts[offset], borrowed = carry
            parts[offset - 1] = parts[offset - 1] - borrowed
        if first > 0 and not access.place.indices[position].is_free:
            doubt = self._check_row(parts[0], shape.counts[first], access, given)
            if doubt is not None:
                return doubt
        texts = [self._reader.isl(part) for part in parts]
        found = [text for text in texts if text is not None]
        if len(found) < len(texts):
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the subscript multiplies values that change")
        return found

    def _first_position(self, position: int, shape: ArrayShape) -> int:
        return sum(1 if layout is None else 1 + len(layout.extents) for layout in shape.layouts[:position])

    def _carry(self, inner: Poly, count: Poly | None, access: RawAccess, given: str) -> tuple[Poly, Poly] | NotAffine:
        """Bring a recovered subscript into its row.

        In ``a[i*n + n - 1]`` the terms alone give ``[i + 1][-1]``; what is meant is ``[i][n - 1]``.

        Returns:
            The subscript and what it borrows from the next outer one, or why it may leave its row.
        """
        name = access.place.root.name
        if count is None:
            return NotAffine(Code.SUBSCRIPT_BOUNDS, f"the length of a row of '{name}' is not known")
        choices = [(inner + count.scaled(borrowed), Poly.of(borrowed)) for borrowed in (0, 1, -1)]
        for shifted, borrowed in choices:
            if self._stays(shifted, count, access, given):
                return shifted, borrowed
        # A guard that keeps a subscript with iterators within another row would hold for rows of one element only.
        is_fixed = all(name in self._scope.parameters for name in inner.symbols)
        for shifted, borrowed in choices if is_fixed else choices[:1]:
            if self._is_made_to_stay(shifted, count, access, given):
                return shifted, borrowed
        return NotAffine(Code.SUBSCRIPT_BOUNDS, f"a subscript of '{name}' may leave its recovered row")

    def _check_row(self, index: Poly, count: Poly | None, access: RawAccess, given: str) -> NotAffine | None:
        """Prove that a subscript stays within its row, or assume it under a guard."""
        name = access.place.root.name
        if count is None:
            return NotAffine(Code.SUBSCRIPT_BOUNDS, f"the length of a row of '{name}' is not known")
        if self._is_made_to_stay(index, count, access, given):
            return None
        return NotAffine(Code.SUBSCRIPT_BOUNDS, f"a subscript of '{name}' may leave its row")

    def _stays(self, index: Poly, count: Poly, access: RawAccess, given: str) -> bool:
        formula = self._within(index, count)
        with self._scope.at(access.frames, access.conditions):
            return formula is not None and self._scope.prove(formula, given)

    def _is_made_to_stay(self, index: Poly, count: Poly, access: RawAccess, given: str) -> bool:
        formula = self._within(index, count)
        if formula is None:
            return False
        clause = f"a subscript of '{access.place.root.name}' stays within its row"
        bounds, code = AssumptionKind.SUBSCRIPT_BOUNDS, Code.SUBSCRIPT_BOUNDS
        with self._scope.at(access.frames, access.conditions):
            return self._scope.require(formula, bounds, code, clause, given)

    def _within(self, index: Poly, count: Poly) -> str | None:
        text, bound = self._reader.isl(index), self._reader.isl(count)
        return f"0 <= {text} < {bound}" if text is not None and bound is not None else None

    def _union(self, access: RawAccess, statement: str, array: str, cases: list[tuple[str, list[str]]]) -> MapText:
        maps = [self._body(access, statement, array, texts, conjunction(access.extra, given)) for given, texts in cases]
        return MapText(f"{self._scope.parameters.prefix()}{{ {'; '.join(maps)} }}")

    def _map(self, access: RawAccess, statement: str, array: str, texts: list[str], formula: str) -> MapText:
        return MapText(f"{self._scope.parameters.prefix()}{{ {self._body(access, statement, array, texts, formula)} }}")

    def _body(self, access: RawAccess, statement: str, array: str, texts: list[str], formula: str) -> str:
        dimensions = ", ".join(frame.name for frame in access.frames)
        condition = f" : {formula}" if formula else ""
        return f"{statement}[{dimensions}] -> {array}[{', '.join(texts)}]{condition}"


def _has_product(poly: Poly) -> bool:
    return any(len(monomial) > 1 for monomial, _ in poly.terms)


def _poly_of(index: Index) -> Poly | None:
    return index.count.poly if index.count is not None else None
