"""Eigenvalues of Jacobians of random networks with dead directions against the reduced prediction.

Run: python figures/dead-spectrum.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("dead-spectrum", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
