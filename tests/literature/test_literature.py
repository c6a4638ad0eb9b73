"""The bibliography is complete and consistent, and every published number has its digits and its source."""

import re
from pathlib import Path

import pytest

from dammech.declared.units import CONVENTIONS
from dammech.errors import InputError
from dammech.literature import cite, entries, published, sources
from dammech.literature.citing import TOPICS


def test_every_key_has_one_wellformed_entry():
    assert {"dammech", "hopfield1982", "amit1987", "gardner1987", "krotov2016"} <= set(entries())
    for key, text in entries().items():
        assert text.count("{") == text.count("}"), key
        if key != "dammech":
            year = re.search(r"year = \{(\d{4})\}", text)
            assert year and re.search(r"(\d{4})", key).group(1) == year.group(1), key
            assert "author = {" in text and "title = {" in text, key


def test_topics_cite_known_keys():
    for name, keys in TOPICS.items():
        assert set(keys) <= set(entries()), name
        assert name not in entries()


@pytest.mark.parametrize("order", [2, 3])
def test_convention_sources_are_in_the_bibliography(order):
    for name, make in CONVENTIONS.items():
        try:
            source = make(order).source
        except InputError:
            continue
        if name not in ("canonical", "raw"):
            assert source in entries()


def test_cite():
    assert cite("amit1987").startswith("@article{amit1987,")
    assert cite().startswith("@software{dammech,")
    assert "@article{dealmeida1978," in cite("at") and "@software{dammech," in cite("at")
    assert sources("pspin") == ["sherrington1975", "gardner1985", "dammech"]
    with pytest.raises(InputError, match=r"nonsense.*known are"):
        cite("nonsense")


def test_numbers_have_digits_source_and_units():
    numbers = published()
    assert len(numbers) > 10
    for name, number in numbers.items():
        assert number.name == name
        assert number.source in entries()
        assert number.read in ("abstract", "code", "quoted")
        assert number.convention in CONVENTIONS
        assert re.fullmatch(r"0\.\d+", number.printed)
        assert number.decimals == len(number.printed) - 2
        assert number.agrees(number.value)


def test_agreement_is_to_the_printed_digits():
    capacity = published()["hopfield.capacity.rs"]
    assert capacity.agrees(0.1379055664955)
    assert not capacity.agrees(0.137907)
    assert not capacity.agrees(0.1379)
    simulated = published()["hopfield.capacity.simulated.1994"]
    assert simulated.agrees(0.138) and not simulated.agrees(0.16)


def test_the_page_of_broken_symmetry_has_every_printed_number_with_the_verdict_on_ours():
    """``derivations/broken_literature.py`` writes it; some of its numbers are those of other tests."""
    page = Path(__file__).parents[2].joinpath("derivations", "broken_literature.md").read_text(encoding="utf-8")
    rows = {row[1]: row for line in page.splitlines() if len(row := [x.strip() for x in line.split("|")]) == 8}
    broken = [row for row in published().values() if row.ansatz in ("1rsb", "2rsb") and row.line is not None]
    assert broken
    for number in broken:
        _, _, source, printed, ours, agrees, note, _ = rows[number.name]
        assert (printed, note, source.split()[0]) == (number.printed, number.note, number.source)
        assert (agrees == "yes") == number.agrees(float(ours))
    steps = dict(re.findall(r"^\| ([123]) \| (0\.\d+) \|", page, flags=re.MULTILINE))
    steps = {k: float(load) for k, load in steps.items()}
    assert steps["1"] == pytest.approx(0.138186489565, abs=2e-10)
    assert steps["2"] == pytest.approx(0.1381963418222, abs=2e-10)
    assert steps["1"] < steps["2"] < steps["3"] and steps["3"] - steps["2"] < (steps["2"] - steps["1"]) / 5
