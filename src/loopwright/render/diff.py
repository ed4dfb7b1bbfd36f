"""A unified diff that ``git apply`` and ``patch -p1`` take: the form in which a result is delivered."""

from __future__ import annotations

import difflib
from pathlib import Path

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    r"""Return the change of ``path`` from ``before`` to ``after``; "" if there is none.

    Lines end where C's do, at line feeds, so a carriage return stays part of its line. Bytes that are not UTF-8
    become surrogates: encode the text with ``surrogateescape`` to get the patch's bytes.

    Args:
        path: Relative path of the file, as it is named behind ``a/`` and ``b/``.
        before: The original.
        after: The candidate.

    Example:
        >>> print(unified_diff("k.c", b"a;\nb;\n", b"a;\n#pragma omp simd\nb;\n"), end="")
        --- a/k.c
        +++ b/k.c
        @@ -1,2 +1,3 @@
         a;
        +#pragma omp simd
         b;
    """
    if before == after:
        return ""
    name = path.removeprefix("./").lstrip("/")
    old, new = _lines(before), _lines(after)
    parts = [f"--- {_quoted('a/' + name)}\n", f"+++ {_quoted('b/' + name)}\n"]
    for line in list(difflib.unified_diff(old, new, n=_CONTEXT, lineterm="\n"))[2:]:
        parts.append(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}")
    return "".join(parts)


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", "surrogateescape")
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _quoted(name: str) -> str:
    """Return a file name as git writes it: quoted, with octal escapes, where it holds unusual characters."""
    raw = name.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        # patch and git take a name with blanks up to the tab.
        return f"{name}\t" if " " in name else name
    escapes = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x09: "\\t", 0x0D: "\\r"}
    spelled = "".join(escapes.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}") for byte in raw)
    return f'"{spelled}"'


def patch_path(path: Path) -> str:
    """Return the path that the patch names: relative to the working folder if the file is below it."""
    resolved = path.resolve()
    folder = Path.cwd()
    return resolved.relative_to(folder).as_posix() if resolved.is_relative_to(folder) else resolved.name
