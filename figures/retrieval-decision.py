"""What annealing retains for p = 3 between the RS and the 1RSB spinodal, and what greedy descent does.

Run: python figures/retrieval-decision.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("retrieval-decision", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
