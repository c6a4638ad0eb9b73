"""The number of states of the p = 3 spin glass by their free energy.

Run: python figures/complexity.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("complexity", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
