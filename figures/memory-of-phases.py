"""Memories of phases: overlap against load at T = 0 for complex and real couplings, and the phase diagram.

Run: python figures/memory-of-phases.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("memory-of-phases", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
