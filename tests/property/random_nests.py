"""Random small affine nests over one parameter with a fixed value."""

from __future__ import annotations

import random
from typing import Any

from loopwright.core.nest import LoopNest
from loopwright.core.variable import Variable
from nests import For, If, array, local_array, nest, scalar

ARRAYS = {"a": 1, "b": 2, "c": 1}
SCALARS = ("t", "u", "s")


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0
        self.scopes: dict[str, str] = {}

    def loop(self, outer: tuple[str, ...], depth: int) -> For:
        name = f"i{self.count}"
        self.count += 1
        rng = self.rng
        lower = rng.choice(["0", "0", "1", *([outer[-1]] if outer else [])])
        upper = rng.choice(["n", "n", "n - 1", "3", *([f"{outer[-1]} + 2"] if outer else [])])
        step = rng.choice([1, 1, 1, 2, -1, -2])
        if step < 0:
            lower, upper = rng.choice(
                [("n", "0"), ("n - 1", "-1"), *([(f"{outer[-1]} + 2", outer[-1])] if outer else [])]
            )
        loops = (*outer, name)
        if depth > 1 and rng.random() < 0.6:
            return For(name, lower, upper, self.loop(loops, depth - 1), step)
        body = [self.entry(loops, depth) for _ in range(rng.choice([1, 2, 2, 3]))]
        if rng.random() < 0.25:
            own = f"v{len(self.scopes)}"
            self.scopes[own] = name
            body = [f"{own} = {self.reference(loops)}", *body, f"{self.target(loops)} = {own}"]
        return For(name, lower, upper, body, step)

    def entry(self, loops: tuple[str, ...], depth: int) -> Any:
        rng = self.rng
        draw = rng.random()
        if depth > 1 and draw < 0.3:
            return self.loop(loops, depth - 1)
        if draw < 0.45:
            condition = rng.choice([f"{loops[-1]} >= 2", f"{loops[0]} mod 2 = 0", f"{loops[-1]} <= {loops[0]}"])
            return If(condition, self.statement(loops))
        return self.statement(loops)

    def statement(self, loops: tuple[str, ...]) -> str:
        rng = self.rng
        reads = " ".join(self.reference(loops) for _ in range(rng.choice([0, 1, 1, 2])))
        draw = rng.random()
        if draw < 0.3:
            target = rng.choice([rng.choice(SCALARS), self.array(loops)])
            name = target.split("[")[0]
            # An update's operand does not read the variable.
            operands = " ".join(item for item in self._split(reads) if not item.startswith(name))
            return f"{target} += {operands}"
        return f"{self.target(loops)} = {reads}"

    @staticmethod
    def _split(text: str) -> list[str]:
        return text.replace("] ", "];").replace("t ", "t;").replace("u ", "u;").replace("s ", "s;").split(";")

    def target(self, loops: tuple[str, ...]) -> str:
        return self.rng.choice(SCALARS) if self.rng.random() < 0.3 else self.array(loops)

    def reference(self, loops: tuple[str, ...]) -> str:
        return self.rng.choice(SCALARS) if self.rng.random() < 0.3 else self.array(loops)

    def array(self, loops: tuple[str, ...]) -> str:
        name = self.rng.choice(list(ARRAYS))
        return name + "".join(f"[{self.subscript(loops)}]" for _ in range(ARRAYS[name]))

    def subscript(self, loops: tuple[str, ...]) -> str:
        rng = self.rng
        loop, shift = rng.choice(loops), rng.choice(["", "", " + 1", " - 1"])
        draw = rng.random()
        if draw < 0.1:
            return "1"
        if draw < 0.2:
            return f"2*{loop}{shift}"
        if draw < 0.3 and len(loops) > 1:
            return f"{loops[0]} + {loops[-1]}"
        if draw < 0.36:
            return f"n - {loop}"
        return f"{loop}{shift}"


def random_nest(seed: int, *, symbolic: bool = False) -> tuple[LoopNest, For, dict[str, int]]:
    """Return a nest, the tree it was made of, and the parameter's value, which is not told if ``symbolic``."""
    rng = random.Random(seed)
    maker = _Maker(rng)
    root = maker.loop((), rng.choice([1, 2, 2, 3]))
    value = rng.choice([3, 4, 5])
    variables: list[Variable] = [array(name, rank) for name, rank in ARRAYS.items() if name != "c"]
    variables.append(local_array("c", "40", live_out=rng.random() < 0.5))
    variables += [scalar(name, live_out=rng.random() < 0.4) for name in SCALARS]
    variables += [scalar(name, scope=scope) for name, scope in maker.scopes.items()]
    return nest("n", root, *variables, context=":" if symbolic else f": n = {value}"), root, {"n": value}
