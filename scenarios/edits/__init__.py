"""The what-if vocabulary: every edit there is, and applying a list of them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from scenarios.edits.albedo import Albedo
from scenarios.edits.basin import Basin
from scenarios.edits.bike_lane import BikeLane
from scenarios.edits.bollard import Bollard
from scenarios.edits.bridge import Bridge
from scenarios.edits.building import AddBuilding
from scenarios.edits.close_street import CloseStreet
from scenarios.edits.close_tunnel import CloseTunnel
from scenarios.edits.cool_roof import CoolRoof
from scenarios.edits.drain import BlockDrain, ClearDrain
from scenarios.edits.edit import MAX_VERTICES, Edit
from scenarios.edits.energy_facts import BuildingFacts
from scenarios.edits.energy_habits import SetPoints, VehicleShare
from scenarios.edits.energy_network import GeothermalField, HeatNetwork, SewerHeat
from scenarios.edits.energy_new_building import ExemplaryBuilding
from scenarios.edits.energy_removal import (
    RemoveBattery,
    RemoveBuildingFacts,
    RemoveGeothermalField,
    RemoveHeatNetwork,
    RemoveHeatStore,
    RemoveHeatSupply,
    RemoveRenovation,
    RemoveSetPoints,
    RemoveSewerHeat,
    RemoveSolarModules,
    RemoveVehicleShare,
)
from scenarios.edits.energy_renovation import Renovate
from scenarios.edits.energy_solar import SolarModules
from scenarios.edits.energy_stores import Battery, HeatStore
from scenarios.edits.energy_supply import HeatSupply
from scenarios.edits.green_roof import GreenRoof
from scenarios.edits.kerb_bays import KerbBays
from scenarios.edits.land_cover import LandCover
from scenarios.edits.low_traffic_neighbourhood import LowTrafficNeighbourhood
from scenarios.edits.one_way import OneWay
from scenarios.edits.paving import Depave, PermeablePaving
from scenarios.edits.place import OpenPlace
from scenarios.edits.rain_garden import RainGarden
from scenarios.edits.removal import (
    ClosePlace,
    RemoveAlbedo,
    RemoveBuilding,
    RemoveCoolRoof,
    RemoveDrainBlock,
    RemoveGreenRoof,
    RemoveLandCover,
    RemoveShadeSail,
    RemoveStormTank,
    RemoveThreshold,
    RemoveTree,
    RemoveWall,
    Restore,
)
from scenarios.edits.school_street import SchoolStreet
from scenarios.edits.shade_sail import ShadeSail
from scenarios.edits.speed_limit import SpeedLimit
from scenarios.edits.storm import RestoreRain, Storm
from scenarios.edits.storm_tank import StormTank
from scenarios.edits.street_removal import (
    RemoveBikeLane,
    RemoveBridge,
    RemoveKerbBays,
    RemoveOneWay,
    RemoveSpeedLimit,
    RemoveStreetClosure,
    RemoveTravelDemand,
)
from scenarios.edits.swale import Swale
from scenarios.edits.threshold import RaisedThreshold
from scenarios.edits.travel_demand import TravelDemand
from scenarios.edits.tree import MoveTree, Tree
from scenarios.edits.wall import Kerb, Wall
from scenarios.problem import EditError
from scenarios.situation import Situation

ON_STREETS: tuple[type[Edit], ...] = (
    CloseStreet,
    Bollard,
    SchoolStreet,
    CloseTunnel,
    LowTrafficNeighbourhood,
    RemoveStreetClosure,
    OneWay,
    RemoveOneWay,
    SpeedLimit,
    RemoveSpeedLimit,
    BikeLane,
    RemoveBikeLane,
    KerbBays,
    RemoveKerbBays,
    TravelDemand,
    RemoveTravelDemand,
    Bridge,
    RemoveBridge,
)
"""Edits of streets and of those who travel on them."""

FOR_ENERGY: tuple[type[Edit], ...] = (
    Renovate,
    RemoveRenovation,
    ExemplaryBuilding,
    SolarModules,
    RemoveSolarModules,
    HeatSupply,
    RemoveHeatSupply,
    HeatNetwork,
    RemoveHeatNetwork,
    GeothermalField,
    RemoveGeothermalField,
    SewerHeat,
    RemoveSewerHeat,
    Battery,
    RemoveBattery,
    HeatStore,
    RemoveHeatStore,
    VehicleShare,
    RemoveVehicleShare,
    SetPoints,
    RemoveSetPoints,
    BuildingFacts,
    RemoveBuildingFacts,
)
"""Edits of what buildings need, and of what heats and feeds them."""

EDITS: tuple[type[Edit], ...] = (
    Wall,
    Kerb,
    RemoveWall,
    LandCover,
    PermeablePaving,
    Depave,
    Swale,
    RainGarden,
    Basin,
    RemoveLandCover,
    AddBuilding,
    RemoveBuilding,
    RaisedThreshold,
    RemoveThreshold,
    GreenRoof,
    RemoveGreenRoof,
    BlockDrain,
    ClearDrain,
    RemoveDrainBlock,
    StormTank,
    RemoveStormTank,
    Tree,
    MoveTree,
    RemoveTree,
    ShadeSail,
    RemoveShadeSail,
    Albedo,
    RemoveAlbedo,
    CoolRoof,
    RemoveCoolRoof,
    *ON_STREETS,
    *FOR_ENERGY,
    OpenPlace,
    ClosePlace,
    Restore,
    Storm,
    RestoreRain,
)

AnyEdit = Annotated[
    Wall
    | Kerb
    | RemoveWall
    | LandCover
    | PermeablePaving
    | Depave
    | Swale
    | RainGarden
    | Basin
    | RemoveLandCover
    | AddBuilding
    | RemoveBuilding
    | RaisedThreshold
    | RemoveThreshold
    | GreenRoof
    | RemoveGreenRoof
    | BlockDrain
    | ClearDrain
    | RemoveDrainBlock
    | StormTank
    | RemoveStormTank
    | Tree
    | MoveTree
    | RemoveTree
    | ShadeSail
    | RemoveShadeSail
    | Albedo
    | RemoveAlbedo
    | CoolRoof
    | RemoveCoolRoof
    | CloseStreet
    | Bollard
    | SchoolStreet
    | CloseTunnel
    | LowTrafficNeighbourhood
    | RemoveStreetClosure
    | OneWay
    | RemoveOneWay
    | SpeedLimit
    | RemoveSpeedLimit
    | BikeLane
    | RemoveBikeLane
    | KerbBays
    | RemoveKerbBays
    | TravelDemand
    | RemoveTravelDemand
    | Bridge
    | RemoveBridge
    | Renovate
    | RemoveRenovation
    | ExemplaryBuilding
    | SolarModules
    | RemoveSolarModules
    | HeatSupply
    | RemoveHeatSupply
    | HeatNetwork
    | RemoveHeatNetwork
    | GeothermalField
    | RemoveGeothermalField
    | SewerHeat
    | RemoveSewerHeat
    | Battery
    | RemoveBattery
    | HeatStore
    | RemoveHeatStore
    | VehicleShare
    | RemoveVehicleShare
    | SetPoints
    | RemoveSetPoints
    | BuildingFacts
    | RemoveBuildingFacts
    | OpenPlace
    | ClosePlace
    | Restore
    | Storm
    | RestoreRain,
    Field(discriminator="edit"),
]


def apply_edits(situation: Situation, edits: Sequence[Edit]) -> Situation:
    """Apply edits one after the other.

    Raises
    ------
    EditError
        Its place names the edit: ``edits[2].polygon``.
    """
    for number, edit in enumerate(edits):
        try:
            situation = edit.apply(situation)
        except EditError as error:
            raise error.within(f"edits[{number}]") from error
    return situation


__all__ = [
    "EDITS",
    "FOR_ENERGY",
    "MAX_VERTICES",
    "ON_STREETS",
    "AddBuilding",
    "Albedo",
    "AnyEdit",
    "Basin",
    "Battery",
    "BikeLane",
    "BlockDrain",
    "Bollard",
    "Bridge",
    "BuildingFacts",
    "ClearDrain",
    "ClosePlace",
    "CloseStreet",
    "CloseTunnel",
    "CoolRoof",
    "Depave",
    "Edit",
    "ExemplaryBuilding",
    "GeothermalField",
    "GreenRoof",
    "HeatNetwork",
    "HeatStore",
    "HeatSupply",
    "Kerb",
    "KerbBays",
    "LandCover",
    "LowTrafficNeighbourhood",
    "MoveTree",
    "OneWay",
    "OpenPlace",
    "PermeablePaving",
    "RainGarden",
    "RaisedThreshold",
    "RemoveAlbedo",
    "RemoveBattery",
    "RemoveBikeLane",
    "RemoveBridge",
    "RemoveBuilding",
    "RemoveBuildingFacts",
    "RemoveCoolRoof",
    "RemoveDrainBlock",
    "RemoveGeothermalField",
    "RemoveGreenRoof",
    "RemoveHeatNetwork",
    "RemoveHeatStore",
    "RemoveHeatSupply",
    "RemoveKerbBays",
    "RemoveLandCover",
    "RemoveOneWay",
    "RemoveRenovation",
    "RemoveSetPoints",
    "RemoveSewerHeat",
    "RemoveShadeSail",
    "RemoveSolarModules",
    "RemoveSpeedLimit",
    "RemoveStormTank",
    "RemoveStreetClosure",
    "RemoveThreshold",
    "RemoveTravelDemand",
    "RemoveTree",
    "RemoveVehicleShare",
    "RemoveWall",
    "Renovate",
    "Restore",
    "RestoreRain",
    "SchoolStreet",
    "SetPoints",
    "SewerHeat",
    "ShadeSail",
    "SolarModules",
    "SpeedLimit",
    "Storm",
    "StormTank",
    "Swale",
    "TravelDemand",
    "Tree",
    "VehicleShare",
    "Wall",
    "apply_edits",
]
