# %% [markdown]
# # The Hopfield model (p = 2), replica-symmetric
#
# From the Hamiltonian H = −(N/2) Σ_μ m_μ² (diagonal dropped) with P = αN patterns to the equations of Amit,
# Gutfreund and Sompolinsky: free energy, saddle equations, stability (de Almeida–Thouless), and the same at T =
# 0. The steps themselves are registered in the package; this page runs them, checks them and writes them down
# (`hopfield_rs.md`, `hopfield_rs.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

rs = dm.derive(dm.HebbianDAM(order=2), "rs")
print(rs.render("text"))

# %% [markdown]
# Every step is checked by another route than the one that made it, the first ones from the Hamiltonian at finite
# N. Whether these checks would notice an error is another question: `dammech check hebbian.p2.distinct.rs
# --mutate`.

# %%
checks = run_checks(rs)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])

# %%
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"hopfield_rs{suffix}").write_text(render(rs, form, checks), encoding="utf-8")

# %% [markdown]
# The line in the (T, α) plane on which retrieval is lost, with the capacity at T = 0. It is re-entrant: α_c grows
# a little with T before it falls, where replica symmetry is already unstable.

# %%
line = dm.boundary(rs, "retrieval-spinodal", temperatures=[0, 0.02, 0.1, 0.3]).to_json()
for point in line["points"]:
    state = f"m = {point['m']:.8f}  RS valid: {point['valid']}"
    print(f"T = {point['temperature']:.2f}  α_c = {point['load']:.10f}  {state}")
