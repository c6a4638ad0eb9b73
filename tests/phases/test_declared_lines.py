"""Branches and lines that a free energy declares, by theories of other people."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.declared.states import Crossing, Fold, Marginal, Zero
from dammech.errors import InputError, NotConverged
from dammech.solve.declared import belongs

m, q, R, T, J0, h, alpha, z = sp.symbols("m q R T J0 h alpha z")


def glass_with_ferromagnetic_mean(**declared):
    """Sherrington–Kirkpatrick with a mean J_0 of the couplings (sherrington1975, almeida1978)."""
    field = (J0 * m + sp.sqrt(q) * z) / T
    f = J0 * m**2 / 2 - (1 - q) ** 2 / (4 * T) - T * dm.GaussianAverage(dm.log2cosh(field), z)
    replicon = 1 - dm.GaussianAverage((1 - sp.tanh(field) ** 2) ** 2, z) / T**2
    return dm.FreeEnergy(f, [m, q], [T, J0], replicon=replicon, **declared)


BRANCHES = {"ferromagnet": m > 0, "spin glass": sp.Eq(m, 0) & (q > 0), "paramagnet": sp.Eq(m, 0) & sp.Eq(q, 0)}
LINES = {
    "Curie": Marginal("paramagnet"), "AT": Zero("ferromagnet", "replicon"), "edge of the glass": Marginal("spin glass"),
}


@pytest.fixture(scope="module")
def magnet():
    return glass_with_ferromagnetic_mean(branches=BRANCHES, lines=LINES)


def test_branches_by_name(magnet):
    found = {name: dm.solve(magnet, T=0.5, J0=1.5, branch=name) for name in BRANCHES}
    assert found["paramagnet"]["q"] == 0 and found["spin glass"]["m"] == 0 and found["ferromagnet"]["m"] > 0.7
    assert found["ferromagnet"].free_energy == dm.solve(magnet, T=0.5, J0=1.5).free_energy
    assert found["paramagnet"].free_energy == pytest.approx(-0.5 * math.log(2) - 0.5, rel=1e-12)
    glass = dm.solve(dm.PSpin(2), temperature=0.5, branch="spin-glass")
    assert found["spin glass"]["q"] == pytest.approx(glass["q"], rel=1e-9)
    with pytest.raises(NotConverged, match="no ferromagnet state"):
        dm.solve(magnet, T=2.0, J0=0.5, branch="ferromagnet")


def test_equilibrium_is_decided_between_the_branches_of_a_crossing(magnet):
    """An Ising magnet in a field: the state along the field wins. A glass has the higher free energy and is no rival."""
    F = m**2 / 2 - T * sp.log(2 * sp.cosh((m + h) / T))
    along = dm.FreeEnergy(F, [m], [T, h], branches={"up": m > 0, "down": m < 0}, lines={"flip": Crossing("down", "up")})
    found = {name: dm.solve(along, T=0.5, h=[-0.05, 0.05, 2.0], branch=name, throw=False) for name in ("up", "down")}
    assert [p.equilibrium for p in found["up"]] == [False, True, None]
    assert [p.equilibrium for p in found["down"]] == [True, False, None] and found["down"][2].status != "converged"
    assert found["down"][1].equilibrium_why == "the up phase has a lower free energy"
    assert found["up"][2].equilibrium_why == "no free energy of the down phase is known here that decides"
    for branch in (None, *BRANCHES):
        point = dm.solve(magnet, T=0.9, J0=1.2, branch=branch)
        assert point.equilibrium is None and point.equilibrium_why == "no rival phase is known"


def test_beyond_its_fold_a_branch_is_known_to_have_no_state():
    """m³ − m = h: states of either sign end at ∓h = 2/√27, either way along h; what has ended is no rival."""
    lines = {"end": Fold("down"), "other end": Fold("up"), "flip": Crossing("down", "up")}
    tilted = dm.FreeEnergy(m**4 / 4 - m**2 / 2 - h * m, [m], [h], branches={"up": m > 0, "down": m < 0}, lines=lines)
    edge = 2 / math.sqrt(27)
    down = dm.solve(tilted, h=[-7.0, -0.1, 0.9999 * edge, 1.0001 * edge, 0.5, 60.0], branch="down", throw=False)
    assert [p.status for p in down] == ["converged"] * 3 + ["no-state"] * 3 == [p.code or "converged" for p in down]
    assert down[4].why == f"no down state: h=0.5 is above {edge:.6g}, where the branch ends" and down[4].values == {"m": None}
    assert [p.equilibrium for p in down] == [True, True, False, None, None, None]
    up = dm.solve(tilted, h=-0.4, branch="up", throw=False)
    assert up.why == f"no up state: h=-0.4 is below {-edge:.6g}, where the branch ends"


def test_a_branch_ends_along_the_temperature_first_and_else_along_another_parameter():
    """An Ising magnet against its field: m² = 1 − T at the end, where h = T artanh m − m; at T = 0 it is m = 1."""
    F = m**2 / 2 - T * sp.log(2 * sp.cosh((m + h) / T))
    against = dm.FreeEnergy(F, [m], [T, h], branches={"up": m > 0}, lines={"end": Fold("up")})
    point = dm.solve(against, T=0.9, h=-0.3, branch="up", throw=False)
    found = re.fullmatch(r"no up state: T=0.9 is above (0\.\d+), where the branch ends at this h", point.why)
    edge = float(found[1])
    assert 0.3 == pytest.approx(math.sqrt(1 - edge) - edge * math.atanh(math.sqrt(1 - edge)), rel=1e-5)
    frozen = dm.solve(against, T=0.1, h=-1.5, branch="up", throw=False)
    edge = math.sqrt(0.9) - 0.1 * math.atanh(math.sqrt(0.9))
    assert frozen.why == f"no up state: h=-1.5 is below {-edge:.6g}, where the branch ends at this T"
    lost = dm.solve(dm.FreeEnergy(F, [m], [T, h], branches={"up": m > 0}), T=0.9, h=-0.3, branch="up", throw=False)
    assert lost.status == "not-converged" and "does not prove that there is none" in lost.why


def test_a_branch_ends_at_zero_temperature_too():
    """A random-field magnet against its field: at T = 0 m = −erf(x/√2) and 2 φ(x) = s at the end, h = s x - erf(x/√2)."""
    F = m**2 / 2 - T * dm.GaussianAverage(dm.log2cosh((m + h + z / 3) / T), z)
    magnet = dm.FreeEnergy(F, [m], [T, h], branches={"down": m < 0}, lines={"end": Fold("down")}, cold={})
    x = math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) / 6))
    edge = math.erf(x / math.sqrt(2)) - x / 3
    found = dm.solve(magnet, T=[0.0, 0.05], h=[0.999 * edge, 2.0], branch="down", throw=False)
    assert found[0].converged and found[1].why == f"no down state: h=2 is above {edge:.6g}, where the branch ends at this T"
    assert found[1].code == found[3].code == "no-state" and found[1]["T"] == 0.0


def test_over_a_grid_a_branch_has_no_state_exactly_beyond_its_end():
    """The same magnet, of either parameter: where there is no state above the end at its field, or at its temperature."""
    F = m**2 / 2 - T * sp.log(2 * sp.cosh((m + h) / T))
    against = dm.FreeEnergy(F, [m], [T, h], branches={"down": m < 0}, lines={"end": Fold("down")})
    temperatures, fields = np.linspace(0.15, 1.2, 8), np.linspace(0.02, 0.6, 7)
    found = dm.solve(against, T=temperatures, h=fields, branch="down", throw=False)
    with np.errstate(invalid="ignore"):
        overlap = np.sqrt(1 - temperatures)
        ends = np.where(temperatures < 1, overlap - temperatures * np.arctanh(overlap), 0.0)
    assert [p.status == "converged" for p in found] == [bool(x < end) for end in ends for x in fields]
    assert {p.status for p in found} == {"converged", "no-state"} and all("T=" in p.why for p in found if p.why)


def test_lines_of_the_glass(magnet):
    """T = J_0 and T = 1; the glass becomes ferromagnetic at J_0 (1 − q) = T; on the AT line the replicon is zero."""
    assert dm.boundary(magnet, "Curie", J0=[0.5, 1.5])["T"] == pytest.approx([1.0, 1.5], rel=1e-10)
    edge = dm.boundary(magnet, "edge of the glass", J0=1.2).points[0]
    assert edge["m"] == 0 and 1.2 * (1 - edge["q"]) == pytest.approx(edge["T"], rel=1e-9)
    broken = dm.boundary(magnet, "AT", J0=1.5).points[0]
    assert broken["m"] > 0.1 and abs(broken["replicon"]) < 1e-10
    assert dm.solve(magnet, T=broken["T"], J0=1.5, branch="ferromagnet")["m"] == pytest.approx(broken["m"], rel=1e-8)


@pytest.mark.slow
def test_regions_have_the_declared_names(magnet):
    diagram = dm.phase_diagram(magnet, points=20)
    assert {line.line for line in diagram.lines} == set(LINES)
    assert {region.name for region in diagram.regions} == set(BRANCHES)
    assert {region.name for region in diagram.regions if not region.valid} == {"spin glass", "ferromagnet"}


def test_melting_of_the_potts_model():
    """Three states: T = 1/(4 ln 2) at h = 0, m from 0 to 1/2; a field moves it, and both phases end nearby."""
    f = m**2 / 3 - T * sp.log(sp.exp((m + h) / T) + 2) + m / 3
    phases = {"ordered": m > sp.Rational(1, 4), "disordered": m <= sp.Rational(1, 4)}
    lines = {"melting": Crossing("disordered", "ordered"), "superheating": Fold("ordered"), "supercooling": Fold("disordered")}
    potts = dm.FreeEnergy(f, [m], [h, T], branches=phases, lines=lines)
    melting = dm.boundary(potts, "melting", h=[0, 0.005])
    assert melting["T"][0] == pytest.approx(1 / (4 * math.log(2)), rel=1e-10)
    assert melting.points[0]["m"] == pytest.approx(0.5, abs=1e-9)
    hot, cold = (dm.boundary(potts, name, h=0.005)["T"].max() for name in ("superheating", "supercooling"))
    assert cold < melting["T"][1] < hot


@pytest.mark.parametrize("sign", [1, -1])
def test_capacity_of_the_binary_perceptron(sign):
    """The entropy of solutions vanishes at α = 0.833 (krauth1989)."""
    tail = sp.erfc(sign * sp.sqrt(q / (2 * (1 - q))) * z) / 2
    s = -R * (1 - q) / 2 + dm.GaussianAverage(dm.log2cosh(sp.sqrt(R) * z), z) + alpha * dm.GaussianAverage(sp.log(tail), z)
    perceptron = dm.FreeEnergy(
        -s, [q, R], [alpha], observables={"s": s}, branches={"solutions": q > 0}, lines={"capacity": Zero("solutions", "s")}
    )
    point = dm.boundary(perceptron, "capacity").points[0]
    assert point["alpha"] == pytest.approx(0.833, abs=5e-4) and abs(point["s"]) < 1e-10


@settings(max_examples=40, deadline=None)
@given(x=st.floats(-2, 2), y=st.floats(-2, 2), a=st.floats(-1, 1))
def test_conditions_are_read_as_they_are_written(x, y, a):
    u = np.array([[x], [y]])
    zero = 1e-4
    assert belongs(m > a, [m, q], u)[0] == (x - float(sp.Float(a)) > zero)
    assert belongs(sp.Eq(m, 0) & (q <= a), [m, q], u)[0] == (abs(x) <= zero and y - a <= zero)
    assert belongs(sp.Ne(m, q) | (q >= a), [m, q], u)[0] == (abs(x - y) > zero or y - a >= -zero)
    assert belongs(sp.Not((m < a) | (q < a)), [m, q], u)[0] == (not (x - a < -zero or y - a < -zero))


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"branches": {"a": m}}, "branches\\['a'\\]=m: must be a condition"),
        ({"branches": {"a": T > 0}}, "holds \\['T'\\], which are no order parameters"),
        ({"branches": [m > 0]}, "branches=.*must give conditions by name"),
        ({"branches": {"a": m > 0}, "lines": {"x": Fold("b")}}, "lines\\['x'\\]: branch='b'.*must be one of a"),
        ({"branches": {"a": m > 0}, "lines": {"x": Zero("a", "nonsense")}}, "quantity='nonsense'.*free_energy, energy"),
        ({"branches": {"a": m > 0}, "lines": {"x": "fold"}}, "must be a Fold, Crossing, Zero or Marginal"),
    ],
)
def test_what_cannot_be_declared(declared, message):
    with pytest.raises(InputError, match=message):
        glass_with_ferromagnetic_mean(**declared)


def test_names_that_were_not_declared(magnet):
    with pytest.raises(InputError, match=r"branch='ferro'.*ferromagnet"):
        dm.solve(magnet, T=1, J0=1, branch="ferro")
    with pytest.raises(InputError, match=r"line='curie'.*Curie"):
        dm.boundary(magnet, "curie", J0=1)
