"""Kernel memories: the share of separable labels against P/D with Cover's law, and margins with those of their spectra.

Run: python figures/kernel-memories.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("kernel-memories", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
