# %% [markdown]
# # Memories of phases, replica-symmetric
#
# Spins and patterns are phases, and H = −(N/n) Σ_μ |m_μ|ⁿ. At n = 2 this is the phasor memory of Noest and Cook, and what
# coherent lasers become once their amplitudes are fixed; n ≥ 3 is a step of our own, which we have not seen published.
# Overlaps are moduli: a common phase of all spins costs nothing. The steps are registered in the package; this page runs
# and checks them, and writes them down (`phasor_p2.md`, `phasor_p4.md`, `.tex`).
#
# What the limit of phases does not show: amplitudes of lasers, and the statement that passive (real) couplings retrieve
# two images only. Here a real coupling stores each pattern together with its mirror image, and halves the capacity.

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

here = Path(__file__).parent if "__file__" in globals() else Path()
for order in (2, 4):
    rs = dm.derive(dm.PhasorDAM(order), "rs")
    checks = run_checks(rs)
    for step in checks:
        print("ok  " if step["passed"] else "FAIL", rs.name, "|", step["title"], "|", step["check"])
    for form, suffix in {"md": ".md", "latex": ".tex"}.items():
        (here / f"phasor_p{order}{suffix}").write_text(render(rs, form, checks), encoding="utf-8")

# %% [markdown]
# Where retrieval ends at T = 0, for complex couplings, real ones, and order 4. The replicon of T = 0 is the factor of
# log(1/T) as T → 0: it is negative at every load, but so small that retrieval is unstable only at temperatures that no
# experiment reaches.

# %%
for model in (dm.PhasorDAM(), dm.PhasorDAM(2, "real"), dm.PhasorDAM(4)):
    (end,) = dm.boundary(model, "retrieval-spinodal", temperatures=0).points
    print(f"{model}: α_c = {end['load']:.8f}  m = {end['m']:.6f}  replicon = {end['replicon']:.2g} log(1/T)")

# %% [markdown]
# Above the spin glass: T_g = (1 + √α)/2 of complex couplings, with α twice as large of real ones.

# %%
for coupling in ("complex", "real"):
    (point,) = dm.boundary(dm.PhasorDAM(2, coupling), "spin-glass", temperatures=0.6).points
    print(f"{coupling}: T = 0.6, α = {point['load']:.10f}")
