"""File formats of cities, one file each."""
