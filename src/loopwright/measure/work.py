"""The work of one call: counted from the nests where they tell, taken from ``kernel.toml`` where they do not."""

from __future__ import annotations

from loopwright.core.campaign import Work
from loopwright.core.function import Function
from loopwright.harness.cases import Case
from loopwright.harness.expression import ExpressionError, evaluate
from loopwright.harness.harness import Harness
from loopwright.poly.work import count_function

COUNTED, STATED = "isl", "kernel.toml"


def count_work(kernel: str, function: Function, harness: Harness, case: Case) -> Work:
    """Return what one call of ``function`` must do with the inputs of ``case``.

    What is counted and when it cannot be is said in ``poly.work.count_function``. There the user's word, the table
    ``[work]`` of ``kernel.toml``, fills in; it never replaces a count. An expression that has no value at these sizes
    leaves its figure unknown.

    Args:
        kernel: Name of the kernel.
        function: What is called.
        harness: Of the function; its spec counts.
        case: Its sizes count.
    """
    sizes = dict(case.sizes)

    def value_of(text: str) -> int | None:
        try:
            return evaluate(text, sizes)
        except ExpressionError:
            return None

    counted, stated = count_function(function, value_of), harness.subject.spec.work
    flops, compulsory_bytes = counted.flops, counted.compulsory_bytes
    sources = [COUNTED] if (flops, compulsory_bytes) != (None, None) else []
    if flops is None and stated.flops is not None:
        flops = value_of(stated.flops)
    if compulsory_bytes is None and stated.compulsory_bytes is not None:
        compulsory_bytes = value_of(stated.compulsory_bytes)
    if (flops, compulsory_bytes) != (counted.flops, counted.compulsory_bytes):
        sources.append(STATED)
    return Work(kernel, case.sizes, flops, compulsory_bytes, " and ".join(sources))
