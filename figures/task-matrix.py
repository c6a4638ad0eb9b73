"""Accuracy on each task of a sequence, its average and the backward transfer: theory of the window, and simulation.

Run: python figures/task-matrix.py [quick|full]. Writes the drawing, its data and its provenance beside this file.
"""

import sys
from pathlib import Path

from dammech.plot import figure

for path in figure("task-matrix", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
    print(path)
