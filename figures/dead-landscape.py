"""The energy of three neurons with its flat region: where it holds the fixed point, and where it holds none.

Run: python figures/dead-landscape.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("dead-landscape", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
