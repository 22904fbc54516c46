"""What is written and drawn beside the maquette: title, legend, scale bar, north, sources, demo label."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
import shapely.affinity
from rasterio import Affine
from rasterio.features import rasterize

from kernels.quantities import Language
from viewer.still.camera import Camera
from viewer.still.field import HATCH_DEPTH, Field, number, rgb

INK, INK_2, LINE, PAPER = (rgb(color) for color in ("#1f2933", "#52606d", "#d5cfc4", "#f7f5f0"))

_NO_BREAK = "\N{NO-BREAK SPACE}"

WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "demo": "données de démonstration, pas le cadastre",
        "sources": "Sources",
        "hatch": "hachures : plus de {depth} cm",
        "after": "après {minutes} min",
        "north": "N",
        "outside": "hors du modèle : sans couleur",
    },
    "nl": {
        "demo": "demogegevens, niet het kadaster",
        "sources": "Bronnen",
        "hatch": "gearceerd: meer dan {depth} cm",
        "after": "na {minutes} min",
        "north": "N",
        "outside": "buiten het model: zonder kleur",
    },
    "en": {
        "demo": "demo data, not the cadastre",
        "sources": "Sources",
        "hatch": "hatched: more than {depth} cm",
        "after": "after {minutes} min",
        "north": "N",
        "outside": "outside the model: no colour",
    },
}

Letters = Callable[[str, float, bool], np.ndarray]
"""Draws one line of text at a size in pixels, bold or not: how much ink, (row, column) 0 to 1, trimmed left and right,
rows from the top of the tallest letter to the foot of the deepest."""


@dataclass(frozen=True)
class Caption:
    """What the picture says in words.

    Attributes
    ----------
    title, subtitle : str
    sources : tuple of str
    demo : bool
        Made by a program, not measured: the picture says so.
    language : {"fr", "nl", "en"}
    """

    title: str
    subtitle: str = ""
    sources: tuple[str, ...] = ()
    demo: bool = False
    language: Language = "fr"


@dataclass(frozen=True)
class Text:
    """One line of words with the box that it fills: left, top, right, bottom. [pixel]"""

    words: str
    box: tuple[float, float, float, float]
    ink: np.ndarray = field(repr=False)
    color: tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    """A filled area of the picture. [pixel]"""

    area: shapely.Geometry
    color: tuple[float, float, float]
    cover: float = 1.0


@dataclass(frozen=True)
class Ramp:
    """The colours of a legend from left to right in a box: left, top, right, bottom. [pixel]"""

    box: tuple[float, float, float, float]
    colors: np.ndarray = field(repr=False)


class Sheet:
    """A sheet of paper over the picture, filled corner by corner.

    Attributes
    ----------
    items : list of Text, Shape or Ramp
        In the order in which they are painted.
    """

    def __init__(self, size: tuple[int, int], letters: Letters) -> None:
        self.width, self.height = size
        self.unit = max(min((self.width * self.height / 1.44e6) ** 0.5, self.width / 900, self.height / 500), 0.62)
        self.margin = 44 * self.unit
        self.items: list[Text | Shape | Ramp] = []
        self._letters = letters

    @property
    def texts(self) -> list[str]:
        """All that can be read, in the order of writing."""
        return [item.words for item in self.items if isinstance(item, Text)]

    def boxes(self) -> list[shapely.Geometry]:
        """Areas that are taken."""
        return [item.area if isinstance(item, Shape) else shapely.box(*item.box) for item in self.items]

    def write(
        self,
        words: str,
        x: float,
        y: float,
        size: float,
        color: tuple[float, float, float] = INK,
        *,
        bold: bool = False,
        anchor: float = 0.0,
    ) -> tuple[float, float, float, float]:
        """Write one line; ``anchor`` 0 starts at x, 0.5 is centred on it, 1 ends there; y is the top. Gives the box."""
        ink = self._letters(words, size * self.unit, bold)
        rows, columns = ink.shape
        left, top = round(x - anchor * columns), round(y)
        box = (float(left), float(top), float(left + columns), float(top + rows))
        self.items.append(Text(words, box, ink, color))
        return box

    def wrap(self, words: str, size: float, room: float) -> list[str]:
        """Lines of words that fit a width."""
        lines: list[str] = []
        for word in words.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._letters(longer, size * self.unit, False).shape[1] <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def paint(self, image: np.ndarray) -> None:
        """Put everything on a picture, (row, column, 3) float32, sRGB 0 to 1, in place."""
        for item in self.items:
            if isinstance(item, Ramp):
                left, top, right, bottom = (round(edge) for edge in item.box)
                strip = item.colors[np.linspace(0, len(item.colors) - 1, right - left).round().astype(int)]
                image[top:bottom, left:right] = strip
            else:
                left, top, cover = (
                    (int(item.box[0]), int(item.box[1]), item.ink)
                    if isinstance(item, Text)
                    else _coverage(item.area, item.cover)
                )
                _blend(image, left, top, cover, item.color)


def _coverage(area: shapely.Geometry, cover: float) -> tuple[int, int, np.ndarray]:
    """How much of each pixel a shape covers, from four by four points in each."""
    left, top = (int(np.floor(edge)) for edge in area.bounds[:2])
    right, bottom = (int(np.ceil(edge)) for edge in area.bounds[2:])
    columns, rows = max(right - left, 1), max(bottom - top, 1)
    frame = Affine(0.25, 0.0, left, 0.0, 0.25, top)
    dense = rasterize([area], out_shape=(rows * 4, columns * 4), transform=frame, dtype="uint8")
    return left, top, cover * dense.reshape(rows, 4, columns, 4).mean(axis=(1, 3)).astype(np.float32)


def _blend(image: np.ndarray, left: int, top: int, cover: np.ndarray, color: Sequence[float]) -> None:
    rows, columns = cover.shape
    up, aside = max(-top, 0), max(-left, 0)
    part = image[top + up : top + rows, left + aside : left + columns]
    ink = cover[up : up + part.shape[0], aside : aside + part.shape[1], None]
    part += ink * (np.asarray(color, np.float32) - part)


def compose(
    size: tuple[int, int], letters: Letters, caption: Caption, camera: Camera, scale_at: np.ndarray, shown: Field | None
) -> Sheet:
    """Write a sheet: title at the top, demo label beside it, legend and sources below, scale and north at the right.

    Parameters
    ----------
    size : tuple of int
        Width and height. [pixel]
    letters : callable
    caption : Caption
    camera : Camera
    scale_at : (3,) float64
        Place on the ground whose scale the bar has. [m]
    shown : Field or None
    """
    sheet = Sheet(size, letters)
    _title(sheet, caption)
    _orientation(sheet, caption, camera, scale_at)
    above = _sources(sheet, caption)
    if shown is not None:
        _legend(sheet, caption, shown, above)
    return sheet


def _title(sheet: Sheet, caption: Caption) -> None:
    unit, margin = sheet.unit, sheet.margin
    words = WORDS[caption.language]
    room = sheet.width - 2 * margin
    y = margin
    for line in sheet.wrap(caption.title, 31, room * 0.62):
        y = sheet.write(line, margin, y, 31, bold=True)[3] + 3 * unit
    for line in sheet.wrap(caption.subtitle, 18, room * 0.62) if caption.subtitle else ():
        y = sheet.write(line, margin, y + 3 * unit, 18, INK_2)[3]
    if caption.demo:
        pad = 11 * unit
        size = 14.5
        trial = Sheet((sheet.width, sheet.height), sheet._letters)
        left, top, right, bottom = trial.write(words["demo"], 0, 0, size)
        wide, tall = right - left, bottom - top
        beside = sheet.width - margin - wide - 2 * pad
        taken = max((box.bounds[2] for box in sheet.boxes()), default=0.0)
        x, y = (beside, margin) if beside > taken + 2 * pad else (margin, y + pad)
        round_ = (tall + pad) / 2
        pill = shapely.LineString([(x + round_, y + round_), (x + wide + 2 * pad - round_, y + round_)]).buffer(round_)
        sheet.items.append(Shape(pill, rgb("#fbeed3")))
        sheet.items.append(Shape(pill.exterior.buffer(0.6 * unit), rgb("#c9973a")))
        sheet.write(words["demo"], x + pad, y + pad / 2, size, rgb("#6b4a0d"))


def _legend(sheet: Sheet, caption: Caption, shown: Field, bottom: float) -> None:
    unit, margin = sheet.unit, sheet.margin
    words, language = WORDS[caption.language], caption.language
    units, factor, shift = shown.units()
    wide, tall = 300 * unit, 14 * unit
    hatch_row = 26 * unit if shown.hatched else 0.0
    top = bottom - (26 + 8 + 14 + 6 + 18 + 14) * unit - hatch_row
    title = shown.quantity.label[language] + (f" ({units})" if units else "")
    sheet.write(title, margin, top, 17, bold=True)
    y = top + 32 * unit
    ramp = np.linspace(0, 1, 256)
    sheet.items.append(Ramp((margin, y, margin + wide, y + tall), shown.scale.at(ramp).astype(np.float32)))
    below = y + tall
    ticks = shown.scale.ticks(shift)
    decimals = _decimals([tick * factor + shift for tick in ticks])
    for tick in ticks:
        share = float(shown.scale.share(np.array(tick)))
        x = margin + share * wide
        sheet.items.append(Shape(shapely.box(x - 0.6 * unit, below, x + 0.6 * unit, below + 5 * unit), INK_2))
        anchor = 0.0 if share < 0.02 else 1.0 if share > 0.98 else 0.5
        value = number(tick * factor + shift, language, decimals if not shown.scale.log else None)
        sheet.write(value, x, below + 7 * unit, 14, INK_2, anchor=anchor)
    if shown.hatched:
        y = below + 32 * unit
        box = shapely.box(margin, y, margin + 26 * unit, y + tall)
        color = shown.scale.colors(np.array(1.6 * HATCH_DEPTH))
        sheet.items.append(Shape(box, tuple(color)))
        for step in range(-2, 6):
            x = margin + step * 7 * unit
            stroke = shapely.LineString([(x, y + tall), (x + tall, y)]).buffer(1.1 * unit)
            if not (part := stroke.intersection(box)).is_empty:
                sheet.items.append(Shape(part, tuple(color + (1 - color) * 0.4)))
        text = words["hatch"].format(depth=number(HATCH_DEPTH * 100, language))
        sheet.write(text, margin + 36 * unit, y - 2 * unit, 14, INK_2)


def _decimals(values: Sequence[float]) -> int:
    """As few decimals as tell the values exactly, at most three."""
    return next((n for n in range(3) if all(abs(round(one, n) - one) < 1e-9 for one in values)), 3)


def _sources(sheet: Sheet, caption: Caption) -> float:
    """Sources along the lower edge, growing upwards; gives the height above which there is room."""
    unit, margin = sheet.unit, sheet.margin
    text = f"{WORDS[caption.language]['sources']}{_NO_BREAK if caption.language == 'fr' else ''}: "
    lines = sheet.wrap(text + "; ".join(caption.sources), 12.5, 0.6 * sheet.width) if caption.sources else []
    line = 19 * unit
    y = sheet.height - margin - line * len(lines)
    top = y
    for words in lines:
        sheet.write(words, margin, y, 12.5, INK_2)
        y += line
    return top - (22 * unit if lines else 0)


def _orientation(sheet: Sheet, caption: Caption, camera: Camera, at: np.ndarray) -> None:
    """Scale bar and arrow to the north, both as they are in the middle of the model."""
    unit, margin = sheet.unit, sheet.margin
    per_metre = float(np.linalg.norm(np.diff(camera.pixels(np.stack([at, at + camera.right])), axis=0)))
    rough = 170 * unit / per_metre
    power = 10.0 ** np.floor(np.log10(rough))
    length = max(one * power for one in (1, 2, 5) if one * power <= rough)
    wide = length * per_metre
    right, bottom = sheet.width - margin, sheet.height - margin
    thick = 5 * unit
    y = bottom - thick
    for piece, color in enumerate((INK, PAPER, INK, PAPER)):
        left = right - wide + piece * wide / 4
        sheet.items.append(Shape(shapely.box(left, y, left + wide / 4, y + thick), color))
    frame = shapely.box(right - wide, y, right, y + thick).exterior.buffer(0.6 * unit)
    sheet.items.append(Shape(frame, INK))
    shown, word = (length / 1000, "km") if length >= 1000 else (length, "m")
    text = f"{number(shown, caption.language)}{_NO_BREAK}{word}"
    box = sheet.write(text, right, 0, 14, INK, anchor=1.0)
    tall = box[3] - box[1]
    sheet.items.pop()
    sheet.write("0", right - wide, y - tall - 4 * unit, 14, INK_2)
    sheet.write(text, right, y - tall - 4 * unit, 14, INK_2, anchor=1.0)

    seen = camera.pixels(np.stack([at, at + np.array([0.0, 1.0, 0.0])]))
    turn = np.degrees(np.arctan2(*(seen[1] - seen[0]) * (1, -1)))
    size = 19 * unit
    x, y = right - size, y - tall - 30 * unit - size
    for side, color in ((-1, INK), (1, INK_2)):
        half = shapely.Polygon([(0, -size), (side * 0.52 * size, 0.8 * size), (0, 0.42 * size)])
        arrow = shapely.affinity.translate(shapely.affinity.rotate(half, turn, origin=(0, 0)), x, y)
        sheet.items.append(Shape(arrow, color))
    tip = np.radians(turn)
    out = 1.0 * size + 12 * unit
    letter = sheet._letters(WORDS[caption.language]["north"], 15 * unit, True)
    sheet.write(
        WORDS[caption.language]["north"],
        x + out * np.sin(tip),
        y - out * np.cos(tip) - letter.shape[0] / 2,
        15,
        INK,
        bold=True,
        anchor=0.5,
    )
