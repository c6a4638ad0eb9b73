"""Diffused data: the time of collapse against the load, and how often a point is nearest to its own datum.

Run: python figures/collapse.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("collapse", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
