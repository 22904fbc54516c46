"""What a reader must know of the figures of a run: true statements in three languages, chosen by what was on."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import xarray as xr

from kernels.contract import Kernel
from kernels.quantities import Language
from scenarios.access_ground import of_access, reads_access
from scenarios.assumptions_energy import of_energy
from scenarios.assumptions_heat import of_heat
from scenarios.assumptions_traffic import of_traffic
from scenarios.damage import ASSUMPTIONS
from scenarios.drainage import NetworkSewers, SinkSewers
from scenarios.indicator import comma, words
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.storms import Block, Design, Hyetograph, MovingCell, PastEvent
from twin.drains import DOWNPIPE_REACH, GULLY_AREA
from twin.rainfall import sewer_design_rate

Statement = dict[Language, str]

_LAWS = {
    "constant": words(
        "Le sol absorbe au rythme de sa conductivité à saturation, selon sa couverture.",
        "De bodem neemt water op aan zijn verzadigde doorlatendheid, naar zijn bedekking.",
        "Soil takes water at the rate of its saturated conductivity, by land cover.",
    ),
    "horton": words(
        "Le sol absorbe selon la loi de Horton, avec des valeurs par couverture pour un sol ressuyé.",
        "De bodem neemt water op volgens de wet van Horton, met waarden per bedekking voor uitgelekte grond.",
        "Soil takes water by Horton's law, with figures by land cover for soil that has drained.",
    ),
    "scs_cn": words(
        "Le sol absorbe selon le numéro de courbe SCS de sa couverture, pour des sols du groupe B.",
        "De bodem neemt water op volgens het SCS-curvenummer van zijn bedekking, voor bodems van groep B.",
        "Soil takes water by the SCS curve number of its land cover, for soils of group B.",
    ),
}


def assumptions(
    scenario: Scenario,
    situation: Situation,
    kernels: Sequence[Kernel],
    ground: xr.Dataset | None = None,
    told: Mapping[str, Any] | None = None,
) -> list[Statement]:
    """The statements that hold for a run; kept in its manifest.

    Parameters
    ----------
    scenario : Scenario
    situation : Situation
        After its edits.
    kernels : sequence of Kernel
    ground : xarray.Dataset, optional
        Layers of the run, whose attributes count what was done to the inlets of a network.
    told : mapping, optional
        What `scenarios.drivers.Drivers` modelled, corrected and filled of the weather.

    Returns
    -------
    list of dict
        Each by language.
    """
    found: list[Statement] = []
    dry = any(_reads(name, kernels) for name in ("canopy_top", "demand_trips", "home_people", "heated_floor_area"))
    if any("water_depth" in one.gives for one in kernels) or not dry:
        found += [*_of_rain(scenario, situation), *_of_soil(scenario, kernels)]
        found += _of_sewers(scenario, situation, kernels, {} if ground is None else ground.attrs)
        found += _of_works(situation, kernels)
    if any("water_depth" in one.gives for one in kernels):
        found += [*_of_people(situation), *ASSUMPTIONS]
    if _reads("canopy_top", kernels):
        found += of_heat(scenario, situation, kernels, told or {})
    if any("traffic_flow" in one.gives for one in kernels):
        at_hours = ground is not None and ground.sizes.get("closure", 0) > 0
        found += of_traffic(scenario, situation, kernels, at_hours)
    if reads_access(kernels):
        found += of_access()
    if _reads("heated_floor_area", kernels):
        found += of_energy(scenario, situation, kernels, ground, told)
    # heat and energy may say the same of one weather
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _of_rain(scenario: Scenario, situation: Situation) -> list[Statement]:
    rain = scenario.forcing.rain if situation.storm is None else situation.storm
    if rain is None:
        return []
    if isinstance(rain, MovingCell):
        return [
            words(
                "L'averse qui se déplace est synthétique : une hypothèse, aucun événement mesuré.",
                "De bewegende bui is synthetisch: een aanname, geen gemeten gebeurtenis.",
                "The moving storm cell is synthetic: an assumption, no event that was measured.",
            )
        ]
    found: list[Statement] = []
    if isinstance(rain, PastEvent):
        found.append(
            words(
                "La pluie de l'événement est mesurée par totaux ; chacun est réparti également sur sa durée.",
                "De regen van de gebeurtenis is als totalen gemeten; elk is gelijk over zijn duur gespreid.",
                "The rain of the event was measured as totals; each is spread evenly over its time.",
            )
        )
    elif isinstance(rain, Block | Hyetograph) or situation.storm is not None:
        found.append(
            words(
                "La pluie est choisie librement ; elle n'a pas de période de retour.",
                "De regen is vrij gekozen; hij heeft geen terugkeerperiode.",
                "The rain was chosen freely; it has no return period.",
            )
        )
    if isinstance(rain, Design | PastEvent) and rain.climate_factor != 1:
        factor = f"{rain.climate_factor:g}"
        found.append(
            words(
                f"La pluie est multipliée par {comma(factor)} pour un climat à venir : une hypothèse.",
                f"De regen is maal {comma(factor)} genomen voor een klimaat dat komt: een aanname.",
                f"The rain is multiplied by {factor} for a climate to come: an assumption.",
            )
        )
    return found


def _of_soil(scenario: Scenario, kernels: Sequence[Kernel]) -> list[Statement]:
    law = scenario.soil.law
    if law == "none" or not any("soil" in {knob.name for knob in fields(one)} for one in kernels):  # type: ignore[arg-type]
        return [
            words("Le sol n'absorbe rien de la pluie.", "De bodem neemt geen regen op.", "Soil takes none of the rain.")
        ]
    if law == "green_ampt":
        full = f"{100 * scenario.soil.moisture:.0f}"
        return [
            words(
                "Le sol absorbe selon la loi de Green et Ampt, avec les valeurs de Rawls et autres (1983) par "
                f"couverture et {full} % de ses pores pleins au début ; aucune carte des sols n'est lue.",
                "De bodem neemt water op volgens de wet van Green en Ampt, met de waarden van Rawls en anderen (1983) "
                f"per bedekking en {full} % van zijn poriën vol bij het begin; geen bodemkaart wordt gelezen.",
                "Soil takes water by Green and Ampt's law, with the figures of Rawls and others (1983) by land cover "
                f"and {full}% of its pores full at the start; no soil map is read.",
            )
        ]
    return [_LAWS[law]]


def _of_sewers(
    scenario: Scenario, situation: Situation, kernels: Sequence[Kernel], counts: dict[str, int]
) -> list[Statement]:
    sewers = scenario.sewers
    if isinstance(sewers, NetworkSewers) and _reads("inlet_node", kernels):
        return _of_network(situation, counts)
    roofs = words(
        "La pluie des toits rejoint le sol au pied des bâtiments.",
        "De regen van daken bereikt de grond aan de voet van de gebouwen.",
        "Rain on roofs reaches the ground at the foot of the buildings.",
    )
    if isinstance(sewers, SinkSewers) and _reads("sink_capacity", kernels):
        rate = f"{sewer_design_rate(sewers.return_period_years) * 3.6e6:.1f}"
        years = f"{sewers.return_period_years:g}"
        whole = not len(situation.base.sectors)
        fr = "pour toute la ville comme un seul bassin" if whole else "par secteur statistique"
        nl = "voor de hele stad als één rioleringsgebied" if whole else "per statistische sector"
        en = "for the whole city as one sewershed" if whole else "by statistical sector"
        return [
            words(
                f"Les égouts ne sont pas connus : on suppose qu'ils prennent jusqu'à {comma(rate)} mm/h de tout ce "
                f"qui est imperméable, la pluie d'une heure qui revient tous les {years} ans, {fr}, par le sol "
                "imperméable.",
                f"De riolen zijn niet gekend: aangenomen is dat ze tot {comma(rate)} mm/h opnemen van al wat verhard "
                f"is, de regen van één uur die eens in de {years} jaar komt, {nl}, langs de verharde grond.",
                f"The sewers are not known: it is assumed that they take up to {rate} mm/h off all that is sealed, the "
                f"hour of rain that comes once in {years} years, {en}, through the sealed ground.",
            ),
            roofs,
        ]
    return [
        words(
            "Les égouts ne prennent rien de l'eau.", "De riolen nemen geen water op.", "Sewers take none of the water."
        ),
        roofs,
    ]


def _of_network(situation: Situation, counts: dict[str, int]) -> list[Statement]:
    drains = situation.city.drains
    assumed = drains is not None and drains.attrs.get("inlets") == "assumed"
    if assumed:
        found = [
            words(
                "Le réseau importé ne dit rien de ses avaloirs : on en suppose deux par regard, ouverts ensemble sur "
                f"{comma(f'{GULLY_AREA:g}')} m².",
                "Het ingelezen net zegt niets van zijn straatkolken: er zijn er twee per put aangenomen, samen "
                f"{comma(f'{GULLY_AREA:g}')} m² open.",
                "The imported network says nothing of its inlets: two are assumed at each manhole, open by "
                f"{GULLY_AREA:g} m² together.",
            )
        ]
    else:
        found = [
            words(
                "L'eau entre dans le réseau importé par ses avaloirs.",
                "Het water komt in het ingelezen net langs zijn straatkolken.",
                "Water enters the imported drain network through its inlets.",
            )
        ]
    reach = f"{DOWNPIPE_REACH:g}"
    led = counts.get("roofs_to_drains")
    of = len(situation.city.buildings)
    tail = {"fr": "", "nl": "", "en": ""} if led is None else dict.fromkeys(("fr", "nl", "en"), f" ({led} / {of})")
    found.append(
        words(
            f"On suppose que les toits à moins de {reach} m d'un regard s'y écoulent{tail['fr']}, les autres au sol.",
            f"Aangenomen is dat daken binnen {reach} m van een put erop lozen{tail['nl']}, de andere op de grond.",
            f"Roofs within {reach} m of a manhole are taken to drain to it{tail['en']}, the others to the ground.",
        )
    )
    moved, lost, off = (int(counts.get(key, 0)) for key in ("inlets_moved", "inlets_left_out", "rims_off_ground"))
    if moved or lost:
        found.append(
            words(
                f"Avaloirs déplacés vers la maille libre la plus proche : {moved} ; laissés de côté, hors du calcul : "
                f"{lost}.",
                f"Kolken verplaatst naar de dichtste open cel: {moved}; weggelaten, buiten de berekening: {lost}.",
                f"Inlets moved to the nearest open cell: {moved}; left out, beyond the cells of the run: {lost}.",
            )
        )
    if off:
        found.append(
            words(
                f"Regards dont le tampon s'écarte de plus de 50 cm du sol : {off}.",
                f"Putten waarvan het deksel meer dan 50 cm van de grond afwijkt: {off}.",
                f"Manholes whose cover lies more than 50 cm off the ground: {off}.",
            )
        )
    return found


def _of_works(situation: Situation, kernels: Sequence[Kernel]) -> list[Statement]:
    works = situation.works
    found: list[Statement] = []
    stacks = any(one.stack for one in works.ground) and _reads("layer_stack", kernels)
    roofs = bool(works.green_roofs) and _reads("roof_stack", kernels)
    if stacks or roofs:
        found.append(
            words(
                "Les ouvrages en couches (noues, pavés drainants, toitures vertes) ont les valeurs de notre tableau, "
                "en partie supposées.",
                "Gelaagde werken (wadi's, waterdoorlatende verharding, groendaken) hebben de waarden van onze tabel, "
                "deels aangenomen.",
                "Layer stacks (swales, permeable paving, green roofs) have the figures of our table, partly assumed.",
            )
        )
    if any(one.is_dug for one in works.ground):
        found.append(
            words(
                "L'eau sous le bord d'une noue, d'un jardin de pluie ou d'un bassin ne compte pas comme inondation.",
                "Water onder de rand van een wadi, een regentuin of een bekken telt niet als overstroming.",
                "Water below the rim of a swale, a rain garden or a basin counts as no flood.",
            )
        )
    return found


def _of_people(situation: Situation) -> list[Statement]:
    found: list[Statement] = []
    if len(situation.city.sectors):
        found.append(
            words(
                "Les habitants sont répartis sur les bâtiments résidentiels de leur secteur, selon le volume ; où "
                "aucun usage n'est connu, sur tous sauf les annexes.",
                "De bewoners zijn over de woongebouwen van hun sector verdeeld, naar volume; waar geen gebruik bekend "
                "is, over alle behalve de bijgebouwen.",
                "Residents are spread over the residential buildings of their sector by volume; where no use is known, "
                "over all but the annexes.",
            )
        )
    fr = nl = en = ""
    if "threshold" in situation.city.buildings:
        fr, nl, en = ", ou que son seuil connu", ", of dan zijn gekende drempel", ", or than its known threshold"
    if situation.works.sills:
        fr, nl, en = (
            fr + ", ou que le seuil relevé",
            nl + ", of dan de verhoogde drempel",
            en + ", or than the threshold an edit raised",
        )
    found.append(
        words(
            f"Un bâtiment est touché où l'eau à côté dépasse 15 cm{fr}.",
            f"Een gebouw is getroffen waar het water ernaast dieper is dan 15 cm{nl}.",
            f"A building is touched where water beside it is deeper than 15 cm{en}.",
        )
    )
    return found


def _reads(layer: str, kernels: Sequence[Kernel]) -> bool:
    return any(need.name == layer for one in kernels for need in one.layers)
