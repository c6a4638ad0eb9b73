"""The bibliography is complete and consistent, and every published number has its digits and its source."""

import re

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
