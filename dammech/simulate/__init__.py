"""Spins: random patterns, dynamics and Monte Carlo, and estimators with honest errors.

Nothing here knows an equation of the theory. Numba is imported when a simulation starts, not before.
"""

from dammech._rooms import callable_room
from dammech.simulate.anneal import AnnealedPoint, anneal
from dammech.simulate.chain import Chain, Series
from dammech.simulate.couplings import CouplingChain, simulate_couplings, with_diagonal
from dammech.simulate.estimators import autocorrelation_time, bootstrap, extrapolate, jackknife
from dammech.simulate.measure import MeasuredPoint, Simulation
from dammech.simulate.onestep import BitErrorPoint, one_step_bit_error
from dammech.simulate.phasors import PhaseChain, simulate_phases
from dammech.simulate.retrieval import RetrievalPoint, basin, retrieval_probability
from dammech.simulate.rows import RowChain
from dammech.simulate.run import SimulatedPoint, simulate
from dammech.simulate.tempering import EquilibrationTest, TemperedPoint, Tempering, sample_disorder, temper
from dammech.simulate.words import distance_counts

__all__ = [
    "AnnealedPoint",
    "BitErrorPoint",
    "Chain",
    "CouplingChain",
    "EquilibrationTest",
    "MeasuredPoint",
    "PhaseChain",
    "RetrievalPoint",
    "RowChain",
    "Series",
    "SimulatedPoint",
    "Simulation",
    "TemperedPoint",
    "Tempering",
    "anneal",
    "autocorrelation_time",
    "basin",
    "bootstrap",
    "distance_counts",
    "extrapolate",
    "jackknife",
    "one_step_bit_error",
    "retrieval_probability",
    "sample_disorder",
    "simulate",
    "simulate_couplings",
    "simulate_phases",
    "temper",
    "with_diagonal",
]

callable_room(__name__, "simulate")
