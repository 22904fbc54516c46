"""What a reader must know of the figures of energy: true statements in three languages, chosen by what was on."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import Kernel
from scenarios.assumptions_weather import Statement, of_weather
from scenarios.coupling import couples
from scenarios.energy_figures import TOLD
from scenarios.energy_weather import LONGEST_GAP
from scenarios.indicator import comma, words
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.energy_factors import read_prices
from twin.energy_layers import CARS
from twin.energy_works import EnergyWorks
from twin.energy_zones import DWELLING_AREA


def of_energy(
    scenario: Scenario,
    situation: Situation,
    kernels: Sequence[Kernel],
    ground: xr.Dataset | None = None,
    told: Mapping[str, Any] | None = None,
) -> list[Statement]:
    """The statements that hold for a run of energy.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    kernels : sequence of Kernel
    ground : xarray.Dataset, optional
        Layers of the run, whose attribute says what was known of the buildings.
    told : mapping, optional
        What `scenarios.energy_weather.energy_forcing` filled and modelled.
    """
    works = situation.energy_works
    found = [*of_weather(scenario), *_of_gaps(told or {}), *_of_buildings(ground), *_of_physics(kernels)]
    return [*found, *_of_sun(works, ground), *_of_works(works), *_of_money(scenario)]


def _of_gaps(told: Mapping[str, Any]) -> list[Statement]:
    filled = sum(int(value) for name, value in told.items() if name.startswith("hours filled"))
    found: list[Statement] = []
    if filled:
        found.append(
            words(
                f"Valeurs horaires du temps qui manquaient et sont interpolées (au plus {LONGEST_GAP} h de suite) : "
                f"{filled}.",
                f"Uurwaarden van het weer die ontbraken en zijn geïnterpoleerd (hoogstens {LONGEST_GAP} u na elkaar): "
                f"{filled}.",
                f"Hours of the weather that were missing and are interpolated (at most {LONGEST_GAP} h in a row): "
                f"{filled}.",
            )
        )
    if told.get("diffuse_horizontal_irradiance"):
        found.append(
            words(
                "La part diffuse du soleil n'est pas mesurée : elle est modélisée d'après Erbs et autres (1982).",
                "Het diffuse deel van het zonlicht is niet gemeten: het is gemodelleerd naar Erbs en anderen (1982).",
                "The diffuse part of the sun's light was not measured: it is modelled after Erbs and others (1982).",
            )
        )
    return found


def _of_buildings(ground: xr.Dataset | None) -> list[Statement]:
    """What is known of the buildings, and what stands for what is not."""
    found = [
        words(
            "Chaque bâtiment est une zone chauffée ; un mur mitoyen ne laisse rien passer. Là où rien n'est connu, "
            "l'enveloppe est celle de l'archétype belge de sa période (TABULA).",
            "Elk gebouw is één verwarmde zone; een gemene muur laat niets door. Waar niets bekend is, is de schil die "
            "van het Belgische archetype van zijn periode (TABULA).",
            "Each building is one heated zone; a party wall lets nothing through. Where nothing is known, the envelope "
            "is that of the Belgian archetype of its period (TABULA).",
        ),
        words(
            "Un logement inconnu se compte par "
            f"{DWELLING_AREA:g} m² de plancher résidentiel ; les semaines d'occupation, d'appareils et d'eau chaude "
            "sont celles de douze usages, décalées par bâtiment pour que tous n'aient pas leur pointe ensemble.",
            f"Onbekende woningen zijn geteld per {DWELLING_AREA:g} m² woonvloer; de weken van bezetting, toestellen en "
            "warm water zijn die van twaalf bestemmingen, per gebouw verschoven zodat niet alles samen piekt.",
            f"Unknown dwellings are counted by {DWELLING_AREA:g} m² of residential floor; weeks of presence, "
            "appliances and hot water are those of twelve uses, shifted by building so that not all peak at once.",
        ),
    ]
    told = json.loads(ground.attrs.get(TOLD, "{}")).get("told", {}) if ground is not None else {}
    unknown = int(told.get("year of construction unknown", 0))
    if unknown and ground is not None:
        heated = int((ground["heated_floor_area"].values > 0).sum())
        found.append(
            words(
                f"L'année de construction de {unknown} bâtiments chauffés sur {heated} n'est pas connue.",
                f"Van {unknown} van de {heated} verwarmde gebouwen is het bouwjaar niet bekend.",
                f"The year of construction of {unknown} of {heated} heated buildings is not known.",
            )
        )
    return found


def _of_physics(kernels: Sequence[Kernel]) -> list[Statement]:
    if not any("heating_need" in one.gives for one in kernels):
        return []
    return [
        words(
            "Les besoins suivent la méthode horaire simple d'ISO 13790, avec la masse propre à chaque paroi ; la "
            "puissance de chauffage n'est pas limitée, sauf celle des réseaux.",
            "De behoeften volgen de eenvoudige uurmethode van ISO 13790, met de eigen massa van elk bouwdeel; het "
            "verwarmingsvermogen is niet begrensd, behalve dat van netten.",
            "Needs follow the simple hourly method of ISO 13790, with the mass of the layers themselves; the power of "
            "heating is not limited, but that of networks is.",
        ),
        words(
            "Personne n'ouvre de fenêtre ni ne baisse de store : la surchauffe et le froid sont plutôt surestimés.",
            "Niemand opent een raam of sluit een zonwering: oververhitting en koeling zijn eerder overschat.",
            "Nobody opens a window or lowers a blind: overheating and cooling are rather too high.",
        ),
        _of_the_air(kernels),
    ]


def _of_the_air(kernels: Sequence[Kernel]) -> Statement:
    if couples(kernels):
        return words(
            "Les bâtiments n'échangent pas de chaleur entre eux ; l'air autour d'eux est celui de la station, plus ce "
            "que les rues du quartier ont de plus chaud en moyenne, calculé avec leur propre chaleur rejetée. Le rejet "
            "est calculé d'abord avec l'air de la station ; on s'en tient à une seconde passe.",
            "Gebouwen wisselen onderling geen warmte uit; de lucht om hen heen is die van het weerstation, plus wat de "
            "straten van de wijk gemiddeld warmer zijn, berekend met hun eigen afvalwarmte. Die warmte is eerst met de "
            "lucht van het station berekend; het blijft bij een tweede doorgang.",
            "Buildings exchange no heat with each other; the air around them is that of the weather station, plus what "
            "the streets of the district are warmer on average, worked out with their own waste heat. That heat is "
            "first found in the station's air; there is one second pass.",
        )
    return words(
        "Les bâtiments n'échangent pas de chaleur entre eux et ne changent pas l'air de la rue.",
        "Gebouwen wisselen onderling geen warmte uit en veranderen de lucht in de straat niet.",
        "Buildings exchange no heat with each other and do not change the air of the street.",
    )


def _of_sun(works: EnergyWorks, ground: xr.Dataset | None) -> list[Statement]:
    found = [
        words(
            "Le soleil se calcule sur la maquette 3D : ce que les bâtiments cachent est noir, les arbres ne cachent "
            "rien.",
            "De zon is berekend op het 3D-model: wat gebouwen verbergen is zwart, bomen verbergen niets.",
            "The sun is computed on the 3D model: what buildings hide is black, trees hide nothing.",
        )
    ]
    if works.modules or (ground is not None and float(np.sum(ground["photovoltaic_peak_power"].values)) > 0.0):
        found.append(
            words(
                "Les modules ne vieillissent pas ; la neige et les pannes sont dans des pertes fixes (PVWatts).",
                "Panelen verouderen niet; sneeuw en storingen zitten in vaste verliezen (PVWatts).",
                "Modules do not age; snow and failures are in fixed losses (PVWatts).",
            )
        )
    else:
        found.append(
            words(
                "Les modules photovoltaïques qui existent déjà ne sont pas connus et ne sont pas comptés.",
                "Bestaande zonnepanelen zijn niet bekend en niet meegeteld.",
                "Photovoltaic modules that exist already are not known and not counted.",
            )
        )
    return found


def _of_works(works: EnergyWorks) -> list[Statement]:
    found: list[Statement] = []
    if works.supplies:
        found.append(
            words(
                "Une pompe à chaleur rend 85 % de ce que donne sa courbe d'essai (Ruhnau et autres 2019) ; les "
                "émetteurs ne sont pas changés, sauf si l'édition le dit.",
                "Een warmtepomp haalt 85 % van haar testcurve (Ruhnau en anderen 2019); de warmteafgifte verandert "
                "niet, tenzij de bewerking het zegt.",
                "A heat pump reaches 85% of its test curve (Ruhnau et al. 2019); emitters do not change unless the "
                "edit says so.",
            )
        )
    if works.networks:
        found.append(
            words(
                "Les conduites suivent les rues ; le réseau est calculé heure par heure, sans inertie de l'eau.",
                "Leidingen volgen de straten; het net is uur per uur berekend, zonder traagheid van het water.",
                "Pipes follow the streets; the network is computed hour by hour, without the inertia of its water.",
            )
        )
    if works.batteries or works.stores:
        found.append(
            words(
                "Batteries et ballons suivent une règle simple : d'abord l'autoconsommation du bâtiment ; ils ne "
                "prévoient rien.",
                "Batterijen en vaten volgen een eenvoudige regel: eerst het eigen verbruik van het gebouw; ze "
                "voorspellen niets.",
                "Batteries and tanks follow a simple rule, the building's own use first; they foresee nothing.",
            )
        )
    if works.vehicles:
        cars = f"{CARS:g}"
        found.append(
            words(
                f"On compte {comma(cars)} voiture par logement : une hypothèse.",
                f"Er is gerekend met {comma(cars)} wagen per woning: een aanname.",
                f"{cars} cars are counted for each dwelling: an assumption.",
            )
        )
    return found


def _of_money(scenario: Scenario) -> list[Statement]:
    tariffs = scenario.forcing.tariffs
    if tariffs is None:
        date = read_prices().date
        return [
            words(
                f"Les prix sont ceux d'un ménage bruxellois, supposés au {date} ; ils ne bougent pas dans l'année.",
                f"De prijzen zijn die van een Brussels gezin, aangenomen op {date}; ze bewegen niet in het jaar.",
                f"Prices are those of a household in Brussels, assumed for {date}; they do not move within the year.",
            )
        ]
    return [
        words(
            f"Les prix sont ceux du document, du {tariffs.date} : {tariffs.source}.",
            f"De prijzen zijn die van het document, van {tariffs.date}: {tariffs.source}.",
            f"Prices are those of the document, of {tariffs.date}: {tariffs.source}.",
        )
    ]
