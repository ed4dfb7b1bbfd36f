"""What each reason code means, an example, and what to do: the source of docs/codes.md and of the advice in reports.

One module per family; ``page`` finds any. Every code has a page (a test holds it).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loopwright.core.code_pages.assumptions import ASSUMPTIONS
from loopwright.core.code_pages.constructs import CONSTRUCTS
from loopwright.core.code_pages.dependences import DEPENDENCES
from loopwright.core.code_pages.environment import ENVIRONMENT
from loopwright.core.code_pages.evidence import EVIDENCE
from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

__all__ = ["PAGES", "CodePage", "page", "remedy"]

PAGES: Mapping[Code, CodePage] = MappingProxyType(
    {**DEPENDENCES, **CONSTRUCTS, **ASSUMPTIONS, **EVIDENCE, **ENVIRONMENT}
)


def page(code: Code) -> CodePage:
    """Return the page of ``code``."""
    return PAGES[code]


def remedy(code: Code) -> str:
    """Return what the user can do about ``code``, as a clause."""
    return PAGES[code].remedy
