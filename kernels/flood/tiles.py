"""Tiles of the grid: which of them have, or may soon have, water; the others are left out of a step."""

import numpy as np

TILE_ROWS, TILE_COLUMNS = 16, 16
"""Cells of a tile: how finely water, and what an edit changes, is looked for."""
JOINED = 2
"""Rows of tiles that are worked on as one strip where they can: the first row of a strip is computed twice."""


class Tiles:
    """The tiles of a grid and which of them a step must visit.

    A tile is visited while it or a neighbour holds water, and once more after that, so that both halves of the double
    buffer are dry when it rests. Water crosses two faces in a step at the most, so nothing is missed: leaving tiles out
    changes no bit of the result.

    Parameters
    ----------
    rows, columns : int
        Cells of the grid, without ghosts.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.shape = -(-rows // TILE_ROWS), -(-columns // TILE_COLUMNS)
        self._rows, self._columns = rows, columns
        self._woken = np.zeros(self.shape, bool)
        self._before = np.ones(self.shape, bool)
        self._all = self._strips(np.ones(self.shape, bool))
        self._last = b"", self._all
        self.only: np.ndarray | None = None
        """(tile row, tile column) bool: tiles that a partial rerun is confined to; None is all."""
        self.at_sides = True
        """Whether any tile that may be visited lies at a side of the grid."""

    @property
    def count(self) -> int:
        """Number of tiles."""
        return self.shape[0] * self.shape[1]

    def wake(self, rows: np.ndarray | int, columns: np.ndarray | int) -> None:
        """Visit the tiles of some cells (without ghosts) in the next step, whatever was there."""
        self._woken[rows // TILE_ROWS, columns // TILE_COLUMNS] = True

    def wake_all(self) -> None:
        """Visit all tiles in the next step."""
        self._woken[:] = True

    def wake_side(self, side: str) -> None:
        """Visit the tiles along a side in the next step."""
        place = {"west": np.s_[:, 0], "east": np.s_[:, -1], "south": np.s_[0], "north": np.s_[-1]}[side]
        self._woken[place] = True

    def due(self, tops: np.ndarray) -> np.ndarray:
        """The strips of tiles to visit.

        Parameters
        ----------
        tops : (tile row, tile column) int
            Bits of the highest wave speed of each tile after the last step; 0 is dry.

        Returns
        -------
        (strip, 5) int64
            Row of tiles, first row and one after the last, columns likewise, all in the padded grid.
        """
        if self.only is None and self._woken.all():
            self._woken[:] = False
            self._before[:] = True
            return self._all
        near = dilated((tops != 0) | self._woken)
        chosen = near | self._before
        self._before, self._woken = near, np.zeros(self.shape, bool)
        if self.only is not None:
            # in a rerun all its tiles are wet as a rule
            chosen = self.only
        key = chosen.tobytes()
        if key != self._last[0]:
            self._last = key, self._strips(chosen)
        return self._last[1]

    def _strips(self, chosen: np.ndarray) -> np.ndarray:
        """Join chosen tiles that lie side by side, and `JOINED` rows where they are alike; cells of each strip."""
        found: list[list[int]] = []
        edges = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        for row in range(0, self.shape[0], JOINED):
            rows = range(row, min(row + JOINED, self.shape[0]))
            alike = all((chosen[one] == chosen[row]).all() for one in rows)
            for one, count in ((row, len(rows)),) if alike else ((one, 1) for one in rows):
                top = min(1 + TILE_ROWS * (one + count), self._rows + 1)
                for first, last in zip(np.flatnonzero(edges[one] == 1), np.flatnonzero(edges[one] == -1), strict=True):
                    right = min(1 + TILE_COLUMNS * int(last), self._columns + 1)
                    found.append([one, 1 + TILE_ROWS * one, top, 1 + TILE_COLUMNS * int(first), right])
        return np.array(found, np.int64).reshape(-1, 5)


def dilated(flags: np.ndarray) -> np.ndarray:
    """True where a flag or one of its eight neighbours is."""
    found = flags.copy()
    found[1:] |= flags[:-1]
    found[:-1] |= flags[1:]
    wide = found.copy()
    wide[:, 1:] |= found[:, :-1]
    wide[:, :-1] |= found[:, 1:]
    return wide
