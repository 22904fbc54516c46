"""Other ground: lawn where there was asphalt, permeable paving, water."""

from typing import Literal

from scenarios.edits.edit import Points
from scenarios.edits.patch import Patch, laid_patch
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.land_covers import land_covers


class LandCover(Patch):
    """Change the land cover of a patch of ground.

    On a swale, a rain garden or a basin it lines the hollow: what grew there and its layers are gone, so the soil
    takes in what the new cover lets through; the hollow stays as deep as it was dug, and no gully drains it. To fill
    it, take the work away with ``remove_land_cover``.

    Attributes
    ----------
    id : str
    polygon : list of points
        Inside the city, at least 1 m² of it beside buildings; under a building its roof stays what counts.
    cover : str
        A key of the table of land covers; roofs are made by buildings alone.
    """

    edit: Literal["land_cover"] = "land_cover"
    polygon: Points
    cover: str

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        known = [key for key in land_covers() if key != "roof"]
        if self.cover not in known:
            raise EditError(f"{self.cover!r} is not a land cover one can lay; there are {', '.join(known)}", "cover")
        return self.lay(situation, laid_patch(self, self.polygon, situation), self.cover)
