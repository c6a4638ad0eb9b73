"""The capacity at T = 0 against p, RS and with broken symmetry, and the largest RS load of all temperatures.

Run: python figures/capacity-1rsb.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("capacity-1rsb", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
