"""A method that takes part in a field: one build of the harness, and how it wants to be run."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.campaign import MethodKind
from loopwright.toolchain.compiler import Build
from loopwright.toolchain.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Entrant:
    """One side of a field.

    Attributes:
        method: Name; unique in the field.
        kind: What made its code.
        label: Compiler and flags, or library and version, for people.
        build: The binary: the same harness as everybody's, around this method's code.
        threads: It may use.
        environment: Further variables of its process, name and value.
        memory_bytes: Address space that it needs beyond a plain run (an embedded interpreter); 0 for none.
        compile_s: Seconds to make it, tuning included.
        claims_threads: Its name says that it is parallel.
        is_threaded: Threads were seen in the binary or will be looked for at run time (None).
        objections: What its own check has against it already.
        sandbox: What its process touches beyond the harness's own files (an embedded interpreter's packages);
            None for nothing.
    """

    method: str
    kind: MethodKind
    label: str
    build: Build
    threads: int
    environment: tuple[tuple[str, str], ...] = ()
    memory_bytes: int = 0
    compile_s: float = 0.0
    claims_threads: bool = False
    is_threaded: bool | None = None
    objections: tuple[str, ...] = ()
    sandbox: Sandbox | None = None
