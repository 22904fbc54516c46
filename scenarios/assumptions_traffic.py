"""What a reader must know of the figures of traffic: true statements in three languages, chosen by what was on."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernels.contract import Kernel
from kernels.quantities import Language
from scenarios.indicator import comma, words
from scenarios.noise_exposure import REACH
from scenarios.scenario import Scenario
from scenarios.situation import Situation

Statement = dict[Language, str]


def of_traffic(
    scenario: Scenario, situation: Situation, kernels: Sequence[Kernel], closed_at_hours: bool = False
) -> list[Statement]:
    """The statements that hold for a run of traffic.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    kernels : sequence of Kernel
    closed_at_hours : bool
        Whether some streets are closed at some hours only.
    """
    kernel = next(one for one in kernels if "traffic_flow" in one.gives)
    found = [*_of_trips(scenario), *_of_streets(), _MODELS[str(getattr(kernel, "model", "queues"))]]
    if closed_at_hours:
        found.append(
            words(
                "Qui roule déjà dans une rue quand elle ferme en sort encore.",
                "Wie al in een straat rijdt wanneer ze sluit, rijdt er nog uit.",
                "Who already drives in a street when it closes still leaves it.",
            )
        )
    return [*found, *_of_figures(situation)]


_MODELS: Mapping[str, Statement] = {
    "queues": words(
        "Chaque véhicule roule seul et attend son tour au bout des rues ; personne ne renonce à partir. Les véhicules "
        "encore en route à la fin n'ont pas de durée de trajet.",
        "Elk voertuig rijdt apart en wacht aan het einde van de straten op zijn beurt; niemand ziet af van zijn rit. "
        "Voertuigen die aan het einde nog onderweg zijn, hebben geen reistijd.",
        "Every vehicle drives by itself and waits its turn at the ends of streets; nobody gives up a trip. Vehicles "
        "still under way at the end have no trip time.",
    ),
    "equilibrium": words(
        "Le trafic est celui où personne ne gagnerait du temps par un autre chemin, heure par heure ; il n'y a pas de "
        "files qui débordent d'une rue sur l'autre.",
        "Het verkeer is dat waarin niemand sneller zou zijn langs een andere weg, uur per uur; files lopen niet over "
        "van de ene straat in de andere.",
        "Traffic is that in which nobody would gain time by another way, hour by hour; queues do not spill from one "
        "street into the next.",
    ),
}


def _of_trips(scenario: Scenario) -> list[Statement]:
    travel: Any = scenario.forcing.travel
    if travel is None:
        return []
    found = [
        words(
            "Les déplacements sont synthétiques : habitants, emplois, parts des modes et trafic de passage viennent "
            "de tables et d'hypothèses, aucun n'est compté. A et B ont les mêmes déplacements, sauf si un changement "
            "de la demande le dit.",
            "De verplaatsingen zijn synthetisch: inwoners, jobs, aandelen van vervoerswijzen en doorgaand verkeer "
            "komen uit tabellen en aannames, geen enkele is geteld. A en B hebben dezelfde verplaatsingen, tenzij een "
            "wijziging van de vraag anders zegt.",
            "Trips are synthetic: residents, jobs, shares of modes and through traffic come from tables and "
            "assumptions, none is counted. A and B have the same trips, unless a change of the demand says otherwise.",
        )
    ]
    if travel.counts is not None:
        found[0] = words(
            "Les déplacements sont synthétiques, puis ajustés à des comptages ; loin des compteurs ils restent des "
            "hypothèses. A et B ont les mêmes déplacements, sauf si un changement de la demande le dit.",
            "De verplaatsingen zijn synthetisch en dan aan tellingen aangepast; ver van de tellers blijven ze "
            "aannames. A en B hebben dezelfde verplaatsingen, tenzij een wijziging van de vraag anders zegt.",
            "Trips are synthetic, then adjusted to counts; far from counters they remain assumptions. A and B have "
            "the same trips, unless a change of the demand says otherwise.",
        )
    if travel.elasticity is not None:
        much = f"{travel.elasticity:g}"
        found.append(
            words(
                f"Les trajets en voiture répondent au temps qu'ils prennent, avec une élasticité de {comma(much)} : "
                "une hypothèse.",
                f"Autoritten antwoorden op de tijd die ze kosten, met een elasticiteit van {comma(much)}: een aanname.",
                f"Trips by car answer the time they take, with an elasticity of {much}: an assumption.",
            )
        )
    if travel.scale != 1.0:
        percent = f"{100.0 * travel.scale:g}"
        found.append(
            words(
                f"Le nombre de déplacements est fixé à {comma(percent)} % de l'habituel.",
                f"Het aantal verplaatsingen is op {comma(percent)} % van het gewone gezet.",
                f"The number of trips was set to {percent} % of the usual.",
            )
        )
    return found


def _of_streets() -> list[Statement]:
    return [
        words(
            "Capacités et feux viennent de la classe des rues, de même que les voies et vitesses que la carte ne dit "
            "pas. Les déplacements qui partent d'un axe principal ne sont d'aucun quartier et comptent comme transit "
            "dans celui qu'ils traversent.",
            "Capaciteiten en verkeerslichten volgen uit de klasse van de straten, net als rijstroken en snelheden die "
            "de kaart niet zegt. Ritten die op een hoofdas vertrekken horen bij geen buurt en tellen als doorgaand in "
            "de buurt die ze doorkruisen.",
            "Capacities and signals come from the class of streets, and so do lanes and speeds that the map does not "
            "say. Trips that set out on a main street belong to no neighbourhood, and count as through traffic in the "
            "one they cross.",
        )
    ]


def _of_figures(situation: Situation) -> list[Statement]:
    found = [
        words(
            "Les émissions sont celles d'un parc supposé (63 % d'essence, 29 % de diesel, 8 % d'électrique), moteur "
            "chaud ; ni démarrages à froid, ni pente.",
            "De uitstoot is die van een aangenomen wagenpark (63 % benzine, 29 % diesel, 8 % elektrisch), met warme "
            "motor; zonder koude start of helling.",
            "Emissions are those of an assumed fleet (63 % petrol, 29 % diesel, 8 % electric) with warm engines; "
            "neither cold starts nor slopes.",
        )
    ]
    if len(situation.city.sectors):
        found.append(
            words(
                f"Le bruit aux façades vient des rues à moins de {REACH:g} m, avec les réflexions entre façades ; "
                "derrière des bâtiments, 10 dB de moins. Les habitants sont répartis selon le volume des "
                "logements et entendent leur façade la plus bruyante. Sur quelques heures, ce n'est pas le Lden.",
                f"Het lawaai aan gevels komt van straten binnen {REACH:g} m, met weerkaatsing tussen gevels; "
                "achter gebouwen 10 dB minder. Bewoners zijn verdeeld naar het volume van de woningen en horen "
                "hun luidste gevel. Over enkele uren is het geen Lden.",
                f"Noise at facades comes from streets within {REACH:g} m, with reflections between facades; behind "
                "buildings 10 dB less. Residents are spread by the volume of homes and hear their loudest facade. "
                "Of a few hours it is no Lden.",
            )
        )
    return found
