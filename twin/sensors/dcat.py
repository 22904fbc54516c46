"""What is given away as open data, on what terms: a catalogue after DCAT-AP 3.0 as JSON-LD."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

from kernels.quantities import LANGUAGES, QUANTITIES, Language
from twin.sensors.model import Datastream, SensorError, Thing
from twin.sensors.parquet import iso
from twin.sensors.privacy import LEAST

THEMES = ("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN")
"""Of the vocabulary data-theme of the Publications Office of the Union."""
_EU = "http://publications.europa.eu/resource/authority/"
_SPOKEN: Mapping[Language, str] = {"fr": "FRA", "nl": "NLD", "en": "ENG"}
_MEDIA = "https://www.iana.org/assignments/media-types/"
FILES = (
    ("last.geojson", "application/geo+json", "GEOJSON"),
    ("readings.csv", "text/csv", "CSV"),
    ("readings.parquet", "application/vnd.apache.parquet", ""),
)
"""What is written for a feed: name, media type, and key in the vocabulary file-type where it has one."""
CATALOGUE = "catalogue.jsonld"
"""Its file."""

CONTEXT: Mapping[str, Any] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_HIDDEN: Mapping[Language, str] = {
    "fr": f"Les comptages de personnes de 1 à {LEAST - 1} sont laissés vides ; 0 est un vrai zéro.",
    "nl": f"Tellingen van personen van 1 tot {LEAST - 1} zijn leeg gelaten; 0 is een echte nul.",
    "en": f"Counts of people from 1 to {LEAST - 1} are left empty; 0 is a true zero.",
}
_DEMO: Mapping[Language, str] = {
    "fr": "Données de démonstration, non mesurées.",
    "nl": "Demogegevens, niet gemeten.",
    "en": "Demo data, not measured.",
}
_FILE_WORDS: Mapping[str, Mapping[Language, str]] = {
    "last.geojson": {"fr": "Dernières valeurs", "nl": "Laatste waarden", "en": "Newest values"},
    "readings.csv": {"fr": "Mesures (CSV)", "nl": "Metingen (CSV)", "en": "Readings (CSV)"},
    "readings.parquet": {"fr": "Mesures (Parquet)", "nl": "Metingen (Parquet)", "en": "Readings (Parquet)"},
}


@dataclass(frozen=True)
class Terms:
    """How the readings of a feed may be given away.

    Attributes
    ----------
    feed : str
        The first part of the ids of its things.
    title, description : mapping of language to str
        In all of `kernels.quantities.LANGUAGES`.
    licence : str
        The address of its text, such as that of CC0 or CC BY 4.0.
    attribution : str
        Whom to name.
    theme : str
        One of `THEMES`.
    demo : bool
        Its values are made by a program, and the catalogue says so.

    Raises
    ------
    SensorError
        Words lack in a language, the licence is no address, or the theme is not there.
    """

    feed: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    licence: str
    attribution: str = ""
    theme: str = "ENVI"
    demo: bool = False

    def __post_init__(self) -> None:
        _worded(f"terms of {self.feed!r}", title=self.title, description=self.description)
        if not re.fullmatch(r"[\w.-]+", self.feed):
            raise SensorError(f"terms: {self.feed!r} is no name of a feed; letters, digits, _, - and . only")
        if not _is_address(self.licence):
            raise SensorError(
                f"terms of {self.feed!r}: a licence is the address of its text, got {self.licence!r}; a feed whose "
                "licence is not clear is not given away"
            )
        if self.theme not in THEMES:
            raise SensorError(f"terms of {self.feed!r}: theme {self.theme!r} is none of {', '.join(THEMES)}")


@dataclass(frozen=True)
class Publisher:
    """Who gives away, and where.

    Attributes
    ----------
    name : str
    address : str
        Where the folder will be reached, ``https://…/``.
    contact : str
        An address of electronic mail.
    title, description : mapping of language to str
        Of the catalogue.
    """

    name: str
    address: str
    contact: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]

    def __post_init__(self) -> None:
        _worded("publisher", title=self.title, description=self.description)
        if not self.name or "@" not in self.contact or not _is_address(self.address):
            raise SensorError(f"publisher: needs a name, an address https://… and a contact with @, got {self}")

    def at(self, *parts: str) -> str:
        """The address of something in the folder."""
        return "/".join([self.address.rstrip("/"), *(quote(part) for part in parts)])


def dataset(
    terms: Terms, publisher: Publisher, things: Sequence[Thing], datastreams: Sequence[Datastream],
    files: Sequence[Path], span: tuple[int, int], now: int, *, hides: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The Dataset of a feed with a Distribution for each of its files, which are there.

    Parameters
    ----------
    terms : Terms
    publisher : Publisher
    things, datastreams : sequence
    files : sequence of Path
        In the order of `FILES`.
    span : tuple of int
        Of the readings. [ns, UTC]
    now : int
        [ns, UTC]
    hides : bool
        Whether small counts of people are taken out.

    Returns
    -------
    dict
        JSON-LD under `CONTEXT`.
    """
    me = publisher.at(terms.feed)
    quantities = sorted({one.quantity for one in datastreams})
    notes = dict(terms.description)
    if hides:
        notes = {language: f"{notes[language]} {_HIDDEN[language]}" for language in LANGUAGES}
    if terms.demo:
        notes = {language: f"{_DEMO[language]} {notes[language]}" for language in LANGUAGES}
    first, last = iso(np.array(span, np.int64)).tolist()
    found: dict[str, Any] = {
        "@id": me, "@type": "dcat:Dataset", "dct:identifier": me, "dct:title": _said(terms.title),
        "dct:description": _said(notes), "dct:publisher": _agent(publisher),
        "dcat:contactPoint": {"@type": "vcard:Organization", "vcard:fn": publisher.name,
                              "vcard:hasEmail": {"@id": f"mailto:{publisher.contact}"}},
        "dcat:theme": {"@id": f"{_EU}data-theme/{terms.theme}"},
        "dcat:keyword": [word for name in quantities for word in _said(QUANTITIES[name].label)],
        "dct:accessRights": {"@id": f"{_EU}access-right/PUBLIC"},
        "dct:language": [{"@id": f"{_EU}language/{_SPOKEN[language]}"} for language in LANGUAGES],
        "dct:modified": _moment(now),
        "dct:temporal": {"@type": "dct:PeriodOfTime",
                         "dcat:startDate": {"@type": "xsd:dateTime", "@value": first},
                         "dcat:endDate": {"@type": "xsd:dateTime", "@value": last}},
        "dcat:distribution": [
            _distribution(terms, me, file, media, key, now)
            for file, (_, media, key) in zip(files, FILES, strict=True)
        ],
    }  # fmt: skip
    placed = [(one.longitude, one.latitude) for one in things if one.longitude is not None and one.latitude is not None]
    if placed:
        (west, south), (east, north) = np.min(placed, axis=0), np.max(placed, axis=0)
        ring = ", ".join(f"{x:.6f} {y:.6f}" for x, y in
                         ((west, south), (east, south), (east, north), (west, north), (west, south)))  # fmt: skip
        box = {"@type": "geo:wktLiteral", "@value": f"POLYGON(({ring}))"}
        found["dct:spatial"] = {"@type": "dct:Location", "dcat:bbox": box}
    return found


def _distribution(terms: Terms, me: str, file: Path, media: str, key: str, now: int) -> dict[str, Any]:
    content = file.read_bytes()
    address = f"{me}/{quote(file.name)}"
    found: dict[str, Any] = {
        "@id": f"{address}#distribution", "@type": "dcat:Distribution", "dct:title": _said(_FILE_WORDS[file.name]),
        "dcat:accessURL": {"@id": address}, "dcat:downloadURL": {"@id": address},
        "dct:license": {"@id": terms.licence, "@type": "dct:LicenseDocument"},
        "dcat:mediaType": {"@id": _MEDIA + media},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(content))},
        "spdx:checksum": {"@type": "spdx:Checksum",
                          "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                          "spdx:checksumValue": {"@type": "xsd:hexBinary",
                                                 "@value": hashlib.sha256(content).hexdigest()}},
        "dct:modified": _moment(now),
    }  # fmt: skip
    if key:
        found["dct:format"] = {"@id": f"{_EU}file-type/{key}"}
    if terms.attribution:
        found["dct:rights"] = {"@type": "dct:RightsStatement", "dct:description": terms.attribution}
    return found


def catalogue(publisher: Publisher, datasets: Sequence[Mapping[str, Any]], now: int) -> dict[str, Any]:
    """The Catalogue of some Datasets, JSON-LD after DCAT-AP 3.0.

    All that 2.1.1 makes mandatory is in it too; of that, 2.1.1 would have checksums by SHA-1 and sizes as decimals.

    Parameters
    ----------
    publisher : Publisher
    datasets : sequence of dict
        As `dataset` makes them.
    now : int
        [ns, UTC]

    Returns
    -------
    dict
    """
    return {
        "@context": dict(CONTEXT), "@id": publisher.at(CATALOGUE) + "#catalogue", "@type": "dcat:Catalog",
        "dct:title": _said(publisher.title), "dct:description": _said(publisher.description),
        "dct:publisher": _agent(publisher), "foaf:homepage": {"@id": publisher.at(""), "@type": "foaf:Document"},
        "dct:language": [{"@id": f"{_EU}language/{_SPOKEN[language]}"} for language in LANGUAGES],
        "dcat:themeTaxonomy": {"@id": f"{_EU}data-theme"},
        "dct:modified": _moment(now), "dcat:dataset": list(datasets),
    }  # fmt: skip


def _said(words: Mapping[Language, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": words[language]} for language in LANGUAGES]


def _agent(publisher: Publisher) -> dict[str, Any]:
    return {"@id": publisher.at("") + "#publisher", "@type": "foaf:Agent", "foaf:name": publisher.name}


def _moment(time: int) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": str(iso(np.array([time], np.int64))[0])}


def _worded(where: str, **words: Mapping[Language, str]) -> None:
    for name, said in words.items():
        lacking = [language for language in LANGUAGES if not said.get(language)]
        if lacking:
            raise SensorError(f"{where}: {name} lacks its words in {', '.join(lacking)}")


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", text)
