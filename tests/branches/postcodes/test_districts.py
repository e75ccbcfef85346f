import pytest

from branches.postcodes import PostcodeIndex, region_of


@pytest.mark.parametrize(
    ("district", "region"),
    [
        ("E06000047", "E12000001"),  # County Durham
        ("E08000037", "E12000001"),  # Gateshead
        ("E06000063", "E12000002"),  # Cumberland
        ("E07000121", "E12000002"),  # Lancaster
        ("E08000003", "E12000002"),  # Manchester
        ("E06000065", "E12000003"),  # North Yorkshire
        ("E08000016", "E12000003"),  # Barnsley until 2025
        ("E08000038", "E12000003"),  # Barnsley
        ("E08000019", "E12000003"),  # Sheffield until 2025
        ("E08000039", "E12000003"),  # Sheffield
        ("E06000061", "E12000004"),  # North Northamptonshire
        ("E07000154", "E12000004"),  # Northampton until 2021
        ("E08000025", "E12000005"),  # Birmingham
        ("E07000008", "E12000006"),  # Cambridge
        ("E07000243", "E12000006"),  # Stevenage
        ("E09000001", "E12000007"),  # City of London
        ("E09000031", "E12000007"),  # Waltham Forest
        ("E06000060", "E12000008"),  # Buckinghamshire
        ("E07000178", "E12000008"),  # Oxford
        ("E06000066", "E12000009"),  # Somerset
        ("E06000028", "E12000009"),  # Bournemouth until 2019
        ("W06000015", "W92000004"),  # Cardiff
        ("S12000036", "S92000003"),  # Edinburgh
        ("N09000003", "N92000002"),  # Belfast
    ],
)
def test_a_district_lies_in_its_region(district: str, region: str) -> None:
    assert region_of(district) == region


@pytest.mark.parametrize(
    "code", ["", "E09000034", "E12000007", "L99999999", "M99999999", "E0900001", "W0600000x"]
)
def test_what_is_no_district_lies_in_no_region(code: str) -> None:
    assert region_of(code) is None


@pytest.mark.index
def test_every_district_of_the_index_lies_in_a_region(built_index: PostcodeIndex) -> None:
    assert len(built_index.districts) > 340
    assert [code for code in built_index.districts if region_of(code) is None] == []
