"""The periods of `[retention]`: bounded, each fault told by its key."""

import re
from pathlib import Path

import pytest

from config import ROOT
from core.organisation import load
from core.retention import Retention

SHIPPED = (ROOT / "organisation.toml").read_text(encoding="utf-8")


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "organisation.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)[1]


def test_what_is_shipped_stands_in_the_file_whole(tmp_path: Path) -> None:
    found, told = load(ROOT / "organisation.toml")
    table = SHIPPED.partition("[retention]")[2]

    assert told == []
    assert found.retention == Retention()
    assert all(f"\n{name} = " in table for name in Retention.__dataclass_fields__)
    without = SHIPPED.partition("[retention]")[0]
    assert faults(tmp_path, without) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 0) for name in Retention.__dataclass_fields__),
        ("notice_days", 34),  # Stripe lists its events for 30 days
        ("put_aside_days", 60),  # as long as what was put aside may be finished
        ("financial_year_ends_month", 13),
        ("letter_days", 3651),
    ],
)
def test_a_period_out_of_bounds_is_told_by_its_name(tmp_path: Path, name: str, value: int) -> None:
    text, changed = re.subn(rf"(?m)^{name} = \d+", f"{name} = {value}", SHIPPED)

    assert changed == 1
    (told,) = faults(tmp_path, text)
    assert f"retention.{name}" in told


def test_a_slip_in_a_name_is_told(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, f"{SHIPPED}\nleter_days = 5\n")

    assert "retention.leter_days" in told
