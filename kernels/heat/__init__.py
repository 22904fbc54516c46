"""Heat: sun and shade, radiation, surfaces, wind, air, and what a person feels of it."""
