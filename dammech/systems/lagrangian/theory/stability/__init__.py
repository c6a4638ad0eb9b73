"""Stability of steady states with dead neurons, at kinks too, and the basins of their flat regions."""
