"""What heats a building and through what, by place: the codes of ``heat_source`` and ``heat_emitter``."""

HEAT_SOURCES = (
    "gas_boiler", "oil_boiler", "wood_boiler", "resistance", "air_heat_pump", "ground_heat_pump", "network", "none",
)  # fmt: skip
"""Codes of ``heat_source``; "network" takes heat from the network that ``heat_network`` names, "none" is not heated."""

EMITTERS = ("radiator", "floor", "air")
"""Codes of ``heat_emitter``; those of `kernels.energy.heat_pumps.FLOW_CURVES`, air as warm as a floor's water."""

NETWORK_SOURCES = ("gas", "air", "ground", "sewer", "waste")
"""Codes of ``network_source``: what the plant of a network of heat takes its heat from."""

FUELS = {"gas_boiler": "gas", "oil_boiler": "oil", "wood_boiler": "wood"}
"""What a boiler burns."""

COLD_WATER = 283.15
"""Of the mains, before it is warmed: assumed, a mean over the year. [K]"""
