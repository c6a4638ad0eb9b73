# %% [markdown]
# # Memories in random features
#
# Random features turn the sum over memories of a Gaussian kernel into the scalar product of two vectors: however many
# memories there are, they take the room of one. What it costs is an error of the energy. The steps below derive it from
# the law of the frequencies; this page runs and checks them and writes them down (`random_features.md`, `.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks
from dammech.systems.random_features.theory import theory

chapter = theory()
checks = run_checks(chapter)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"random_features{suffix}").write_text(render(chapter, form, checks), encoding="utf-8")

# %% [markdown]
# At a memory its own kernel is exact with cos and sin of each frequency, and every other memory adds the variance 1/2Y:
# errors add like their squares. The published bound adds the errors themselves, and is larger by √K (and, along a path of
# gradient descent, by factors like e^{β/2} for each step). So the number of memories that an error ε of βE allows is linear
# in Y; exponentially many, as the kernel itself would hold, they are not.

# %%
for features in (100, 1000, 10_000, 100_000):
    counts = [dm.capacity(dm.RandomFeatures(features, 10.0, 0.05, waves)).value for waves in ("pairs", "phases")]
    print(f"Y = {features}: K = {counts[0]:g} with pairs of waves, {counts[1]:g} with random phases")

# %% [markdown]
# The bound on paths needs the gradient to err like the kernels do. The gradient of random features does not: its error is
# measured apart, and with it the recursion is a bound that every draw keeps (figure `random-features`).
