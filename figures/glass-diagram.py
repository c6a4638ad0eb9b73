"""The phase diagram of p = 3 with broken symmetry: dynamic, static and Gardner transitions, and both spinodals.

Run: python figures/glass-diagram.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("glass-diagram", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
