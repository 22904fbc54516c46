"""Where in the world: any stated CRS to Lambert 72 and TAW, and no city in a silent wrong place."""

import re

import numpy as np
import pyproj

from twin.city import CRS, CityError

BELGIUM = (17_000.0, 20_000.0, 297_000.0, 246_000.0)
"""Belgium in Lambert 72: west, south, east, north, rounded outward. [m]"""

BRUSSELS = (140_000.0, 160_000.0, 159_000.0, 181_000.0)
"""The Brussels-Capital Region in Lambert 72 with a few kilometres around it. [m]"""

GEOID = 42.814
"""Ellipsoidal (GRS80) height minus TAW height in the centre of Brussels. [m]

Measured on the official UrbIS solid 581730 (building 1639974, Grand-Place), whose vertices are known in both datums;
checked nowhere else. The height of the geoid (national model hBG18) varies over the Region."""

SHIFT = (0.020, -0.034)
"""Added to easting and northing that PROJ gives without the national grid BD72LB72, from the same building. [m]

Applied to geocentric and 3D geographic coordinates only, where the faces of one cadastre must fit; maps in degrees are
good to decimetres and go both ways by PROJ alone."""


def to_lambert(
    vertices: np.ndarray, crs: str | None, *, path: str, anywhere: bool = False
) -> tuple[np.ndarray, list[str]]:
    """Bring coordinates to Lambert 72 (EPSG:31370) and TAW, or refuse.

    Parameters
    ----------
    vertices : (vertex, 3) float64
        In ``crs``, easting or longitude first; rows that are not finite are passed through.
    crs : str or None
        As pyproj reads it; None is taken for Lambert 72 when the coordinates lie in Belgium.
    path : str
        For messages.
    anywhere : bool
        Accept places outside Belgium. The frame is still Lambert 72, extended: scale and north are off there, by the
        amounts that the note says. Coordinates without a CRS are then kept as they are.

    Returns
    -------
    vertices : (vertex, 3) float64
        [m]
    notes : list of str
        What was done, in words.

    Raises
    ------
    CityError
        An unknown CRS, degrees taken for metres, swapped axes, or a place outside Belgium.
    """
    notes: list[str] = []
    found = vertices
    if crs is None:
        notes.append("the file states no CRS; its numbers are taken for Lambert 72 and TAW")
    else:
        system = _system(crs, path)
        if not _is_lambert(system):
            found, notes = _transform(vertices, system, path)
    finite = found[np.isfinite(found).all(axis=1)]
    if not len(finite):
        given = vertices[np.isfinite(vertices).all(axis=1)]
        first = f"({given[0, 0]:g}, {given[0, 1]:g})" if len(given) else "NaN"
        raise CityError(
            f"{path}: no vertex has a place in {crs or 'Lambert 72'}, the first is {first}; is the CRS right?"
        )
    _check_place(finite, vertices, crs, path, anywhere)
    if not _inside(finite, BELGIUM):
        notes.append(_distortion(finite) if crs else "the place is unknown: no CRS, and not in Belgium")
    return found, notes


def _system(crs: str, path: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CityError(
            f"{path}: states the CRS {crs!r}, which PROJ does not know; correct it to EPSG:31370"
        ) from error


def _plane(system: pyproj.CRS) -> pyproj.CRS:
    plane = system.sub_crs_list[0] if system.is_compound else system
    return plane.source_crs if plane.is_bound and plane.source_crs is not None else plane


def _is_lambert(system: pyproj.CRS) -> bool:
    return _plane(system).to_epsg(min_confidence=70) == 31370


def _transform(vertices: np.ndarray, system: pyproj.CRS, path: str) -> tuple[np.ndarray, list[str]]:
    if system.is_geocentric or (not system.is_compound and len(system.axis_info) == 3):
        return ellipsoidal_to_lambert(vertices, system), [
            f"{system.name}: ellipsoidal heights lowered by {GEOID} m to TAW, place shifted by {SHIFT} m"
        ]
    plane = _plane(system)
    try:
        transformer = pyproj.Transformer.from_crs(plane, CRS, always_xy=True)
        x, y = transformer.transform(vertices[:, 0], vertices[:, 1])
    except pyproj.exceptions.ProjError as error:
        raise CityError(f"{path}: PROJ cannot bring {system.name} to Lambert 72 ({error})") from error
    found = np.column_stack([x, y, vertices[:, 2]])
    found[~np.isfinite(found).all(axis=1)] = np.nan
    return found, [f"brought from {plane.name} to Lambert 72; heights kept as they are"]


def ellipsoidal_to_lambert(points: np.ndarray, system: pyproj.CRS | str = "EPSG:4978") -> np.ndarray:
    """Geocentric or geographic coordinates with ellipsoidal height to Lambert 72 and TAW.

    Parameters
    ----------
    points : (point, 3) float64
        WGS84 or ETRS89; geocentric X, Y, Z [m], or longitude, latitude [degree] and height [m].
    system : CRS

    Returns
    -------
    (point, 3) float64
        Within 1 mm of the official coordinates on the control building; `SHIFT` and `GEOID` are constants. [m]
    """
    source = pyproj.CRS.from_user_input(system)
    if source.is_geocentric:
        to_degrees = pyproj.Transformer.from_crs(source, "EPSG:4979", always_xy=True)
        longitude, latitude, height = to_degrees.transform(*points.T)
    else:
        longitude, latitude, height = points.T
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(longitude, latitude)
    return np.column_stack([np.add(x, SHIFT[0]), np.add(y, SHIFT[1]), np.subtract(height, GEOID)])


def _inside(points: np.ndarray, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    x, y = np.median(points[:, 0]), np.median(points[:, 1])
    return bool(west <= x <= east and south <= y <= north)


def _check_place(points: np.ndarray, given: np.ndarray, crs: str | None, path: str, anywhere: bool) -> None:
    if anywhere:
        return
    x, y = np.median(points[:, :2], axis=0)
    swapped = _inside(points[:, [1, 0]], BRUSSELS)
    if _inside(points, BRUSSELS):
        return
    if swapped:
        raise CityError(
            f"{path}: its middle is E {x:,.0f} N {y:,.0f}; swapped, it lies in Brussels: easting comes first. "
            "Swap the axes, or pass --anywhere if the place is meant"
        )
    if crs is not None and _inside(given, BRUSSELS):
        raise CityError(
            f"{path}: states {crs}, which puts its middle at E {x:,.0f} N {y:,.0f}; its numbers read as Lambert 72 lie "
            "in Brussels: state EPSG:31370 in the file, or pass --anywhere if the place is meant"
        )
    if _inside(points, BELGIUM):
        return
    raise CityError(
        f"{path}: its middle is E {x:,.0f} N {y:,.0f} in Lambert 72, outside Belgium{_guess(given, crs)}; state the "
        "right CRS in the file, or pass --anywhere if the place is meant"
    )


_GUESSES = ("EPSG:4326", "EPSG:3812", "EPSG:25831", "EPSG:32631", "EPSG:3857", "EPSG:3035", "EPSG:28992")


def _guess(given: np.ndarray, crs: str | None) -> str:
    """Which CRS would put the numbers of the file into Belgium, as a hint."""
    x, y = np.nanmedian(given[:, 0]), np.nanmedian(given[:, 1])
    if abs(x) <= 180 and abs(y) <= 180 and crs not in ("EPSG:4326", "EPSG:4979"):
        if 49 < x < 52 and 2 < y < 7:
            return ": the numbers are latitude and longitude in degrees, taken for metres"
        return ": the numbers look like degrees, taken for metres" if 2 < x < 7 and 49 < y < 52 else ""
    for name in ("EPSG:31370", *_GUESSES):
        for first, second, words in ((x, y, ""), (y, x, " with the axes swapped")):
            found = _place(first, second, name)
            if found is not None and _inside(found, BELGIUM):
                return f": read as {name}{words} it would lie in Belgium"
    return ""


def _place(x: float, y: float, crs: str) -> np.ndarray | None:
    if crs == "EPSG:31370":
        return np.array([[x, y]])
    east, north = pyproj.Transformer.from_crs(crs, CRS, always_xy=True).transform(x, y)
    return np.array([[east, north]]) if np.isfinite(east) and np.isfinite(north) else None


def _distortion(points: np.ndarray) -> str:
    x, y = np.median(points[:, :2], axis=0)
    longitude, latitude = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)
    factors = pyproj.Proj(CRS).get_factors(longitude, latitude)
    return (
        f"outside Belgium: Lambert 72 is stretched there by {(factors.meridional_scale - 1) * 1e6:.0f} mm per km and "
        f"its north is off by {factors.meridian_convergence:.2f} degrees"
    )


def epsg_of(text: str | None) -> str | None:
    """The horizontal CRS of a GML ``srsName`` or an OGC URL as ``EPSG:n``; None where there is none.

    Of a compound URN (``urn:ogc:def:crs,crs:EPSG::31370,crs:EPSG::5710``) the first counts.
    """
    codes = re.findall(r"EPSG[:/#.a-z]*(?:[\d.]*[:/])?(\d{4,6})", text or "", re.IGNORECASE)
    return f"EPSG:{codes[0]}" if codes else None


def is_north_first(text: str | None) -> bool:
    """Whether coordinates in a CRS named by URN or OGC URL come north first, as its authority orders them.

    ``EPSG:4326`` and the old GML URL mean east first by long usage; only the URN and the ``/def/crs/`` URL bind.
    """
    if not text or not re.search(r"urn:(ogc|x-ogc):def:crs|opengis\.net/def/crs", text):
        return False
    code = epsg_of(text)
    if code is None:
        return False
    try:
        axes = _plane(pyproj.CRS.from_user_input(code)).axis_info
    except pyproj.exceptions.CRSError:
        return False
    return bool(axes) and axes[0].direction.lower() == "north"
