"""What a reader must know of the figures of a hot day: true statements in three languages, chosen by what was on."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from kernels.contract import Kernel
from kernels.heat.surfaces import INDOOR_TEMPERATURE
from kernels.quantities import Language
from scenarios.assumptions_weather import of_weather
from scenarios.coupling import couples
from scenarios.heat_exposure import AROUND
from scenarios.indicator import words
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.city import ROOF
from twin.heat_layers import IRRIGATED, SEDUM_WETNESS

Statement = dict[Language, str]


def of_heat(
    scenario: Scenario, situation: Situation, kernels: Sequence[Kernel], told: Mapping[str, Any]
) -> list[Statement]:
    """The statements that hold for a run of heat.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    kernels : sequence of Kernel
    told : mapping
        What was modelled, in words, and what was corrected, in counts, by `scenarios.weather.weather_forcing`.
    """
    found = [*of_weather(scenario), *_of_what_was_missing(told), *_of_fabric(situation)]
    found += _of_waste_heat(kernels)
    found += [*_of_trees(situation), *_of_works(situation), *_of_air(kernels)]
    if any("utci" in one.gives for one in kernels):
        found += _of_people(situation)
    return found


def _of_what_was_missing(told: Mapping[str, Any]) -> list[Statement]:
    found: list[Statement] = []
    if "downwelling_longwave_irradiance" in told:
        found.append(
            words(
                "Le rayonnement infrarouge du ciel n'est pas mesuré : il est modélisé d'après Prata (1996), et d'après "
                "Crawford et Duchon (1999) sous les nuages.",
                "De langgolvige straling van de hemel is niet gemeten: ze is gemodelleerd naar Prata (1996), en naar "
                "Crawford en Duchon (1999) onder wolken.",
                "Long-wave radiation of the sky was not measured: it is modelled after Prata (1996), and Crawford and "
                "Duchon (1999) under clouds.",
            )
        )
    if "diffuse_horizontal_irradiance" in told:
        found.append(
            words(
                "La part diffuse du soleil n'est pas mesurée : elle est modélisée d'après Erbs et autres (1982).",
                "Het diffuse deel van het zonlicht is niet gemeten: het is gemodelleerd naar Erbs en anderen (1982).",
                "The diffuse part of the sun's light was not measured: it is modelled after Erbs and others (1982).",
            )
        )
    mended = sum(int(one) for one in told.values() if isinstance(one, int | np.integer) and not isinstance(one, bool))
    if mended:
        found.append(
            words(
                f"Valeurs du temps corrigées : {mended}.",
                f"Verbeterde waarden van het weer: {mended}.",
                f"Values of the weather that were corrected: {mended}.",
            )
        )
    return found


def _of_fabric(situation: Situation) -> list[Statement]:
    inside = f"{INDOOR_TEMPERATURE - 273.15:.0f}"
    meshed = bool((situation.city.surfaces.kind == ROOF).any())
    return [
        words(
            "Les toits ont la forme du modèle 3D.",
            "De daken hebben de vorm van het 3D-model.",
            "Roofs have the shape of the 3D model.",
        )
        if meshed
        else words(
            "Les toits sont plats, à la hauteur du faîte : il n'y a pas de modèle 3D.",
            "De daken zijn plat, op nokhoogte: er is geen 3D-model.",
            "Roofs are flat, at the height of the ridge: there is no 3D model.",
        ),
        words(
            "Toutes les façades sont de la même brique et tous les toits également isolés : une hypothèse ; à "
            f"l'intérieur il fait {inside} °C.",
            "Alle gevels zijn van dezelfde baksteen en alle daken even goed geïsoleerd: een aanname; binnen is het "
            f"{inside} °C.",
            f"All walls are of the same brick and all roofs insulated alike: an assumption; indoors it is {inside} °C.",
        ),
        words(
            "Le sol et l'herbe s'évaporent selon leur couverture ; l'humidité du sol n'est pas calculée.",
            "Grond en gras verdampen naar hun bedekking; bodemvocht wordt niet berekend.",
            "Ground and grass evaporate by land cover; soil moisture is not computed.",
        ),
    ]


def _of_waste_heat(kernels: Sequence[Kernel]) -> list[Statement]:
    if couples(kernels):
        return [*_of_traffic_heat(kernels), *_of_building_heat()]
    if any("waste_heat_flux" in one.gives for one in kernels):
        return [
            words(
                "La chaleur des véhicules à moteur est celle du carburant qu'ils brûlent, en moyenne sur toute la "
                "période ; celle des bâtiments n'est pas comptée.",
                "De warmte van motorvoertuigen is die van de brandstof die ze verbranden, gemiddeld over de hele "
                "periode; die van gebouwen is niet meegeteld.",
                "The heat of motor vehicles is that of the fuel they burn, as a mean over the whole period; that of "
                "buildings is not counted.",
            )
        ]
    return [
        words(
            "La chaleur du trafic et des bâtiments n'est pas comptée.",
            "Warmte van verkeer en gebouwen is niet meegeteld.",
            "Heat from traffic and buildings is not counted.",
        )
    ]


def _of_traffic_heat(kernels: Sequence[Kernel]) -> list[Statement]:
    """Beside that of buildings, which is counted."""
    if any("waste_heat_flux" in one.gives for one in kernels):
        return [
            words(
                "La chaleur des véhicules à moteur est celle du carburant qu'ils brûlent, en moyenne sur toute la "
                "période.",
                "De warmte van motorvoertuigen is die van de brandstof die ze verbranden, gemiddeld over de hele "
                "periode.",
                "The heat of motor vehicles is that of the fuel they burn, as a mean over the whole period.",
            )
        ]
    return [
        words(
            "La chaleur du trafic n'est pas comptée.",
            "Warmte van verkeer is niet meegeteld.",
            "Heat from traffic is not counted.",
        )
    ]


def _of_building_heat() -> list[Statement]:
    return [
        words(
            "Les bâtiments réchauffent l'air de ce qu'ils consomment, en moyenne sur toute la période et au-dessus de "
            "leur toit : électricité et combustible, sans ce qui repart au réseau, en voiture ou à l'égout, ni la "
            "chaleur que les murs laissent passer, déjà calculée ; ni celle des habitants.",
            "Gebouwen verwarmen de lucht met wat ze verbruiken, gemiddeld over de hele periode en boven hun dak: "
            "elektriciteit en brandstof, zonder wat naar het net, met de wagen of naar het riool gaat, en zonder de "
            "warmte die de muren doorlaten, die al berekend is, of die van de bewoners.",
            "Buildings warm the air by what they consume, as a mean over the whole period and above their roofs: "
            "electricity and fuel, without what goes back to the grid, off by car or down the drain, nor the heat that "
            "walls pass, which is worked out already, nor that of people.",
        )
    ]


def _of_trees(situation: Situation) -> list[Statement]:
    trees = situation.city.trees
    if trees.empty:
        return []
    assumed = int((trees["assumed"].astype(str) != "").sum())
    return [
        words(
            "Une couronne est un cylindre qui laisse passer une part du soleil selon l'espèce et le mois ; de "
            f"{assumed} arbres sur {len(trees)}, une mesure au moins est supposée.",
            "Een kruin is een cilinder die een deel van de zon doorlaat naar soort en maand; van "
            f"{assumed} van de {len(trees)} bomen is minstens één maat aangenomen.",
            "A crown is a cylinder that lets through a part of the sun by species and month; of "
            f"{assumed} of {len(trees)} trees at least one measure is assumed.",
        )
    ]


def _of_works(situation: Situation) -> list[Statement]:
    works = situation.works
    found: list[Statement] = []
    if any(kind == "green_roof_extensive" for _, kind in works.green_roofs):
        share = f"{100 * SEDUM_WETNESS:.0f}"
        found.append(
            words(
                f"Un toit vert extensif évapore {share} % de ce qu'il pourrait : une hypothèse, entre deux pluies.",
                f"Een extensief groendak verdampt {share} % van wat het zou kunnen: een aanname, tussen twee buien.",
                f"An extensive green roof evaporates {share}% of what it could: an assumption, between rains.",
            )
        )
    if any(one.irrigated for one in works.ground):
        share = f"{100 * IRRIGATED:.0f}"
        found.append(
            words(
                f"Un sol arrosé évapore {share} % de ce qu'il pourrait : une hypothèse ; l'eau qu'il faut n'est pas "
                "comptée.",
                f"Besproeide grond verdampt {share} % van wat hij zou kunnen: een aanname; het water daarvoor is niet "
                "meegeteld.",
                f"Watered ground evaporates {share}% of what it could: an assumption; the water it takes is not "
                "counted.",
            )
        )
    if works.cool_roofs or works.painted:
        found.append(
            words(
                "Un toit ou un sol clair garde l'albédo indiqué ; il ne se salit pas davantage.",
                "Een licht dak of lichte grond houdt het opgegeven albedo; het vervuilt niet verder.",
                "A light roof or light ground keeps the albedo that was said; it soils no further.",
            )
        )
    return found


def _of_air(kernels: Sequence[Kernel]) -> list[Statement]:
    knobs = {one.name: getattr(kernel, one.name) for kernel in kernels for one in fields(kernel)}  # type: ignore[arg-type]
    if knobs.get("air") is False:
        return [
            words(
                "La température de l'air est la même partout.",
                "De luchttemperatuur is overal dezelfde.",
                "The temperature of the air is the same everywhere.",
            )
        ]
    if knobs.get("air") is True:
        return [
            words(
                "L'air des rues est celui de la station, réchauffé ou refroidi par ce que les surfaces lui donnent "
                "au-delà de l'herbe de la station ; les surfaces elles-mêmes voient l'air de la station.",
                "De lucht in de straten is die van het weerstation, verwarmd of gekoeld door wat de oppervlakken meer "
                "geven dan het gras van het station; de oppervlakken zelf zien de lucht van het station.",
                "The air of streets is that of the weather station, warmed or cooled by what surfaces give beyond the "
                "station's grass; the surfaces themselves see the station's air.",
            )
        ]
    return []


def _of_people(situation: Situation) -> list[Statement]:
    if not len(situation.city.sectors):
        return []
    return [
        words(
            "Les habitants sont répartis sur les bâtiments résidentiels de leur secteur, selon le volume (où aucun "
            "usage n'est connu, sur tous sauf les annexes) ; on suppose "
            f"qu'ils rencontrent la chaleur du sol ouvert à moins de {AROUND:g} m de chez eux.",
            "De bewoners zijn over de woongebouwen van hun sector verdeeld, naar volume (waar geen gebruik "
            "bekend is, over alle behalve de bijgebouwen); aangenomen is dat zij de "
            f"hitte treffen op de open grond binnen {AROUND:g} m van hun huis.",
            "Residents are spread over the residential buildings of their sector by volume (where no use is "
            "known, over all but the annexes); it is assumed that they "
            f"meet the heat on the open ground within {AROUND:g} m of their home.",
        )
    ]
