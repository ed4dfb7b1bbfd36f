"""Entry of the frontend: ``extract`` turns a source file into functions with loop nests.

Read on in this order: ``unit`` and ``clang`` parse; ``lower``, ``lower_statements`` make the tree of ``syntax``;
``functions`` describes a function and looks for roots; ``nests`` builds one nest with the walk of
``statements``, which reads loops (``loops``), conditions (``branches``), integer values (``values``) and
places in memory (``pointers``); ``access`` settles subscripts and writes relations. ``survey`` is the shorter way for
who asks for the loops alone.
"""

from __future__ import annotations

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.function import TranslationUnit
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.functions import FunctionExtractor
from loopwright.frontend.lower_statements import Lowering
from loopwright.frontend.text import Text
from loopwright.frontend.unit import builtin_include, dialect_of, parse


def extract(source: Source, settings: Settings, function: str | None = None) -> TranslationUnit:
    """Return the functions of ``source`` with their loop nests.

    Args:
        source: The file and the user's flags.
        settings: Say which compiler's own headers to use.
        function: Look at this function only.

    Raises:
        UserError: The file does not parse, a header is missing, or there is no such function.
    """
    unit = parse(source, builtin_include(settings), goes_on=False)
    lowering = Lowering(Text(source.path, source.content), list(unit.macro_uses))
    extractor = FunctionExtractor(lowering, dialect_of(source), unit.variables)
    try:
        functions = extractor.extract(list(unit.functions), function)
    except RecursionError:
        reason = f"{source.path}: its expressions or statements are nested too deeply"
        raise UserError(Code.ANALYSIS_LIMIT, reason, "break up the longest expression") from None
    if not functions:
        require_function(function, extractor.names, source)
    return TranslationUnit(source, functions, unit.warnings)


def require_function(wanted: str | None, names: list[str], source: Source) -> None:
    """Raise UserError, with what there is instead, if a function was asked for."""
    if wanted is None:
        return
    known = sorted({name for name in names if name})
    hint = f"the file defines {', '.join(known[:8])}" if known else "the file defines no function"
    raise UserError(Code.NO_SUCH_FUNCTION, f"no function '{wanted}' in {source.path}", hint)
