"""What the energy sees: its rate, flat regions, recovery of steady states, spurious plateaus."""
