"""The door to HiGHS: exact optima of small integer programmes, one objective after the other.

Every figure is an integer and every answer is checked in integers: a value that HiGHS rounds wrongly is an
error, never a result.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
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


_OF_THREAD = threading.local()


class NotSolved(Exception):
    """The solver found no optimum, or one that is not exact: a bug, never a property of the data."""


def lexicographic(programme: Programme, objectives: Sequence[Sequence[int]]) -> list[int]:
    """Return the values that minimise the first objective, among these the second, and so on.

    Each optimum is kept as a row for the objectives after it, so none of them can worsen it. Objectives
    that are zero everywhere cost nothing.
    """
    search = Search(programme)
    for objective in objectives:
        search.minimise(objective)
    return search.values


def canonical(programme: Programme, objectives: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """Return the one optimum in which the variables in `order` are as large as can be, one after the other."""
    search = Search(programme)
    for objective in objectives:
        search.minimise(objective)
    settled = search.settle()
    open_ones = [variable for variable in order if variable not in settled]
    while open_ones:
        block: list[int] = []
        size = 1
        while (open_ones and size * (programme.upper[open_ones[0]] + 1) <= LARGEST_BLOCK) or not block:
            size *= programme.upper[open_ones[0]] + 1
            block.append(open_ones.pop(0))
        search.enlarge(block)
    return search.values


LARGEST_BLOCK = 2**16
"""Variables are made large in blocks, as digits of a number up to this: exact in the solver's arithmetic."""


PROBES = 4
"""How often it is asked which variables are settled before all are made large one after the other."""


class Search:
    """One programme and the optimal face that the objectives so far leave of it."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._rows = list(programme.rows)
        self._fixed: dict[int, int] = {}
        self._integer: Integer | None = None
        self.values = [0] * len(programme.upper)
        self._is_lawful = _is_lawful(programme.upper, self._rows, self.values)

    def minimise(self, objective: Sequence[int]) -> None:
        """Go to the optimum of one more objective and keep to it."""
        if not any(objective):
            return
        if not self._is_lawful or self._value(objective) > self._bound(objective):
            self.values = self._solved(objective)
            self._is_lawful = True
        best = self._value(objective)
        self._keep(Row(_terms(objective), best, best))

    def settle(self) -> set[int]:
        """Fix and return variables that every optimum gives the same value.

        Of variables at a bound each can move one way alone: where the sum of such moves cannot leave nought, none of
        them moves. Those that a probe moves are left out of the next one.
        """
        base = list(self.values)
        still = {v for v, (at, top) in enumerate(zip(base, self._programme.upper, strict=True)) if at in (0, top)}
        for _ in range(PROBES):
            objective = [0] * len(base)
            for variable in still:
                objective[variable] = -1 if base[variable] == 0 else 1
            found = self._solved(objective)
            moved = {variable for variable in still if found[variable] != base[variable]}
            if not moved:
                for variable in still:
                    self._fix(variable, base[variable])
                return still
            still -= moved
        return set()

    def enlarge(self, block: Sequence[int]) -> None:
        """Make the variables of a block as large as can be, one after the other, and fix them."""
        objective, place = [0] * len(self.values), 1
        for variable in reversed(block):
            objective[variable] = -place
            place *= self._programme.upper[variable] + 1
        if any(self.values[variable] < self._programme.upper[variable] for variable in block):
            self.values = self._solved(objective)
        for variable in block:
            self._fix(variable, self.values[variable])

    def _fix(self, variable: int, value: int) -> None:
        self._fixed[variable] = value
        if self._integer is not None:
            self._integer.fix(variable, value)

    def _value(self, objective: Sequence[int]) -> int:
        return sum(c * v for c, v in zip(objective, self.values, strict=True) if c)

    def _bound(self, objective: Sequence[int]) -> int:
        """Return what the objective cannot go below, whatever the rows say."""
        return sum(c * self._programme.upper[v] for v, c in enumerate(objective) if c < 0)

    def _keep(self, row: Row) -> None:
        self._rows.append(row)
        if self._integer is not None:
            self._integer.add(row)

    def _solved(self, objective: Sequence[int]) -> list[int]:
        """Return optimal integer values. Raises `NotSolved` when no way of solving gives an exact answer."""
        why: NotSolved | None = None
        for way in WAYS:
            if self._integer is None or way is not WAYS[0]:
                self._integer = Integer(self._programme, self._rows, self._fixed, way)
            try:
                values = self._integer.minimise(objective)
                _check(self._programme, self._rows, self._fixed, values)
            except NotSolved as error:
                why = error
                self._integer = None
            else:
                return values
        raise why or NotSolved("no way of solving")


WAYS: tuple[dict[str, str | int | float], ...] = (
    {},
    {"presolve": "off"},
    {"presolve": "off", "mip_heuristic_effort": 0.0, "simplex_strategy": 4},
    {"simplex_scale_strategy": 0, "mip_detect_symmetry": 0},
)
"""Settings of the solver that are tried in turn: where one founders on its own arithmetic, another does not."""


class Integer:
    """One integer programme in the solver: objectives change, rows come in, variables are fixed."""

    def __init__(
        self, programme: Programme, rows: Sequence[Row], fixed: Mapping[int, int], way: Mapping[str, str | int | float]
    ) -> None:
        self._solver = _quiet(programme.seed)
        self._solver.setOptionValue("mip_rel_gap", 0.0)
        self._solver.setOptionValue("mip_abs_gap", 0.0)
        for name, value in way.items():
            self._solver.setOptionValue(name, value)
        self._solver.passModel(_model(programme, rows, [0] * len(programme.upper)))
        self._all = numpy.arange(len(programme.upper), dtype=numpy.int32)
        for variable, value in fixed.items():
            self.fix(variable, value)

    def minimise(self, objective: Sequence[int]) -> list[int]:
        """Return the values at the optimum, rounded. Raises `NotSolved`."""
        self._solver.changeColsCost(len(self._all), self._all, numpy.array(objective, dtype=numpy.float64))
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise NotSolved(str(self._solver.getModelStatus()))
        return [round(value) for value in self._solver.getSolution().col_value]

    def add(self, row: Row) -> None:
        """Bind by one more row."""
        columns = numpy.array([column for column, _ in row.terms], dtype=numpy.int32)
        values = numpy.array([value for _, value in row.terms], dtype=numpy.float64)
        self._solver.addRow(float(row.lower), float(row.upper), len(columns), columns, values)

    def fix(self, variable: int, value: int) -> None:
        """Keep a variable at a value."""
        self._solver.changeColBounds(variable, float(value), float(value))


class Simplex:
    """One linear programme that is solved again and again: costs change, bounds close, the basis stays."""

    def __init__(self, programme: Programme) -> None:
        self._solver = _simplex(programme.seed)
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


def _simplex(seed: int) -> highspy.Highs:
    """Return this thread's solver without a model: one takes longer to make than a small programme to solve.

    An audit solves thousands of programmes one after the other; none is looked at once the next one begins.
    """
    known: dict[int, highspy.Highs] = _OF_THREAD.__dict__.setdefault("simplex", {})
    solver = known.get(seed)
    if solver is None:
        solver = known[seed] = _quiet(seed)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("simplex_strategy", 4)  # primal: the last corner stays feasible
    solver.clearModel()
    return solver


def _terms(objective: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((variable, cost) for variable, cost in enumerate(objective) if cost)


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


def _check(programme: Programme, rows: Sequence[Row], fixed: Mapping[int, int], values: Sequence[int]) -> None:
    """Hold the rounded values against every bound and row, in integers. Raises `NotSolved`."""
    if any(values[variable] != value for variable, value in fixed.items()):
        raise NotSolved("a variable that was fixed moved")
    if not _is_lawful(programme.upper, rows, values):
        raise NotSolved("a bound or a row does not hold")


def _is_lawful(upper: Sequence[int], rows: Sequence[Row], values: Sequence[int]) -> bool:
    return all(0 <= value <= top for value, top in zip(values, upper, strict=True)) and all(
        row.lower <= sum(c * values[v] for v, c in row.terms) <= row.upper for row in rows
    )
