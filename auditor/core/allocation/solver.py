"""The door to HiGHS: exact optima of small integer programmes, one objective after the other.

Every figure is an integer and every answer is checked in integers: a value that HiGHS rounds wrongly is an
error, never a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy
import numpy.typing

Ints = numpy.typing.NDArray[numpy.int64]


@dataclass(frozen=True)
class Row:
    """`lower` ≤ Σ coefficient × variable ≤ `upper`; terms are (variable, coefficient)."""

    terms: tuple[tuple[int, int], ...]
    upper: int
    lower: int = 0


@dataclass
class Programme:
    """Integer variables from 0 to `upper`, and the rows that bind them."""

    upper: list[int]
    rows: list[Row] = field(default_factory=list)
    seed: int = 0


class NotSolved(Exception):
    """The solver found no optimum, or one that is not exact: a bug, never a property of the data."""


def lexicographic(programme: Programme, objectives: Sequence[Sequence[int]]) -> list[int]:
    """Return the values that minimise the first objective, among these the second, and so on.

    Each optimum is kept as a row for the objectives after it, so none of them can worsen it. Objectives
    that are zero everywhere cost nothing.
    """
    rows = list(programme.rows)
    values = [0] * len(programme.upper)
    for objective in objectives:
        if not any(objective):
            continue
        values = _minimise(programme, rows, objective)
        best = sum(c * v for c, v in zip(objective, values, strict=True))
        rows.append(Row(_terms(objective), best, best))
    return values


def canonical(programme: Programme, objectives: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """Return the one optimum in which the variables in `order` are as large as can be, one after the other."""
    values = lexicographic(programme, objectives)
    rows = list(programme.rows)
    for objective in objectives:
        if any(objective):
            best = sum(c * v for c, v in zip(objective, values, strict=True))
            rows.append(Row(_terms(objective), best, best))
    open_ones = list(order)
    while open_ones:
        block: list[int] = []
        size = 1
        while (open_ones and size * (programme.upper[open_ones[0]] + 1) <= LARGEST_BLOCK) or not block:
            size *= programme.upper[open_ones[0]] + 1
            block.append(open_ones.pop(0))
        if any(values[variable] < programme.upper[variable] for variable in block):
            values = _minimise(programme, rows, _digits(programme, block))
        rows += [Row(((variable, 1),), values[variable], values[variable]) for variable in block]
    return values


LARGEST_BLOCK = 2**16
"""Variables are made large in blocks, as digits of a number up to this: exact in the solver's arithmetic."""


def _digits(programme: Programme, block: Sequence[int]) -> list[int]:
    """Return the objective whose optimum is the block that is largest in the order of its variables."""
    objective, place = [0] * len(programme.upper), 1
    for variable in reversed(block):
        objective[variable] = -place
        place *= programme.upper[variable] + 1
    return objective


class Simplex:
    """One linear programme that is solved again and again: costs change, bounds close, the basis stays."""

    def __init__(self, programme: Programme) -> None:
        self._solver = _quiet(programme.seed)
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("solver", "simplex")
        self._solver.setOptionValue("simplex_strategy", 4)  # primal: the last corner stays feasible
        model = _model(programme, programme.rows, [0] * len(programme.upper))
        model.integrality_ = []
        self._solver.passModel(model)
        self._all = numpy.arange(len(programme.upper), dtype=numpy.int32)
        sizes = [len(row.terms) for row in programme.rows]
        terms = numpy.array([term for row in programme.rows for term in row.terms], dtype=numpy.int64).reshape(-1, 2)
        self.matrix = (numpy.repeat(numpy.arange(len(sizes)), sizes), terms[:, 0], terms[:, 1])
        """Row, variable and coefficient of every entry."""

    def minimise(self, cost: Ints) -> tuple[Ints, Ints]:
        """Return the values of the variables and the prices of the rows. Raises `NotSolved`."""
        self._solver.changeColsCost(len(cost), self._all, cost.astype(numpy.float64))
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise NotSolved(str(self._solver.getModelStatus()))
        solution = self._solver.getSolution()
        values = numpy.rint(numpy.array(solution.col_value)).astype(numpy.int64)
        return values, numpy.rint(numpy.array(solution.row_dual)).astype(numpy.int64)

    def fix(self, variables: Ints, values: Ints, rows: Ints, activity: Ints) -> None:
        """Keep variables at their values and rows at their activity."""
        if len(variables):
            at = values.astype(numpy.float64)
            self._solver.changeColsBounds(len(variables), variables.astype(numpy.int32), at, at)
        for row, value in zip(rows, activity, strict=True):
            self._solver.changeRowBounds(int(row), float(value), float(value))


def _terms(objective: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((variable, cost) for variable, cost in enumerate(objective) if cost)


def _minimise(programme: Programme, rows: Sequence[Row], objective: Sequence[int]) -> list[int]:
    """Return optimal integer values. Raises `NotSolved`."""
    solver = _quiet(programme.seed)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.0)
    solver.passModel(_model(programme, rows, objective))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NotSolved(str(solver.getModelStatus()))
    values = [round(value) for value in solver.getSolution().col_value]
    _check(programme, rows, values)
    return values


def _quiet(seed: int) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", seed)
    return solver


def _model(programme: Programme, rows: Sequence[Row], objective: Sequence[int]) -> highspy.HighsLp:
    """Build the programme in the solver's own form, rows as a sparse matrix."""
    model = highspy.HighsLp()
    model.num_col_ = len(programme.upper)
    model.num_row_ = len(rows)
    model.col_cost_ = numpy.array(objective, dtype=numpy.float64)
    model.col_lower_ = numpy.zeros(len(programme.upper))
    model.col_upper_ = numpy.array(programme.upper, dtype=numpy.float64)
    model.row_lower_ = numpy.array([row.lower for row in rows], dtype=numpy.float64)
    model.row_upper_ = numpy.array([row.upper for row in rows], dtype=numpy.float64)
    starts, columns, values = [0], [], []
    for row in rows:
        for column, value in row.terms:
            columns.append(column)
            values.append(float(value))
        starts.append(len(columns))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = numpy.array(starts, dtype=numpy.int32)
    model.a_matrix_.index_ = numpy.array(columns, dtype=numpy.int32)
    model.a_matrix_.value_ = numpy.array(values, dtype=numpy.float64)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(programme.upper)
    return model


def _check(programme: Programme, rows: Sequence[Row], values: Sequence[int]) -> None:
    """Hold the rounded values against every bound and row, in integers. Raises `NotSolved`."""
    for variable, value in enumerate(values):
        if not 0 <= value <= programme.upper[variable]:
            raise NotSolved(f"variable {variable} is {value}")
    for number, row in enumerate(rows):
        if not row.lower <= sum(c * values[v] for v, c in row.terms) <= row.upper:
            raise NotSolved(f"row {number} does not hold")
