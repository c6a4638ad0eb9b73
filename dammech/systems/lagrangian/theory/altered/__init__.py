"""Altered dynamics with the same steady states, their Lyapunov functions, and what is outside the hypotheses."""
