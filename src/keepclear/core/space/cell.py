"""Cells: the globe cut into squares, each into four, for coarse search.

The ellipsoid is laid on a unit sphere by parametric latitude: tan(beta) = (1 - f) tan(phi), longitude
unchanged. A piece of path on it has the length squared (a^2 sin^2 beta + b^2 cos^2 beta) dbeta^2 + a^2 cos^2
beta dlambda^2, which lies between b^2 and a^2 times its length squared on the sphere. So for two positions
that the sphere shows at an angle sigma, the geodesic between them is from POLE_RADIUS_M * sigma to
EQUATOR_RADIUS_M * sigma long: the one bound on which coarse search rests, at the poles and across the
antimeridian as anywhere.

The six faces of a cube are projected on the sphere from its centre, and a cell is a square of a face. Its
edges are great circles, so no point of it is farther from its centre than a corner is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.space.geodesy import FLATTENING, Floats

LEVEL_MOST: Final = 20
"""The level of the finest cells, about 10 m wide; level 0 are the six faces."""

FACES: Final = 6
CHILDREN: Final = 4

Cells = NDArray[np.int64]
"""Numbers of cells of one level: the face, then two bits a level; a cell's parent is its number over four."""

Vectors = NDArray[np.float64]
"""Unit vectors to points of the sphere: shape (n, 3)."""

# Six millimetres, which is far above what rounding does to a unit vector and far below the finest cell.
_ROUNDING_RAD: Final = 1e-9

# Every other bit of 64, then pairs, fours, eights and sixteens of them.
_MASKS: Final = (
    (1, 0x5555_5555_5555_5555),
    (2, 0x3333_3333_3333_3333),
    (4, 0x0F0F_0F0F_0F0F_0F0F),
    (8, 0x00FF_00FF_00FF_00FF),
    (16, 0x0000_FFFF_0000_FFFF),
)
_LOW_HALF: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellCaps:
    """A circle on the sphere around each cell: ``centre`` (n, 3), and ``radius_rad``, never too small."""

    centre: Vectors
    radius_rad: Floats


def sphere_vectors(latitude_deg: Floats, longitude_deg: Floats) -> Vectors:
    """The points of the unit sphere that stand for positions."""
    beta = np.arctan((1 - FLATTENING) * np.tan(np.radians(latitude_deg)))
    lam = np.radians(longitude_deg)
    return np.stack([np.cos(beta) * np.cos(lam), np.cos(beta) * np.sin(lam), np.sin(beta)], axis=-1)


def sphere_positions(vectors: Vectors) -> tuple[Floats, Floats]:
    """Latitude and longitude, in degrees, of the positions for which points of the unit sphere stand."""
    x, y, z = vectors.T
    latitude_deg = np.degrees(np.arctan2(z, (1 - FLATTENING) * np.hypot(x, y)))
    return latitude_deg, np.degrees(np.arctan2(y, x))


def finest_cells(vectors: Vectors) -> Cells:
    """The cell of LEVEL_MOST in which each point lies; on an edge, one of the cells that meet there."""
    axis: Cells = np.argmax(np.abs(vectors), axis=1)
    rows = np.arange(len(vectors))
    depth = vectors[rows, axis]
    across = _steps(vectors[rows, (axis + 1) % 3] / np.abs(depth))
    up = _steps(vectors[rows, (axis + 2) % 3] / np.abs(depth))
    face = axis + 3 * (depth < 0)
    return (face << (2 * LEVEL_MOST)) | _spread(across) | (_spread(up) << 1)


def parents(cells: Cells, *, levels: int) -> Cells:
    """The cell that many levels up which holds each cell."""
    return cells >> (2 * levels)


def children(cells: Cells) -> Cells:
    """The four cells of the next level in each cell: shape (n, 4)."""
    return cells[:, np.newaxis] * CHILDREN + np.arange(CHILDREN)


def cell_caps(cells: Cells, *, level: int) -> CellCaps:
    """The circles around cells of one level."""
    face = cells >> (2 * level)
    across, up = _gathered(cells), _gathered(cells >> 1)
    # The bits of the face are gathered with the others, and taken off again.
    across, up = across & ((1 << level) - 1), up & ((1 << level) - 1)
    width = 2.0 / (1 << level)
    left, low = across.astype(np.float64) * width - 1, up.astype(np.float64) * width - 1
    centre = _point(face, left + width / 2, low + width / 2)
    chord = np.zeros(cells.shape)
    for right in (0.0, width):
        for above in (0.0, width):
            corner = _point(face, left + right, low + above)
            chord = np.maximum(chord, np.linalg.norm(corner - centre, axis=1))
    return CellCaps(centre=centre, radius_rad=angles_rad(chord) + _ROUNDING_RAD)


def angles_rad(chord: Floats) -> Floats:
    """The angle between points of the unit sphere whose straight distance is ``chord``."""
    return 2 * np.arcsin(np.minimum(chord / 2, 1.0))


def _steps(place: Floats) -> Cells:
    """Which of the finest steps across a face a place from -1 to 1 falls in."""
    finest = 1 << LEVEL_MOST
    return np.minimum(((place + 1) / 2 * finest).astype(np.int64), finest - 1)


def _point(face: Cells, across: Floats, up: Floats) -> Vectors:
    axis, rows = face % 3, np.arange(face.size)
    vectors = np.empty((face.size, 3))
    vectors[rows, axis] = np.where(face >= 3, -1.0, 1.0)
    vectors[rows, (axis + 1) % 3] = across
    vectors[rows, (axis + 2) % 3] = up
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _spread(number: Cells) -> Cells:
    """The bits of a number in every other place, from the lowest."""
    for shift, mask in reversed(_MASKS):
        number = (number | (number << shift)) & mask
    return number


def _gathered(number: Cells) -> Cells:
    """Every other bit of a number, from the lowest, side by side: what ``_spread`` undoes."""
    number = number & _MASKS[0][1]
    for (shift, _), (_, mask) in zip(_MASKS, (*_MASKS[1:], (0, _LOW_HALF)), strict=True):
        number = (number | (number >> shift)) & mask
    return number
