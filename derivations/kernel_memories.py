# %% [markdown]
# # The best couplings, and memories in the features of a kernel
#
# How much can be stored if couplings are not prescribed? Gardner counts the couplings that keep every pattern stable with a
# margin κ; where the volume vanishes the load is α_c(κ), and replica symmetry is stable there exactly for κ > 0. Cover
# counts labellings instead, at finite P and N. A kernel memory (Iatropoulos, Brea and Gerstner) is the same problem in the
# features of a kernel: products of inputs, whose weights c_k on products of k of them are its Walsh transform. Its capacity
# is 2D, with the dimension D of the features whatever their weights are; the margin is a number of all of them. The steps
# are registered in the package; this page runs and checks them, and writes two of them down (`gardner_margin.md`,
# `kernel_margin.md`, `.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import registered, render, run_checks

here = Path(__file__).parent if "__file__" in globals() else Path()
for name, make in registered().items():
    if name.split(".")[0] in ("gardner", "kernel"):
        theorem = make()
        checks = run_checks(theorem)
        for step in checks:
            print("ok  " if step["passed"] else "FAIL", name, "|", step["title"], "|", step["check"])
        if name.endswith(".margin"):
            for form, suffix in {"md": ".md", "latex": ".tex"}.items():
                (here / f"{name.replace('.', '_')}{suffix}").write_text(render(theorem, form, checks), encoding="utf-8")

# %% [markdown]
# Gardner's load at a margin, and the margin at a load.

# %%
for kappa in (-1.0, 0.0, 0.5, 1.0, 2.0):
    found = dm.capacity(dm.StableMemory(margin=kappa)).points[0]
    print(f"κ = {kappa}: α_c = {found.value:.10f}  {found.why or ''}")
for load in (0.1, 0.5, 1.0, 1.5):
    found = dm.capacity(dm.StableMemory(load=load)).points[0]
    print(f"α = {load}: κ = {found.value:.9f}, and a share {found.others['support_vectors']:.4f} of the patterns is at it")

# %% [markdown]
# Kernels: the inhomogeneous one has more features and a smaller margin, because it wastes length on low sectors. Kernels that are
# no polynomials separate all states; hard addresses do, too, and what counts is the margin.

# %%
for kernel, size in (("z**2", 15), ("((1+z)/2)**2", 15), ("z**3", 14), ("exp(z)", 15)):
    capacity = dm.capacity(dm.KernelMemory(kernel, size)).points[0]
    margins = [dm.capacity(dm.KernelMemory(kernel, size, ratio=x)).value for x in (0.25, 0.5, 1.0, 1.5)]
    print(f"{kernel} of {size} neurons: D = {capacity.others['dimension']}, {capacity.value} patterns ({capacity.formula})")
    print("    margins at P/D = 0.25, 0.5, 1, 1.5:", *(f"{kappa:.6f}" for kappa in margins))

# %% [markdown]
# Real patterns: balls of radius r√N that are disjoint, and the edge of an isolated basin in units of |ξ|.

# %%
for radius, exponent in ((0.2, 10), (0.5, 3), (0.5, 10)):
    found = dm.capacity(dm.KernelMemory("stretched", radius=radius, exponent=exponent)).points[0]
    print(f"r = {radius}, b = {exponent}: α = {found.value:.7f} nats, d*/|ξ| = {found.others['edge']:.6f}")
