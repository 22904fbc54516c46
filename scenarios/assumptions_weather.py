"""What a reader must know of the weather of a run: true statements in three languages."""

from datetime import timedelta

from kernels.quantities import Language
from scenarios.indicator import comma, words
from scenarios.scenario import Scenario
from scenarios.weather import HOT_DAY_ZONE, HeatDay, MeasuredWeather, SteadyWeather, SyntheticYear, TypicalYear
from twin.heat_days import CELSIUS_0, hot_days

Statement = dict[Language, str]
EVENING = timedelta(hours=4)
"""Sunset in July is no further from midnight than this."""


def of_weather(scenario: Scenario) -> list[Statement]:
    """The statements that hold for the weather of a document."""
    weather = scenario.forcing.weather
    if isinstance(weather, HeatDay):
        return _of_hot_days(weather, scenario)
    if isinstance(weather, TypicalYear):
        return [
            words(
                "Le temps est celui d'une année type, faite de mois de plusieurs années ; entre les heures du fichier, "
                "la clarté du ciel est interpolée et le soleil est celui du moment.",
                "Het weer is dat van een typisch jaar, gemaakt van maanden uit verschillende jaren; tussen de uren van "
                "het bestand is de helderheid van de hemel geïnterpoleerd en staat de zon waar ze staat.",
                "The weather is that of a typical year, made of months of several years; between the hours of the file "
                "the clearness of the sky is interpolated and the sun stands where it stands.",
            )
        ]
    if isinstance(weather, SyntheticYear):
        return [
            words(
                "Le temps est celui d'une année synthétique : les mois des normales d'Uccle 1991-2020 (IRM), avec des "
                "nuages, des vents et des jours froids ou doux tirés au sort ; ce n'est pas une mesure.",
                "Het weer is dat van een synthetisch jaar: de maanden van de normalen van Ukkel 1991-2020 (KMI), met "
                "gelote wolken, wind en koude of zachte dagen; het is geen meting.",
                "The weather is that of a synthetic year: the months of Uccle's normals 1991-2020 (RMI), with clouds, "
                "winds and cold or mild days drawn by lot; it is no measurement.",
            )
        ]
    if isinstance(weather, MeasuredWeather):
        return [
            words(
                "Le temps vient d'un fichier ; entre ses lignes il est interpolé, la lumière par la clarté du ciel.",
                "Het weer komt uit een bestand; tussen de rijen is het geïnterpoleerd, het licht via de helderheid van "
                "de hemel.",
                "The weather is from a file; between its rows it is interpolated, light by the clearness of the sky.",
            )
        ]
    if isinstance(weather, SteadyWeather):
        return [
            words(
                "Le temps est choisi librement et ne change pas ; seul le soleil avance, dans un ciel sans nuage.",
                "Het weer is vrij gekozen en verandert niet; enkel de zon beweegt, in een hemel zonder wolken.",
                "The weather was chosen freely and does not change; only the sun moves, in a sky without a cloud.",
            )
        ]
    return []


def _of_hot_days(weather: HeatDay, scenario: Scenario) -> list[Statement]:
    dew, wind = f"{weather.dew_point_c:g}", f"{weather.wind_speed_m_s:g}"
    whence, haze = f"{weather.wind_from_direction_deg:.0f}", f"{weather.linke_turbidity:g}"
    found = [
        words(
            "La plus basse et la plus haute température de l'air sont celles d'Uccle ; leur cours dans la journée suit "
            "Parton et Logan (1981).",
            "De laagste en de hoogste luchttemperatuur zijn die van Ukkel; hun verloop over de dag volgt Parton en "
            "Logan (1981).",
            "The lowest and the highest air temperature are those of Uccle; their course through the day follows "
            "Parton and Logan (1981).",
        ),
        words(
            f"On suppose un point de rosée de {comma(dew)} °C et un vent de {comma(wind)} m/s venant de {whence}° "
            f"toute la journée, et un ciel sans nuage (trouble de Linke {comma(haze)}).",
            f"Aangenomen zijn een dauwpunt van {comma(dew)} °C en een wind van {comma(wind)} m/s uit {whence}°, de "
            f"hele dag, en een hemel zonder wolken (troebelheid van Linke {comma(haze)}).",
            f"A dew point of {dew} °C, a wind of {wind} m/s from {whence}° all day and a sky without a cloud (Linke "
            f"turbidity {haze}) are assumed.",
        ),
    ]
    first = (scenario.period.start + timedelta(hours=HOT_DAY_ZONE)).date()
    end = scenario.period.start + timedelta(seconds=scenario.period.duration_s, hours=HOT_DAY_ZONE)
    # from sunset on the air falls towards the minimum of the next day
    guessed = [one for day, one in hot_days().items() if one.assumed and first <= day <= (end + EVENING).date()]
    for one in guessed:
        low = f"{one.lowest - CELSIUS_0:.1f}"
        found.append(
            words(
                f"La plus basse température du {one.day} n'a pas été conservée : {comma(low)} °C est déduit de la "
                "moyenne du jour.",
                f"De laagste temperatuur van {one.day} is niet bewaard: {comma(low)} °C is afgeleid van het "
                "daggemiddelde.",
                f"The lowest temperature of {one.day} was not kept: {low} °C is inferred from the mean of the day.",
            )
        )
    last = max(hot_days())
    if (end - timedelta(seconds=1)).date() > last:
        found.append(
            words(
                f"Après le {last}, ce jour se répète.",
                f"Na {last} herhaalt die dag zich.",
                f"After {last} that day repeats.",
            )
        )
    return found
