"""What declarative directives say: which variables a device has of its own, what a user-defined reduction runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.frontend.openmp.clauses import split_top
from loopwright.frontend.openmp.pragmas import Pragma

_BUILT_IN = frozenset({"+", "-", "*", "&", "|", "^", "&&", "||", "min", "max"})
_DEVICE_LISTS = frozenset({"to", "enter", "link", "device_type", "indirect"})
_OWN = frozenset({"omp_out", "omp_in", "omp_orig", "omp_priv"})
_NAME = re.compile(r"(?P<before>\.\s*|->\s*|\bstruct\s+|\bunion\s+)?\b(?P<name>[A-Za-z_]\w*)(?P<after>\s*\{)?")
_WORDS = frozenset(
    [
        "int",
        "unsigned",
        "signed",
        "char",
        "short",
        "long",
        "float",
        "double",
        "bool",
        "_Bool",
        "const",
        "struct",
        "union",
        "sizeof",
        "true",
        "false",
        "min",
        "max",
        "fmin",
        "fmax",
        "fminf",
        "fmaxf",
        "fabs",
        "fabsf",
        "abs",
        "std",
    ]
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*_(?:MAX|MIN)|HUGE_VALF?|INFINITY")
# The variable as a whole, where an operator that somebody wrote may take it.
_WHOLE = re.compile(r"\bomp_(?:out|in|orig)\b(?!\s*(?:\.|->|\[))")


@dataclass(frozen=True, slots=True)
class Declarative:
    """The declarative directives of a program.

    Attributes:
        pragmas: All directives, with the files that they stand in.
    """

    pragmas: tuple[tuple[str, Pragma], ...]

    def is_on_device(self, name: str, path: str, line: int) -> bool:
        """Return True if a variable of this name, declared there, is one that devices have: no region copies it."""
        open_path = ""
        for where, pragma in self.pragmas:
            directive = pragma.directive
            if directive is None:
                continue
            if directive.name in ("declare target", "begin declare target"):
                lists = [
                    directive.argument,
                    *(each.argument for each in directive.clauses if each.name in _DEVICE_LISTS),
                ]
                named = [item for each in lists if each for item in split_top(each)]
                if name in named:
                    return True
                is_range = directive.name.startswith("begin") or not named
                if is_range and where == path and pragma.line < line:
                    open_path = where
            elif directive.name.startswith("end") and where == open_path and pragma.line < line:
                open_path = ""
        return bool(open_path)

    def why_reduction_is_unknown(self, operator: str, *, is_record: bool) -> str | None:
        """Return why it is not known what a reduction runs; None if it touches nothing but its own copies.

        Args:
            operator: As the clause names it.
            is_record: The variable is of a C++ class, whose operators somebody may have written.
        """
        if operator in _BUILT_IN:
            return f"an operator of a class may do anything in the reduction '{operator}'" if is_record else None
        texts = [
            part
            for _, pragma in self.pragmas
            if pragma.directive is not None
            and pragma.directive.name == "declare reduction"
            and split_top(pragma.directive.argument or "", ":")[0].strip() == operator
            for part in (
                ":".join(split_top(pragma.directive.argument or "", ":")[2:]),
                *(each.argument or "" for each in pragma.directive.clauses),
            )
        ]
        if not texts:
            return f"the reduction '{operator}' is not declared in the files that were given"
        for text in texts:
            foreign = next((found.group("name") for found in _NAME.finditer(text) if _is_foreign(found)), None)
            if foreign is not None:
                return f"what '{foreign}' in the reduction '{operator}' does is not known"
            if is_record and _WHOLE.search(text) is not None:
                return f"an operator of a class may do anything in the reduction '{operator}'"
        return None


def _is_foreign(found: re.Match[str]) -> bool:
    name = found.group("name")
    is_part = found.group("before") is not None or found.group("after") is not None
    return not is_part and name not in _OWN | _WORDS and _CONSTANT.fullmatch(name) is None
