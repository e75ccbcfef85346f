import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.answers import Answer, Precision, Rule, Source, Step, UnknownPostcode
from branches.charting import Chart, distance_km, nearest_of, unit
from branches.locating import Locating, parse
from branches.models import CatchmentKind
from branches.postcodes import Outcode, Place, Postcode, PostcodeIndex, Sector, Special, read
from branches.postcodes.index import Centre
from branches.snapshot import Directory, OpenBranch, near
from tests.branches.factories import make_branch, make_directory, make_region

LONDON = make_region("london", "E12000007")
EASTERN = make_region("eastern", "E12000006")
WEST_MIDS = make_region("west-mids", "E12000005")
LEYTON = make_branch("leyton", LONDON, 51.57, 0.0)
HACKNEY = make_branch("hackney", LONDON, 51.54, -0.05)
BRIXTON = make_branch("brixton", LONDON, 51.46, -0.11)
EALING = make_branch("ealing", LONDON, 51.51, -0.30)
EPPING = make_branch("epping", EASTERN, 51.561, 0.001)
DIRECTORY = make_directory([LONDON, EASTERN, WEST_MIDS], [LEYTON, HACKNEY, BRIXTON, EALING, EPPING])
DISTRICT, OUTCODE, SECTOR = CatchmentKind.DISTRICT, CatchmentKind.OUTCODE, CatchmentKind.SECTOR
CONSTITUENCY = CatchmentKind.CONSTITUENCY


_LATS = st.floats(49.9, 60.8)
_LONS = st.floats(-8, 1.7)


def km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    return distance_km(unit(lat1, lon1), unit(lat2, lon2))


def ask(
    text: str, made_up: PostcodeIndex, directory: Directory = DIRECTORY, cut_off_km: float = 60
) -> Answer:
    return Locating(directory, made_up, cut_off_km).locate(read(text))


def covering(**areas: str) -> Directory:
    """The directory with catchments: of a branch, by kind."""
    branches = {each.slug: each for each in DIRECTORY.all_branches()}
    kinds = {"sector": "ZZ1 1", "outcode": "ZZ1", "district": "E09000001"}
    found = {(CatchmentKind(kind), kinds[kind]): branches[who] for kind, who in areas.items()}
    return replace(DIRECTORY, catchments=found)


def test_the_nearest_open_branch_of_the_region_answers(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1AA", made_up)
    assert (answer.rule, answer.branch, answer.region) == (Rule.NEAREST, LEYTON, LONDON)
    assert (answer.precision, answer.source) == (Precision.POSTCODE, Source.INDEX)
    assert answer.distance_km == pytest.approx(1.11, abs=0.01)
    assert [one.branch for one in answer.alternatives] == [HACKNEY, BRIXTON]
    assert (answer.note, answer.also) == (None, None)


def test_a_nearer_branch_of_another_region_is_passed_over(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1AA", made_up)
    assert EPPING not in [answer.branch, *(one.branch for one in answer.alternatives)]


def test_beyond_the_cut_off_the_region_answers(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1AA", made_up, cut_off_km=1)
    assert (answer.rule, answer.branch, answer.distance_km) == (Rule.REGION, None, None)
    assert (answer.region, answer.alternatives) == (LONDON, ())
    assert answer.explanation[-1].step is Step.TOO_FAR


def test_a_region_without_open_branches_answers_itself(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1AA", made_up, make_directory([LONDON, EASTERN], [EPPING]))
    assert (answer.rule, answer.branch, answer.region) == (Rule.REGION, None, LONDON)
    assert answer.explanation[-1].step is Step.NO_BRANCH


def test_scotland_has_places_and_no_region(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ7 1AA", made_up)
    assert (answer.precision, answer.rule) == (Precision.POSTCODE, Rule.NATIONAL)
    assert (answer.branch, answer.region, answer.note) == (None, None, None)


def test_a_catchment_goes_before_distance(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1AA", made_up, covering(district="ealing"))
    assert (answer.rule, answer.branch) == (Rule.CATCHMENT, EALING)
    assert answer.distance_km == pytest.approx(km(51.56, 0, 51.51, -0.30), abs=0.01)
    assert [one.branch for one in answer.alternatives] == [LEYTON, HACKNEY]


@pytest.mark.parametrize(
    ("areas", "chosen"),
    [
        ({"district": "ealing", "outcode": "brixton", "sector": "hackney"}, HACKNEY),
        ({"district": "ealing", "outcode": "brixton"}, BRIXTON),
        ({"district": "ealing"}, EALING),
    ],
)
def test_the_closest_description_of_a_catchment_counts(
    made_up: PostcodeIndex, areas: dict[str, str], chosen: object
) -> None:
    assert ask("ZZ1 1AA", made_up, covering(**areas)).branch == chosen


def test_a_catchment_may_cross_a_border_and_then_the_branchs_region_answers(
    made_up: PostcodeIndex,
) -> None:
    answer = ask("ZZ1 1AA", made_up, covering(outcode="epping"))
    assert (answer.rule, answer.branch, answer.region) == (Rule.CATCHMENT, EPPING, EASTERN)


def test_a_catchment_reaches_beyond_the_cut_off(made_up: PostcodeIndex) -> None:
    assert ask("ZZ1 1AA", made_up, covering(district="ealing"), cut_off_km=1).branch == EALING


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("BT7 1NN", Special.NORTHERN_IRELAND),
        ("BT7", Special.NORTHERN_IRELAND),
        ("BT7 1", Special.NORTHERN_IRELAND),
        ("JE2 4WD", Special.CROWN_DEPENDENCY),
        ("GY1 1AA", Special.CROWN_DEPENDENCY),
        ("IM1 1AA", Special.CROWN_DEPENDENCY),
        ("BF1 2AA", Special.BFPO),
        ("BX1 1LT", Special.NON_GEOGRAPHIC),
        ("ZZ1 2AB", Special.NON_GEOGRAPHIC),
        ("ZZ9 1", Special.NON_GEOGRAPHIC),
        ("ZZ9", Special.NON_GEOGRAPHIC),
    ],
)
def test_what_has_no_place_says_why(made_up: PostcodeIndex, text: str, note: Special) -> None:
    answer = ask(text, made_up)
    assert (answer.precision, answer.rule, answer.note) == (Precision.NONE, Rule.NATIONAL, note)
    assert (answer.branch, answer.region, answer.distance_km) == (None, None, None)


def test_an_unknown_postcode_offers_the_answer_of_its_district(made_up: PostcodeIndex) -> None:
    with pytest.raises(UnknownPostcode) as caught:
        ask("ZZ1 1XX", made_up)
    district = caught.value.district
    assert district
    assert (district.query, district.precision) == (Outcode("ZZ1"), Precision.OUTCODE)
    assert district.branch == LEYTON


@pytest.mark.parametrize("text", ["XX1 1XX", "XX1 1", "XX1"])
def test_what_is_wholly_unknown_has_no_district_either(made_up: PostcodeIndex, text: str) -> None:
    with pytest.raises(UnknownPostcode) as caught:
        ask(text, made_up)
    assert caught.value.district is None


def test_an_unknown_sector_offers_the_answer_of_its_district(made_up: PostcodeIndex) -> None:
    with pytest.raises(UnknownPostcode) as caught:
        ask("ZZ1 9", made_up)
    assert caught.value.district
    assert caught.value.district.query == Outcode("ZZ1")


def test_who_joins_with_a_new_postcode_is_placed_by_sector_or_else_by_district(
    made_up: PostcodeIndex,
) -> None:
    def placed(text: str) -> Answer | None:
        postcode = Postcode.parse(text)
        return Locating(DIRECTORY, made_up, 60).roughly(postcode)

    by_sector, by_district = placed("ZZ1 1XX"), placed("ZZ1 9XX")
    assert by_sector
    assert by_district
    assert (by_sector.query, by_sector.precision) == (Sector("ZZ1", "1"), Precision.SECTOR)
    assert (by_district.query, by_district.precision) == (Outcode("ZZ1"), Precision.OUTCODE)
    assert placed("XX1 1XX") is None


@pytest.mark.parametrize(
    ("text", "precision"), [("ZZ1 1", Precision.SECTOR), ("ZZ1", Precision.OUTCODE)]
)
def test_part_of_a_postcode_is_answered_for_less_precisely(
    made_up: PostcodeIndex, text: str, precision: Precision
) -> None:
    answer = ask(text, made_up)
    assert (answer.precision, answer.branch, str(answer.query)) == (precision, LEYTON, text)


def test_where_two_branches_may_be_right_both_are_given(made_up: PostcodeIndex) -> None:
    answer = ask("ZZ1 1", made_up)  # it reaches from beside Leyton to beside Hackney
    assert answer.also
    assert (answer.branch, answer.also.branch) == (LEYTON, HACKNEY)
    assert answer.explanation[-1].step is Step.EITHER


def test_a_second_branch_is_not_offered_where_it_can_be_nearer_to_nobody(
    made_up: PostcodeIndex,
) -> None:
    near_and_far = make_directory([LONDON], [LEYTON, EALING])
    assert ask("ZZ1 1", made_up, near_and_far).also is None


def test_an_outcode_that_reaches_into_another_region_offers_that_ones_branch(
    made_up: PostcodeIndex,
) -> None:
    answer = ask("ZZ5", made_up, make_directory([LONDON, EASTERN], [LEYTON, EPPING]))
    assert answer.also
    assert {answer.branch, answer.also.branch} == {LEYTON, EPPING}


def test_a_sector_with_a_catchment_of_its_own_makes_its_outcode_less_sure(
    made_up: PostcodeIndex,
) -> None:
    directory = replace(
        make_directory([LONDON], [LEYTON, EALING]), catchments={(SECTOR, "ZZ1 2"): EALING}
    )
    answer = ask("ZZ1", made_up, directory)
    assert answer.also
    assert (answer.branch, answer.also.branch) == (LEYTON, EALING)
    assert ask("ZZ1 2", made_up, directory).branch == EALING
    assert ask("ZZ1 2", made_up, directory).also is None


def test_an_outcode_that_is_one_catchment_is_sure(made_up: PostcodeIndex) -> None:
    directory = replace(DIRECTORY, catchments={(OUTCODE, "ZZ1"): BRIXTON})
    answer = ask("ZZ1", made_up, directory)
    assert (answer.rule, answer.branch, answer.also) == (Rule.CATCHMENT, BRIXTON, None)


def test_an_outcode_within_one_district_that_is_a_catchment_is_sure(
    made_up: PostcodeIndex,
) -> None:
    directory = replace(DIRECTORY, catchments={(DISTRICT, "E07000200"): EALING})
    answer = ask("ZZ6", made_up, directory)
    assert (answer.rule, answer.branch, answer.also) == (Rule.CATCHMENT, EALING, None)


def test_an_outcode_that_reaches_into_the_catchment_of_another_branch_offers_it(
    made_up: PostcodeIndex,
) -> None:
    directory = replace(
        make_directory([LONDON, EASTERN], [LEYTON, EALING]),
        catchments={(DISTRICT, "E09000001"): LEYTON, (DISTRICT, "E07000200"): EALING},
    )
    answer = ask("ZZ5", made_up, directory)
    assert answer.also
    assert {answer.branch, answer.also.branch} == {LEYTON, EALING}


def test_the_explanation_says_what_was_gone_through(made_up: PostcodeIndex) -> None:
    steps = [reason.step for reason in ask("ZZ1 1AA", made_up).explanation]
    assert steps == [Step.PLACED, Step.IN_REGION, Step.NEAREST]
    steps = [reason.step for reason in ask("ZZ7 1AA", made_up).explanation]
    assert steps == [Step.PLACED, Step.NO_REGION]


def test_slips_of_the_finger_are_put_right_where_one_reading_exists(
    made_up: PostcodeIndex,
) -> None:
    assert parse("xyi iaa", made_up) == Postcode("XY1", "1AA")
    assert parse("xy1 oaa", made_up) == Postcode("XY1", "0AA")


def test_distances_are_great_circles_on_the_mean_earth() -> None:
    assert km(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.1)
    assert km(0, 0, 90, 0) == pytest.approx(10007.557, abs=0.001)
    assert km(51, 0.1, 52, 0.1) == pytest.approx(111.195, abs=0.001)
    assert km(51.5, 0.1, 51.5, 0.1) == 0
    assert km(51.5, 0.1, 51.50001, 0.1) == pytest.approx(0.00111195, rel=1e-6)


@given(_LATS, _LONS, _LATS, _LONS)
def test_a_distance_is_the_haversines(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    up, along = math.radians(lat2 - lat1) / 2, math.radians(lon2 - lon1) / 2
    shrink = math.cos(math.radians(lat1)) * math.cos(math.radians(lat2))
    half = math.sqrt(math.sin(up) ** 2 + shrink * math.sin(along) ** 2)
    expected = 2 * 6371.0088 * math.asin(min(1.0, half))
    assert km(lat1, lon1, lat2, lon2) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.tuples(_LATS, _LONS), min_size=1, max_size=12), _LATS, _LONS)
def test_near_gives_the_nearest_first(
    places: list[tuple[float, float]], lat: float, lon: float
) -> None:
    branches = [make_branch(f"b{number}", LONDON, *place) for number, place in enumerate(places)]
    found = near(lat, lon, branches, most=3)
    expected = sorted(km(lat, lon, *place) for place in places)[:3]
    assert [one.km for one in found] == pytest.approx(expected, abs=0.001)


@given(
    st.lists(st.tuples(_LATS, _LONS), min_size=1, max_size=80),
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)) | st.tuples(_LATS, _LONS)),
)
def test_a_chart_names_those_that_going_through_them_all_does(
    places: list[tuple[float, float]], points: list[tuple[float, float]]
) -> None:
    branches = [make_branch(f"b{number}", LONDON, *place) for number, place in enumerate(places)]
    chart = Chart(branches)
    for lat, lon in points:
        assert chart.nearest(lat, lon) == nearest_of(lat, lon, branches, most=3)


def test_a_chart_of_many_is_exact_in_towns_and_between_them() -> None:
    luck = random.Random(7)  # noqa: S311 -- an order, not a secret
    towns = [(luck.uniform(50.2, 57), luck.uniform(-4.5, 0.5)) for _ in range(20)]
    branches = [
        make_branch(f"b{number}", LONDON, luck.gauss(lat, 0.03), luck.gauss(lon, 0.05))
        for number in range(3000)
        for lat, lon in [luck.choice(towns)]
    ]
    chart = Chart(branches)
    for _ in range(400):
        lat, lon = luck.choice(towns)
        lat, lon = luck.gauss(lat, 0.1), luck.gauss(lon, 0.1)
        assert chart.nearest(lat, lon) == nearest_of(lat, lon, branches, most=3)


def test_a_chart_holds_many_at_one_address() -> None:
    branches = [make_branch(f"b{number:03}", LONDON, 51.5, -0.1) for number in range(100)]
    found = Chart(branches).nearest(51.5, -0.1)
    assert [branch.slug for branch in found] == ["b000", "b001", "b002"]
    assert Chart[OpenBranch]([]).nearest(51.5, -0.1) == []


class OnePlace:
    """Where every postcode is at one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        parts = ((place.district, place.constituency), ("E09000002", "E14000009"))
        self.centre = Centre(place.lat, place.lon, 500.0, parts, 2)

    def find(self, _postcode: Postcode) -> Place:
        return self.place

    def sector(self, _sector: Sector) -> Centre:
        return self.centre

    def outcode(self, _outcode: Outcode) -> Centre:
        return self.centre

    def knows(self, _postcode: Postcode) -> bool:
        return True

    def has_outcode(self, _outcode: Outcode) -> bool:
        return True


@pytest.mark.parametrize(
    ("kinds", "chosen"),
    [
        ({SECTOR: HACKNEY, OUTCODE: BRIXTON, CONSTITUENCY: EALING, DISTRICT: LEYTON}, HACKNEY),
        ({OUTCODE: BRIXTON, CONSTITUENCY: EALING, DISTRICT: LEYTON}, BRIXTON),
        ({CONSTITUENCY: EALING, DISTRICT: LEYTON}, EALING),
        ({DISTRICT: BRIXTON}, BRIXTON),
    ],
)
def test_the_smallest_kind_of_area_goes_first(
    kinds: dict[CatchmentKind, OpenBranch], chosen: OpenBranch
) -> None:
    codes = {SECTOR: "E11 1", OUTCODE: "E11", CONSTITUENCY: "E14000001", DISTRICT: "E09000001"}
    directory = replace(
        DIRECTORY, catchments={(kind, codes[kind]): branch for kind, branch in kinds.items()}
    )
    postcodes = OnePlace(Place(51.56, 0.0, "E09000001", "E14000001"))
    for text in ("E11 1AA", "E11 1"):
        answer = Locating(directory, postcodes, 60).locate(read(text))
        assert (answer.rule, answer.branch) == (Rule.CATCHMENT, chosen)


def test_a_part_in_the_constituency_of_another_branch_offers_it() -> None:
    directory = replace(DIRECTORY, catchments={(CONSTITUENCY, "E14000009"): EALING})
    postcodes = OnePlace(Place(51.56, 0.0, "E09000001", "E14000001"))
    answer = Locating(directory, postcodes, 60).locate(read("E11"))
    assert answer.also
    assert (answer.branch, answer.also.branch) == (LEYTON, EALING)


def test_where_no_constituency_is_known_its_catchments_rest() -> None:
    directory = replace(DIRECTORY, catchments={(CONSTITUENCY, "E14000001"): EALING})
    postcodes = OnePlace(Place(51.56, 0.0, "E09000001"))
    assert Locating(directory, postcodes, 60).locate(read("E11 1AA")).branch == LEYTON
