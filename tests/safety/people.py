"""Who lives in the town, and where: every detail of each is a canary."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who lives in a region: nothing of them stands anywhere else."""

    name: str
    email: str
    phone: str
    born: str
    street: str
    town: str
    postcode: str
    words: str
    note: str

    @property
    def canaries(self) -> tuple[str, ...]:
        """What no page of anybody else may hold, in small letters.

        Each is too long to stand by chance in an id or in the token of a form.
        """
        number = self.phone.removeprefix("0").replace(" ", "")
        day, month, year = map(int, self.born.split("/"))
        born = dt.date(year, month, day)
        told = (self.name, self.email, self.street, self.town, self.words, self.note)
        first = (text.split()[0] for text in told)
        postcodes = (self.postcode, self.postcode.replace(" ", ""))
        spoken = (text.lower() for text in (*told, *first, *postcodes))
        days = (self.born, str(born), f"{born:%d/%m/%Y}", f"{born:%d %B %Y}".lower())
        return (*spoken, number, f"{number[:4]} {number[4:]}", *days)


PEOPLE = {
    "A": Someone(
        name="Perpetua Marshwiggle",
        email="perpetua@example.org",
        phone="07700 900461",
        born="27/3/1937",
        street="Marshwiggle Rise 4",
        town="Perpetuaville",
        postcode="E17 4QH",
        words="Ploverwords for the wall",
        note="Plovernote: rang her",
    ),
    "B": Someone(
        name="Zephyrine Quillfeather",
        email="zephyrine@example.org",
        phone="07700 900872",
        born="14/5/1941",
        street="Quillfeather Court 9",
        town="Zephyrinetown",
        postcode="CF10 3NP",
        words="Quaggawords for the wall",
        note="Quagganote: rang her",
    ),
}
REGIONS = {"A": ("london", "E12000007"), "B": ("wales", "W92000004")}
BRANCHES = {"A": ("waltham-forest", "E17 4QH"), "B": ("cardiff", "CF10 1EP")}
