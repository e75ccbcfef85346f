"""Postcodes as columns: what every source is read into before it is packed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Texts: TypeAlias = NDArray[np.bytes_]


class BadRows(ValueError):
    """The postcodes cannot be packed; the words say how many and what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Points:
    """Columns: postcodes without a space, their districts, and degrees (NaN: without a place).

    `constituencies` is there where the source says them.
    """

    postcodes: Texts
    districts: Texts
    lats: Floats
    lons: Floats
    constituencies: Texts | None = None

    @classmethod
    def of(
        cls,
        rows: Iterable[tuple[str, str, float, float]],
        constituencies: Sequence[str] | None = None,
    ) -> Self:
        """Make the columns of rows: a postcode, its district's code, latitude and longitude.

        Raises:
            BadRows: when there are none.
        """
        columns = list(zip(*rows, strict=True))
        if not columns:
            raise BadRows("there are no postcodes")
        postcodes, districts, lats, lons = columns
        return cls(
            np.array([postcode.replace(" ", "") for postcode in postcodes], dtype=np.bytes_),
            np.array(districts, dtype=np.bytes_),
            np.array(lats, dtype=np.float64),
            np.array(lons, dtype=np.float64),
            None if constituencies is None else np.array(constituencies, dtype=np.bytes_),
        )

    @property
    def parts(self) -> Texts:
        """The district of each, and beside it the constituency where there is one."""
        if self.constituencies is None:
            return self.districts
        return np.strings.add(np.strings.add(self.districts, b" "), self.constituencies)
