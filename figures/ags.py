"""The Amit–Gutfreund–Sompolinsky phase diagram with simulated retrieval limits, and m(T) at three loads.

Run: python figures/ags.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("ags", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
