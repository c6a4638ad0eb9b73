"""Fixed points x = W g(x) + b of a network, with their stability, and the flats of its energy that hold none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from dammech.errors import integer
from dammech.flows.classify import classify
from dammech.flows.faces import enumerate_faces
from dammech.flows.flats import spurious_flat
from dammech.flows.kinks import at_kink, kink_tolerance, side_spectra
from dammech.flows.newton import newton_points, state_errors
from dammech.flows.pieces import count, units_of
from dammech.flows.reduced import spectrum
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.systems.lagrangian.model import Lagrangian, Network
from dammech.systems.lagrangian.model.network import check_network

#: above this number of faces Newton's method takes over
FACES = 2**18
_KNOWN = 1e-8  # of a field (or of 1): a larger estimated error is no fixed point yet


@dataclass(frozen=True, repr=False)
class FixedPoint(Record):
    """A fixed point and what is known of it.

    Attributes
    ----------
    state : ndarray
        Fields of all layers in their order.
    residual : float
        Largest |W g(x) + b − x|.
    dead : list of int
        Neurons that the activation does not see (at a kink they are not dead yet).
    flat : dict
        The flat region through the state: its dimension, collective directions, geometry by layer.
    spectrum : ndarray or None
        Eigenvalues of the reduced Jacobian and −1/τ of each dead direction; None at a kink, which has one per side.
    index : int or None
        Unstable directions.
    stable : bool or None
    margin, error : float or None
        See `Verdicts`.
    kink : bool
    why : str or None
    certified : bool
        Whether it is proven to exist: by the enumeration or by a contraction.
    state_error : float or None
        Estimated error of the fields, of the larger of a field and 1; None where the Jacobian is singular.
    converged : bool
        Whether it is certified, or its residual and ``state_error`` are small: where neither holds, the flow is slow here,
        and a fixed point may be near, far or nowhere.
    energy : float or None
        None for weights that are not symmetric.
    kinks : list of int
        Neurons at a kink.
    sides : list of dict or None
        Spectra on the sides of a kink.
    continuum : ndarray or None
        Directions (k, n) along which the fixed points form a continuum.
    """

    derived = ("status",)
    state: np.ndarray
    residual: float
    dead: list[int]
    flat: dict[str, Any]
    spectrum: np.ndarray | None
    index: int | None
    stable: bool | None
    margin: float | None
    error: float | None
    kink: bool
    why: str | None
    certified: bool
    state_error: float | None
    converged: bool
    energy: float | None
    kinks: list[int] = field(default_factory=list)
    sides: list[dict[str, Any]] | None = None
    continuum: np.ndarray | None = None

    @property
    def status(self) -> str:
        """"converged" or "not-converged"."""
        return "converged" if self.converged else "not-converged"

    def to_json(self) -> dict[str, Any]:
        """As a document; complex eigenvalues are pairs [re, im]."""
        document = super().to_json()
        for name in ("kinks", "sides", "continuum"):
            del document[name]
        document["spectrum"] = None if self.spectrum is None else _eigenvalues(self.spectrum)
        document["margin_error"] = document.pop("error")
        if self.kink:
            sides = self.sides or []
            document["kinks"] = self.kinks
            document["sides"] = [{**side, "spectrum": _eigenvalues(side["spectrum"])} for side in sides]
        if self.continuum is not None:
            document["continuum"] = {"dimension": len(self.continuum), "directions": self.continuum.tolist()}
        return document


@dataclass(repr=False)
class FixedPoints(Result[FixedPoint]):
    """The fixed points of a network.

    Attributes
    ----------
    points : tuple of FixedPoint
        Each once; by energy where there is one.
    spurious_flats : list of dict
        Flats on which the energy is critical and which hold no fixed point: ``representative``, ``dead``, ``energy``,
        ``escape``.
    complete : bool
        Whether the search was exhaustive and nothing is left open.
    why : str or None
        Why it is not complete.
    faces : int or None
        How many faces were tried, and ``critical_flats`` on how many flats the energy is critical; None for Newton's
        method.
    """

    quantities = {"energy": ("energy", "energy of the network"), "margin": ("1", "distance to instability")}
    points: tuple[FixedPoint, ...]
    spurious_flats: list[dict[str, Any]]
    complete: bool
    why: str | None = None
    faces: int | None = None
    critical_flats: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as a document."""
        flats = [{**flat, "representative": flat["representative"].tolist()} for flat in self.spurious_flats]
        return {**Record.to_json(self), "fixed_points": self.rows(), "spurious_flats": flats}


MOST_STARTS = 100_000


def fixed_points(net: Network, starts: int = 100) -> FixedPoints:
    """Fixed points of a network, each classified.

    Where the activation is linear in pieces and there are at most 2^18 faces, all of them, by solving the linear
    equations on each face; the flats of the energy that hold none come along. Elsewhere those that Newton's method finds.

    Parameters
    ----------
    net : Network
    starts : int
        Random starts of Newton's method.

    Returns
    -------
    FixedPoints

    Raises
    ------
    InputError
        For a number of starts below 1.

    Examples
    --------
    >>> net = Network([{"lagrangian": "relu", "size": 1}], biases=[[-1.0]])
    >>> fixed_points(net)[0].dead
    [0]
    """
    check_network(net)
    integer("starts", starts, 1, MOST_STARTS)
    units = units_of(net)
    if units is None or count(units) > FACES:
        states, known = newton_points(net, starts)
        why = "fixed points were searched from many starts, not exhaustively"
        if units is not None:
            why = f"{count(units)} faces are more than {FACES}: " + why
        points = _described(net, states, known, [None] * len(states))
        doubtful = sum(not point.converged for point in points)
        if doubtful:
            why += f"; {doubtful} of {len(points)} are not converged"
        return FixedPoints(tuple(points), [], False, why)
    faces = enumerate_faces(net.matrix, net.bias, units)
    states = _snapped(net, faces.states)
    continua = [d.T if d.shape[1] else None for d in faces.directions]
    points = _described(net, states, np.array([c is None for c in continua]), continua)
    flats = []
    doubts = list(faces.doubts)
    if net.symmetric:
        flats = [spurious_flat(net, units, choice, x) for choice, x in zip(faces.choices, faces.flats)]
        flats.sort(key=lambda flat: flat["energy"])
    doubt = "; ".join(doubts) or None
    return FixedPoints(tuple(points), flats, not doubts, doubt, count(units), faces.critical if net.symmetric else None)


def _described(
    net: Network, states: np.ndarray, known: np.ndarray, continua: Sequence[np.ndarray | None]
) -> list[FixedPoint]:
    """Fixed points with their classes, by energy."""
    if len(states) == 0:
        return []
    verdicts = classify(net, states)
    residual, errors = np.abs(net.drive(states)).max(-1), state_errors(net, states)
    energy = net.energy(states) if net.symmetric else np.full(len(states), np.nan)
    order = np.lexsort((*np.round(states, 9).T[::-1], np.round(energy, 9) if net.symmetric else np.zeros(len(states))))
    points = []
    for k in order:
        x, kink = states[k], bool(verdicts.kink[k])
        near = _kink_neurons(net, x) if kink else []
        dead = [
            int(i) + part.start
            for layer, part in zip(net.layers, net.slices)
            for i in np.flatnonzero(layer.dead(x[part]))
        ]
        dead = [i for i in dead if i not in near]
        why, free = verdicts.why[k], continua[k]
        if free is not None:
            why = f"one of a continuum of fixed points in {len(free)} directions"
        converged = bool(known[k]) or free is not None or bool(errors[k] <= _KNOWN)
        if not converged:
            found = f"{errors[k]:.1g}" if np.isfinite(errors[k]) else "not bounded"
            why = "; ".join(filter(None, [f"not converged: the estimated error of its fields is {found}", why]))
        points.append(
            FixedPoint(
                state=x + 0.0,
                residual=float(residual[k]),
                dead=dead,
                flat=_flat(net, x, dead, near),
                spectrum=None if kink else spectrum(net, x),
                index=int(verdicts.index[k]) if verdicts.index[k] >= 0 else None,
                stable=verdicts.stable[k],
                margin=_known(verdicts.margin[k]),
                error=_known(verdicts.error[k]),
                kink=kink,
                why=why,
                certified=bool(known[k]),
                state_error=_known(errors[k]),
                converged=converged,
                energy=float(energy[k]) if net.symmetric else None,
                kinks=near,
                sides=side_spectra(net, x) if kink else None,
                continuum=free,
            )
        )
    return points


def _flat(net: Network, x: np.ndarray, dead: list[int], kinks: list[int]) -> dict[str, Any]:
    """The flat region through a state. One that it only touches, at a kink, has no dimension: ``touches`` names the neurons
    that are dead on one side."""
    directions, layers, touches = [], [], []
    for number, (layer, part) in enumerate(zip(net.layers, net.slices)):
        here = [i for i in dead if part.start <= i < part.stop]
        border = [i for i in kinks if part.start <= i < part.stop]
        if border and layer.separable:
            sides = np.minimum(*layer.sides(layer.snapped(x[part], kink_tolerance(net.bias, x)[part])))
            border = [i for i in border if sides[i - part.start] == 0]
        touches += border
        collective = np.zeros((layer.size, 0))
        if not layer.separable:
            basis = layer.null_basis(x[part])
            collective = basis[:, int(layer.dead(x[part]).sum()) :]
        for vector in collective.T:
            whole = np.zeros(net.size)
            whole[part] = vector
            directions.append(whole.tolist())
        if here or border or collective.shape[1]:
            layers.append({"layer": number, "lagrangian": layer.name, **_geometry(layer)})
    return {
        "dimension": len(dead) + len(directions), "directions": directions, "touches": touches, "layers": layers,
    }  # fmt: skip


@lru_cache(maxsize=256)
def _geometry(layer: Lagrangian) -> dict[str, Any]:
    return {"geometry": layer.flat["geometry"], "compact": layer.flat["compact"]}


def _kink_neurons(net: Network, x: np.ndarray) -> list[int]:
    tolerance = kink_tolerance(net.bias, x)
    return [
        int(i) + part.start
        for layer, part in zip(net.layers, net.slices)
        for i in np.flatnonzero(at_kink(layer, x[None, part], tolerance[None, part])[0])
    ]


def _snapped(net: Network, x: np.ndarray) -> np.ndarray:
    """States with fields at a kink moved onto it, where that does not raise the residual above rounding."""
    if len(x) == 0:
        return x
    size = np.maximum(1.0, np.abs(x).max(-1))
    tolerance = kink_tolerance(net.bias, x)
    moved = np.concatenate(
        [layer.snapped(x[:, part], tolerance[:, part]) for layer, part in zip(net.layers, net.slices)],
        -1,
    )
    before, after = (np.abs(net.drive(s)).max(-1) for s in (x, moved))
    return np.where((after <= np.maximum(before, 1e-13 * size))[:, None], moved, x)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _eigenvalues(values: np.ndarray) -> list[Any]:
    """Numbers, and pairs [re, im] for those that are not real."""
    return [[float(v.real), float(v.imag)] if v.imag else float(v.real) for v in np.asarray(values)]
