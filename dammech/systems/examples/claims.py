"""Claims about what memories learn from examples: overlaps with archetypes and with examples at N → ∞.

At the temperature of order 2 replica symmetry is stable up to the end of the branch.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

from dammech.derive.covariance import alpha
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import T, m, q, site_strength
from dammech.derive.oracles import value as number_of
from dammech.derive.replica_symmetric import functional_of
from dammech.solve import Solution, solve
from dammech.systems.examples.model import ExampleDAM
from dammech.systems.examples.sampler import experiment
from dammech.systems.examples.theory import derive
from dammech.validate.chains import overlap_of_kept
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival, Unclaimed
from dammech.validate.sizes import Plan
from dammech.validate.theory import of_state, value_or_none

#: by claim: what is said, its point, plans, an overlap far below that of the state, and the rivals that differ there
_CLAIMS: dict[str, tuple[str, dict[str, Any], dict[str, Plan], float, tuple[str, ...]]] = {
    "p2.unsupervised": (
        "At 0.7 of the load at which retrieval of archetypes ends, without supervision, the overlap with one is that of the "
        "theory with the noise of single examples.",
        {"order": 2, "protocol": "unsupervised", "load": 0.0175, "temperature": 0.1, "quality": 0.4, "examples": 20},
        {"quick": Plan((1000, 1500, 2200), (450, 300, 200)), "full": Plan((800, 1200, 1800, 2400), (1000, 700, 450, 200))}, 0.5,
        ("protocol", "order", "clean", "stiff", "step"),
    ),
    "threshold": (
        "Of a single archetype three examples teach what their binomial law says, at both protocols alike.",
        {"order": 3, "protocol": "unsupervised", "load": 1e-6, "temperature": 0.1, "quality": 0.8, "examples": 3},
        {"quick": Plan((800, 1000, 1200), (200, 200, 200)), "full": Plan((800, 1000, 1200), (400, 400, 400))}, 0.5,
        ("gaussian", "clean"),
    ),
}  # fmt: skip
#: discarded and kept
_SWEEPS = (100, 700)


def claims() -> list[Claim | Unclaimed]:
    """Overlaps with archetypes, and one with examples."""
    return [
        *(_claim(name, "m") for name in _CLAIMS),
        _claim("threshold", "n"),
        Unclaimed(
            ("ExampleDAM(*)/retrieval-spinodal", "ExampleDAM(*)/thermodynamic"),
            "runs leave the state below the load at which it ends at any size that can be simulated; overlaps inside are claimed",
        ),
        Unclaimed(
            ("ExampleDAM(*)/at", "ExampleDAM(*)/zero-entropy"),
            "as for perfect examples: the susceptibility that would show it has not been measured",
        ),
        Unclaimed(
            ("ExampleDAM(*)/spin-glass", "ExampleDAM(*)/paramagnetic"),
            "without overlap the theory is that of perfect examples with noise Γ times as strong, which is claimed there",
        ),
        Unclaimed(
            ("ExampleDAM(order=[34],*)/retrieval", "examples.p3.unsupervised.M2.rs"),
            "at order 3 up to N = 288 two forms of the correction differ by .03, three times as much as the state from one step "
            "of the dynamics; the noise Γ of both protocols is exact at every N",
        ),
        Unclaimed(
            ("examples.p4.supervised.big-data.rs", "examples.p3.supervised.big-data.1rsb"),
            "limits M → ∞ of what is claimed, and broken symmetry, which as for perfect examples no size decides here",
        ),
    ]


def _claim(name: str, measured: str) -> Claim:
    statement, point, plans, lost_below, near = _CLAIMS[name]
    if measured == "n":
        statement = "The overlap with the mean of the examples, over their quality, is that of the theory."
    covers = {
        "p2.unsupervised": ("ExampleDAM(order=2,*)/retrieval", "examples.p2.unsupervised.M2.rs"),
        "threshold": ("examples.threshold",),
    }
    without = {
        "line": "the overlap inside the state is claimed, not where it ends",
        "ansatz": "replica symmetry is stable at this point",
    }
    if name == "threshold":
        without |= {"interaction": "there is none but with one archetype", "null": "the archetype itself is no state"}
    return Claim(
        f"examples.{name}.{ {'m': 'archetype', 'n': 'examples'}[measured] }", "[albanese2024]", statement, (point,),
        lambda p: of_state(_state(**p), measured), partial(_measured, plans, lost_below, measured),
        tuple(_rivals(measured)[each] for each in near), without=without,
        dose=Dose("examples of better quality", lambda p: {**p, "quality": 0.5 + p["quality"] / 2}),
        covers=covers[name] if measured == "m" else (),
    )  # fmt: skip


def _rivals(measured: str) -> dict[str, Rival]:
    def other(**changed: Any) -> Any:
        return lambda p: value_or_none(_state(**{**p, **{k: v(p) if callable(v) else v for k, v in changed.items()}}), measured)

    turned = {"supervised": "unsupervised", "unsupervised": "supervised"}
    return {
        "protocol": Rival("interaction", "the other protocol", other(protocol=lambda p: turned[p["protocol"]])),
        "order": Rival("interaction", "the other order", other(order=lambda p: 5 - p["order"])),
        "clean": Rival("term", "no noise in the data", other(quality=1.0)),
        "gaussian": Rival("term", "Gaussian data of the same ρ", other(examples=None, dataset_entropy=_entropy)),
        "stiff": Rival("term", "noise that does not answer to the spins", lambda p: _stiff(p, measured)),
        "step": Rival("null", "one step from the archetype", lambda p: _one_step(p, measured)),
    }


def _entropy(p: Parameters) -> float:
    return float(_memory(p).rho)


@cache
def _state(load: float, temperature: float, **memory: Any) -> Solution:
    model: Any = ExampleDAM(**memory)
    found = solve(model, load=load, temperature=temperature, throw=False)
    if not model.rho and found.converged:
        found.values = {"n": found.values["m"], **found.values}
    return found


def _memory(p: Parameters) -> ExampleDAM:
    return ExampleDAM(**{name: x for name, x in p.items() if name not in ExampleDAM.axes})


def _stiff(p: Parameters, measured: str) -> float:
    """The noise is a Gaussian field of the same variance, as of independent couplings."""
    model = _memory(p)
    gain = sum(times * mode**2 for mode, times in model.noise_modes)
    parts = replace(functional_of(model), noise=lambda overlaps: alpha * gain * overlaps.sum_of(lambda x: x**2) / (4 * T**2))
    one = parts.generic
    theory = FreeEnergy(
        one.free_energy, [m, q], [alpha, T, site_strength], equations=one.equations,
        observables={"m_xi": one.overlap_with_pattern},
    ).averaged(site_strength, parts.strengths)  # fmt: skip
    found = solve(theory, alpha=p["load"], T=p["temperature"], start={"m": 0.95, "q": 0.95}, throw=False)
    return value_or_none(found, "m_xi" if measured == "m" else "m")


def _one_step(p: Parameters, measured: str) -> float:
    """What the fields at an archetype make of it."""
    full = derive(_memory(p)).free_energy
    at = dict(zip(full.parameters, (p["load"], p["temperature"]))) | {m: 1.0, q: 1.0}
    first = full.observables["m_xi"] if measured == "m" else m - full.saddle_equations[0]
    return float(number_of(first, at))


def _measured(
    plans: dict[str, Plan], lost_below: float, measured: str, p: Parameters, level: str, seeds: tuple[int, ...]
) -> Estimate:
    """The overlap of chains that start on an archetype and do not leave it."""
    axes = {name: p[name] for name in ExampleDAM.axes}
    made = partial(experiment, _memory(p), axes, dynamics="glauber", overlap=1.0, measured=measured)
    return overlap_of_kept(made, plans[level], seeds, lost_below, _SWEEPS, {"N^(−2/3)": (2 / 3,)})
