"""Replica-symmetric capacity and phase diagram for p = 3 and 4, distinct against power.

Run: python figures/capacity.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("capacity", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
