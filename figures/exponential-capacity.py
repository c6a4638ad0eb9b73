"""Exponential memories: success against load, thresholds of three pattern laws, similarities, and a temperature.

Run: python figures/exponential-capacity.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("exponential-capacity", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
