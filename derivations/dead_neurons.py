# %% [markdown]
# # Dead neurons
#
# The energy of a Krotov–Hopfield network sees the state x only through the activation g(x). Where the Hessian of
# the Lagrangian has a null direction (a rectified neuron below threshold, a common shift of softmax fields) it is
# constant on a region that may be unbounded. What can be said then about steady states, stability and basins, and
# with which altered dynamics the flat regions go away, is derived in the package; this page runs the steps, checks
# them and writes them down (`dead_neurons.md`, `dead_neurons.tex`).

# %%
from pathlib import Path

import sympy as sp

import dammech as dm
from dammech.derive import render, run_checks

theory = dm.derive("dead-neurons")
print(theory.render("text"))

# %% [markdown]
# Every step is checked by another route than the one that made it, and every hypothesis by a counter-example in
# which it alone is dropped: there the statement must be wrong. Whether the checks would notice an error in a
# formula is another question: `dammech check dead-neurons --mutate`.

# %%
checks = run_checks(theory)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
    for hypothesis in step["hypotheses"]:
        print("       ", "needed:" if hypothesis["needed"] else "NOT NEEDED:", hypothesis["statement"])

# %%
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"dead_neurons{suffix}").write_text(render(theory, form, checks), encoding="utf-8")

# %% [markdown]
# Numbers for the smallest net, one linear visible neuron and two rectified hidden ones. With the drive κ = 1/3 the
# plateau is spurious: a start at h₂ = −2 leaves it after log 7, while the energy stands still. With weights
# (1/2, −1) the steady state at the kink κ = 0 is unstable on its live side.

# %%
steps = {step.title: step for step in theory.steps}
escape = dict(zip(steps["Leaving a spurious plateau"].left, steps["Leaving a spurious plateau"].expressions))
numbers = {"kappa": sp.Rational(1, 3), "x_3": -2, "tau_3": 1, "xi_1": sp.Rational(1, 2), "xi_2": -1}


def at_numbers(e):
    return sp.simplify(e.subs({s: numbers[s.name] for s in e.free_symbols}))


print("escape time:", at_numbers(escape[r"t_{\mathrm{esc}}"]))
print("growth rate at the kink:", at_numbers(steps["One neuron at its kink: eigenvalues on its live side"].expressions[1]))

# %% [markdown]
# One Lagrangian at a time: what it forgets, and in which direction.

# %%
print(dm.derive("dead-neurons", lagrangian="layernorm").render("text"))
