# %% [markdown]
# # Memories that forget
#
# Patterns arrive one after another, and a pattern of age x (in units of N^{p−1} patterns) has the weight g(εx). The
# replica calculation is that of the memory that does not forget, with weights. For p ≥ 3 the noise knows them through
# A = Σ Λ²/N^{p−1} only, and a pattern of weight Λ at (A, T) is a pattern of the uniform memory at (A/Λ², T/Λ). At p = 2
# every pattern reacts with its own weight, and the log-determinant becomes an integral over ages
# (Mézard–Nadal–Toulouse). The steps are registered in the package; this page runs and checks them, and writes them
# down (`palimpsest_p2.md`, `palimpsest_p3.md`, `.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import registered, render, run_checks
from dammech.phases import staircase, task_matrix

models = {"p2": dm.PalimpsestDAM(order=2), "p3": dm.PalimpsestDAM(order=3, interaction="power")}
here = Path(__file__).parent if "__file__" in globals() else Path()
for name, model in models.items():
    rs = dm.derive(model, "rs")
    checks = run_checks(rs)
    for step in checks:
        print("ok  " if step["passed"] else "FAIL", rs.name, "|", step["title"], "|", step["check"])
    for form, suffix in {"md": ".md", "latex": ".tex"}.items():
        (here / f"palimpsest_{name}{suffix}").write_text(render(rs, form, checks), encoding="utf-8")

# %% [markdown]
# The laws that are no free energies: windows of the kernels, anchoring (L2 and EWC), clipped couplings, rehearsal, the
# delta rule, dreaming, and the exponential memory.

# %%
for name, make in registered().items():
    if name.startswith("palimpsest.") and not name.endswith(".rs"):
        law = make()
        passed = all(step["passed"] for step in run_checks(law))
        print(f"{'ok  ' if passed else 'FAIL'} {law.name}\n     {law.statement}")

# %% [markdown]
# Blackout and the best rate: slower forgetting than ε_c destroys everything, and the window is widest at ε_opt.

# %%
for model in models.values():
    for line in ("blackout", "optimal-rate"):
        (point,) = dm.boundary(model, line, temperatures=0).points
        print(f"p = {model.p} {line}: ε = {point['rate']:.7f}  window = {point['window']:.7f}")

# %% [markdown]
# What the window says of a sequence of tasks, and the staircase of rehearsal.

# %%
best = dm.boundary(models["p3"], "optimal-rate", temperatures=0.2).points[0]
tasks = task_matrix(models["p3"], tasks=5, task_load=best["window"] / 2, rate=best["rate"], temperature=0.2)
print(tasks.matrix.round(3), f"accuracy {tasks.accuracy:.3f}, backward transfer {tasks.backward_transfer:.3f}", sep="\n")
rehearsed = dm.PalimpsestDAM(order=3, interaction="power", kernel="rehearsal")
for load in (0.012, 0.03, 0.09):
    step = staircase(rehearsed, load=load, temperature=0.2)
    print(f"α = {load}: patterns of weight {step['weight']} and more are kept, a fraction {step['fraction']:.3f}")
