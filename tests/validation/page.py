"""Makes the page of the flood's validation of what the tests measured: python tests/validation/page.py NOTES PAGE."""

import json
import sys
from collections import Counter
from pathlib import Path

SECTIONS = {
    "test_closed_forms": "Closed forms",
    "test_published_cases": "Published cases",
    "test_channels": "Steady channels",
    "test_valleys": "Rain on slopes",
    "test_invariants": "What must hold whatever the case",
    "test_all_parts": "Everything at once",
    "test_walls_and_roofs": "Walls, sides and roofs",
    "test_real_city": "The real city",
    "test_real_storms": "The real city under rain",
    "test_rerun": "Warm reruns",
    "test_soil": "Soil",
    "test_layer_stacks": "Layer stacks",
    "test_drains": "Sewers",
    "test_swmm": "Sewers beside SWMM",
    "test_inlets": "Inlets",
    "test_sewer": "Street and sewer together",
}
"""Title of each test file's part of the page, in this order; others follow under their own name."""

HEAD = """# The flood against closed forms and publications

Made by `make validation` from what the tests measured; edit the tests, not this page. Each figure is held to its bar by
a test named above its table, with how often it runs. A bar of *none* notes where a scheme is known to be weak, so that
nobody is surprised. `fv2` is the default scheme, `fv1` its first order for a quick look, `inertia` the screening scheme
of local inertia, which leaves out the convective acceleration. A volume's figure is what is missing over all the water
that came. What other programs reached is cited only where we have it from the publication.
"""


def number(value: float) -> str:
    """A figure with two digits that count, as the page prints it."""
    return "0" if value == 0 else f"{value:.2g}"


def bar_of(note: dict) -> str:
    """The bar of a note, as the page prints it."""
    if note["bar"] is None:
        return "none"
    return f"{'≥' if note['at_least'] else '≤'} {number(note['bar'])}"


def rows_of(notes: list[dict]) -> list[str]:
    """One table row a case; the last note of a case counts."""
    last = {note["case"]: note for note in notes}
    rows = ["| case | source of the truth | ours | bar | published |", "|---|---|---|---|---|"]
    for case, note in last.items():
        unit = f" {note['unit']}" if note["unit"] else ""
        cells = [case, note["source"], number(note["ours"]) + unit, bar_of(note) + (unit if note["bar"] else "")]
        rows.append("| " + " | ".join([*(cell.replace("|", "\\|") for cell in cells), note["published"]]) + " |")
    return rows


def page_of(notes: list[dict]) -> str:
    """The page of all notes, a section a test file."""
    by_file: dict[str, list[dict]] = {}
    for note in notes:
        by_file.setdefault(note["test"].partition("::")[0], []).append(note)
    order = list(SECTIONS)
    files = sorted(by_file, key=lambda name: (order.index(stem) if (stem := Path(name).stem) in order else 99, name))
    parts = [HEAD]
    for name in files:
        runs = Counter(test.partition("::")[2].partition("[")[0] for test in {note["test"] for note in by_file[name]})
        tests = ", ".join(f"`{test}` × {count}" for test, count in sorted(runs.items()))
        title = SECTIONS.get(Path(name).stem, Path(name).stem)
        parts.append("\n".join([f"## {title}", "", f"`{name}`: {tests}.", "", *rows_of(by_file[name]), ""]))
    return "\n".join(parts)


def main() -> None:
    """Read JSON lines, write the page."""
    notes, page = map(Path, sys.argv[1:])
    read = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
    if not read:
        sys.exit(f"{notes} holds no note; did the tests run with --measured {notes}?")
    page.write_text(page_of(read), encoding="utf-8")


if __name__ == "__main__":
    main()
