"""Flows: stage by stage the exact optimum of a network programme, each stage on the optimal face of the last.

The matrix of a flow is totally unimodular: corners and duals are integers. After each stage whatever has a reduced
cost keeps its value and whatever row has a price keeps its activity (complementary slackness), so no later stage can
worsen an earlier one and the matrix stays that of a flow. Every optimum is proved in integers by its duals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy

from auditor.core.allocation.solver import NotSolved, Programme, Simplex

Ints = numpy.typing.NDArray[numpy.int64]


def flow_optimum(programme: Programme, objectives: Sequence[Sequence[int]]) -> list[int]:
    """Return the optimum of all stages, the one among equals in which earlier variables are as large as can be.

    Raises `NotSolved` when a stage cannot be proved, which does not happen to a flow.
    """
    face = optimal_face(programme, objectives)
    for variable in face.movable():
        cost = numpy.zeros(len(programme.upper), dtype=numpy.int64)
        cost[variable] = -1
        face.minimise(cost)
    return [int(value) for value in face.values]


def optimal_face(programme: Programme, objectives: Sequence[Sequence[int]]) -> Face:
    """Return what the optima of all stages leave open. Raises `NotSolved` as `flow_optimum` does."""
    face = Face(programme)
    for objective in objectives:
        if face.is_open and any(objective):
            face.minimise(numpy.array(objective, dtype=numpy.int64))
    return face


class Face:
    """What the stages so far leave open."""

    def __init__(self, programme: Programme) -> None:
        self.simplex = Simplex(programme)
        self.rows, self.columns, self.coefficients = self.simplex.matrix
        self.low = numpy.zeros(len(programme.upper), dtype=numpy.int64)
        self.high = numpy.array(programme.upper, dtype=numpy.int64)
        self.row_low = numpy.array([row.lower for row in programme.rows], dtype=numpy.int64)
        self.row_high = numpy.array([row.upper for row in programme.rows], dtype=numpy.int64)
        self.values = numpy.zeros(len(programme.upper), dtype=numpy.int64)

    @property
    def is_open(self) -> bool:
        return bool((self.low < self.high).any())

    def is_pinned(self, row: int) -> bool:
        """Return whether every optimum gives the row the same sum."""
        return bool(self.row_low[row] == self.row_high[row])

    def minimise(self, cost: Ints) -> None:
        """Go to the optimum of one objective and keep to it; one that is nowhere open costs nothing."""
        if not cost[self.low < self.high].any():
            return
        values, prices = self.simplex.minimise(cost)
        reduced = cost - _sums(self.columns, self.coefficients * prices[self.rows], len(cost))
        activity = _sums(self.rows, self.coefficients * values[self.columns], len(self.row_low))
        self._prove(values, reduced, activity, prices)
        self.values = values
        fixed = numpy.flatnonzero((reduced != 0) & (self.low < self.high))
        self.low[fixed] = self.high[fixed] = values[fixed]
        held = numpy.flatnonzero((prices != 0) & (self.row_low < self.row_high))
        self.row_low[held] = self.row_high[held] = activity[held]
        self.simplex.fix(fixed, values[fixed], held, activity[held])

    def _prove(self, values: Ints, reduced: Ints, activity: Ints, prices: Ints) -> None:
        """Hold the corner and its duals against the conditions of optimality, in integers."""
        is_lawful = (
            ((self.low <= values) & (values <= self.high)).all()
            and ((self.row_low <= activity) & (activity <= self.row_high)).all()
            and ((reduced >= 0) | (values == self.high)).all()
            and ((reduced <= 0) | (values == self.low)).all()
            and ((prices >= 0) | (activity == self.row_high)).all()
            and ((prices <= 0) | (activity == self.row_low)).all()
        )
        if not is_lawful:
            raise NotSolved("the duals do not prove the optimum")

    def movable(self) -> list[int]:
        """Return the variables that some other optimum gives another value, lowest first: those on a circle.

        Rows are nodes, variables arcs between the two rows they stand in (or a row and the outside). A variable
        may move when it lies on a circle of the residual graph.
        """
        open_ones = [int(v) for v in numpy.flatnonzero(self.low < self.high)]
        if not open_ones:
            return []
        outside: int = len(self.row_low)
        ends: dict[int, list[int]] = {v: [] for v in open_ones}
        is_open = (self.low < self.high)[self.columns]
        entries = zip(self.rows[is_open].tolist(), self.columns[is_open].tolist(), strict=True)
        for row, column in entries:
            ends[column].append(row)
        graph: dict[int, set[int]] = {}
        arcs: dict[int, tuple[int, int]] = {}
        for variable, touched in ends.items():
            if len(touched) > 2:
                return open_ones
            pair = [*touched] + [outside] * (2 - len(touched))
            arcs[variable] = (pair[0], pair[1])
            graph.setdefault(pair[0], set()).add(pair[1])
            graph.setdefault(pair[1], set()).add(pair[0])
        slack = self.row_low < self.row_high
        for node in [node for node in graph if node != outside and slack[node]]:
            graph[node].add(outside)
            graph.setdefault(outside, set()).add(node)
        bridges = _bridges(graph)
        alike = Counter(frozenset(pair) for pair in arcs.values())
        return [v for v in sorted(arcs) if frozenset(arcs[v]) not in bridges or alike[frozenset(arcs[v])] > 1]


def _bridges(graph: dict[int, set[int]]) -> set[frozenset[int]]:
    """Return the edges that lie on no circle."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    found: set[frozenset[int]] = set()
    for root in sorted(graph):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack = [(root, -1, iter(sorted(graph[root])))]
        while stack:
            node, parent, rest = stack[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append((other, node, iter(sorted(graph[other]))))
                    break
                if other != parent:
                    low[node] = min(low[node], order[other])
            else:
                stack.pop()
                if parent >= 0:
                    low[parent] = min(low[parent], low[node])
                    if low[node] > order[parent]:
                        found.add(frozenset((node, parent)))
    return found


def _sums(where: Ints, what: Ints, size: int) -> Ints:
    found = numpy.zeros(size, dtype=numpy.int64)
    numpy.add.at(found, where, what)
    return found
