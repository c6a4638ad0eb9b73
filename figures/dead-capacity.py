"""Dead hidden neurons and capacity against the threshold: theory with simulated points.

Run: python figures/dead-capacity.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("dead-capacity", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
