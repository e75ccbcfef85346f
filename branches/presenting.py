"""Putting words and addresses to answers, the same ones for the page, the API and the command."""

from dataclasses import dataclass

from flask_babel import gettext as _

from branches.answers import Answer, Reason, Step
from branches.postcodes import Special
from branches.shapes import (
    Branches,
    Contact,
    FoundBranch,
    ListedBranch,
    ListedRegion,
    Nearest,
    OtherBranch,
    RegionName,
    Regions,
)
from branches.snapshot import Directory, Near, OpenBranch, OpenRegion
from core.organisation import Phone


@dataclass(frozen=True, slots=True)
class Presenter:
    """What an answer is told with: where the service is reached, and the national office's line."""

    public_url: str
    office: Phone

    def nearest(self, answer: Answer, query: str) -> Nearest:
        """Give the API's object for an answer to `query`, as it was typed."""
        branch = answer.branch
        km = answer.distance_km
        found = Nearest(
            query=query,
            postcode=str(answer.query),
            precision=answer.precision.value,
            source=answer.source.value,
            rule=answer.rule.value,
            branch=self.found(branch) if branch else None,
            distance_km=None if km is None else round(km, 1),
            alternatives=[_other(one) for one in answer.alternatives],
            region=_region(answer.region) if answer.region else None,
            contact=self.contact(answer.region),
        )
        if answer.note:
            found["note"] = answer.note.value
        if answer.also:
            found["also"] = _other(answer.also)
        return found

    def contact(self, region: OpenRegion | None) -> Contact:
        """Give the region's organiser, or the national office."""
        if region is None:
            return Contact(
                name=_("National office"), phone=self.office.e164, display=self.office.display
            )
        name = _("%(region)s regional organiser", region=region.name)
        return Contact(name=name, phone=region.phone, display=region.display)

    def regions(self, directory: Directory) -> Regions:
        """Give the list of regions, in the directory's order."""
        return Regions(
            regions=[
                ListedRegion(
                    slug=region.slug,
                    name=region.name,
                    url=f"{self.public_url}/regions/{region.slug}",
                    contact=self.contact(region),
                )
                for region in directory.regions
            ]
        )

    def branches(self, directory: Directory) -> Branches:
        """Give the list of open branches, region by region."""
        return Branches(
            branches=[
                ListedBranch(
                    slug=branch.slug,
                    name=branch.name,
                    lat=round(branch.lat, 5),
                    lon=round(branch.lon, 5),
                    region=_region(branch.region),
                    url=self._url(branch),
                )
                for branch in directory.all_branches()
            ]
        )

    def found(self, branch: OpenBranch) -> FoundBranch:
        """Give the branch of an answer."""
        return FoundBranch(
            slug=branch.slug,
            name=branch.name,
            url=self._url(branch),
            lat=round(branch.lat, 5),
            lon=round(branch.lon, 5),
        )

    def _url(self, branch: OpenBranch) -> str:
        return f"{self.public_url}/branches/{branch.slug}"


def explained(reason: Reason) -> str:
    """Put one step of the explanation into words."""
    if reason.step is Step.PLACELESS:
        return _note(Special(reason.name))
    values = {"name": reason.name, "area": reason.area, "km": f"{reason.km or 0:.1f}"}
    words: dict[Step, str] = {
        Step.PLACED: _("It lies in the district %(name)s.", **values),
        Step.IN_REGION: _("That district is in the region %(name)s.", **values),
        Step.NO_REGION: _("That district is in none of our regions."),
        Step.CATCHMENT: _("%(name)s looks after %(area)s, %(km)s km away.", **values),
        Step.NEAREST: _("No catchment covers it; %(name)s is nearest, at %(km)s km.", **values),
        Step.TOO_FAR: _("The nearest, %(name)s at %(km)s km, is beyond the cut-off.", **values),
        Step.NO_BRANCH: _("%(name)s has no open branch.", **values),
        Step.ELSEWHERE: _("The index lacks %(name)s; postcodes.io knows where it is.", **values),
        Step.NOT_SAID: _(
            "The index lacks %(name)s, and postcodes.io could not say where it is.", **values
        ),
        Step.EITHER: _("Depending on where in it, %(name)s at %(km)s km may be right.", **values),
    }
    return words[reason.step]


def _note(note: Special) -> str:
    words: dict[Special, str] = {
        Special.NORTHERN_IRELAND: _("It is in Northern Ireland, which we do not cover."),
        Special.CROWN_DEPENDENCY: _("It is in a Crown dependency, which we do not cover."),
        Special.BFPO: _("It is a British Forces post office, which has no place."),
        Special.NON_GEOGRAPHIC: _("It is for post only and has no place."),
    }
    return words[note]


def _other(one: Near) -> OtherBranch:
    return OtherBranch(slug=one.branch.slug, name=one.branch.name, distance_km=round(one.km, 1))


def _region(region: OpenRegion) -> RegionName:
    return RegionName(slug=region.slug, name=region.name)
