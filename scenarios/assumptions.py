"""What a reader must know of the figures of a run: true statements, chosen by what was on."""

from collections.abc import Sequence
from dataclasses import fields

from kernels.contract import Kernel
from scenarios.drainage import NetworkSewers, SinkSewers
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from twin.drains import DOWNPIPE_REACH
from twin.rainfall import sewer_design_rate

_LAWS = {
    "constant": "Soil takes water at the rate of its saturated conductivity, by land cover.",
    "horton": "Soil takes water by Horton's law, with figures by land cover for soil that has drained.",
    "scs_cn": "Soil takes water by the SCS curve number of its land cover, for soils of group B.",
}


def assumptions(scenario: Scenario, situation: Situation, kernels: Sequence[Kernel]) -> list[str]:
    """The statements that hold for a run; kept in its manifest."""
    return [
        *_of_soil(scenario, kernels),
        *_of_sewers(scenario, situation, kernels),
        *_of_works(situation, kernels),
        "Residents are spread over the residential buildings of their sector by volume.",
        "A building is touched where water beside it is deeper than 15 cm"
        + (", or than the threshold an edit raised." if situation.works.sills else "."),
    ]


def _of_soil(scenario: Scenario, kernels: Sequence[Kernel]) -> list[str]:
    law = scenario.soil.law
    if law == "none" or not any("soil" in {knob.name for knob in fields(one)} for one in kernels):  # type: ignore[arg-type]
        return ["Soil takes none of the rain."]
    if law == "green_ampt":
        return [
            "Soil takes water by Green and Ampt's law, with the figures of Rawls and others (1983) by land cover and "
            f"{scenario.soil.moisture:.0%} of its pores full at the start; no soil map is read."
        ]
    return [_LAWS[law]]


def _of_sewers(scenario: Scenario, situation: Situation, kernels: Sequence[Kernel]) -> list[str]:
    sewers = scenario.sewers
    if isinstance(sewers, SinkSewers) and _reads("sink_capacity", kernels):
        rate = sewer_design_rate(sewers.return_period_years) * 3.6e6
        sheds = "by statistical sector" if len(situation.base.sectors) else "for the whole city as one sewershed"
        return [
            f"The sewers are not known: it is assumed that they take up to {rate:.1f} mm/h off all that is sealed, the "
            f"hour of rain that comes once in {sewers.return_period_years:g} years, {sheds}, through the sealed ground."
        ]
    if isinstance(sewers, NetworkSewers) and _reads("inlet_node", kernels):
        return [_of_network(situation)]
    return ["Sewers take none of the water."]


def _of_network(situation: Situation) -> str:
    drains = situation.city.drains
    assumed = drains is not None and drains.attrs.get("inlets") == "assumed"
    inlets = "an assumed set of inlets at each junction" if assumed else "its inlets"
    reach = f"roofs within {DOWNPIPE_REACH:g} m of a node drain to it"
    return f"Water enters the drain network that was imported through {inlets}; {reach}."


def _of_works(situation: Situation, kernels: Sequence[Kernel]) -> list[str]:
    works = situation.works
    stacks = any(one.stack for one in works.ground) and _reads("layer_stack", kernels)
    roofs = bool(works.green_roofs) and _reads("roof_stack", kernels)
    if stacks or roofs:
        return ["Layer stacks (swales, permeable paving, green roofs) have the figures of our table, partly assumed."]
    return []


def _reads(layer: str, kernels: Sequence[Kernel]) -> bool:
    return any(need.name == layer for one in kernels for need in one.layers)
