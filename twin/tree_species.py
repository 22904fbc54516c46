"""The one table of tree species of Brussels: names, crown, months in leaf, what sun passes, wood and growth."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kernels.quantities import Language
from twin.city import CityError

_TABLE = Path(__file__).parents[1] / "assets" / "tree_species.csv"

BROADLEAF, CONIFER = "Magnoliopsida", "Pinopsida"
"""Rows of the table for a tree of which only the kind of leaf is known; a name that says nothing is a broadleaf."""

SOURCES = {
    "Konarska 2014": "J. Konarska, F. Lindberg, A. Larsson, S. Thorsson, B. Holmer, Transmissivity of solar radiation "
    "through crowns of single urban trees, Theor. Appl. Climatol. 117 (2014) 363-376, doi:10.1007/s00704-013-1000-3: "
    "direct sun 1.3 to 5.3 % in leaf and 40.2 to 51.9 % leafless over six species of Göteborg",
    "Takács 2016": "Á. Takács, A. Kovács, M. Kiss, Á. Gulyás, N. Kántor, Study on the transmissivity characteristics "
    "of urban trees in Szeged, Hungarian Geographical Bulletin 65(2) (2016) 155-167: densest Tilia cordata, then "
    "Aesculus hippocastanum, then Sophora japonica",
    "Gardner 1984": "T. J. Gardner, T. D. Sydnor, Interception of summer and winter insolation by five shade tree "
    "species, J. Amer. Soc. Hort. Sci. 109 (1984): global sun kept out in leaf and leafless, Zelkova serrata 61 and "
    "24 %, Gymnocladus dioicus 60 and 15 %, Gleditsia triacanthos 56 and 21 %",
    "IPCC 2006": "IPCC Guidelines for National Greenhouse Gas Inventories, vol. 4 ch. 4, table 4.14, 2006",
    "Miles 2009": "P. D. Miles, W. B. Smith, Specific gravity and other properties of wood and bark for 156 tree "
    "species found in North America, USDA Forest Service NRS-38, 2009, doi:10.2737/NRS-RN-38",
    "Nowak 2020": "D. J. Nowak, Understanding i-Tree, USDA Forest Service NRS-200, 2020, doi:10.2737/NRS-GTR-200: "
    "open-grown trunks widen by 0.23, 0.33 or 0.43 inch a year (slow, moderate, fast) in 153 days without frost",
}
"""Works behind the short names of the table's source columns; a source column that says assumed is our own choice."""


@dataclass(frozen=True)
class Species:
    """One species, or a genus where its species share a row.

    Attributes
    ----------
    name : str
        Scientific; a genus, a binomial or a cultivar of another shape.
    family : str
        Empty for the two rows of unknown trees.
    label : dict
        Words for people, by language.
    aliases : tuple of str
        All names that lead here, in any of the languages or older science, as `plain` writes them.
    crown : str
        round, oval, vase, spreading, weeping, conical or columnar.
    leaf_type : str
        broadleaved or needleleaved.
    leaf_months : tuple of int
        First and last month in leaf; (1, 12) is evergreen.
    transmissivity_leaf, transmissivity_bare : float
        Share of the direct sun that passes the crown, in leaf and leafless. [1]
    wood_density : float
        Dry mass over green volume. [kg m⁻³]
    allometry : str
        A row of ``assets/tree_allometry.csv``.
    trunk_growth : float
        Widening of the trunk of an open-grown tree in a season of 153 days without frost. [m a⁻¹]
    height, crown_diameter, trunk_diameter : float
        Usual when grown up along a street or in a park. [m]
    sources : dict
        Where the figures are from: transmissivity, wood_density, growth, size.
    """

    name: str
    family: str
    label: dict[Language, str]
    aliases: tuple[str, ...]
    crown: str
    leaf_type: str
    leaf_months: tuple[int, int]
    transmissivity_leaf: float
    transmissivity_bare: float
    wood_density: float
    allometry: str
    trunk_growth: float
    height: float
    crown_diameter: float
    trunk_diameter: float
    sources: dict[str, str]

    @property
    def evergreen(self) -> bool:
        """In leaf all year."""
        return self.leaf_months == (1, 12)

    def in_leaf(self, month: int) -> bool:
        """Whether the crown has leaves in a month, 1 to 12."""
        first, last = self.leaf_months
        return first <= month <= last


@cache
def tree_species() -> dict[str, Species]:
    """All rows of the table by scientific name, the two unknown trees first."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {row["species"]: _species(row) for row in csv.DictReader(file)}


def _species(row: dict[str, str]) -> Species:
    words = {language: row[language].split(";") for language in ("fr", "nl", "en")}
    names = [row["species"], *words["fr"], *words["nl"], *words["en"], *filter(None, row["others"].split(";"))]
    return Species(
        name=row["species"],
        family=row["family"],
        label={"fr": words["fr"][0], "nl": words["nl"][0], "en": words["en"][0]},
        aliases=tuple(dict.fromkeys(plain(name) for name in names)),
        crown=row["crown"],
        leaf_type=row["leaf_type"],
        leaf_months=(int(row["leaf_from"]), int(row["leaf_to"])),
        transmissivity_leaf=float(row["transmissivity_leaf"]),
        transmissivity_bare=float(row["transmissivity_bare"]),
        wood_density=float(row["wood_density"]),
        allometry=row["allometry"],
        trunk_growth=float(row["trunk_growth"]),
        height=float(row["height"]),
        crown_diameter=float(row["crown_diameter"]),
        trunk_diameter=float(row["trunk_diameter"]),
        sources={name.removeprefix("source_"): words for name, words in row.items() if name.startswith("source_")},
    )


def plain(name: str) -> str:
    """A name without accents, quotes, ranks, hybrid sign and capitals: ``Tilia × euchlora`` is tilia euchlora."""
    bare = unicodedata.normalize("NFKD", name.lower().replace("×", " x ").replace("œ", "oe"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z ]+", " ", bare).split()
    ranks = {"x", "f", "var", "subsp", "ssp", "cv", "sp", "spp"}
    return " ".join(word for word in words if word not in ranks)


@cache
def find_species(name: str) -> Species | None:
    """The row of a name: scientific, with or without its cultivar, a genus, or common in French, Dutch or English.

    The longest beginning of the name that the table knows decides (``Acer rubrum 'Sunset'`` is a red maple, ``Acer
    griseum`` a maple); where none is known, the longest end (``goldenrain silver lime`` is a silver lime).

    Returns
    -------
    Species or None
        None where the table knows nothing like it.
    """
    names = _names()
    words = plain(name).split()
    beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    ends = (" ".join(words[count:]) for count in range(1, len(words)))
    return next((names[part] for part in (*beginnings, *ends) if part in names), None)


@cache
def _names() -> dict[str, Species]:
    found: dict[str, Species] = {}
    for species in tree_species().values():
        for alias in species.aliases:
            if found.setdefault(alias, species) is not species:
                raise CityError(f"{_TABLE.name}: {alias!r} names both {found[alias].name} and {species.name}; mend one")
    return found


def species_of(names: Iterable[str]) -> list[Species]:
    """The row of each name; one that the table does not know counts as the broadleaf of no species."""
    unknown = tree_species()[BROADLEAF]
    return [find_species(str(name)) or unknown for name in names]


def transmissivity(names: Iterable[str], month: int) -> np.ndarray:
    """Share of the direct sun that passes each crown in a month.

    Parameters
    ----------
    names : (tree,) iterable of str
        As `find_species` reads them; unknown and empty ones take 0.03 in leaf (May to October) and 0.5 leafless.
    month : int
        1 to 12.

    Returns
    -------
    (tree,) float64
        [1]

    Raises
    ------
    CityError
        There is no such month.

    Notes
    -----
    Konarska et al. (2014), doi:10.1007/s00704-013-1000-3, measured 0.013 to 0.053 in leaf and 0.402 to 0.519 leafless;
    which species stands where in that span is mostly assumed, see ``source_transmissivity`` of the table.
    """
    if month not in range(1, 13):
        raise CityError(f"month {month!r} is not one of 1 to 12; give the month of the day that is computed")
    rows = species_of(names)
    return np.array(
        [one.transmissivity_leaf if one.in_leaf(month) else one.transmissivity_bare for one in rows], np.float64
    )
