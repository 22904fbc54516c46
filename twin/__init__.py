"""Brussels: its geometry, its data sources and its stored results."""
