"""Traffic: who takes which street, static and by the second, and what it costs in time, noise and air."""
