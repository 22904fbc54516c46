"""The radiation of cells, walls and people against boxes and planes of which it is known."""

import math

import numpy as np
import pytest
from street_grid import clear_day, forcing_of, open_plane, town

from kernels.contract import collect, run
from kernels.crew import Crew
from kernels.heat.geometry import survey
from kernels.heat.inputs import Inputs
from kernels.heat.kernel import Heat
from kernels.heat.patches import F_CYLINDER, F_SIDE, F_UP, PATCHES
from kernels.heat.points import fluxes_at
from kernels.heat.radiation import Moment, feel, radiate

SIGMA = 5.670374419e-8
SHORT, LONG = 0.70, 0.97


def dark(temperature):
    """A night in which everything is as warm as everything else."""
    warmth = SIGMA * temperature**4
    return Moment(-0.3, 0.0, 0.0, 0.0, warmth, np.zeros(len(PATCHES)), np.full(len(PATCHES), warmth), temperature)


@pytest.mark.parametrize("body", ["cylinder", "six_directions"])
@pytest.mark.parametrize("parity", [False, True])
def test_an_isothermal_town_feels_as_warm_as_it_is(body, parity, measured):
    inputs, crew, warm = Inputs.of(town(size=80)), Crew(2), 300.0
    geometry = survey(inputs, crew, body, parity=parity)
    surface = np.full(geometry.albedo.shape, warm, np.float32)
    walls = np.full((2, *geometry.facades.area.shape), warm)
    moment = dark(warm)
    radiation = radiate(geometry, moment, surface, walls, crew, body, soft=not parity)
    _, radiant = feel(geometry, moment, radiation, surface, walls, crew, body)
    measured(
        case=f"isothermal grey town with crowns, {body}, {'parity' if parity else 'exact'} sky view: Tmrt - T",
        source="closed form: 0 in an isothermal enclosure",
        ours=float(np.nanmax(np.abs(radiant - warm))),
        bar=1e-3,
        unit="K",
    )


@pytest.mark.parametrize("body", ["cylinder", "six_directions"])
def test_an_open_plane_gives_the_closed_form(body, measured):
    layers = open_plane(
        albedo=np.full((40, 40), 0.25), emissivity=np.full((40, 40), 0.95), thermal_conductivity=np.full((40, 40), 1.0)
    )
    elevation, azimuth, direct, diffuse, warmth, ground = (
        math.radians(50),
        math.radians(160),
        700.0,
        150.0,
        380.0,
        320.0,
    )
    crew = Crew(1)
    geometry = survey(Inputs.of(layers), crew, body, parity=False)
    patches = np.ones(len(PATCHES))
    moment = Moment(elevation, azimuth, direct, diffuse, warmth, diffuse * patches, warmth * patches, 303.15)
    surface = np.full((40, 40), ground, np.float32)
    walls = np.full((2, *geometry.facades.area.shape), 300.0)
    radiation = radiate(geometry, moment, surface, walls, crew, body, soft=True)
    _, radiant = feel(geometry, moment, radiation, surface, walls, crew, body)
    level = direct * math.sin(elevation)
    if body == "cylinder":
        share = F_UP * math.sin(elevation) + F_CYLINDER * math.cos(elevation)
    else:
        sides = sum(max(math.cos(azimuth - side), 0) for side in np.arange(4) * math.pi / 2)
        share = F_UP * math.sin(elevation) + F_SIDE * math.cos(elevation) * sides
    short = direct * share + 0.5 * diffuse + 0.5 * 0.25 * (level + diffuse)
    long = 0.5 * warmth + 0.5 * (0.95 * SIGMA * ground**4 + 0.05 * warmth)
    expected = ((SHORT * short + LONG * long) / (LONG * SIGMA)) ** 0.25
    measured(
        case=f"open plane in the sun, {body}: Tmrt",
        source="closed form from Kdir, Kdif, albedo, Ldown, Lup (Lindberg et al. 2008, eq. 14)",
        ours=float(np.abs(radiant[15:25, 15:25] - expected).max()),
        bar=0.01,
        unit="K",
    )


@pytest.mark.parametrize("sky", ["perez", "isotropic"])
@pytest.mark.parametrize("sky_view", ["exact", "parity"])
def test_what_comes_in_is_absorbed_or_sent_back(sky, sky_view, measured):
    kernel = Heat(sky=sky, sky_view=sky_view, wind="log", air=False, threads=2)
    forcing = clear_day(hours=24, every=7200.0)
    _, outcome = collect(run(kernel, town(size=100), forcing, forcing.time.values[1:]))
    remarks = outcome.closure.remarks
    for kind, bar in (("shortwave", 0.1), ("longwave", 0.5)):
        measured(
            case=f"{kind} in - absorbed - sent back, worst moment of a day in a town, {sky}, {sky_view}",
            source="invariant: energy",
            ours=100 * remarks[f"worst_{kind}"],
            bar=bar,
            unit="%",
        )
    assert outcome.closure.error <= 1e-6
    ledger = outcome.closure.ledger
    assert 0.7 < ledger["energy_shortwave_absorbed"] / ledger["energy_shortwave_in"] < 0.95


def test_walls_in_the_sun_are_warmer_and_people_feel_it():
    # a street between walls that look north and south: at noon the wall that looks south is lit
    layers = town(size=100, trees=0)
    kernel = Heat(wind="log", air=False, threads=2)
    forcing = clear_day(hours=14)
    state = kernel.prepare(layers, forcing)
    kernel.advance(state, 13 * 3600.0)
    lit, shaded = state.walls
    north, south = 0, 2
    there = state.geometry.wall_area[:, south] > 0
    assert (lit[there, south] > shaded[there, south] + 5).all()
    assert (state.radiation.walls.share[there, south] > 0.3).all()
    assert (state.radiation.walls.share[:, north] == 0).all()


def test_the_parts_a_person_absorbs_add_up_to_the_radiant_temperature():
    forcing = clear_day(hours=14)
    frames, _ = collect(run(Heat(wind="log", air=False), town(size=80), forcing, [13 * 3600.0]))
    one = frames.isel(time=0)
    total = sum(one[f"absorbed_{part}"] for part in ("direct", "sky", "walls", "ground"))
    np.testing.assert_allclose((total / (LONG * SIGMA)) ** 0.25, one["mean_radiant_temperature"], rtol=1e-6)


@pytest.mark.parametrize("sky", ["perez", "isotropic"])
def test_six_fluxes_at_a_point_give_the_six_direction_person(sky):
    # the radiometer and the map are computed apart: patch by patch there, by tables of bytes here
    forcing = clear_day(hours=14)
    kernel = Heat(body="six_directions", sky=sky, sky_view="parity", wind="log", air=False)
    state = kernel.prepare(town(size=80), forcing)
    kernel.advance(state, 13 * 3600.0)
    radiant = state.fields["mean_radiant_temperature"]
    rows, columns = np.nonzero(np.isfinite(radiant))
    chosen = np.linspace(0, rows.size - 1, 60).astype(int)
    rows, columns = rows[chosen], columns[chosen]
    found = fluxes_at(state, rows, columns)

    def person(kind):
        sides = sum(found[f"{kind}_flux_{side}"] for side in ("north", "east", "south", "west"))
        return F_UP * (found[f"{kind}_flux_down"] + found[f"{kind}_flux_up"]) + F_SIDE * sides

    absorbed = SHORT * person("shortwave") + LONG * person("longwave")
    np.testing.assert_allclose((absorbed / (LONG * SIGMA)) ** 0.25, radiant[rows, columns], atol=2e-3)


def test_perez_puts_light_on_the_side_of_the_sun():
    forcing = clear_day(hours=11)
    kernel = Heat(wind="log", air=False)
    state = kernel.prepare(open_plane(), forcing)
    kernel.advance(state, 9 * 3600.0)
    found = fluxes_at(state, np.array([20]), np.array([20]))
    east, west = found["shortwave_flux_east"], found["shortwave_flux_west"]
    flat = state.moment.direct * math.cos(state.moment.elevation) * math.sin(state.moment.azimuth)
    assert east - flat > 1.2 * west


def test_a_night_only_file_runs_and_says_so():
    forcing = clear_day(hours=4)
    _, outcome = collect(run(Heat(wind="log", air=False), town(size=60), forcing, [3600.0, 3 * 3600.0]))
    assert any("sun" in name or "sun" in str(value) for name, value in outcome.closure.remarks.items())
    assert float(outcome.summary["sunshine_duration"].max()) == 0


def test_direct_radiation_below_the_horizon_is_counted_and_left_out():
    times = np.array([0.0, 3600.0])
    night = forcing_of(
        times, air_temperature=293.0, relative_humidity=0.6, wind_speed=2.0, wind_from_direction=90.0,
        global_horizontal_irradiance=0.0, diffuse_horizontal_irradiance=0.0, direct_normal_irradiance=50.0,
        downwelling_longwave_irradiance=350.0, solar_elevation_angle=-5.0, solar_azimuth_angle=20.0,
    )  # fmt: skip
    _, outcome = collect(run(Heat(wind="log", air=False), open_plane(), night, [3600.0]))
    assert any(name.startswith("corrected_") for name in outcome.closure.remarks)
    assert outcome.closure.ledger["energy_shortwave_in"] == 0
