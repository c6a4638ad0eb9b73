"""P(q) of the p = 3 and the Sherrington–Kirkpatrick glass from parallel tempering, against the peaks of 1RSB.

Run: python figures/overlap-distribution.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("overlap-distribution", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
