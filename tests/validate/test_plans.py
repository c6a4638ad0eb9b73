"""Plans are fixed before the run: points, sizes, numbers of trials and policies of every claim, and what it compares.

``python tests/validate/test_plans.py`` writes the record anew; a change needs a reason in the commit.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest

import dammech
from dammech.validate.registry import claims

#: where plans stand: what is in front of it is no part of their names
WHERE = re.compile(r"dammech\.(?:validate\.|systems\.(?=\w+\.claims\b))")
RECORD = Path(__file__).with_name("plans.json")
#: claims whose laws need no equations to be solved; tests of the theories hold the other numbers
LAWS = ("one-step-bit-error", "pattern-law", "rank", "softmax-frozen", "stability", "clipped", "exponential.one")
SHORT = [name for name in claims() if any(x in name for x in LAWS) and ".power." not in name]


def constants() -> dict[str, str]:
    """Every constant of the room, by module and name, and every plan as it is where nothing else is said."""
    found = {}
    places = [info.name for info in pkgutil.walk_packages(dammech.__path__, "dammech.") if WHERE.match(info.name)]
    for module in places:
        for name, value in vars(importlib.import_module(module)).items():
            if name.upper() == name and not name.startswith("__") and not isinstance(value, type):
                found[f"{WHERE.sub('', module)}.{name}"] = repr(plain(value))
            if is_dataclass(value) and value.__module__ == module and MISSING not in (f.default for f in fields(value)):
                found[f"{WHERE.sub('', module)}.{name}()"] = repr(value())
    return found


def plain(value):
    """Floats to 12 digits, whatever holds them."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return tuple(map(plain, value)) if isinstance(value, tuple | list) else value


def points(name: str) -> dict[str, object]:
    claim = claims()[name]
    return {"parameters": [{k: plain(v) for k, v in p.items()} for p in claim.parameters], "source": claim.source,
            "policy": repr(claim.policy), "levels": list(claim.levels), "control": claim.control.statement}  # fmt: skip


def compared(name: str) -> list[list[float | None]]:
    """Theory and control at each point of a claim."""
    claim = claims()[name]
    return [[claim.prediction(p).value, float(claim.control.predict(p))] for p in claim.parameters]


def recorded() -> dict:
    return json.loads(RECORD.read_text(encoding="utf-8"))


def test_constants_are_those_of_the_record():
    assert constants() == recorded()["constants"]


def test_claims_are_judged_where_and_how_the_record_says():
    assert {name: points(name) for name in claims()} == recorded()["claims"]


@pytest.mark.parametrize("name", SHORT)
def test_theory_and_control_say_what_they_said(name):
    known = recorded()["compared"][name]
    found = compared(name)
    assert len(found) == len(known)
    for (theory, control), (old_theory, old_control) in zip(found, known):
        assert theory == (old_theory if old_theory is None else pytest.approx(old_theory, rel=1e-7))
        assert control == pytest.approx(old_control, rel=1e-6)


if __name__ == "__main__":
    document = {"constants": constants(), "claims": {name: points(name) for name in claims()},
                "compared": {name: compared(name) for name in SHORT}}  # fmt: skip
    parts = [",\n".join(f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in part.items())
             for part in document.values()]  # fmt: skip
    text = ",\n".join(f" {json.dumps(name)}: {{\n{part}\n }}" for name, part in zip(document, parts))
    RECORD.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    sys.stdout.write(f"{len(document['constants'])} constants, {len(document['claims'])} claims\n")
