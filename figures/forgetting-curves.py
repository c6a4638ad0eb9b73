"""Overlap against age in memories that forget: theory, simulation, greedy dynamics, blackout.

Run: python figures/forgetting-curves.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("forgetting-curves", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
