"""One place decides scope: two regions never see one another, whatever is asked."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.orm import Session, aliased, selectinload

from branches.models import Branch, Region
from core.database import Base, Database
from members.models import Consent, Member
from payments.models import Payment, Pledge
from staff.principal import Principal, Role
from staff.scoping import NotScoped, beside, may_touch, scoped, within
from tests.fakes import START

PLACES = (None, 1, 2)
OTHER = aliased(Member)


def principal(role: Role, regions: set[int], branches: set[int]) -> Principal:
    return Principal(uuid.uuid4(), "kim@example.org", role, frozenset(regions), frozenset(branches))


@pytest.fixture
def people(database: Database) -> dict[uuid.UUID, tuple[int | None, int | None]]:
    """A member for every region, or none, with every branch, or none."""
    found = {}
    with database.transaction() as session:
        _directory(session)
        for region_id in PLACES:
            for branch_id in PLACES:
                member = member_in(session, region_id, branch_id)
                found[member] = (region_id, branch_id)
    return found


def _directory(session: Session) -> None:
    for number in (1, 2):
        region = Region(
            id=number,
            slug=f"region-{number}",
            name=f"Region {number}",
            phone="+442089888786",
            display="020 8988 8786",
            notify_email="region@example.org",
            rank=number,
        )
        branch = Branch(
            id=number,
            slug=f"branch-{number}",
            name=f"Branch {number}",
            region=region,
            postcode="E17 4QH",
            lat=51.5,
            lon=0.0,
            position_given=True,
            place="",
            meets="",
            status="open",
            sample=True,
            rank=number,
        )
        session.add(branch)
    session.flush()


def member_in(session: Session, region_id: int | None, branch_id: int | None) -> uuid.UUID:
    member_id, nonce = uuid.uuid4(), uuid.uuid4().hex
    pledge = Pledge(
        id=uuid.uuid4(),
        kind="dues",
        amount_pence=1000,
        title="Dues",
        name="Sam Jones",
        email="sam@example.org",
        email_key="sam@example.org",
        message="",
        display="full",
        source="",
        form_nonce=nonce,
        created_at=START,
    )
    session.add(pledge)
    session.flush()
    session.add(
        Member(
            id=member_id,
            name="Sam Jones",
            email="sam@example.org",
            email_key="sam@example.org",
            date_of_birth=dt.date(1985, 3, 27),
            address1="",
            address2="",
            town="",
            postcode="",
            precision="none",
            branch_id=branch_id,
            region_id=region_id,
            rate="standard",
            dues_pledge_id=pledge.id,
            form_nonce=nonce,
            created_at=START,
        )
    )
    session.flush()
    return member_id


QUERIES: dict[str, Select[Any]] = {
    "rows": select(Member.id),
    "another name": select(OTHER.id),
    "filtered by id": select(Member.id).where(Member.id.in_(select(OTHER.id))),
    "widened": select(Member.id).where((Member.region_id > 0) | (Member.name != "") | True),
    "sorted": select(Member.id).order_by(Member.region_id, Member.branch_id.desc()),
    "joined": select(Member.id).outerjoin(Region, Region.id == Member.region_id),
    "joined to itself": select(Member.id).join(OTHER, OTHER.id == Member.id),
    "from a subquery": select(select(Member.id).subquery().c.id),
}
SETS = st.sets(st.sampled_from((1, 2, 3)))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(regions=SETS, branches=SETS)
def test_an_organiser_sees_what_is_in_scope_and_nothing_else_however_it_is_asked_for(
    database: Database,
    people: dict[uuid.UUID, tuple[int | None, int | None]],
    regions: set[int],
    branches: set[int],
) -> None:
    kim = principal(Role.ORGANISER, regions, branches)
    mine = {
        each for each, (region, branch) in people.items() if region in regions or branch in branches
    }
    with database.reading() as session:
        for name, query in QUERIES.items():
            found = session.scalars(scoped(query, kim)).all()
            assert sorted(found) == sorted(mine), name
        counted = scoped(select(func.count()).select_from(Member), kim)
        assert session.scalar(counted) == len(mine)
        for each in people:
            one = session.scalars(scoped(select(Member).where(Member.id == each), kim))
            assert (one.one_or_none() is not None) is (each in mine)
    for region_id, branch_id in people.values():
        inside = region_id in regions or branch_id in branches
        assert may_touch(kim, region_id=region_id, branch_id=branch_id) is inside


def test_what_stands_beside_a_row_is_seen_by_whoever_sees_that_row(
    database: Database, people: dict[uuid.UUID, tuple[int | None, int | None]]
) -> None:
    kim, nobody = principal(Role.ORGANISER, {1}, {2}), principal(Role.ORGANISER, set(), set())
    mine = [each for each, (region, branch) in people.items() if region == 1 or branch == 2]
    with database.transaction() as session:
        for each in people:
            session.add(
                Consent(
                    member_id=each, channel="post", given=True, wording="", at=START, source="test"
                )
            )
    newer = aliased(Consent)
    said = select(Consent.id).where(Consent.member_id == Member.id).correlate(Member).exists()
    with database.reading() as session:
        for query in (
            select(Consent.member_id),
            select(newer.member_id),
            select(Member.id).join(Consent, Consent.member_id == Member.id),
            select(Consent.member_id).where(Consent.id.in_(select(newer.id))),
            select(Member.id).where(said),
        ):
            assert sorted(session.scalars(scoped(query, kim))) == sorted(mine)
            assert session.scalars(scoped(query, nobody)).all() == []
            everybody = scoped(query, principal(Role.ADMIN, set(), set()))
            assert len(session.scalars(everybody).all()) == len(people)
        loaded = scoped(select(Member).options(selectinload(Member.consents)), kim)
        assert all(len(each.consents) == 1 for each in session.scalars(loaded))
    with pytest.raises(NotScoped):
        beside(Consent, Consent.member_id, Pledge)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TREASURER, Role.MODERATOR])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_is_bound_to_no_region_sees_all(
    database: Database, people: dict[uuid.UUID, tuple[int | None, int | None]], role: Role
) -> None:
    with database.reading() as session:
        for query in QUERIES.values():
            assert len(session.scalars(scoped(query, principal(role, set(), set()))).all()) == 9


TABLE = Member.__table__
PAST: dict[str, Any] = {
    "the table": select(TABLE),
    "a column of the table": select(TABLE.c.id),
    "a filter by the table": select(Member.id).where(TABLE.c.name != ""),
    "the table under another name": select(TABLE.alias()),
    "a count of the table": select(func.count()).select_from(TABLE),
    "the table in a subquery": select(Member.id).where(Member.id.in_(select(TABLE.c.id))),
    "text": select(text("1")),
    "text as a filter": select(Member.id).where(text("1 = 1")),
    "a model without a scope": select(Payment),
    "a model without a scope in a filter": select(Member.id).where(
        Payment.id == Member.dues_pledge_id
    ),
    "a join to one": select(Member.id).join(Payment, Payment.id == Member.dues_pledge_id),
    "one in exists": select(Member.id).where(exists().where(Payment.id == Member.dues_pledge_id)),
    "one that nothing around it asks for": select(Consent.id)
    .where(Consent.member_id == Member.id)
    .correlate(Member),
    "one in a subquery": select(Member.id).where(Member.dues_pledge_id.in_(select(Payment.id))),
}


@pytest.mark.parametrize("name", PAST)
@pytest.mark.parametrize("role", [Role.ORGANISER, Role.ADMIN])
def test_what_cannot_be_narrowed_is_refused_whoever_asks(name: str, role: Role) -> None:
    with pytest.raises(NotScoped):
        scoped(PAST[name], principal(role, {1}, set()))


def test_a_model_must_belong_somewhere() -> None:
    class Nowhere(Base):
        __abstract__ = True

    with pytest.raises(NotScoped):
        within(Nowhere)
