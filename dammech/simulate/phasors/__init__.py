"""Single spins that are phases: σ = e^{iθ}, anywhere on the circle or in one of Q clock states, among complex patterns."""

from dammech.simulate.phasors.chain import PhaseChain
from dammech.simulate.phasors.run import PhaseExperiment, simulate_phases

__all__ = ["PhaseChain", "PhaseExperiment", "simulate_phases"]
