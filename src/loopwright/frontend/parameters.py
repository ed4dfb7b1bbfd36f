"""The parameters of one nest: their isl names, C expressions, ranges, and guards over them as C text."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.assumption import SetText
from loopwright.core.variable import Parameter
from loopwright.frontend.affine import Atom, Floor, Poly
from loopwright.frontend.syntax import Expression
from loopwright.frontend.types import LONG_LONG, CType
from loopwright.poly.implication import Constraint, Region

_RESERVED_NAMES = "and or not exists implies mod floor ceil floord ceild min max true false infty NaN nan int rat"
_RESERVED = frozenset(_RESERVED_NAMES.split())
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class _Entry:
    expression: str
    type: CType
    is_guardable: bool
    lower: int | None
    upper: int | None
    source: Expression | None = None


class NameTable:
    """Gives out identifiers that isl accepts, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return ``wanted``, or ``wanted_2`` and so on if it is taken, with other characters made underscores."""
        name = "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in wanted)
        if not name or not (name[0].isalpha() or name[0] == "_") or name in _RESERVED:
            name = f"{name}_" if name in _RESERVED else f"v{name}"
        candidate, number = name, 2
        while candidate in self._taken:
            candidate, number = f"{name}_{number}", number + 1
        self._taken.add(candidate)
        return candidate


class ParameterTable:
    """The values that stay fixed in the nest, found as it is read."""

    def __init__(self, names: NameTable) -> None:
        self._names = names
        self._entries: dict[str, _Entry] = {}
        self._by_key: dict[object, str] = {}
        self._definitions: dict[str, str] = {}

    def define(self, symbol: Poly, formula: str) -> None:
        """Record what the declaration of the parameter ``symbol`` says of its value, in terms of others."""
        (name,) = symbol.symbols
        self._definitions[name] = f"({formula})"

    def symbol(
        self,
        key: object,
        wanted: str,
        expression: str,
        type_: CType,
        *,
        is_guardable: bool = True,
        lower: int | None = None,
        source: Expression | None = None,
    ) -> Poly:
        """Return the parameter for ``key``, made at first use.

        Args:
            key: Identity of the value.
            wanted: Name to try first.
            expression: C text.
            type_: Integer type, which bounds the value.
            is_guardable: The expression may be evaluated in front of the nest whatever the input.
            lower: A bound that holds by construction.
            source: The expression in the user's code, where it is no variable.
        """
        name = self._by_key.get(key)
        if name is None:
            name = self._names.take(wanted)
            self._by_key[key] = name
            least, greatest = type_.value_range if type_.is_integer else (None, None)
            least = lower if lower is not None else least
            self._entries[name] = _Entry(expression, type_, is_guardable, least, greatest, source)
        return Poly.symbol(name)

    def opaque(
        self, expression: str, type_: CType, *, is_guardable: bool = True, source: Expression | None = None
    ) -> Poly:
        """Return the parameter for an expression that has no simpler form."""
        is_short = expression.replace("->", "_").replace(".", "_").replace("_", "a").isalnum()
        wanted = expression.replace("->", "_").replace(".", "_") if is_short else f"p{self._opaque_count()}"
        return self.symbol(("text", expression), wanted, expression, type_, is_guardable=is_guardable, source=source)

    def _opaque_count(self) -> int:
        return sum(1 for key in self._by_key if isinstance(key, tuple))

    def product(self, names: tuple[str, ...]) -> Poly:
        """Return the parameter for a product of parameters."""
        entries = [self._entries[name] for name in names]
        first, *rest = entries
        expression = f"(long long)({first.expression})" + "".join(f" * ({entry.expression})" for entry in rest)
        lower = 0 if all(entry.lower is not None and entry.lower >= 0 for entry in entries) else None
        return self.symbol(
            ("product", names),
            f"p{self._opaque_count()}",
            expression,
            LONG_LONG,
            is_guardable=all(entry.is_guardable for entry in entries),
            lower=lower,
        )

    def has(self, key: object) -> bool:
        """Return True if ``key`` has a parameter already."""
        return key in self._by_key

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order of first use."""
        return tuple(self._entries)

    def sources(self) -> tuple[tuple[str, object, Expression | None], ...]:
        """Return name, key and source of every parameter; the key of a variable is its own."""
        return tuple((name, key, self._entries[name].source) for key, name in self._by_key.items())

    def is_guardable(self, name: str) -> bool:
        """Return True if the parameter may be evaluated in front of the nest."""
        return self._entries[name].is_guardable

    def expression(self, name: str) -> str:
        """Return the C expression of a parameter."""
        return self._entries[name].expression

    def values(self) -> tuple[Parameter, ...]:
        """Return the parameters as the nest lists them."""
        return tuple(
            Parameter(name, entry.expression, entry.type.element_type(), entry.is_guardable)
            for name, entry in self._entries.items()
        )

    def prefix(self) -> str:
        """Return ``[n, m] -> `` with all parameters."""
        return f"[{', '.join(self._entries)}] -> "

    def ranges(self) -> str:
        """Return the formula of what the types say, for proofs inside the frontend."""
        parts: list[str] = []
        for name, entry in self._entries.items():
            if entry.lower is not None and entry.upper is not None:
                parts.append(f"{entry.lower} <= {name} <= {entry.upper}")
        parts += self._definitions.values()
        return " and ".join(parts)

    def implied(self) -> str:
        """Return the formula of what the code implies for any reader: signs of unsigned values, definitions of sums."""
        signs = [f"{name} >= 0" for name, entry in self._entries.items() if entry.lower == 0]
        return " and ".join([*signs, *self._definitions.values()])

    def context(self, formula: str) -> SetText:
        """Return a set of parameters."""
        return SetText(f"{self.prefix()}{{ : {formula} }}")

    def c_text(self, poly: Poly) -> str:
        """Return the polynomial as C, each parameter by its expression."""
        if len(poly.terms) == 1 and poly.terms[0][1] == 1 and len(poly.terms[0][0]) == 1:
            (atom,) = poly.terms[0][0]
            return self._render(atom)[1:-1] if isinstance(atom, Floor) else self._render(atom)
        return poly.text(self._render)

    def _render(self, atom: Atom) -> str:
        if isinstance(atom, str):
            text = self._entries[atom].expression if atom in self._entries else atom
            return text if is_primary(text) else f"({text})"
        inner = self.c_text(atom.of)
        text = f"{inner if is_primary(inner) else f'({inner})'} / {atom.divisor}"
        return f"({text})"

    def count_text(self, poly: Poly) -> str:
        """Return a number of iterations as C; unsigned parameters are made signed, so that it may be negative."""
        for name in sorted(poly.symbols):
            entry = self._entries[name]
            may_be_negative = len(poly.terms) > 1 or any(coefficient < 0 for _, coefficient in poly.terms)
            if not entry.type.is_signed and entry.type.size_bytes >= 4 and may_be_negative:
                return self._sum_text(poly)
        return self.c_text(poly)

    def _sum_text(self, poly: Poly) -> str:
        return poly.text(
            lambda atom: f"(long long){self._primary(atom) if isinstance(atom, str) else self._render(atom)}"
        )

    def wide_text(self, poly: Poly) -> str:
        """Return the polynomial as C in ``double``, for comparisons that integer arithmetic might overflow."""
        terms: list[str] = []
        for monomial, coefficient in poly.terms:
            factors = [f"(double){self._primary(atom)}" for atom in monomial if isinstance(atom, str)]
            terms.append(" * ".join([*factors, *([f"{coefficient}.0"] if coefficient != 1 or not factors else [])]))
        return " + ".join(terms) or "0.0"

    def guard(self, region: Region) -> str | None:
        """Return a C condition for ``region``; None if it cannot be evaluated in front of the nest."""
        names = {name for group in region.alternatives for each in group for name, _ in each.coefficients}
        if not all(name in self._entries and self._entries[name].is_guardable for name in names):
            return None
        groups = [" && ".join(self._comparison(each) for each in group) for group in region.alternatives]
        if len(groups) == 1:
            return groups[0]
        return " || ".join(f"({group})" for group in groups)

    def _comparison(self, constraint: Constraint) -> str:
        relation = "==" if constraint.is_equality else ">="
        if len(constraint.coefficients) == 1:
            return self._single(constraint)
        large = [name for name, _ in constraint.coefficients if self._may_exceed(name)]
        left = [(name, c) for name, c in constraint.coefficients if c > 0]
        right = [(name, -c) for name, c in constraint.coefficients if c < 0]
        greater = self._sum(left, max(constraint.constant, 0))
        text = f"{greater} {relation} {self._sum(right, max(-constraint.constant, 0))}"
        checks = [f"{self._primary(name)} <= {_LARGEST}ull" for name in large]
        return " && ".join([*checks, text])

    def _may_exceed(self, name: str) -> bool:
        upper = self._entries[name].upper
        return upper is not None and upper > _LARGEST

    def _primary(self, name: str) -> str:
        text = self._entries[name].expression
        return text if text.replace("_", "a").isalnum() else f"({text})"

    def _sum(self, terms: list[tuple[str, int]], constant: int) -> str:
        parts = [
            f"{c} * (long long){self._primary(name)}" if c != 1 else f"(long long){self._primary(name)}"
            for name, c in terms
        ]
        if constant or not parts:
            parts.append(str(constant))
        return " + ".join(parts)

    def _single(self, constraint: Constraint) -> str:
        ((name, coefficient),) = constraint.coefficients
        text = self._primary(name)
        suffix = "ull" if self._may_exceed(name) else ""
        if constraint.is_equality:
            if constraint.constant % coefficient:
                return "0"
            return f"{text} == {_literal(-constraint.constant // coefficient, suffix)}"
        if coefficient > 0:
            bound = -(constraint.constant // coefficient)
            return f"{text} >= {_literal(bound, suffix)}"
        bound = constraint.constant // -coefficient
        return f"{text} <= {_literal(bound, suffix)}"


def _literal(value: int, suffix: str) -> str:
    if suffix and value < 0:
        return "0"
    if -(1 << 31) < value < 1 << 31:
        return str(value)
    return f"{value}{suffix or 'll'}"


def is_primary(text: str) -> bool:
    """Return True if C text needs no parentheses as an operand (names, members, calls, subscripts).

    >>> is_primary("s->n"), is_primary("n + 1")
    (True, False)
    """
    plain = text.replace("->", ".").removesuffix(".size()")
    if plain.startswith("(") and plain.endswith(")") and plain.count("(") == 1:
        return True
    return all(letter.isalnum() or letter in "_.[]" for letter in plain)
