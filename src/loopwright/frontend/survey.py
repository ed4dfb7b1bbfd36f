"""The loops of a file, also of one that does not parse whole: what ``analyze`` needs of ``extract``."""

from __future__ import annotations

from loopwright.config import Limits
from loopwright.core.codes import Code
from loopwright.core.function import FileDoubt, LoopSurvey
from loopwright.core.nest import LoopNest, Unsupported
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.clang import Node
from loopwright.frontend.extract import require_function
from loopwright.frontend.functions import FunctionExtractor
from loopwright.frontend.lower_statements import Lowering
from loopwright.frontend.text import Text
from loopwright.frontend.unit import Unit, dialect_of, parse

_REFERENCES = frozenset({43, 101, 102})


def survey(
    source: Source,
    include: str | None,
    function: str | None = None,
    *,
    goes_on: bool = False,
    nest_s: float = Limits().nest_s,
) -> LoopSurvey:
    """Return the loops of ``source``.

    Args:
        source: The file and the user's flags.
        include: Folder of a compiler's own headers.
        function: Look at this function only.
        goes_on: Look at what can be parsed of a file with errors or without all its headers. A function with an
            error inside is then unsupported, and the survey's ``doubt`` says that there is more than was understood.
        nest_s: Time that reading one nest may take.

    Raises:
        UserError: The file does not parse, a header is missing, or there is no such function.
    """
    unit = parse(source, include, goes_on=goes_on)
    text = Text(source.path, source.content)
    lowering = Lowering(text, list(unit.macro_uses))
    extractor = FunctionExtractor(lowering, dialect_of(source), unit.variables, nest_s)
    defined = [node for node in unit.functions if node.has_body]
    chosen = [node for node in defined if function in (None, node.spelling, extractor.name_of(node))]
    if not chosen:
        require_function(function, [extractor.name_of(node) for node in unit.functions], source)
    nests: list[LoopNest] = []
    unsupported: list[Unsupported] = []
    wanted = frozenset(node.key for node in chosen)
    broken = _broken(unit, defined, source)
    for node, doubt in broken:
        lowering.withhold(node)
        if node.key in wanted:
            span = text.first_line(*node.extent())
            unsupported.append(Unsupported(extractor.name_of(node), span, doubt.code, doubt.reason))
    withheld = {node.key for node, _ in broken}
    doubt = unit.doubt
    try:
        for found, refused in extractor.survey([node for node in defined if node.key not in withheld], wanted):
            nests += found
            unsupported += refused
    except RecursionError:
        reason = f"{source.path}: its expressions or statements are nested too deeply"
        if not goes_on:
            raise UserError(Code.ANALYSIS_LIMIT, reason, "break up the longest expression") from None
        # Whatever was broken off half-way may have been a fact that others rest on.
        doubt = FileDoubt(Code.ANALYSIS_LIMIT, reason)
        nests.clear()
    return LoopSurvey(
        source, len(chosen), tuple(nests), tuple(unsupported), doubt, unit.parsed.headers(), unit.warnings
    )


def _broken(unit: Unit, defined: list[Node], source: Source) -> list[tuple[Node, FileDoubt]]:
    """Return the functions that the parser has not understood whole, and why."""
    if not unit.errors and not unit.missing:
        return []
    here = [(each.offset, each.text) for each in unit.errors if each.path == source.path]
    elsewhere = next((each.text for each in (*unit.errors, *unit.missing) if each.path != source.path), None)
    inside = [(offset, f"what is included here does not parse: {elsewhere}") for offset in unit.inclusions]
    problems = [*here, *(inside if elsewhere is not None else ())]
    missing = [(each.offset, f"a header is missing: {each.text}") for each in unit.missing if each.path == source.path]
    found: list[tuple[Node, FileDoubt]] = []
    for node in defined:
        start, end = node.extent()
        doubts = [FileDoubt(Code.DOES_NOT_PARSE, text) for offset, text in problems if start <= offset < end]
        doubts += [FileDoubt(Code.HEADER_MISSING, text) for offset, text in missing if start <= offset < end]
        if not doubts and (name := _invalid_name(node)):
            doubts.append(FileDoubt(Code.DOES_NOT_PARSE, f"the declaration of '{name}' does not parse"))
        if doubts:
            found.append((node, doubts[0]))
    return found


def _invalid_name(function: Node) -> str:
    """Return a name in ``function`` whose declaration the parser has put something else in place of, or ``""``."""
    for reference in function.below(_REFERENCES):
        target = reference.referenced()
        if target is not None and target.is_invalid:
            return target.spelling
    return ""
