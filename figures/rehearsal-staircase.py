"""What Hebbian rehearsal retrieves against the load, and by how often a pattern was stored.

Run: python figures/rehearsal-staircase.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("rehearsal-staircase", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
