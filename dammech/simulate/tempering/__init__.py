"""Parallel tempering: replicas that swap temperatures, two independent sets of them, and tests of equilibration."""

from dammech.simulate.tempering.equilibration import EquilibrationTest
from dammech.simulate.tempering.run import TemperedPoint, Tempering, sample_disorder, temper

__all__ = ["EquilibrationTest", "TemperedPoint", "Tempering", "sample_disorder", "temper"]
