"""The content key of a result: a hash of everything that decides it."""

from __future__ import annotations

import hashlib
import json

from loopwright.core.codec import encode


def content_key(**parts: object) -> str:
    """Return the SHA-256, in hexadecimal, of the parts as canonical JSON.

    Canonical is: one object with the parts by name, keys sorted, no white space, ASCII with escapes, dataclasses as
    ``core.codec`` writes them, floating-point numbers in the shortest form that reads back the same. The key hangs on
    names and values only, not on the order in which they are given; tuples and lists are the same.

    Raises:
        TypeError: A part has no JSON form.
        ValueError: A number is not finite, and so equal to nothing.

    Example:
        >>> content_key(kernel="matmul", seed=0) == content_key(seed=0, kernel="matmul")
        True
        >>> content_key(kernel="matmul", seed=0) == content_key(kernel="matmul", seed="0")
        False
    """
    text = json.dumps(encode(parts), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
