"""Branches and lines of memories and glasses of Ising spins, which several systems share."""

from __future__ import annotations

from dammech.declared.states import Branch, Condition, Crossing, Fold, LineKind, Marginal, Zero


def branches_of_memory(soft: bool) -> dict[str, Branch]:
    """Branches of a memory; ``soft`` ones have symmetric mixtures, and a glass where others have a paramagnet."""
    unbroken, disordered = (None, "spin-glass") if soft else ("paramagnetic", "paramagnetic")
    found = {
        "retrieval": Branch("overlap m > 0 with one pattern, a local minimum of f(m)", "largest m", rivals=(disordered,)),
        **_without_overlap((("m", 0),), ("retrieval",), unbroken),
    }
    for n in (3, 5) if soft else ():
        meaning = f"equal overlap with {n} patterns (order 2)"
        found[f"mixture-{n}"] = Branch(meaning, "largest m", patterns=n, rivals=(disordered, "retrieval"))
    return found


def lines_of_memory(soft: bool) -> dict[str, LineKind | Condition]:
    """Lines of a memory; the m = 0 state is the glass of a ``soft`` one, and the paramagnet of others."""
    disordered = "spin-glass" if soft else "paramagnetic"
    return {
        "retrieval-spinodal": Fold("retrieval"),
        "thermodynamic": Crossing("retrieval", disordered),
        "spin-glass": Marginal("paramagnetic"),
        "at": Zero("retrieval", "replicon"),
        "zero-entropy": Zero(disordered, "entropy"),
        "nishimori": Condition("nishimori"),
    }


def branches_of_glass(pairwise: bool) -> dict[str, Branch]:
    """Branches of a system without patterns."""
    unbroken = None if pairwise else "paramagnetic"
    return {"glass": Branch("the p-spin glass: q > 0", "largest q", unbroken=unbroken), **_without_overlap((), (), unbroken)}


def _without_overlap(
    held: tuple[tuple[str, float], ...], rivals: tuple[str, ...], unbroken: str | None
) -> dict[str, Branch]:
    return {
        "spin-glass": Branch("m = 0, q > 0", "largest q", held, rivals=rivals, unbroken=unbroken),
        "paramagnetic": Branch("m = 0 and the smallest q", "smallest q", held, rivals=rivals),
    }
