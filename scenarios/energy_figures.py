"""Key figures of a district's energy: what it needs, draws, makes and trades, and how well that is known."""

from datetime import datetime
from typing import Any

import numpy as np
import xarray as xr

from kernels.energy.balance import FACTOR_SETS, judge
from kernels.energy.hub import KWH
from scenarios.district_hours import HOUR, DistrictHours, hours_of
from scenarios.energy_balance import exchanges, factors_of, tags_of, use_doubt, year_of
from scenarios.indicator import Indicator, words
from scenarios.situation import Situation
from scenarios.tariffs import Tariffs, tariff_courses

TOLD = "told_energy"
"""Attribute of the layers that says what is measured, archetype or assumed."""
PRIMARY = "f_el 1.9"
"""Factor set of the figure of primary energy: the coefficient in force in the Union."""

NOW: tuple[Indicator, ...] = (
    Indicator("heating_now", "kW", words("Chauffage", "Verwarming", "Heating"), digits=1),
    Indicator("electricity_now", "kW", words("Électricité consommée", "Verbruikte elektriciteit", "Electricity used"),
              digits=1),
    Indicator("photovoltaic_now", "kW", words("Production photovoltaïque", "Fotovoltaïsche productie",
              "Photovoltaic production"), "higher", 1),
    Indicator("indoor_now", "degC", words("Température intérieure moyenne", "Gemiddelde binnentemperatuur",
              "Mean temperature indoors"), "neutral", 1),
)  # fmt: skip
"""Figures of a frame: means of the time since the one before."""

WHOLE: tuple[Indicator, ...] = (
    Indicator("heated_floor_area", "m2", words("Surface de plancher chauffée", "Verwarmde vloeroppervlakte",
              "Heated floor area"), "neutral"),
    Indicator("heating_need_kwh_m2", "kWh/m2", words("Besoin de chaleur", "Warmtebehoefte", "Need of heat"), digits=1),
    Indicator("cooling_need_kwh_m2", "kWh/m2", words("Besoin de froid", "Koelbehoefte", "Need of cold"), digits=1),
    Indicator("hot_water_kwh_m2", "kWh/m2", words("Eau chaude", "Warm water", "Hot water"), digits=1),
    Indicator("final_energy_kwh_m2", "kWh/m2", words("Énergie finale", "Eindenergie", "Final energy"), digits=1),
    Indicator("electricity_mwh", "MWh", words("Électricité consommée", "Verbruikte elektriciteit", "Electricity used"),
              digits=1),
    Indicator("fuel_mwh", "MWh", words("Combustible", "Brandstof", "Fuel"), digits=1),
    Indicator("network_heat_mwh", "MWh", words("Chaleur des réseaux", "Warmte van netten", "Heat of networks"),
              "neutral", 1),
    Indicator("photovoltaic_mwh", "MWh", words("Production photovoltaïque", "Fotovoltaïsche productie",
              "Photovoltaic production"), "higher", 1),
    Indicator("specific_yield_kwh_kwp", "kWh/kWp", words("Productible des modules", "Opbrengst van de panelen",
              "Yield of the modules"), "higher"),
    Indicator("self_consumption", "%", words("Autoconsommation du quartier", "Zelfverbruik van de wijk",
              "Self-consumption of the district"), "higher", 1),
    Indicator("self_sufficiency", "%", words("Autoproduction du quartier", "Zelfvoorziening van de wijk",
              "Self-sufficiency of the district"), "higher", 1),
    Indicator("peak_import_kw", "kW", words("Pointe prélevée", "Piekafname", "Peak import"), digits=1),
    Indicator("peak_export_kw", "kW", words("Pointe injectée", "Piekinjectie", "Peak export"), digits=1),
    Indicator("primary_balance_mwh", "MWh", words("Bilan d'énergie primaire (électricité 1,9)",
              "Balans in primaire energie (elektriciteit 1,9)", "Balance of primary energy (electricity 1.9)"),
              "higher", 1),
    Indicator("carbon_dioxide_t", "t", words("CO2 de l'énergie", "CO2 van energie", "CO2 of energy"), digits=1),
    Indicator("energy_cost_eur", "EUR", words("Coût de l'énergie aux compteurs", "Energiekosten aan de meters",
              "Cost of energy at the meters"), digits=-1),
    Indicator("overheated_hours", "h", words("Heures de surchauffe, moyenne par m²",
              "Uren te warm, gemiddeld per m²", "Hours of overheating, mean by floor area")),
    Indicator("unserved_mwh", "MWh", words("Chaleur non fournie", "Niet geleverde warmte", "Heat not served"),
              digits=1),
    Indicator("known_measured", "%", words("Données mesurées ou relevées", "Gemeten of opgetekende gegevens",
              "Inputs that were measured or recorded"), "higher"),
    Indicator("known_edited", "%", words("Données décidées par le scénario", "Gegevens die het scenario beslist",
              "Inputs that the scenario decides"), "neutral"),
    Indicator("known_archetype", "%", words("Données d'archétype", "Gegevens van een archetype",
              "Inputs of an archetype"), "neutral"),
    Indicator("known_assumed", "%", words("Données supposées", "Aangenomen gegevens", "Inputs that are assumed")),
    Indicator("energy_closure", "1", words("Fermeture du bilan de chaleur, au pire bâtiment",
              "Sluiting van de warmtebalans, slechtste gebouw", "Closure of the heat ledger, worst building"),
              digits=15),
)  # fmt: skip
"""Figures of a run; what it cannot tell is left out."""


class EnergyFigures:
    """Computes the figures of a district's energy.

    Parameters
    ----------
    situation : Situation
    ground : xarray.Dataset
        Of `twin.energy_layers.energy_layers`.
    start : datetime
        Start of the run, UTC.
    tariffs : Tariffs, optional
        Of the document; prices of the table else.
    """

    def __init__(
        self, situation: Situation, ground: xr.Dataset, start: datetime, tariffs: Tariffs | None = None
    ) -> None:
        self.situation, self.start, self.tariffs = situation, start, tariffs
        self.area = ground["heated_floor_area"].values.astype(float)
        peak = ground["photovoltaic_peak_power"].values if "photovoltaic_peak_power" in ground else np.zeros(0)
        self.peak = float(peak.astype(float).sum())
        self.tags = tags_of(ground.attrs.get(TOLD, "{}"))

    def now(self, frame: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of one output time: means since the one before.

        Parameters
        ----------
        frame : xarray.Dataset
            Along (building,): powers [W] and the temperature indoors [K].
        """
        names = {"heating_now": "heating_power", "electricity_now": "electricity_power",
                 "photovoltaic_now": "photovoltaic_ac_power"}  # fmt: skip
        values = {
            key: float(np.nansum(frame[name].values.astype(float))) / 1e3
            for key, name in names.items() if name in frame
        }  # fmt: skip
        if "indoor_air_temperature" in frame:
            values["indoor_now"] = self._mean(frame["indoor_air_temperature"].values.astype(float)) - 273.15
        return [one.of(values[one.key]) for one in NOW if one.key in values]

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run.

        Parameters
        ----------
        summary : xarray.Dataset
            Along (building,) and (hour,), see `kernels.energy.kernel.Energy`.
        last : xarray.Dataset
            Not read.
        """
        hours = hours_of(summary)
        values = self._needs(summary, hours) | self._trade(hours) | self._known()
        if "overheated_time" in summary:
            values["overheated_hours"] = self._mean(summary["overheated_time"].values.astype(float)) / HOUR
        if "envelope_closure" in summary and self.area.any():
            values["energy_closure"] = float(np.nanmax(summary["envelope_closure"].values.astype(float)))
        return [one.of(values[one.key]) for one in WHOLE if one.key in values]

    def _needs(self, summary: xr.Dataset, hours: DistrictHours) -> dict[str, float]:
        """What buildings need and take, in all and by floor area."""
        area = float(self.area.sum())

        def total(name: str) -> float:
            return float(np.nansum(summary[name].values.astype(float))) / KWH

        carriers = {name: total(name) for name in ("electricity_used", "gas_used", "network_heat_used")}
        needs = {
            "heating_need_kwh_m2": total("heating_need"),
            "cooling_need_kwh_m2": total("cooling_need"),
            "hot_water_kwh_m2": total("hot_water_need"),
            "final_energy_kwh_m2": sum(carriers.values()),
        }
        made = hours.total("photovoltaic") / KWH
        return {
            "heated_floor_area": area,
            **{key: value / area if area > 0.0 else np.nan for key, value in needs.items()},
            "electricity_mwh": (carriers["electricity_used"] + hours.total("plant_electricity") / KWH) / 1e3,
            "fuel_mwh": float(hours.fuel.sum()) * HOUR / KWH / 1e3,
            "network_heat_mwh": carriers["network_heat_used"] / 1e3,
            "photovoltaic_mwh": made / 1e3,
            "specific_yield_kwh_kwp": made / (self.peak / 1e3) if self.peak > 0.0 else np.nan,
            "unserved_mwh": hours.total("unserved") / KWH / 1e3,
        }

    def _trade(self, hours: DistrictHours) -> dict[str, float]:
        """What crosses the edge of the district, and what that costs and weighs."""
        courses = tariff_courses(self.tariffs, self.start, hours.count)
        year = year_of(hours, float(self.area.sum()), use_doubt(self.tags))
        crossed = exchanges(year, courses)[0]
        factors = factors_of(courses.carbon)
        primary = judge(year, [factors[FACTOR_SETS.index(PRIMARY)]])
        balance = next(one for one in primary if (one.type, one.boundary) == ("dynamic", "geographical"))
        return {
            "self_consumption": 100.0 * crossed.self_consumption,
            "self_sufficiency": 100.0 * crossed.self_sufficiency,
            "peak_import_kw": crossed.peak_bought / 1e3,
            "peak_export_kw": crossed.peak_given / 1e3,
            "primary_balance_mwh": balance.balance / KWH / 1e3,
            "carbon_dioxide_t": crossed.carbon_dioxide / 1e3,
            "energy_cost_eur": float(
                courses.buy @ hours["bought"] - courses.sell @ hours["given"] + courses.fuel @ hours.fuel
            ) * HOUR,
        }  # fmt: skip

    def _known(self) -> dict[str, float]:
        """Mean over the groups of inputs of what is measured, archetype and assumed, by floor area. [%]"""
        groups = [shares for shares in self.tags.values() if sum(shares.values()) > 0.0]
        if not groups:
            return {}

        def part(tag: str) -> float:
            return 100.0 * float(np.mean([one.get(tag, 0.0) / sum(one.values()) for one in groups]))

        return {f"known_{tag}": part(tag) for tag in ("measured", "edited", "archetype", "assumed")}

    def _mean(self, values: np.ndarray) -> float:
        """Mean over the buildings by floor area; NaN where none is heated."""
        known = np.isfinite(values) & (self.area > 0.0)
        weight = self.area[known]
        return float(values[known] @ weight / weight.sum()) if weight.sum() > 0.0 else np.nan
