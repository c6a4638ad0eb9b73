# %% [markdown]
# # Dense associative memories (p ≥ 3), replica-symmetric
#
# P = αN^{p−1} patterns. Counting powers of N, the cumulant expansion of the noise stops at second order for p ≥
# 3: the uncondensed patterns act as a Gaussian field of covariance N ξ(q), and there is no reaction term. ξ
# depends on the interaction through its Hermite coefficients, which is why `distinct` and `power` are different
# models. The steps are registered in the package; this page runs and checks them for p = 3, p = 4 and a
# polynomial nobody has named, and writes them down (`dense_rs_p3.md`, `.tex`, and so on).

# %%
from pathlib import Path

import sympy as sp

import dammech as dm
from dammech.derive import render, run_checks

models = {
    "p3": dm.HebbianDAM(order=3),
    "p4": dm.HebbianDAM(order=4),
    "polynomial": dm.HebbianDAM(interaction="y**4 + 2*y**3 - y"),
}
print(dm.derive(models["p4"], "rs").render("text"))

# %% [markdown]
# The noise of other interactions: pure p-spin, mixed, and a polynomial.

# %%
q = sp.Symbol("q")
for model in (*models.values(), dm.HebbianDAM(order=4, interaction="power")):
    print(model.interaction, " ξ(q)/α =", sp.expand(model.covariance(q)))

# %%
here = Path(__file__).parent if "__file__" in globals() else Path()
for name, model in models.items():
    rs = dm.derive(model, "rs")
    checks = run_checks(rs)
    for step in checks:
        print("ok  " if step["passed"] else "FAIL", rs.name, "|", step["title"], "|", step["check"])
    for form, suffix in {"md": ".md", "latex": ".tex"}.items():
        (here / f"dense_rs_{name}{suffix}").write_text(render(rs, form, checks), encoding="utf-8")

# %%
for model in models.values():
    (point,) = dm.boundary(model, "retrieval-spinodal", temperatures=[0]).to_json()["points"]
    print(f"{model.interaction}: α_c(0) = {point['load']:.12f}  m = {point['m']:.8f}  RS valid: {point['valid']}")
