"""What is asked of data that diffuse: until when a point still knows which datum it began at."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dammech.errors import InputError, finite, one_of

DATA = ("gaussian", "binary")
#: theorems
GAUSSIAN, BINARY = "diffusion.collapse.gaussian", "diffusion.collapse.binary"
SPECIATION, BRIDGING = "diffusion.speciation", "diffusion.bridging"
_LARGEST_LOAD, _LARGEST_EXPONENT = 300.0, 700.0
#: that can be drawn
LARGEST_COUNT = 1 << 26


@dataclass(frozen=True)
class Diffusion:
    """e^{αd} data a of independent components, and x = e^{−t} a + (1 − e^{−2t})^½ z: the score of the data is a memory.

    Parameters
    ----------
    load : float
        α in nats.
    data : str
        Components N(0, s²) ("gaussian") or fair signs ("binary").
    variance : float
        s² of Gaussian components.
    eigenvalue : float, optional
        The largest one of the covariance of data that fall into two classes: the time of speciation is told, too.

    Raises
    ------
    InputError
        For anything else.
    """

    load: float
    data: str = "gaussian"
    variance: float = 1.0
    eigenvalue: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "load", finite("load", self.load))
        object.__setattr__(self, "variance", finite("variance", self.variance, positive=True))
        one_of("data", self.data, DATA)
        if self.load > _LARGEST_LOAD:
            raise InputError(f"load={self.load:g}: must be at most {_LARGEST_LOAD:g} nats a component")
        if self.data == "binary" and self.variance != 1:
            raise InputError(f"variance={self.variance:g}: signs have the variance 1; leave it out")
        if self.eigenvalue is not None:
            object.__setattr__(self, "eigenvalue", finite("eigenvalue", self.eigenvalue, positive=True))
            if self.eigenvalue <= 1:
                raise InputError(f"eigenvalue={self.eigenvalue:g}: must be above 1, for smaller ones no classes appear")


def count_of(load: float, dimension: int) -> int:
    """P = round(e^{αd}), at least 2.

    Raises
    ------
    InputError
        For numbers beyond what a double holds.
    """
    if not load * dimension <= _LARGEST_EXPONENT:
        raise InputError(
            f"load={load:g}, dimension={dimension}: e^(αd) of αd above {_LARGEST_EXPONENT:g} is no number of data"
        )
    return max(2, round(math.exp(load * dimension)))
