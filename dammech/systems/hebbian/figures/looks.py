"""Registered figures of broken replica symmetry.

`ANSATZE` lists what is compared with replica symmetry: another one is drawn where it has an entry here and a look.
"""

from __future__ import annotations

from typing import Any

#: broken ansätze that the figures of spinodals draw, in this order
ANSATZE = ("1rsb", "2rsb")
#: those that are solved along whole curves and diagrams
FOLLOWED = ("1rsb",)
#: colour, linestyle where stable, marker
LOOKS: dict[str, tuple[str, Any, str]] = {
    "rs": ("#0072B2", "-", "o"),
    "1rsb": ("#D55E00", (0, (6, 1.2)), "s"),
    "2rsb": ("#009E73", (0, (6, 1.2, 1, 1.2)), "^"),
}
AT_LOOK: tuple[str, Any] = ("#000000", (0, (1, 1)))
UNITS = "theriault-tantari"
#: axes in the units of most papers on p ≥ 3
LOAD_LABEL = r"load $p!\,P/N^{p-1}$ (Theriault–Tantari units)"
TEMPERATURE_LABEL = r"temperature $p\,T$ (Theriault–Tantari units)"
