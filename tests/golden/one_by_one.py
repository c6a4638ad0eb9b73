"""Answers of the golden record one by one, a seeded part of them: for `mutate_numbers`, and collected where it is named only."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location("golden_record", Path(__file__).with_name("record.py"))
record: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record)

PARTS = {"solve": 100, "boundary": 80}
_ALL = record.questions()
_RNG = np.random.default_rng(11)
SOME = [q for call, part in PARTS.items() for q in _RNG.permutation([q for q in _ALL if q["call"] == call])[:part].tolist()]
ANSWERS = record.read()


@pytest.mark.parametrize("question", SOME, ids=[f"{q['call']}-{k}" for k, q in enumerate(SOME)])
def test_an_answer_holds(question):
    assert not record.differences(ANSWERS[record.key(question)], record.answer(question))
