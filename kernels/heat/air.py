"""Air temperature within the city as a perturbation of the weather's: streets, blocks, and a ledger of the heat."""

import numpy as np

from kernels.contract import KernelError, LayerError
from kernels.crew import Crew
from kernels.heat import air_box, wind_profile
from kernels.heat.air_transport import face_weights, gather, settle, spread

AIR_CELL = 10.0
"""Side of a cell of the street air. [m]"""
AIR_BLOCK = 100.0
"""Side of a block of the layer above. [m]"""
UPWIND_FETCH = 3000.0
"""City that lies upwind of the edges, built like what is inside. [m]"""


class AirModel:
    """Warms the air of streets by the heat their surfaces give beyond what the grass of the weather station gives.

    Parameters
    ----------
    open_mask : (y, x) bool
        True where no building stands.
    building_height : (y, x) float
        Roofs above ground, 0 in the open. [m]
    cell_size : float
        Side of a fine cell. [m]
    air_cell, block : float
        Sides of the street air's cells and of the blocks above, rounded to whole cells below. [m]
    upwind_fetch : float
        City upwind of the edges, whose air comes in; 0 lets country air in. [m]
    crew : Crew, optional

    Attributes
    ----------
    ledger : dict
        "given" by surfaces beyond the reference, "stored" now, "through_sides", "through_lid" of the mixed layer and
        "left_aloft" when that layer sinks, net out of the domain since the start. [J]

    Notes
    -----
    The perturbation is zero where all is open grass that gives the heat of the reference, the grass of the weather
    station, since the weather's temperature already holds that; it is not made zero-mean. The station's air stands off
    from the air above it by the reference heat over the exchange there. Where streets exchange r times as much, r times
    the reference heat leave their balance and r - 1 times go straight to the layer above. What calm nights add to the
    stability over grass is left out.

    Two layers. Street air, as deep as the buildings are tall (10 m at least), per 10 m cell: what open ground and walls
    give warms it, wind at pedestrian height and eddies carry it along streets, and what the wind's divergence leaves
    over comes from above or rises. Above, one mixed layer per block of 100 m, which roofs heat and the wind flushes; it
    is stirred by wind or grows with the day's heat (`air_box`). What grows in has no perturbation; what a sinking layer
    leaves above goes with its heat. Air that enters the layer at the edges has crossed ``upwind_fetch`` of city with
    this domain's mean heat (the slab of Summers 1964, in Oke 1987). Both layers are solved together, implicitly, so the
    step may be as long as the weather's.
    """

    def __init__(
        self,
        open_mask,
        building_height,
        cell_size: float,
        air_cell: float = AIR_CELL,
        block: float = AIR_BLOCK,
        upwind_fetch: float = UPWIND_FETCH,
        crew: Crew | None = None,
    ) -> None:
        self._open = np.ascontiguousarray(open_mask, bool)
        self._crew = crew or Crew(1)
        self._per_cell = max(1, round(air_cell / cell_size))
        self.cell = self._per_cell * cell_size
        self._per_block = max(1, round(block / self.cell))
        self._fetch, self._fine_area = float(upwind_fetch), cell_size**2
        if self._fetch < 0:
            raise LayerError(f"upwind_fetch is a length from 0 m up, got {upwind_fetch:g}; 0 lets country air in")
        roof = np.where(self._open, 0, np.nan_to_num(np.asarray(building_height, float)))
        self._open_area = self._sum(self._open.astype(float)) * self._fine_area
        self._area = self._sum(np.ones(self._open.shape)) * self._fine_area
        built_share = 1 - self._open_area / self._area
        mean_roof = np.divide(
            self._sum(roof) * self._fine_area, self._area - self._open_area,
            out=np.zeros_like(self._area), where=built_share > 0,
        )  # fmt: skip
        plan, height, sides = wind_profile.block_indices(mean_roof, 1 - built_share, self.cell)
        displacement, roughness = wind_profile.macdonald(plan, sides.sum(axis=0) / np.pi, height)
        self._depth = np.maximum(height, air_box.SHALLOWEST_STREET)
        self._friction = wind_profile.friction_ratio(height, displacement, roughness)
        self._exchange = air_box.exchange_ratio(self._friction, height, displacement, roughness, self._depth)
        self._grass_exchange = air_box.grass_exchange_ratio()
        share = self._open_area / self.cell**2
        self._side_x = np.minimum(share[:, :-1], share[:, 1:]) * self._between(self._depth, 1) * self.cell
        self._side_y = np.minimum(share[:-1], share[1:]) * self._between(self._depth, 0) * self.cell
        self._edge = share * self._depth * self.cell
        self._air = (self._open_area > 0).astype(float)
        shape = self._area.shape
        self._block_area = self._blocks(self._area)
        self.street, self.layer = np.zeros(shape), np.zeros(self._block_area.shape)
        self.depth, self._upwind, self._heat = 0.0, 0.0, 0.0
        self.ledger = dict.fromkeys(("given", "stored", "through_sides", "through_lid", "left_aloft"), 0.0)
        self._moved, self.sweeps = 0.0, 0

    @staticmethod
    def _between(field, axis):
        first, second = (field[:, :-1], field[:, 1:]) if axis else (field[:-1], field[1:])
        return np.minimum(first, second)

    @staticmethod
    def _reduced(field, n):
        rows = np.add.reduceat(field, np.arange(0, field.shape[0], n), axis=0)
        return np.add.reduceat(rows, np.arange(0, field.shape[1], n), axis=1)

    def _sum(self, fine):
        return self._reduced(fine, self._per_cell)

    def _blocks(self, street):
        return self._reduced(street, self._per_block)

    @property
    def closure(self) -> float:
        """Heat unaccounted for since the start, over all heat that changed place. [1]"""
        gone = sum(value for name, value in self.ledger.items() if name != "given")
        return abs(self.ledger["given"] - gone) / self._moved if self._moved else 0.0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was computed and how well, in words."""
        return (
            f"air: perturbation of the weather's, zero where surfaces give what the station's grass gives; streets on "
            f"{self.cell:g} m cells, layer of {self.depth:.0f} m above, {self._fetch:g} m of city upwind; heat closes "
            f"to {self.closure:.1e}",
        )

    def state(self) -> dict[str, np.ndarray]:
        """Copy of all that changes with time, as arrays."""
        numbers = [self.depth, self._upwind, self._heat, self._moved, *self.ledger.values()]
        return {"street": self.street.copy(), "layer": self.layer.copy(), "numbers": np.array(numbers)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to what `state` gave.

        Raises
        ------
        LayerError
            If the arrays are of another grid.
        """
        if state["street"].shape != self.street.shape:
            raise LayerError(f"the air's state is {state['street'].shape}, this grid is {self.street.shape}")
        self.street, self.layer = state["street"].copy(), state["layer"].copy()
        self.depth, self._upwind, self._heat, self._moved, *values = (float(n) for n in state["numbers"])
        self.ledger = dict(zip(self.ledger, values, strict=True))

    def step(
        self,
        sensible,
        waste_heat,
        wind_speed: float,
        direction: float,
        components,
        dt: float,
        reference_sensible: float,
        air_temperature: float = 293.15,
    ) -> np.ndarray:
        """Advance by one step of the weather.

        Parameters
        ----------
        sensible : (y, x) float32
            Heat the surfaces of each cell give to the air: ground and walls in the open, roofs on buildings. [W m⁻²]
        waste_heat : (y, x) float32 or None
            Traffic in the open, buildings on their roofs. [W m⁻²]
        wind_speed : float
            Of the weather station. [m s⁻¹]
        direction : float
            Where it comes from, clockwise from grid north. [degree]
        components : tuple of (y, x) float32
            Wind toward east and north per wind of the station, see `WindLibrary.components`; NaN on buildings. [1]
        dt : float
            [s]
        reference_sensible : float
            Heat that the grass of the weather station gives at the same time, see `air_box.grass_sensible`. [W m⁻²]
        air_temperature : float
            Of the weather. [K]

        Returns
        -------
        (y, x) float32
            Perturbation at the end of the step: of the street air in the open, of the air above on roofs. [K]

        Raises
        ------
        LayerError
            If heat, wind or weather are not finite.
        KernelError
            If the solution does not settle.
        """
        shape = self.street.shape
        streets, roofs, wind = np.empty(shape), np.empty(shape), np.empty((2, *shape))
        sensible = np.asarray(sensible, np.float32)
        waste = np.zeros_like(sensible) if waste_heat is None else np.asarray(waste_heat, np.float32)
        gather(sensible, waste, self._open, *components, self._per_cell, streets, roofs, wind)
        weather = wind_speed, direction, reference_sensible, air_temperature, dt
        for name, value in (("heat", streets + roofs), ("wind", wind), ("weather", weather)):
            if not np.isfinite(value).all():
                raise LayerError(f"the {name} handed to the air is not finite everywhere; fill it before the step")
        heat_mean = float((streets + roofs).sum() * self._fine_area / self._area.sum())
        aloft = self._sink_or_grow(wind_speed, reference_sensible, dt)
        speed = max(wind_speed, air_box.LEAST_WIND)
        stirred = air_box.stirred_wind(wind_speed, heat_mean, self.depth, air_temperature)
        through = self._exchange * stirred * self._open_area
        calm = air_box.stirred_wind(wind_speed, reference_sensible, self.depth, air_temperature)
        beyond = reference_sensible * through / (self._grass_exchange * calm)  # r times the reference, over open ground
        streets = (streets * self._fine_area - beyond) / air_box.HEAT_CAPACITY
        roofs = (roofs * self._fine_area + beyond - reference_sensible * self._area) / air_box.HEAT_CAPACITY
        flow, sides = self._flows(wind * speed)
        conductance = np.zeros((2, *shape))
        spreading = air_box.diffusivity(self._friction * stirred, self._depth)
        conductance[0, :, :-1] = self._between(spreading, 1) * self._side_x / self.cell
        conductance[1, :-1] = self._between(spreading, 0) * self._side_y / self.cell
        own_x, other_x, own_y, other_y = (np.zeros(shape) for _ in range(4))
        face_weights(flow, conductance, own_x, other_x, own_y, other_y)

        out_of = flow[0] + flow[1] + sides.sum(axis=0)
        out_of[:, 1:] -= flow[0, :, :-1]
        out_of[1:] -= flow[1, :-1]
        coming = np.minimum(sides, 0).sum(axis=0)
        side_weight = np.maximum(sides, 0).sum(axis=0) + (coming if self._fetch > 0 else 0.0)
        rising, above = through + np.maximum(-out_of, 0), through + np.maximum(out_of, 0)
        volume = self._open_area * self._depth / dt
        diagonal = volume + own_x + own_y + side_weight + rising
        diagonal[:, 1:] += other_x[:, :-1]
        diagonal[1:] += other_y[:-1]
        known = volume * self.street + streets

        toward = np.radians(direction + 180.0)
        carried = speed * float(wind_profile.station_to_blending(wind_profile.BLENDING_HEIGHT)) * self.depth
        face = carried * self._per_block * self.cell
        store = self._block_area * self.depth / dt
        blocks = np.stack([store, store * self.layer + self._blocks(roofs)])
        layer_wind = np.array([face * np.sin(toward), face * np.cos(toward), self._upwind if self._fetch > 0 else 0.0])
        before = self._stored()
        self.sweeps = settle(
            diagonal, known, above, rising, own_x, other_x, own_y, other_y, self._per_block, blocks, layer_wind,
            self.street, self.layer,
        )  # fmt: skip
        if self.sweeps < 0:
            raise KernelError("the street air did not settle; look for heat or wind beyond all measure")
        self._book(dt, streets.sum() + roofs.sum(), before, side_weight, out_of, layer_wind, aloft)
        self._advance_upwind(carried, roofs, rising, dt)
        return self._fine()

    def _sink_or_grow(self, wind_speed: float, reference: float, dt: float) -> float:
        """Set the depth of the mixed layer; returns the heat a sinking one leaves above. [K m³]"""
        self._heat = self._heat + reference * dt if reference > 0 else 0.0
        friction = float(self._friction.mean()) * max(wind_speed, air_box.LEAST_WIND)
        depth = max(air_box.mechanical_depth(friction), air_box.convective_depth(self._heat))
        if self.depth == 0:
            self.depth = depth
        aloft = float((self.layer * self._block_area).sum()) * max(self.depth - depth, 0.0)
        if depth > self.depth:
            self.layer *= self.depth / depth
            self._upwind *= self.depth / depth
        self.depth = depth
        return aloft

    def _flows(self, wind) -> tuple[np.ndarray, np.ndarray]:
        """Air through east and north faces, and out through the domain's sides; (2, y, x), (4, y, x). [m³ s⁻¹]"""
        flow, sides = np.zeros_like(wind), np.zeros((4, *wind.shape[1:]))
        flow[0, :, :-1] = (wind[0, :, :-1] + wind[0, :, 1:]) / 2 * self._side_x
        flow[1, :-1] = (wind[1, :-1] + wind[1, 1:]) / 2 * self._side_y
        sides[0, :, 0], sides[1, :, -1] = -wind[0, :, 0] * self._edge[:, 0], wind[0, :, -1] * self._edge[:, -1]
        sides[2, 0], sides[3, -1] = -wind[1, 0] * self._edge[0], wind[1, -1] * self._edge[-1]
        return flow, sides

    def _stored(self) -> float:
        """Heat of both layers beyond the weather's. [K m³]"""
        streets = (self.street * self._open_area * self._depth).sum()
        return float(streets + (self.layer * self._block_area).sum() * self.depth)

    def _over_streets(self) -> np.ndarray:
        """Perturbation of the layer above each street cell. [K]"""
        rows, columns = self.street.shape
        return np.repeat(np.repeat(self.layer, self._per_block, 0), self._per_block, 1)[:rows, :columns]

    def _book(self, dt, given, before, side_weight, out_of, wind, aloft) -> None:
        """Write the step into the ledger."""
        stored = (self._stored() - before - aloft) / dt
        layer_out = self.layer[:, -1 if wind[0] >= 0 else 0].sum() * abs(wind[0])
        layer_out += self.layer[-1 if wind[1] >= 0 else 0].sum() * abs(wind[1])
        layer_in = wind[2] * (abs(wind[0]) * self.layer.shape[0] + abs(wind[1]) * self.layer.shape[1])
        street_out = float((side_weight * self.street).sum())
        lid = float((-out_of * self._over_streets()).sum())
        sides = layer_out - layer_in + street_out
        rates = {"given": given, "stored": stored, "through_sides": sides, "through_lid": lid, "left_aloft": aloft / dt}
        for name, rate in rates.items():
            self.ledger[name] += rate * dt * air_box.HEAT_CAPACITY
            self._moved += abs(rate) * dt * air_box.HEAT_CAPACITY

    def _advance_upwind(self, carried, roofs, rising, dt) -> None:
        """Warm the air over the city upwind by this domain's mean heat to the layer."""
        if self._fetch == 0:
            return
        gain = float((roofs + rising * (self.street - self._over_streets())).sum() / self._area.sum())
        self._upwind = (self._upwind * self.depth / dt + gain) / (self.depth / dt + carried / self._fetch)

    def _fine(self) -> np.ndarray:
        out = np.empty(self._open.shape, np.float32)
        fields = self.street, self._air, self.layer, np.ones(self.layer.shape)
        sizes = self._per_cell, self._per_block
        self._crew.share_out(
            out.shape[0], lambda a, b: spread(a, b, *fields, *sizes, self._open, out), out.size < 20_000
        )
        return out
