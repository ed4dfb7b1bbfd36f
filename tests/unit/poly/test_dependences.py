"""Edges, what carries them, distances, witnesses, coverage: checked by hand on nests of a few lines."""

from __future__ import annotations

import doctest
from dataclasses import replace

import islpy as isl
import pytest

from loopwright.core.nest import LoopNest
from loopwright.poly import convert, dependences, flow, nest_sets, schedule, witness
from loopwright.poly.convert import Deadline, LimitError, PolyError, limited, to_set
from loopwright.poly.dependences import Edge, carried_at, find_edges, to_dependence
from loopwright.poly.nest_sets import sets_of
from nests import For, If, array, nest, scalar


def edges(given: LoopNest) -> tuple[Edge, ...]:
    return find_edges(sets_of(given), Deadline(10.0))


def summary(given: LoopNest) -> set[tuple[str, str | None, tuple[str, ...]]]:
    sets = sets_of(given)
    found = (to_dependence(sets, edge) for edge in edges(given))
    return {(str(item.kind), item.carried_by, item.distances) for item in found}


@pytest.mark.parametrize("module", [convert, dependences, flow, nest_sets, schedule, witness])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_a_loop_carries_what_differs_first_there() -> None:
    flows = isl.Map("[n] -> { S[i, j] -> T[i', j'] : i' = i and j' > j and 0 <= i, j, j' < n }")
    assert carried_at(flows, 0).is_empty()
    assert not carried_at(flows, 1).is_empty()
    assert carried_at(flows, 1, descending=True).is_empty()
    skewed = isl.Map("[n] -> { S[i, j] -> S[i', j'] : i' = i + 1 and j' = j + 1 }")
    assert carried_at(skewed, 1).is_empty()


def test_kinds_and_distances() -> None:
    given = nest("n m", For("i", "2", "n", For("j", "0", "m", "a[i][j] = a[i-2][j+1]")))
    assert summary(given) == {("flow", "i", ("2", "-1"))}
    within = nest("n", For("i", "0", "n", ["t = b[i]", "a[i] = t"]), scalar("t"))
    assert ("flow", None, ("0",)) in summary(within)
    assert ("output", "i", ("+",)) in summary(within)
    own = nest("n", For("i", "0", "n", ["t = b[i]", "a[i] = t"]), scalar("t", scope="i"))
    assert summary(own) == {("flow", None, ("0",))}


def test_distances_count_iterations_in_the_order_they_run() -> None:
    strided = nest("n", For("i", "4", "n", "a[i] = a[i-4]", step=2))
    assert summary(strided) == {("flow", "i", ("2",))}
    backwards = nest("n", For("i", "n - 1", "0", "a[i] = a[i+1]", step=-1))
    assert summary(backwards) == {("flow", "i", ("1",))}


def test_an_odd_and_an_even_subscript_never_meet() -> None:
    assert summary(nest("n", For("i", "0", "n", "a[2*i] = a[2*i + 1]"))) == set()


def test_an_inexact_domain_makes_an_inexact_edge() -> None:
    given = nest("n", For("i", "1", "n", If("?", "a[i] = a[i-1]")))
    (edge,) = edges(given)
    dependence = to_dependence(sets_of(given), edge)
    assert not dependence.exact
    assert dependence.code == "LW213"


def test_the_time_limit_is_kept() -> None:
    given = nest("n", For("i", "1", "n", "a[i] = a[i-1]"))
    ticks = iter(range(100))
    with pytest.raises(LimitError):
        find_edges(sets_of(given), Deadline(0.5, clock=lambda: float(next(ticks))))


def test_isl_stops_after_its_operations_and_goes_on_afterwards() -> None:
    def work() -> None:
        pairs = isl.Map("[n] -> { [i, j] -> [k, l] : 0 <= i + k < j and 2j < 3l + n and i + 2k < 7l }")
        for _ in range(50):
            pairs.apply_range(pairs.reverse()).subtract(pairs).is_empty()

    with pytest.raises(LimitError), limited(0.001):
        work()
    assert not to_set("{ [i] : i > 41 }").is_empty()


def test_text_that_is_no_set_raises_our_own_error() -> None:
    with pytest.raises(PolyError):
        to_set("{ [i] : i * i < 4 }")
    with pytest.raises(PolyError), limited(1.0):
        isl.Set("nonsense")


def test_elements_are_spelt_as_the_user_spells_them() -> None:
    flat = array("a", 2, strides=("m", "1"))
    given = nest("n m", For("i", "1", "n", For("j", "0", "m", "a[i][j] = a[i-1][j]")), flat, context=": m = 5")
    (edge,) = edges(given)
    found = witness.find_witness(sets_of(given), edge)
    assert found is not None
    assert found.element == "a[5]"
    member = array("p.x", 1, base="p")
    (edge,) = edges(nest("n", For("i", "1", "n", "p.x[i] = p.x[i-1]"), member))
    found = witness.find_witness(sets_of(nest("n", For("i", "1", "n", "p.x[i] = p.x[i-1]"), member)), edge)
    assert found is not None
    assert found.element == "p[1].x"


def test_witnesses_take_small_numbers_but_large_ones_where_they_must() -> None:
    given = nest("n m", For("i", "0", "n", "a[i] = a[i+m]"), context=": m >= 1000")
    (edge,) = edges(given)
    found = witness.find_witness(sets_of(given), edge)
    assert found is not None
    values = dict(found.parameters)
    assert values["m"] >= 1000
    assert found.sink.iterators[0][1] - found.source.iterators[0][1] == values["m"]


def test_parameters_that_are_computed_have_their_values_in_a_witness() -> None:
    def found(subscript: str, expression: str) -> witness.Witness | None:
        given = nest("n p m", For("i", "0", "n", f"a[i] = a[{subscript}]"))
        computed = [replace(item, expression=expression) if item.name == "p" else item for item in given.parameters]
        given = replace(given, parameters=tuple(computed))
        sets = sets_of(given)
        return next((found for edge in edges(given) if (found := witness.find_witness(sets, edge))), None)

    square = found("i + p", "(n)*(n)")
    assert square is None  # i + n * n is below n for no i
    product = found("i + p", "(m)*(m + 1)")
    assert product is not None
    assert dict(product.parameters) == {"n": 3, "p": 2, "m": 1}
    half = found("i + p", "(n) / 2")
    assert half is not None
    assert dict(half.parameters) == {"n": 2, "p": 1, "m": 0}
    unused = found("i + 1", "(n)*(n)")
    assert unused is not None
    assert dict(unused.parameters) == {"n": 2, "p": 4, "m": 0}


def test_reads_are_covered_by_writes_of_their_own_iteration_only() -> None:
    def uncovered(*body: object) -> list[str]:
        given = nest("n m", For("i", "0", "n", list(body)), scalar("t"))
        return [read.statement.name for read in flow.uncovered_reads(sets_of(given), "t", "i")]

    assert uncovered("t = b[i]", "a[i] = t") == []
    assert uncovered("a[i] = t", "t = b[i]") == ["S0"]
    assert uncovered("t += b[i]") == ["S0"]
    assert uncovered(If("i >= 1", "t = b[i]"), "a[i] = t") == ["S1"]
    assert uncovered(If("i >= 1", "t = b[i]"), If("i >= 2", "a[i] = t")) == []
    assert uncovered(For("j", "0", "m", "t = b[j]"), "a[i] = t") == ["S1"]
    assert uncovered(If("?", "t = b[i]"), "a[i] = t") == ["S1"]


def test_a_write_under_a_condition_covers_reads_under_the_same_condition() -> None:
    def uncovered(*body: object) -> list[str]:
        given = nest("n m", For("i", "0", "n", list(body)), scalar("t"), array("w"))
        names = [read.statement.name for read in flow.uncovered_reads(sets_of(given), "t", "i")]
        return names + [read.statement.name for read in flow.uncovered_reads(sets_of(given), "w", "i")]

    assert uncovered(If("?c", ["t = b[i]", "a[i] = t"])) == []
    assert uncovered(If("?c", "t = b[i]"), "a[i] = t") == ["S1"]
    assert uncovered(If("?c", "t = b[i]"), If("?d", "a[i] = t")) == ["S1"]
    assert uncovered(If("?c", "t = b[i]"), If("?d", "t = d[i]"), "a[i] = t") == ["S2"]
    assert uncovered(If("?c", "t = b[i]", "a[i] = t")) == ["S1"]
    assert uncovered(If("?c", "t = b[i]", "t = d[i]"), "a[i] = t") == []
    assert uncovered(If("?c", "t = b[i]", If("?d", "t = d[i]", "t = e[i]")), "a[i] = t") == []
    assert uncovered(If("?c", "t = b[i]", If("?d", "t = d[i]")), "a[i] = t") == ["S2"]
    # The condition is another one in each iteration of j, and so may be the element.
    assert uncovered(For("j", "0", "m", If("?c", "w[j] = b[j]", "w[m - j] = b[j]")), "a[i] = w[3]") == ["S2"]
    shifted = For("j", "0", "8", If("?c", "w[j] = b[j]", "w[j + 1] = b[j]"))
    assert uncovered(shifted, "a[i] = w[3]") == ["S2"]
    inner = [For("j", "0", "4", If("?c", "t = b[j]")), For("k", "0", "4", If("?d", "a[k] = t"))]
    assert uncovered(*inner) == ["S1"]
    assert uncovered(For("j", "0", "4", If("?c", ["a[j] = t", "t = b[j]"]))) == ["S0"]


def test_bounds_in_c_are_read_only_if_they_are_plainly_affine() -> None:
    def iterations(lower: str, upper: str) -> bool:
        loop = For("i", "0", "n", "a[i] = b[i]", facts={"lower": lower, "upper": upper})
        return sets_of(nest("n m", loop)).iterations("i") is not None

    assert iterations("0", "n")
    assert iterations("0", "1 * n + 0")
    assert not iterations("0", "n / 2")
    assert not iterations("0", "len[0]")
    assert not iterations("1", "n")  # the statement runs outside: misread


def test_a_loop_always_runs_only_if_the_context_says_so() -> None:
    loop = For("i", "0", "n", For("j", "i", "n", "a[j] = b[j]"))
    assert not flow.always_runs(sets_of(nest("n", loop)), "i")
    assert flow.always_runs(sets_of(nest("n", loop, context=": n >= 1")), "i")
    assert flow.always_runs(sets_of(nest("n", loop)), "j")
    inner = For("i", "0", "n", For("j", "0", "m", "a[j] = b[j]"))
    assert not flow.always_runs(sets_of(nest("n m", inner)), "j")
