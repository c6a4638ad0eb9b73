"""What is asked of a kernel memory: the kernel, how many neurons there are, and at which load its margin is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dammech.errors import InputError, finite, integer, shown

#: kernels by name, and which of the fields each needs
NAMES: dict[str, tuple[str, ...]] = {
    "linear": (), "polynomial": ("degree",), "parity": ("degree",), "exponential": ("radius",), "hard-address": ("radius",),
    "stretched": ("radius", "exponent"),
}  # fmt: skip
#: of neurons; of those where the kernel is no polynomial; degrees of polynomials
LARGEST_SIZE, LARGEST_DENSE, LARGEST_DEGREE = 100_000, 128, 64
LARGEST_ADDRESS = 1001
_LARGEST_RATIO = 1e6


@dataclass(frozen=True)
class KernelMemory:
    """N neurons; each stores its own bit of the patterns as a function of the N − 1 others, a plane in a kernel's features.

    Parameters
    ----------
    kernel : str
        One of `NAMES`, or the text of an expression in z, the mean product of two states of the inputs.
    size : int
        N; not of ``stretched``, whose states are real numbers.
    ratio : float, optional
        P/D, at which the margin is asked for.
    count : int, optional
        P in its place.
    degree : int, optional
        p of ``polynomial``, ((1 + z)/2)^p, and of ``parity``, the products of p inputs.
    radius : float, optional
        r of ``exponential``, e^{(z−1)/r}; of ``hard-address`` (kanerva1988), random addresses that are active within r flips;
        of ``stretched``, e^{−(|x−y|/r)^b}, in units of |ξ|.
    exponent : float, optional
        b of ``stretched``.

    Raises
    ------
    InputError
        For a kernel that cannot be read, a number out of range, or one that the kernel does not have.

    Examples
    --------
    >>> KernelMemory("polynomial", 15, degree=2).inputs
    14
    """

    kernel: str
    size: int | None = None
    ratio: float | None = None
    count: int | None = None
    degree: int | None = None
    radius: float | None = None
    exponent: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, str):
            raise InputError(
                f"kernel={shown(self.kernel)}: must be one of {', '.join(NAMES)} or the text of an expression in z"
            )
        needs = NAMES.get(self.kernel, ())
        for field in ("degree", "radius", "exponent"):
            given = getattr(self, field)
            if given is not None and field not in needs:
                raise InputError(
                    f"{field}={shown(given)}: the kernel {shown(self.kernel)} has no {field}; leave it out"
                )
            if given is None and field in needs:
                raise InputError(f"{field} is missing: the kernel {self.kernel} needs it")
        if self.ratio is not None:
            self._set("ratio", finite("ratio", self.ratio, positive=True))
        if (self.ratio or 0.0) > _LARGEST_RATIO:
            raise InputError(f"ratio={shown(self.ratio)}: must be a number above 0 and at most {_LARGEST_RATIO:g}")
        if self.count is not None:
            self._set("count", integer("count", self.count, 1))
            if self.ratio is not None:
                raise InputError(f"ratio={shown(self.ratio)}, count={shown(self.count)}: one of them decides the other")
        for field in set(needs) - {"degree"}:
            self._set(field, finite(field, getattr(self, field), positive=True))
        if self.kernel == "stretched":
            if self.size is not None or self.ratio is not None or self.count is not None:
                raise InputError(
                    "size, ratio and count: the kernel stretched is of real numbers, as many as there are; leave them out"
                )
            return
        if self.size is None:
            raise InputError(f"size is missing: the kernel {shown(self.kernel)} needs it")
        most = LARGEST_ADDRESS if self.kernel == "hard-address" else LARGEST_SIZE
        self._set("size", integer("size", self.size, 2, most))
        if self.degree is not None:
            most = min(LARGEST_DEGREE, self.inputs) if self.kernel == "parity" else LARGEST_DEGREE
            self._set("degree", integer("degree", self.degree, 1, most))
        if self.kernel == "hard-address":
            self._set(
                "radius", integer("radius", self.flips if self.radius == self.flips else self.radius, 1, self.inputs)
            )

    @property
    def inputs(self) -> int:
        """n = N − 1."""
        assert self.size is not None
        return self.size - 1

    @property
    def order(self) -> int:
        """p of ``parity``."""
        assert self.degree is not None
        return self.degree

    @property
    def flips(self) -> int:
        """r of ``hard-address``."""
        assert self.radius is not None
        return int(self.radius)

    @property
    def text(self) -> str:
        """The kernel as an expression in z, where it is one."""
        return {
            "linear": "z", "polynomial": f"((1+z)/2)**{self.degree}", "exponential": f"exp((z-1)/({self.radius!r}))",
        }.get(self.kernel, self.kernel)  # fmt: skip

    def patterns(self, dimension: int) -> int | None:
        """P that was given, or that the ratio to D is."""
        if self.ratio is None:
            return self.count
        found = self.ratio * dimension
        if not 0.5 < found < 1e300:
            raise InputError(
                f"ratio={shown(self.ratio)}: of {dimension:.6g} dimensions that is less than one pattern, or too many"
            )
        return round(found)

    def _set(self, field: str, value: Any) -> None:
        object.__setattr__(self, field, value)
