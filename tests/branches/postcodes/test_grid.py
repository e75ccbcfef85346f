import numpy as np
import pytest

from branches.postcodes.grid import IRISH, to_wgs84


def test_a_point_on_the_british_grid_is_where_ordnance_survey_says() -> None:
    """The guide's worked example (a tower at Caister), moved to WGS84."""
    lats, lons = to_wgs84(np.array([651_409.903]), np.array([313_177.270]))
    assert lats[0] == pytest.approx(52.657979, abs=3e-5)
    assert lons[0] == pytest.approx(1.716052, abs=3e-5)


def test_a_point_on_the_irish_grid_is_where_it_is() -> None:
    lats, lons = to_wgs84(np.array([333_870.0]), np.array([374_030.0]), IRISH)
    assert lats[0] == pytest.approx(54.5967, abs=1e-3)  # Belfast's city hall
    assert lons[0] == pytest.approx(-5.9301, abs=1e-3)


def test_a_point_that_is_nowhere_stays_nowhere() -> None:
    lats, lons = to_wgs84(np.array([np.nan]), np.array([np.nan]))
    assert np.isnan(lats).all()
    assert np.isnan(lons).all()
