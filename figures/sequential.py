"""Sequential learning of permuted digits: methods against vertices, and forgetting.

Run: python figures/sequential.py [quick|full]. Writes the drawing, its data and its provenance beside this file. Needs
scikit-learn (dammech[learn]) for its digits. To keep and resume the runs behind it: dammech sequential run quick|full.
"""

import sys
from pathlib import Path

from dammech.plot import figure

if __name__ == "__main__":  # the runs are in processes of their own, which read this file again
    for path in figure("sequential", Path(__file__).parent, level=sys.argv[1] if len(sys.argv) > 1 else "quick"):
        print(path)
