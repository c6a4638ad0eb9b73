"""The golden record still holds: a seeded part of it by default, all of it when slow tests run."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location("golden_record", Path(__file__).with_name("record.py"))
record: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record)

SEED, PART = 10, 14


def _wrong(questions: list[dict[str, Any]]) -> str:
    """Every entry that differs from the record, a line each."""
    answers = record.read()
    lines = []
    for question in questions:
        where = record.key(question)
        if where not in answers:
            lines.append(f"{where}: not in the record")
            continue
        changes = record.differences(answers[where], record.answer(question))
        lines += [f"{where}: {entry}: {old!r} -> {new!r}" for entry, old, new in changes]
    return "\n".join(lines)


def _quick(question: dict[str, Any]) -> bool:
    """Answered in about a second from a cold cache: few theories, replica symmetry, no line to be followed."""
    model = question["model"]
    small = model["name"] in ("pspin", "given") or (model.get("order") in (2, 3) and model.get("interaction") == "distinct")
    return small and "ansatz" not in question and question["call"] == "solve"


def test_a_seeded_part_of_the_record_holds() -> None:
    quick = [q for q in record.questions() if _quick(q)]
    questions = [quick[k] for k in np.random.default_rng(SEED).choice(len(quick), PART, replace=False)]
    assert not (wrong := _wrong(questions)), wrong


@pytest.mark.slow
def test_the_whole_record_holds() -> None:
    assert not (wrong := _wrong(record.questions())), wrong


def test_the_record_holds_what_is_asked_and_nothing_else() -> None:
    answers = record.read()
    assert set(answers) == {record.key(q) for q in record.questions()}
    assert sum(record.points(a) for a in answers.values()) >= 600
    assert all("seconds" not in text and "version" not in text for text in record.RECORD.read_text().splitlines())


def _state() -> dict[str, Any]:
    return {"branch": "retrieval", "m": 0.9, "free_energy": -0.5, "replicon": 0.1, "error": 1e-12, "converged": True,
            "valid": True, "why": "unstable here (replicon -0.104 < 0)"}


def _line(line: str) -> dict[str, Any]:
    point = {"load": 0.1379, "load_error": 1e-14, "temperature": 0.2, "m": 0.96, "status": "converged", "why": None}
    return {"line": line, "points": [point, dict(point)]}


@pytest.mark.parametrize(
    ("entry", "value", "noticed"),
    [
        ("m", 0.9 + 2e-10, True), ("m", 0.9 + 5e-11, False), ("free_energy", None, True), ("converged", 1, True),
        ("valid", False, True), ("branch", "glass", True), ("why", "stable here (replicon -0.104 < 0)", True),
        ("why", "unstable here (replicon -0.105 < 0)", False), ("why", "unstable here (replicon -0.2 < 0)", True),
        ("equilibrium", True, True), ("error", 3e-12, False),
    ],
)
def test_what_counts_as_a_different_state(entry: str, value: Any, noticed: bool) -> None:
    changed = {**_state(), entry: value}
    found = record.differences(_state(), changed)
    assert found == ([(entry, _state().get(entry, "(absent)"), value)] if noticed else [])


def test_a_state_known_less_well_may_differ_by_ten_of_its_errors() -> None:
    old = {**_state(), "error": 1e-8}
    assert not record.differences(old, {**old, "m": 0.9 + 9e-8})
    assert record.differences(old, {**old, "m": 0.9 + 2e-7})


@pytest.mark.parametrize(
    ("line", "entry", "change", "noticed"),
    [
        ("retrieval-spinodal", "load", 2e-10, True), ("retrieval-spinodal", "load", 5e-11, False),
        ("retrieval-spinodal", "m", 5e-7, False), ("retrieval-spinodal", "m", 3e-6, True),
        ("at", "m", 2e-10, True), ("at", "temperature", 2e-10, True),
    ],
)
def test_what_counts_as_a_different_point_of_a_line(line: str, entry: str, change: float, noticed: bool) -> None:
    new = copy.deepcopy(_line(line))
    new["points"][1][entry] += change
    found = record.differences(_line(line), new)
    assert [where for where, _, _ in found] == ([f"points[1].{entry}"] if noticed else [])


def test_missing_entries_points_and_verdicts_are_named() -> None:
    new = copy.deepcopy(_line("at"))
    del new["points"][0]["load_error"]
    new["points"][1]["status"] = "no-state"
    assert record.differences(_line("at"), new) == [
        ("points[0].load_error", 1e-14, "(absent)"), ("points[1].status", "converged", "no-state")
    ]
    assert record.differences(_line("at"), {**_line("at"), "points": []})[0][0] == "points"
    assert record.differences({"raises": "InputError"}, _line("at"))
