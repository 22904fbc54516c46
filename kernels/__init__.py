"""The physics: arrays, units and time; nothing here knows a city, a file or the web."""
