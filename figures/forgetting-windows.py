"""Retrieval window against the rate of forgetting, for p = 2 and 3 and for every kernel.

Run: python figures/forgetting-windows.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("forgetting-windows", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
