"""From a free energy to numbers: systems of equations, generated NumPy code, its mpmath twin, quadrature, the cache.

Generated code is a cache, not a source: it is keyed by what was derived and by the text of the rooms that derive it.
SymPy is imported only when something has to be derived.
"""

from dammech.equations.compiled import Compiled, Equations, Given, Theory, compiled, source

__all__ = ["Compiled", "Equations", "Given", "Theory", "compiled", "source"]
