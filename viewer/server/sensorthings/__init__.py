"""Sensors for other programs: OGC SensorThings API 1.1 (OGC 18-088) over the store of readings."""

from viewer.server.sensorthings.routes import PREFIX, sensorthings

__all__ = ["PREFIX", "sensorthings"]
