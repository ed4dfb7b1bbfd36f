"""The kernels compile without warnings, compute what they say, and their loops are what kernel.toml expects."""

from __future__ import annotations

import ctypes
import functools
import heapq
import tempfile
import tomllib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loopwright.config import Limits, Settings
from loopwright.core.legality import Proved
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.spec import load_spec
from loopwright.legality.analyze import analyze_nest
from loopwright.toolchain.compiler import BuildFailed, build, find_compilers

ROOT = Path(__file__).parents[2] / "kernels"
NAMES = sorted(folder.name for folder in ROOT.iterdir() if folder.is_dir())
STRICT = ("-std=c99", "-O3", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-shared", "-fPIC")

Array = np.ndarray[Any, Any]


@functools.cache
def library(name: str) -> ctypes.CDLL:
    """Return the kernel, built once by the first compiler."""
    source = ROOT / name / "kernel.c"
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"{name}.so"
        flags = ("-O2", "-shared", "-fPIC")
        compiler = find_compilers(Settings())[0]
        built = build(compiler, source, output, flags, language="c", cwd=Path(folder), limits=Limits())
        assert not isinstance(built, BuildFailed), built.output
        return ctypes.CDLL(str(output))


def call(name: str, *arguments: int | float | Array) -> int:
    """Call the kernel with ints, doubles and contiguous arrays."""
    passed: list[Any] = []
    for argument in arguments:
        if isinstance(argument, int):
            passed.append(ctypes.c_int(argument))
        elif isinstance(argument, float):
            passed.append(ctypes.c_double(argument))
        else:
            assert argument.flags.c_contiguous
            passed.append(argument.ctypes.data_as(ctypes.c_void_p))
    function: Callable[..., int] = getattr(library(name), name)
    return function(*passed)


def generator() -> np.random.Generator:
    return np.random.default_rng(20)


def random_graph(n: int, edges: int) -> tuple[Array, Array, Array]:
    """Return a random graph by incoming edges: offsets, sources, and the out-degree of each node."""
    random = generator()
    source, target = random.integers(0, n, (2, edges))
    order = np.argsort(target, kind="stable")
    offset = np.concatenate(([0], np.cumsum(np.bincount(target, minlength=n))))
    return offset.astype(np.int32), source[order].astype(np.int32), np.bincount(source, minlength=n).astype(np.int32)


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("name", NAMES)
def test_no_warnings(name: str, tmp_path: Path) -> None:
    compilers = find_compilers(Settings())
    assert [compiler.facts.family for compiler in compilers] == ["gcc", "clang"]
    for compiler in compilers:
        output = tmp_path / f"{compiler.facts.family}.so"
        source = ROOT / name / "kernel.c"
        built = build(compiler, source, output, STRICT, language="c", cwd=tmp_path, limits=Limits())
        assert not isinstance(built, BuildFailed), built.output
        assert not built.warnings


@pytest.mark.parametrize("name", NAMES)
def test_spec_names_the_function_and_its_parameters(name: str) -> None:
    path = ROOT / name / "kernel.c"
    spec = load_spec(path)
    assert spec.function == name
    function = extract(Source(str(path), path.read_bytes()), Settings(), name).function(name)
    assert function is not None
    parameters = {parameter.name for parameter in function.parameters}
    assert {key for key, _ in spec.arrays + spec.parameters} <= parameters
    assert spec.measure
    assert all(dict(sizes).keys() == dict(spec.measure).keys() for sizes in spec.test)


@pytest.mark.parametrize("name", NAMES)
def test_loops_are_what_kernel_toml_expects(name: str) -> None:
    path = ROOT / name / "kernel.c"
    expected = tomllib.loads((path.parent / "kernel.toml").read_text())["expect"]
    function = extract(Source(str(path), path.read_bytes()), Settings(), name).function(name)
    assert function is not None
    reasons: dict[int, str] = {}
    for nest in function.nests:
        for answer in analyze_nest(nest).loops:
            line = nest.loop(answer.loop).header.line
            reasons[line] = "" if isinstance(answer.legality, Proved) else answer.legality.reason
    assert {line: reasons.get(line, "no nest") for line in expected["proved"]} == dict.fromkeys(expected["proved"], "")
    assert all(reasons.get(line, "no nest") for line in expected["serial"])


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("n", [1, 7, 33])
def test_matmul(n: int) -> None:
    a, b = generator().standard_normal((2, n, n))
    c = np.full((n, n), np.nan)
    call("matmul", n, a, b, c)
    np.testing.assert_allclose(c, a @ b, rtol=1e-12, atol=1e-12)


@pytest.mark.needs("gcc")
def test_conv2d() -> None:
    channels, filters, height, width = 3, 5, 13, 11
    random = generator()
    image = random.standard_normal((channels, height, width)).astype(np.float32)
    weight = random.standard_normal((filters, channels, 3, 3)).astype(np.float32)
    bias = random.standard_normal(filters).astype(np.float32)
    out = np.full((filters, height - 2, width - 2), np.nan, np.float32)
    call("conv2d", channels, filters, height, width, image, weight, bias, out)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2))
    expected = np.einsum("cyxuv,fcuv->fyx", windows, weight) + bias[:, None, None]
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize(("n", "sweeps"), [(1, 1), (2, 3), (9, 0), (17, 4)])
def test_jacobi2d(n: int, sweeps: int) -> None:
    u, v = generator().standard_normal((2, n, n))
    expected = [u.copy(), v.copy()]
    for sweep in range(2 * sweeps):
        old, new = expected[sweep % 2], expected[1 - sweep % 2]
        around = old[1:-1, :-2] + old[1:-1, 2:] + old[:-2, 1:-1] + old[2:, 1:-1]
        new[1:-1, 1:-1] = (old[1:-1, 1:-1] + around) / 5.0
    call("jacobi2d", n, sweeps, u, v)
    np.testing.assert_allclose(u, expected[0], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(v, expected[1], rtol=1e-13, atol=1e-13)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("n", [1, 2, 8, 1024])
def test_fft(n: int) -> None:
    re, im = generator().standard_normal((2, n))
    expected = np.fft.fft(re + 1j * im)
    call("fft", n, re, im, np.empty(n // 2 + 1), np.empty(n // 2 + 1))
    np.testing.assert_allclose(re + 1j * im, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.needs("gcc")
def test_fft_leaves_other_lengths_alone() -> None:
    re, im = generator().standard_normal((2, 12))
    before = re.copy(), im.copy()
    call("fft", 12, re, im, np.empty(7), np.empty(7))
    np.testing.assert_array_equal(re, before[0])
    np.testing.assert_array_equal(im, before[1])


@pytest.mark.needs("gcc")
def test_attention() -> None:
    heads, seq, dim = 3, 17, 8
    q, k, v = generator().standard_normal((3, heads, seq, dim)).astype(np.float32)
    out = np.full((heads, seq, dim), np.nan, np.float32)
    call("attention", heads, seq, dim, q, k, v, out)
    score = np.einsum("hid,hjd->hij", q.astype(np.float64), k) / np.sqrt(dim)
    score = np.exp(score - score.max(axis=-1, keepdims=True))
    expected = (score / score.sum(axis=-1, keepdims=True)) @ v
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize(("height", "width"), [(2, 2), (8, 6), (7, 5), (1, 4)])
def test_maxpool(height: int, width: int) -> None:
    image = generator().standard_normal((3, height, width)).astype(np.float32)
    out = np.full((3, height // 2, width // 2), np.nan, np.float32)
    call("maxpool", 3, height, width, image, out)
    even = image[:, : height // 2 * 2, : width // 2 * 2]
    expected = even.reshape(3, height // 2, 2, width // 2, 2).max(axis=(2, 4), initial=-np.inf)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.needs("gcc")
def test_pagerank() -> None:
    n, damping = 40, 0.85
    offset, source, out_degree = random_graph(n, 90)
    assert (out_degree == 0).any(), "the test needs a dangling node"
    rank, work = np.full((2, n), np.nan)
    iterations = call("pagerank", n, offset, source, out_degree, damping, 1e-13, 500, rank, work)
    assert 1 < iterations < 500
    step = np.zeros((n, n))
    for node in range(n):
        np.add.at(step[node], source[offset[node] : offset[node + 1]], 1.0)
    step = np.where(out_degree == 0, 1.0 / n, step / np.maximum(out_degree, 1))
    # The ranks are the fixed point of r = (1 - d)/n + d S r.
    expected = np.linalg.solve(np.eye(n) - damping * step, np.full(n, (1.0 - damping) / n))
    np.testing.assert_allclose(rank, expected, rtol=1e-9)
    assert call("pagerank", n, offset, source, out_degree, damping, 1e-13, 3, rank, work) == 3


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("edges", [0, 70, 400])
def test_bfs(edges: int) -> None:
    n = 60
    offset, source, _ = random_graph(n, edges)
    level = np.full(n, 99, np.int32)
    reached = call("bfs", n, offset, source, 5, level, *np.full((2, n), 77, np.uint8))
    successors: list[list[int]] = [[] for _ in range(n)]
    for node in range(n):
        for neighbour in source[offset[node] : offset[node + 1]]:
            successors[neighbour].append(node)
    expected = {5: 0}
    waiting = deque([5])
    while waiting:
        node = waiting.popleft()
        for neighbour in successors[node]:
            if neighbour not in expected:
                expected[neighbour] = expected[node] + 1
                waiting.append(neighbour)
    assert level.tolist() == [expected.get(node, -1) for node in range(n)]
    assert reached == len(expected)


@pytest.mark.needs("gcc")
def test_bfs_of_no_root() -> None:
    level = np.zeros(3, np.int32)
    flags = np.zeros((2, 3), np.uint8)
    assert call("bfs", 3, np.zeros(4, np.int32), np.zeros(0, np.int32), 3, level, *flags) == 0
    assert level.tolist() == [-1, -1, -1]


@pytest.mark.needs("gcc")
def test_dijkstra() -> None:
    n, start = 40, 7
    random = generator()
    weight = np.where(random.random((n, n)) < 0.07, random.random((n, n)), np.inf)
    distance = np.full(n, np.nan)
    call("dijkstra", n, weight, start, distance, np.full(n, 9, np.int32))
    expected: dict[int, float] = {}
    heap = [(0.0, start)]
    while heap:
        length, node = heapq.heappop(heap)
        if node not in expected:
            expected[node] = length
            for neighbour in np.flatnonzero(np.isfinite(weight[node])):
                heapq.heappush(heap, (length + weight[node, neighbour], int(neighbour)))
    assert 1 < len(expected) < n, "the test needs nodes within and out of reach"
    np.testing.assert_array_equal(distance, [expected.get(node, np.inf) for node in range(n)])


@pytest.mark.needs("gcc")
def test_spmv() -> None:
    random = generator()
    dense = np.where(random.random((23, 31)) < 0.2, random.standard_normal((23, 31)), 0.0)
    dense[4] = 0.0
    rows, column = np.nonzero(dense)
    offset = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=23)))).astype(np.int32)
    x, y = random.standard_normal(31), np.full(23, np.nan)
    call("spmv", 23, offset, column.astype(np.int32), dense[rows, column], x, y)
    np.testing.assert_allclose(y, dense @ x, rtol=1e-12, atol=1e-12)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("n", [1, 2, 31])
def test_nbody(n: int) -> None:
    dt, softening = 0.01, 0.1
    random = generator()
    mass = random.random(n)
    position, velocity = random.standard_normal((2, 3, n))
    away = position[:, None, :] - position[:, :, None]
    inverse = ((away**2).sum(axis=0) + softening**2) ** -1.5
    expected_velocity = velocity + dt * (away * inverse * mass).sum(axis=2)
    expected_position = position + dt * expected_velocity
    call("nbody", n, dt, softening, mass, *position, *velocity)
    np.testing.assert_allclose(velocity, expected_velocity, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(position, expected_position, rtol=1e-11, atol=1e-13)
