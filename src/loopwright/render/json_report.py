"""Reports for programs: the documents that docs/json.md and docs/schema/ describe.

The named keys of each document are a contract: they keep their meaning as long as ``schema_version`` stays the
same. What the contract names is written out here; the evidence behind it (raw samples, prompts, replies, the plan's
environments) is every field of the ``core`` value, so a new field shows up without a change here.
"""

from __future__ import annotations

import dataclasses
import math
from enum import Enum
from typing import Any, cast

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.assumption import Assumption
from loopwright.core.codec import SCHEMA_VERSION, encode
from loopwright.core.codes import Code
from loopwright.core.dependence import Instance, Witness
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Bounds, Environment, Measurement, MeasurementFailed, Series
from loopwright.core.plan import Plan
from loopwright.core.proposal import Reply
from loopwright.core.report import AnalysisReport, NestReport, OptimizeReport, ProposalReport, VerifyReport
from loopwright.core.verdict import Finding
from loopwright.render.wording import legality_word
from loopwright.version import __version__

Document = dict[str, Any]


def analysis_document(report: AnalysisReport) -> Document:
    """Return the document of ``analyze``."""
    return {
        **envelope("analyze"),
        "path": report.path,
        "nests": [_nest_analysis(nest) for nest in report.nests],
        "unsupported": [
            {
                "function": item.function,
                "line": item.span.line,
                "code": item.code.value,
                "reason": item.reason,
            }
            for item in report.unsupported
        ],
        "warnings": list(report.warnings),
        "functions": report.functions,
        "doubt": plain_document(report.doubt),
        "elapsed_s": finite(report.elapsed_s),
    }


def optimize_document(report: OptimizeReport) -> Document:
    """Return the document of ``optimize``, with all that is needed to replay it."""
    return {
        **envelope("optimize"),
        "path": report.path,
        "nests": [nest_document(nest) for nest in report.nests],
        "patch": report.patch,
        "host": host_document(report.host),
        "model": report.model,
        "strategy": report.strategy,
        "seed": report.seed,
        "options": dict(report.options),
        "warnings": list(report.warnings),
        "elapsed_s": finite(report.elapsed_s),
    }


def verify_document(report: VerifyReport) -> Document:
    """Return the document of ``verify``; ``findings`` lists those of all functions, in order."""
    return {
        **envelope("verify"),
        "original": report.original,
        "candidate": report.candidate,
        "accepted": report.accepted,
        "findings": [
            {**_finding(finding), "function": function}
            for function, verdict in report.verdicts
            for finding in verdict.findings
        ],
        "functions": [
            {
                "function": function,
                "accepted": verdict.accepted,
                "required": [stage.value for stage in verdict.required],
            }
            for function, verdict in report.verdicts
        ],
        "warnings": list(report.warnings),
        "elapsed_s": finite(report.elapsed_s),
    }


def error_document(code: Code | None, message: str, hint: str = "") -> Document:
    """Return what stands in for the answer where none could be given; ``code`` is None for our own bugs."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "error": {"code": code.value if code is not None else None, "message": message, "hint": hint},
    }


def host_document(host: Environment) -> Document:
    """Return the machine and its compilers."""
    return cast("Document", plain_document(host))


def reply_document(reply: Reply) -> Document:
    """Return a model's reply with its prompt, seed and counts."""
    return cast("Document", plain_document(reply))


def envelope(command: str) -> Document:
    """Return the keys with which every document starts."""
    return {"schema_version": SCHEMA_VERSION, "command": command, "version": __version__}


def _nest_analysis(analysis: NestAnalysis) -> Document:
    nest = analysis.nest
    return {
        "id": nest.id,
        "function": nest.function,
        "line": nest.span.line,
        "loops": [_loop(analysis, loop) for loop in analysis.loops],
        "bands": [list(band) for band in analysis.bands],
        "dependences": [
            {
                "kind": item.kind.value,
                "variable": item.variable,
                "source": item.source,
                "sink": item.sink,
                "source_line": item.source_span.line,
                "sink_line": item.sink_span.line,
                "carried_by": item.carried_by,
                "distances": list(item.distances),
                "exact": item.exact,
                "code": _value(item.code),
                "reason": item.reason,
                "relation": item.relation,
            }
            for item in analysis.dependences
        ],
    }


def _loop(analysis: NestAnalysis, answer: LoopAnalysis) -> Document:
    loop = analysis.nest.loop(answer.loop)
    legality = answer.legality
    return {
        "name": loop.name,
        "iterator": loop.iterator,
        "line": loop.span.line,
        "depth": loop.depth,
        "inlined": loop.is_inlined,
        "parallel": legality_word(legality),
        "reductions": [{"variable": variable, "operator": operator.value} for variable, operator in answer.reductions],
        "privates": list(answer.privates),
        "assumptions": [] if isinstance(legality, Refuted) else _assumptions(legality.assumptions),
        "code": None if isinstance(legality, Proved) else legality.code.value,
        "reason": "" if isinstance(legality, Proved) else legality.reason,
        "witness": _witness(legality.witness) if isinstance(legality, Refuted) else None,
    }


def nest_document(nest: NestReport) -> Document:
    """Return one nest's outcome with its evidence."""
    return {
        "id": nest.id,
        "function": nest.function,
        "line": nest.line,
        "last_line": nest.last_line,
        "outcome": nest.outcome.value,
        "label": _value(nest.label),
        "code": _value(nest.code),
        "reason": nest.reason,
        "witness": _witness(nest.witness),
        "plan": _steps(nest.basis.plan) if nest.basis is not None else [],
        "environments": plain_document(nest.basis.environments) if nest.basis is not None else [],
        "assumptions": _assumptions(nest.basis.assumptions) if nest.basis is not None else [],
        "proposals": [_proposal(item) for item in nest.proposals],
        "findings": [_finding(finding) for finding in nest.findings],
        "speedup": _speedup(nest.measurement),
        "measurement": _measurement(nest.measurement),
    }


def _proposal(item: ProposalReport) -> Document:
    legality = item.legality
    refused = legality if isinstance(legality, Refuted | Undecided) else None
    return {
        "by": item.proposal.by,
        "plan": _steps(item.proposal.plan) if item.proposal.plan is not None else None,
        "error": item.proposal.error,
        "legality": legality_word(legality) if legality is not None else None,
        "code": refused.code.value if refused is not None else None,
        "reason": refused.reason if refused is not None else "",
        "witness": _witness(legality.witness) if isinstance(legality, Refuted) else None,
        "speedup": _speedup(item.measurement),
        "measurement": _measurement(item.measurement),
        "findings": [_finding(finding) for finding in item.findings],
        "replies": plain_document(item.proposal.replies),
    }


def _steps(plan: Plan) -> list[Document]:
    return [encode(step) for step in plan.steps]


def _assumptions(assumptions: tuple[Assumption, ...]) -> list[Document]:
    return [cast("Document", plain_document(assumption)) for assumption in assumptions]


def _witness(witness: Witness | None) -> Document | None:
    if witness is None:
        return None
    return {
        "text": str(witness),
        "parameters": dict(witness.parameters),
        "source": _instance(witness.source),
        "sink": _instance(witness.sink),
        "element": witness.element,
    }


def _instance(instance: Instance) -> Document:
    return {"statement": instance.statement, "iterators": dict(instance.iterators), "line": instance.line}


def _finding(finding: Finding) -> Document:
    return {
        "stage": finding.stage.value,
        "outcome": finding.outcome.value,
        "detail": finding.detail,
        "code": _value(finding.code),
        "elapsed_s": finite(finding.elapsed_s),
    }


def _speedup(measurement: Measurement | MeasurementFailed | None) -> Document | None:
    if not isinstance(measurement, Measurement):
        return None
    return {
        "median": finite(measurement.median),
        **bounds_document(measurement.interval),
        "threads": measurement.threads,
        "baseline": measurement.baseline,
    }


def _measurement(measurement: Measurement | MeasurementFailed | None) -> Document | None:
    """Return the raw samples behind a speed-up, or why there are none."""
    match measurement:
        case None:
            return None
        case MeasurementFailed():
            return {"failed": plain_document(measurement)}
        case Measurement():
            return {
                **cast("Document", plain_document(measurement)),
                **bounds_document(measurement.interval),
                "candidate": series_document(measurement.candidate),
                "baselines": [series_document(series) for series in measurement.baselines],
                "sizes": dict(measurement.sizes),
            }


def bounds_document(interval: Bounds | None) -> Document:
    """Return the ends of an interval; nulls if there is none."""
    low, high = (None, None) if interval is None else interval
    return {
        "low": finite(low) if low is not None else None,
        "high": finite(high) if high is not None else None,
    }


def series_document(series: Series) -> Document:
    """Return raw seconds with their median."""
    return {**cast("Document", plain_document(series)), "median_s": finite(series.median_s)}


def _value(item: Enum | None) -> Any:
    return item.value if item is not None else None


def finite(value: float) -> float | None:
    """Return ``value``, or None for infinity and NaN, which JSON lacks."""
    return value if math.isfinite(value) else None


def plain_document(value: object) -> Any:
    """Return ``value`` as JSON with the fields of each dataclass and nothing else."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_document(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain_document(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, float):
        return finite(value)
    return value
