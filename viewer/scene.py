"""Pictures of the maquette: VTK says which face lies behind each pixel and writes the letters, off screen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
import shapely
import vtkmodules.vtkRenderingFreeType  # noqa: F401  teaches vtkTextRenderer its letters
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import (
    vtkFloatArray,
    vtkLogger,
    vtkOutputWindow,
    vtkStringOutputWindow,
    vtkUnsignedCharArray,
)
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkIOImage import vtkPNGWriter
from vtkmodules.vtkRenderingCore import vtkTextProperty, vtkTextRenderer

from viewer.still.camera import HOURS, Camera, looking
from viewer.still.field import Field, PictureError, rgb
from viewer.still.light import FINE, Quality, lamps, linear, shade, srgb, steps, sun_towards
from viewer.still.model import PAPER, Model
from viewer.still.sheet import Caption, Sheet, compose


class Raster:
    """The model on the graphics card, or on what stands for one, seen by any camera.

    Raises
    ------
    PictureError
        This machine cannot draw, not even in software.
    """

    def __init__(self, model: Model, size: tuple[int, int]) -> None:
        faces = np.asarray(model.triangles)
        mesh = pv.PolyData.from_regular_faces(model.points, faces)
        number = np.arange(1, len(faces) + 1, dtype=np.uint32)
        mesh.cell_data["number"] = np.stack([number >> shift & 255 for shift in (16, 8, 0)], axis=-1).astype(np.uint8)
        self._count = len(faces)
        self._box = np.array(np.meshgrid(*np.reshape(mesh.bounds, (3, 2)))).reshape(3, -1).T
        with _quiet():
            self._plotter = pv.Plotter(off_screen=True, window_size=list(size))
            self._plotter.disable_anti_aliasing()  # numbers of faces must not mix
            self._plotter.background_color = pv.Color("black")
            self._plotter.add_mesh(mesh, scalars="number", rgb=True, lighting=False, copy_mesh=False)
            self._plotter.show(auto_close=False)
        self._window: Any = self._plotter.render_window

    def faces(self, camera: Camera) -> np.ndarray:
        """Triangle behind each pixel, (row, column) int32, row 0 at the top; -1 where there is none."""
        said = self._look(camera)[2]
        pixels = vtkUnsignedCharArray()
        width, height = camera.size
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
        color = vtk_to_numpy(pixels).reshape(height, width, 3)[::-1].astype(np.int32)
        found = (color[..., 0] << 16 | color[..., 1] << 8 | color[..., 2]) - 1
        if found.max(initial=-1) < 0 or found.max() >= self._count:
            raise PictureError(
                "this machine could not draw: VTK found no working OpenGL"
                f"{': ' + said if said else ''}; install libEGL and Mesa"
                " (Debian: apt install libegl1 libgl1-mesa-dri) or set"
                " VTK_DEFAULT_OPENGL_WINDOW=vtkOSOpenGLRenderWindow"
            )
        return found

    def depth(self, camera: Camera) -> np.ndarray:
        """Distance ahead of a parallel camera, (row, column) float32, row 0 at the top; far where there is none. [m]"""
        near, far, _ = self._look(camera)
        values = vtkFloatArray()
        width, height = camera.size
        self._window.GetZbufferData(0, 0, width - 1, height - 1, values)
        share = vtk_to_numpy(values).reshape(height, width)[::-1]
        return np.where(share < 1, near + (far - near) * share, np.inf).astype(np.float32)

    def _look(self, camera: Camera) -> tuple[float, float, str]:
        window, lens = self._window, self._plotter.camera
        if tuple(window.GetSize()) != camera.size:
            window.SetSize(*camera.size)
        lens.SetPosition(*camera.eye)
        lens.SetFocalPoint(*camera.target)
        lens.SetViewUp(*camera.up)
        lens.SetParallelProjection(camera.parallel)
        lens.SetParallelScale(camera.reach)
        lens.SetViewAngle(float(np.degrees(2 * np.arctan(camera.reach / camera.distance))))
        lens.SetWindowCenter(-camera.shift[0] * camera.size[1] / camera.size[0], -camera.shift[1])
        ahead = (self._box - camera.eye) @ camera.ahead
        near, far = max(0.98 * float(ahead.min()), 0.1), 1.02 * float(ahead.max())
        lens.SetClippingRange(near, far)
        with _quiet() as said:
            window.Render()
        return near, far, said[0].strip()

    def close(self) -> None:
        """Give the window back."""
        self._plotter.close()


@dataclass(frozen=True)
class Still:
    """A finished picture.

    Attributes
    ----------
    image : (row, column, 3) uint8
        sRGB.
    sheet : Sheet
        What is written on it.
    camera : Camera
        What it sees where.
    """

    image: np.ndarray
    sheet: Sheet
    camera: Camera

    def save(self, path: Path) -> None:
        """Write a PNG whose text chunks repeat what the picture says, whole or not at all."""
        rows, columns, _ = self.image.shape
        data = vtkImageData()
        data.SetDimensions(columns, rows, 1)
        data.GetPointData().SetScalars(numpy_to_vtk(self.image[::-1].reshape(-1, 3), deep=True))
        writer = vtkPNGWriter()
        writer.SetInputData(data)
        writer.WriteToMemoryOn()
        writer.AddText("Description", "\n".join(self.sheet.texts))
        writer.AddText("Software", "bxl-twin")
        writer.Write()
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(vtk_to_numpy(writer.GetResult()).tobytes())
        fresh.replace(path)


def draw(
    model: Model,
    caption: Caption,
    *,
    field: Field | None = None,
    view: str = "south-west",
    size: tuple[int, int] = (1920, 1080),
    hour: float | None = None,
    quality: Quality = FINE,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Still:
    """Draw the maquette, its light and its words.

    Parameters
    ----------
    model : Model
    caption : Caption
    field : Field, optional
        Laid over the ground, with a legend.
    view : str
        A key of `viewer.still.camera.VIEWS`.
    size : tuple of int
        Width and height. [pixel]
    hour : float, optional
        Brussels summer time of the June day whose sun lights the model; default: what suits the view. [h]
    quality : Quality
    on_progress : callable
        Told the share that is done, 0 to 1.

    Raises
    ------
    PictureError
        This machine cannot draw.
    """
    west, south, east, north = model.bounds
    corners = np.array([(x, y, z) for x in (west, east) for y in (south, north) for z in (model.low, model.high)])
    middle = np.array([(west + east) / 2, (south + north) / 2, model.low])
    camera, sheet = _placed(view, corners, middle, size, caption, field)
    table = linear(np.array(rgb(PAPER), np.float32))
    raster = Raster(model, size)
    try:
        light = np.zeros((size[1], size[0], 3), np.float32)
        shares = lamps(
            sun_towards(HOURS[view] if hour is None else hour), quality.passes, quality.of_sky, quality.of_sun
        )
        for number, (step, lit) in enumerate(zip(steps(quality.passes), shares, strict=True)):
            eye = camera.moved(*step)
            light += shade(model, raster.faces(eye), eye, lit, raster.depth, quality, table, field)
            on_progress((number + 1) / quality.passes)
    finally:
        raster.close()
    image = srgb(light / quality.passes)
    sheet.paint(image)
    return Still(np.rint(image * 255).astype(np.uint8), sheet, camera)


def _placed(
    view: str, corners: np.ndarray, middle: np.ndarray, size: tuple[int, int], caption: Caption, field: Field | None
) -> tuple[Camera, Sheet]:
    """The nearest camera whose model lies clear of all words, and the words."""
    width, height = size
    first = compose(size, letters, caption, looking(view, corners, size, (0, 0, width, height)), middle, field)
    gap, half = 10 * first.unit, height / 2
    boxes = [box.bounds for box in first.boxes()]
    above = max((box[3] for box in boxes if box[3] < half), default=0.0) + gap
    below = min((box[1] for box in boxes if box[1] > half), default=height) - gap
    beside = max((box[2] for box in boxes if box[1] > half and box[0] < width / 2), default=0.0) + gap
    rooms = [(0.0, 0.0, float(width), float(height)), (0.0, above, float(width), below)]
    rooms.append((beside, above, float(width), float(height)))
    found = []
    for left, top, right, bottom in rooms:
        for share in np.linspace(0.96, 0.4, 29):
            aside, over = (1 - share) * (right - left) / 2, (1 - share) * (bottom - top) / 2
            camera = looking(view, corners, size, (left + aside, top + over, right - aside, bottom - over))
            sheet = compose(size, letters, caption, camera, middle, field)
            outline = shapely.MultiPoint(camera.pixels(corners)).convex_hull.buffer(gap / 2)
            if not any(outline.intersects(box) for box in sheet.boxes()):
                found.append((camera, sheet))
                break
    return min(found, key=lambda one: one[0].reach) if found else (camera, sheet)


@lru_cache(maxsize=256)
def letters(words: str, size: float, bold: bool) -> np.ndarray:
    """One line of text as ink, 0 to 1; see `viewer.still.sheet.Letters`."""
    style = vtkTextProperty()
    style.SetFontFamilyToArial()
    style.SetBold(bold)
    style.SetColor(1, 1, 1)
    style.SetFontSize(max(round(size), 6))
    image, extent = vtkImageData(), [0, 0]
    writer = vtkTextRenderer.GetInstance()

    def ink_of(text: str) -> np.ndarray:
        if not writer.RenderString(style, text, image, extent, 72, vtkTextRenderer.FreeType):
            raise PictureError(f"VTK could not write {text!r}")
        columns, rows, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, 4)[::-1, :, 3] / np.float32(255)

    columns = np.flatnonzero(ink_of(words).any(axis=0))
    # A line is as high as its size says, whatever letters it has: the tallest and the deepest stand beside it, cut off.
    ink = ink_of(f"{words}  (Éj")
    rows = np.flatnonzero(ink.any(axis=1))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Keep what VTK has to say about a missing screen; yields a list whose one item is the text in the end."""
    heard = vtkStringOutputWindow()
    before, loud = vtkOutputWindow.GetInstance(), vtkLogger.GetCurrentVerbosityCutoff()
    vtkOutputWindow.SetInstance(heard)
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    said = [""]
    try:
        yield said
    finally:
        said[0] = heard.GetOutput()
        vtkOutputWindow.SetInstance(before)
        vtkLogger.SetStderrVerbosity(loud)
