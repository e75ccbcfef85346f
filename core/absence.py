"""Absence: that there is no such row, asked so that the beginning of a list is found quickly."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func


def none_of(found: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """Return the condition that a question, correlated with the one around it, finds nothing.

    It is asked of each row by itself. Joined, PostgreSQL would read all that stands beside the rows
    in order to find the few that are shown; and by `IS NULL`, which its planner takes to hold for
    one row in two hundred, it would read all of the rows and sort them. `IS DISTINCT FROM` it takes
    to hold for nearly all of them, so it walks an index in its order and stops at the page's end.
    """
    anything = found.with_only_columns(func.max(1), maintain_column_froms=True)
    return anything.scalar_subquery().is_distinct_from(1)
