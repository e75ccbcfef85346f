"""Scope: the one place that decides what somebody at the desk can see.

A room says once, beside its model, by which columns a row belongs to a region and to a branch
(`within`). Every query of the desks goes through `scoped`; what is out of scope is not in the
answer, so to whoever asks there is no such thing.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    CTE,
    ClauseElement,
    Column,
    FromClause,
    Join,
    Select,
    Subquery,
    TextClause,
    false,
    inspect,
    or_,
    select,
)
from sqlalchemy.orm import (
    InstrumentedAttribute,
    LoaderCriteriaOption,
    aliased,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement

from core.database import Base
from staff.principal import Principal

_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


class NotScoped(TypeError):
    """The query asks for a table of which nobody said to whom its rows belong."""


@dataclass(frozen=True, slots=True)
class _Columns:
    region: InstrumentedAttribute[Any] | None
    branch: InstrumentedAttribute[Any] | None


@dataclass(frozen=True, slots=True)
class _Beside:
    key: InstrumentedAttribute[Any]
    owner: type[Base]
    by: str


_NOBODY = UUID(int=0)
_SCOPES: dict[type[Base], _Columns | _Beside | None] = {}


def within(
    model: type[Base],
    *,
    region: InstrumentedAttribute[Any] | None = None,
    branch: InstrumentedAttribute[Any] | None = None,
) -> None:
    """Say by which of its columns a row belongs to a region, to a branch, or to both.

    Raises:
        NotScoped: where neither is named.
    """
    if region is None and branch is None:
        raise NotScoped(f"{model.__name__} belongs neither to a region nor to a branch")
    _keep(model, _Columns(region, branch))


def beside(
    model: type[Base],
    key: InstrumentedAttribute[Any],
    owner: type[Base],
    *,
    by: InstrumentedAttribute[Any] | None = None,
) -> None:
    """Say that a row belongs where that row of another model does whose id its column names.

    `by` is another column of that row than its id, where it is by this that the two know each
    other.

    Raises:
        NotScoped: where nobody has said by which columns the other model belongs somewhere.
    """
    if not isinstance(_SCOPES.get(owner), _Columns):
        raise NotScoped(f"{owner.__name__} has no scope of its own")
    (primary,) = inspect(owner).primary_key
    _keep(model, _Beside(key, owner, primary.name if by is None else by.key))


def public(model: type[Base]) -> None:
    """Say that everybody may see every row of this model: the directory, for its names."""
    _keep(model, None)


def _keep(model: type[Base], where: _Columns | _Beside | None) -> None:
    _SCOPES[model] = where
    _criteria.cache_clear()


def scoped(query: _Query, principal: Principal) -> _Query:
    """Return the query, narrowed to what this principal may see.

    Every appearance of a model is narrowed: in a join, a subquery, under another name, and where
    a relationship loads it.

    Raises:
        NotScoped: where it asks for a table without a scope, or past the models.
    """
    elements = list(visitors.iterate(query))
    asked = [(each, list(_asked(each))) for each in elements if isinstance(each, Select)]
    narrowed = {source for _query, some in asked for source, model in some if model is not None}
    for element in elements:
        _look_at(element)
    for each, some in asked:
        _look_at_sources(each, some, narrowed)
    if principal.everywhere:
        return query
    return query.options(*_criteria(principal.regions, principal.branches))


def seer(principal: Principal) -> Principal:
    """Return somebody who sees as much, and is nobody: a question kept for one serves the other."""
    return replace(principal, account_id=_NOBODY, email="")


def may_touch(principal: Principal, *, region_id: int | None, branch_id: int | None) -> bool:
    """Whether a row of this region and branch is in scope, for what is written or moved."""
    return principal.everywhere or region_id in principal.regions or branch_id in principal.branches


@lru_cache(maxsize=256)
def _criteria(regions: frozenset[int], branches: frozenset[int]) -> Sequence[LoaderCriteriaOption]:
    """Return what holds for every model; kept, for making it takes longer than most queries do."""
    return tuple(
        with_loader_criteria(model, _criterion(where, regions, branches), include_aliases=True)
        for model, where in _SCOPES.items()
        if where is not None
    )


def _criterion(
    where: _Columns | _Beside, regions: AbstractSet[int], branches: AbstractSet[int]
) -> ColumnElement[bool]:
    """Return what holds for rows in scope: by their columns, or by the row they stand beside."""
    if isinstance(where, _Columns):
        return _condition(where, regions, branches)
    theirs, columns = aliased(where.owner), _SCOPES[where.owner]
    if not isinstance(columns, _Columns):
        raise NotScoped(f"{where.owner.__name__} has no scope of its own")
    there = _Columns(
        *(
            getattr(theirs, each.key) if each is not None else None
            for each in (columns.region, columns.branch)
        )
    )
    same = getattr(theirs, where.by)
    holds = _condition(there, regions, branches)
    return select(same).where(same == where.key, holds).exists()


def _condition(
    columns: _Columns, regions: AbstractSet[int], branches: AbstractSet[int]
) -> ColumnElement[bool]:
    """Return what holds for rows in scope; without a place to look after, for none."""
    parts: list[ColumnElement[bool]] = [false()]
    if columns.region is not None:
        parts.append(columns.region.in_(sorted(regions)))
    if columns.branch is not None:
        parts.append(columns.branch.in_(sorted(branches)))
    return or_(*parts)


def _look_at(element: visitors.ExternallyTraversible) -> None:
    """Refuse what no criterion could narrow: columns without a scope, and SQL past the models."""
    if isinstance(element, TextClause):
        raise NotScoped("text in SQL cannot be narrowed")
    if isinstance(element, Column) and not _is_query(element.table):
        _owned(_owner(element), element)


def _look_at_sources(
    query: Select[*tuple[Any, ...]],
    asked: Iterable[tuple[FromClause, type[Base] | None]],
    narrowed: set[FromClause],
) -> None:
    """Refuse a query of tables without a scope.

    What a subquery says it takes from around it (`correlate`) is narrowed there: `narrowed` is all
    that is asked for by a model, wherever in the query.
    """
    around = {*query._correlate} & narrowed  # noqa: SLF001 -- told nowhere else
    for source, model in asked:
        if model is not None or source not in around:
            _owned(model, source)


def _asked(query: Select[*tuple[Any, ...]]) -> Iterator[tuple[FromClause, type[Base] | None]]:
    """Give what a query asks, one by one, each with the model through which it does."""
    named = {entity.selectable: entity.mapper.class_ for entity in _entities(query)}
    for source in _sources(query.get_final_froms()):
        yield source, _owner(source) or named.get(source)


def _entities(query: Select[*tuple[Any, ...]]) -> list[Any]:
    try:
        named = [each.get("entity") for each in query.column_descriptions]
    except AttributeError:  # how SQLAlchemy 2.1 fails on the star of `exists()`
        raise NotScoped("select(Model.id).exists() says of what") from None
    return [inspect(each) for each in named if each is not None]


def _sources(froms: Iterable[FromClause]) -> Iterator[FromClause]:
    """Give what is asked, one by one; what a subquery asks for is looked at by itself."""
    for each in froms:
        if isinstance(each, Join):
            yield from _sources((each.left, each.right))
        elif not _is_query(each):
            yield each


def _is_query(source: FromClause) -> bool:
    return isinstance(source, Subquery | CTE)


def _owner(element: ClauseElement) -> type[Base] | None:
    """Return the model through which the element is asked for; None where it is past them."""
    entity = element._annotations.get("parententity")  # noqa: SLF001 -- told nowhere else
    return entity.mapper.class_ if entity is not None else None


def _owned(model: type[Base] | None, what: ClauseElement) -> None:
    if model not in _SCOPES:
        raise NotScoped(f"{what} has no scope")
