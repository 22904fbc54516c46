"""Feeds: one file each, with a pure ``parse(payload, …) -> Parsed``."""
