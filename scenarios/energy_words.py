"""Words of the balance of a district: its types, boundaries and factors, and why a verdict is what it is."""

from collections.abc import Mapping
from typing import Any

from kernels.quantities import Language
from scenarios.indicator import comma, words

Words = dict[Language, str]
YEAR_HOURS = 8760

TYPE_WORDS: dict[str, tuple[Words, Words]] = {
    "autonomous": (
        words("Autonome", "Autonoom", "Autonomous"),
        words("N'achète rien, à aucune heure.", "Koopt nooit iets, op geen enkel uur.", "Buys nothing in any hour."),
    ),
    "dynamic": (
        words("Dynamique", "Dynamisch", "Dynamic"),
        words(
            "Échange librement ; sur l'année, ce qu'il donne compte au moins autant que ce qu'il achète.",
            "Wisselt vrij uit; over het jaar telt wat het geeft minstens evenveel als wat het koopt.",
            "Trades freely; over the year what it gives counts at least as much as what it buys.",
        ),
    ),
    "virtual": (
        words("Virtuel", "Virtueel", "Virtual"),
        words(
            "Comme le dynamique, avec la production liée par contrat.",
            "Als het dynamische, met productie onder contract.",
            "As the dynamic one, with production under contract.",
        ),
    ),
    "pre_ped": (
        words("Candidat", "Kandidaat", "Candidate"),
        words(
            "Ce qui manque est couvert par des certificats d'énergie verte.",
            "Wat ontbreekt is gedekt door certificaten van groene energie.",
            "What lacks is covered by certificates of green energy.",
        ),
    ),
}
BOUNDARY_WORDS: dict[str, tuple[Words, Words]] = {
    "geographical": (
        words("Géographique", "Geografisch", "Geographical"),
        words(
            "Les installations du quartier.", "De installaties in de wijk.", "Plants inside the district.",
        ),
    ),
    "functional": (
        words("Fonctionnelle", "Functioneel", "Functional"),
        words(
            "Aussi celles que ses propres réseaux relient à lui.", "Ook die zijn eigen netten met hem verbinden.",
            "Also those that its own networks tie to it.",
        ),
    ),
    "virtual": (
        words("Virtuelle", "Virtueel", "Virtual"),
        words(
            "Aussi celles qu'il possède ailleurs.", "Ook die het elders bezit.", "Also those that it owns elsewhere."
        ),
    ),
}  # fmt: skip
FACTOR_WORDS: dict[str, Words] = {
    "f_el 2.5": words("Énergie primaire, électricité 2,5", "Primaire energie, elektriciteit 2,5",
                      "Primary energy, electricity 2.5"),
    "f_el 1.9": words("Énergie primaire, électricité 1,9", "Primaire energie, elektriciteit 1,9",
                      "Primary energy, electricity 1.9"),
    "hourly CO2": words("CO2, heure par heure", "CO2, uur per uur", "CO2, hour by hour"),
}  # fmt: skip
UNCERTAINTY_WORDS = words(
    "La bande est de 95 % : doutes sur la consommation (selon ce qui est mesuré, type ou supposé), sur la production "
    "et sur les facteurs, tenus pour indépendants.",
    "De band is 95 %: twijfel over het verbruik (naar wat gemeten, typisch of aangenomen is), over de productie en "
    "over de factoren, als onafhankelijk beschouwd.",
    "The band is one of 95%: doubt about use (by what is measured, archetype or assumed), about production and about "
    "the factors, taken as independent.",
)


def why_of(kind: str, positive: str, numbers: Mapping[str, float], unit: str, bought: float) -> Words:
    """Why a verdict is what it is.

    Parameters
    ----------
    kind, positive : str
        As `kernels.energy.balance.Verdict`.
    numbers : mapping
        ``balance``, ``low`` and ``high``. [unit]
    unit : {"MWh", "t"}
    bought : float
        Energy bought in the run, all carriers. [MWh]
    """
    weighed = words("d'énergie primaire", "primaire energie", "of primary energy") if unit == "MWh" else words(
        "de CO2", "CO2", "of CO2"
    )  # fmt: skip
    amount, half = f"{abs(numbers['balance']):.1f} {unit}", f"{(numbers['high'] - numbers['low']) / 2:.1f} {unit}"
    if kind == "autonomous" and positive == "no" and bought > 0.0:
        much = f"{bought:.1f} MWh"
        return words(f"il achète {comma(much)}", f"het koopt {comma(much)}", f"it buys {much}")
    if positive == "no":
        return words(
            f"il manque {comma(amount)} {weighed['fr']}", f"er ontbreekt {comma(amount)} {weighed['nl']}",
            f"{amount} {weighed['en']} lack",
        )  # fmt: skip
    if positive == "yes":
        return words(
            f"{comma(amount)} {weighed['fr']} en trop", f"{comma(amount)} {weighed['nl']} over",
            f"{amount} {weighed['en']} over",
        )  # fmt: skip
    signed = f"{numbers['balance']:+.1f} {unit}"
    return words(
        f"{comma(signed)} {weighed['fr']}, connus à {comma(half)} près : on ne peut pas trancher",
        f"{comma(signed)} {weighed['nl']}, bekend op {comma(half)} na: er valt niet te beslissen",
        f"{signed} {weighed['en']}, known to {half} only: it cannot be decided",
    )


def notes_of(hours: int, *, hourly_carbon: bool, known: bool) -> list[dict[str, Any]]:
    """What a reader of the table must know beside it."""
    found = [
        words(
            "L'électricité et le combustible des centrales de chaleur comptent à chaque frontière ; mazout et bois ont "
            "leurs facteurs, le CO2 du bois compte là où il a poussé ; tout combustible a le prix du document.",
            "Elektriciteit en brandstof van warmtecentrales tellen bij elke grens; stookolie en hout hebben hun "
            "factoren, CO2 van hout telt waar het groeide; alle brandstof heeft de prijs van het document.",
            "Electricity and fuel of heat plants count at every boundary; oil and wood have their factors, CO2 of wood "
            "counts where it grew; all fuel has the price of the document.",
        ),
        words(
            "Le surplus d'un bâtiment sert d'abord ses voisins : la frontière est celle du quartier.",
            "Het overschot van een gebouw dient eerst de buren: de grens is die van de wijk.",
            "What one building has over serves its neighbours first: the boundary is that of the district.",
        ),
    ]
    if hours != YEAR_HOURS:
        found.append(
            words(
                f"Le calcul couvre {hours} heures et non une année : ces verdicts ne valent que pour elles.",
                f"De berekening beslaat {hours} uur en geen jaar: deze oordelen gelden alleen daarvoor.",
                f"The run covers {hours} hours, not a year: these verdicts hold for them only.",
            )
        )
    if not hourly_carbon:
        found.append(
            words(
                "Le CO2 du réseau est une moyenne : le document ne donne pas d'heures.",
                "De CO2 van het net is een gemiddelde: het document geeft geen uren.",
                "CO2 of the grid is a mean: the document gives no hours.",
            )
        )
    if not known:
        found.append(
            words(
                "On ne sait pas d'où viennent les données des bâtiments : toutes sont tenues pour supposées.",
                "Het is niet bekend waar de gegevens van de gebouwen vandaan komen: alle gelden als aangenomen.",
                "It is not known where the data of the buildings come from: all are taken as assumed.",
            )
        )
    return [{str(language): text for language, text in one.items()} for one in found]
