# %% [markdown]
# # Dense associative memories (p ≥ 3), replica-symmetric
#
# P = αN^{p−1} patterns. Counting powers of N, the cumulant expansion of the noise stops at second order for p ≥
# 3: the uncondensed patterns act as a Gaussian field of covariance N ξ(q), and there is no reaction term. ξ
# depends on the interaction through its Hermite coefficients, which is why `distinct` and `power` are different
# models. The steps are registered in the package; this page runs and checks them for p = 4 and writes them down
# (`dense_rs.md`, `dense_rs.tex`).

# %%
from pathlib import Path

import sympy as sp

import dammech as dm

model = dm.HebbianDAM(order=4)
rs = dm.derive(model, "rs")
print(rs.render("text"))

# %% [markdown]
# The same derivation, other interactions: pure p-spin noise, a mixed one, and a polynomial nobody has named.

# %%
q = sp.Symbol("q")
polynomial = dm.HebbianDAM(interaction="y**4 + 2*y**3 - y")
for other in (model, dm.HebbianDAM(order=4, interaction="power"), polynomial):
    print(other.interaction, " ξ(q)/α =", sp.expand(other.covariance(q)))

# %%
report = dm.check([rs.name]).to_json()
for step in report["derivations"][0]["steps"]:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])

# %%
for other in (model, dm.HebbianDAM(order=4, interaction="power"), polynomial):
    (point,) = dm.boundary(other, "retrieval-spinodal", temperatures=[0]).to_json()["points"]
    print(f"{other.interaction}: α_c(0) = {point['load']:.12f}  m = {point['m']:.8f}  RS valid: {point['valid']}")

# %%
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"dense_rs{suffix}").write_text(rs.render(form).rstrip() + "\n", encoding="utf-8")
