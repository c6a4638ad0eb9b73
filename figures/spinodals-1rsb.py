"""The end of retrieval against temperature, RS and with broken symmetry, with the AT line, for p = 2, 3 and 4.

Run: python figures/spinodals-1rsb.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("spinodals-1rsb", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
