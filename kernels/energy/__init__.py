"""Energy: what buildings need, what roofs and networks give, and what is left over, hour by hour."""
