"""Images as examples: what is measured on them, theory against network where pixels are independent, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dammech.cli import main
from dammech.errors import InputError
from dammech.systems.examples import images
from dammech.systems.examples.images import learn_from_images

QUALITY, STORED, PIXELS = 0.8, 40, 1500


def drawn(classes=2, each=50, quality=QUALITY, pixels=PIXELS):
    """Archetypes, images and labels of independent fair pixels."""
    rng = np.random.default_rng(7)
    archetypes = rng.choice([-1, 1], (classes, pixels))
    right = rng.random((classes * each, pixels)) < (1 + quality) / 2
    return archetypes, np.repeat(archetypes, each, axis=0) * np.where(right, 1, -1), np.repeat(np.arange(classes), each)


@pytest.fixture
def no_theory(monkeypatch):
    """For what does not depend on it: the theory takes seconds a class."""
    monkeypatch.setattr(images, "_theory", lambda *of: (0.5, str(of)))


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["supervised", "unsupervised"])
def test_of_independent_pixels_theory_and_network_agree(protocol):
    """At a temperature at which spins are far from the archetype, and the theory of perfect examples is refused."""
    _, pixels, labels = drawn()
    found = learn_from_images(pixels, labels, protocol=protocol, temperature=0.7, learned_above=0.5, trials=10, seed=1)
    assert found.load == 2 / PIXELS and found.pixels == PIXELS and found.classes == 2 and found.threshold == 0
    assert abs(found.prototype_overlap) < 4 / PIXELS**0.5 and abs(found.distinct - 0.5) < 2 / PIXELS**0.5
    for row in found:
        assert row["examples"] == STORED and row["held_out"] == 10
        error = (1 - QUALITY**2) ** 0.5 / (STORED * PIXELS) ** 0.5
        assert abs(row["quality"] - QUALITY) < 4 * error
        assert abs(row["distinct_quality"] - QUALITY) < 4 * 2**0.5 * error
        entropy = (1 / QUALITY**2 - 1) / STORED
        assert abs(row["dataset_entropy"] - entropy) < 4 * 2 * error / QUALITY**3 / STORED
        assert 0.8 < row["theory_m"] < 0.83
        assert 0.002 < row["m_error"] < 0.02 and abs(row["m"] - row["theory_m"]) < 4 * row["m_error"]
        assert abs(row["m_held_out"] - row["theory_m"]) < 4 * row["m_held_out_error"] < 0.1
        assert row["learnable"] and row["learned"] and row["recognised"] == 1 and row["converged"]


def test_at_zero_temperature_what_cannot_be_learned_is_not(no_theory):
    """Twelve classes of forty pixels are too many at order 2, and few at order 4."""
    _, pixels, labels = drawn(classes=12, pixels=40)
    dense, pairwise = (learn_from_images(pixels, labels, order=p, trials=5) for p in (4, 2))
    alone = learn_from_images(pixels, labels, order=4, trials=5, theory=False)
    assert {row["learnable"] for row in alone} == {row["theory_m"] for row in alone} == {None}
    assert (alone["m"] == dense["m"]).all()
    assert dense["learned"].sum() > 10 > 8 > pairwise["learned"].sum()
    assert dense.load == 12 / 40**3 and (dense["m"] > pairwise["m"] - 1e-12).mean() > 0.9
    assert not dense["learnable"].any()  # what the patched theory says is 0.5


def test_classes_have_their_own_quality_and_number(no_theory):
    archetypes, pixels, _ = drawn()
    uneven = np.concatenate([pixels[:50], np.repeat(archetypes[1:], 10, axis=0)])
    found = learn_from_images(uneven, ["noisy"] * 50 + ["pure"] * 10, held_out=0.3)
    assert found["label"].tolist() == ["noisy", "pure"] and found["examples"].tolist() == [35, 7]
    assert found["quality"][1] == 1 and found["dataset_entropy"][1] == 0 and found["m"].tolist() == [1, 1]
    assert found["held_out"].tolist() == [15, 3] and found["m_error"].tolist() == [0, 0]


def test_a_threshold_of_each_pixel_removes_what_classes_share(no_theory):
    """Images that are darker at most pixels, whatever the class, and black at some."""
    _, pixels, labels = drawn(pixels=400)
    shared = np.where(np.arange(400) < 300, pixels - 3, pixels)
    shared[:, :50] = -9
    plain, fair = (learn_from_images(shared, labels, threshold=t, order=3, trials=3) for t in (0.0, "mean"))
    assert plain.prototype_overlap > 0.7 and plain.threshold == 0 and plain.pixels == 400
    assert abs(fair.prototype_overlap) < 0.5 and fair.threshold == "mean" and fair.pixels == 350
    assert fair.distinct > plain.distinct and fair["learned"].all()


def test_the_seed_decides(no_theory):
    once, again, other = (learn_from_images("digits", order=3, trials=2, seed=s) for s in (1, 1, 2))
    assert once.to_json() == again.to_json() != other.to_json()
    assert once.pixels == 64 and once.load == 10 / 64**2 and once["label"].tolist() == list(range(10))
    assert 0.5 < once.prototype_overlap < 0.6 and once["examples"].sum() == 1438 and once.seed == 1
    assert (once["distinct_quality"] < once["quality"]).all() and (once["quality"] > 0.69).all()


def test_digits_are_not_independent_pixels(no_theory):
    """All runs end in one state, which is near all prototypes: order does not help where images share so much."""
    for protocol in ("supervised", "unsupervised"):
        found = learn_from_images("digits", order=3, trials=2, protocol=protocol)
        assert not found["learned"].any() and (found["m"] == found["m_held_out"]).all() and (found["m"] < 0.85).all()


GOOD = np.arange(12.0).reshape(4, 3) % 5
NAN = np.where(GOOD == 1, np.nan, GOOD)


@pytest.mark.parametrize(
    ("pixels", "labels", "words"),
    [
        (GOOD, [0, 0, 1], "labels: of shape (3,) for 4 images"),
        (GOOD, [[0, 0, 1, 1]], "labels: of shape (1, 4) for 4 images"),
        (GOOD, None, "labels is missing"),
        (GOOD, [0.0, 0.5, 1, 1], "labels: of type float64; must be integers or texts"),
        (GOOD, [1, 1, 1, 1], "labels: all are 1; at least two classes"),
        (GOOD, [1, 1, 1, 2], "labels: 2 has one image only"),
        (np.ones((4, 3)), [0, 0, 1, 1], "images: all pixels are 1"),
        (NAN, [0, 0, 1, 1], "must be an array of finite numbers"),
        (GOOD.astype(str), [0, 0, 1, 1], "images: of type <U32 and shape (4, 3); must be numbers"),
        ([[1, 2], [3], [4, 5], [6, 7]], [0, 0, 1, 1], "all of whose rows have one shape"),
        (GOOD[0], [0, 0, 1], "images: of type float64 and shape (3,)"),
        (np.empty((4, 0)), [0, 0, 1, 1], "images: of type float64 and shape (4, 0)"),
        (GOOD[:, :1], [0, 0, 1, 1], "images of 1 pixels: must have at least 2"),
        (np.tile(GOOD[:2], (2, 1)), [0, 0, 1, 1], "the prototypes of all classes are the same image"),
        ("digits", [0, 1], "labels: the images 'digits' have their own"),
        ("no\0file", [0, 1], "must be the path of a file"),
    ],
)
def test_images_that_are_refused(pixels, labels, words):
    with pytest.raises(InputError) as refused:
        learn_from_images(pixels, labels)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("order", 5, "integer from 2 to 4"), ("protocol", "none", "must be one of supervised, unsupervised"),
        ("temperature", -1, "finite number ≥ 0"), ("held_out", 1, "above 0 and below 1"), ("held_out", "x", "finite number"),
        ("learned_above", 0, "above 0 and below 1"), ("trials", 0, "at least 1"), ("seed", -1, "at least 0"),
        ("threshold", 4, "must be 'mean', or at least 0 and below 4"), ("threshold", "median", "must be 'mean', or"),
    ],
)  # fmt: skip
def test_options_that_are_refused(option, value, words):
    with pytest.raises(InputError, match=words):
        learn_from_images(GOOD, [0, 0, 1, 1], **{option: value})


def test_images_that_cancel_are_refused(no_theory):
    """Two of three images are stored, an image and its mirror image for most seeds."""
    said, one = [], np.array([1, 1, -1, 1])
    for seed in range(9):
        try:
            learn_from_images([[-1, 1, -1, -1]] * 3 + [one, -one, one], [0] * 3 + [1] * 3, seed=seed)
        except InputError as error:
            said.append(str(error))
    assert 1 < len(said) < 9 and set(said) == {"label 1: its images cancel, and have no prototype"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    _, pixels, labels = drawn(pixels=60)
    monkeypatch.chdir(tmp_path)
    np.save("images.npy", pixels.reshape(100, 6, 10))
    np.save("labels.npy", labels)
    np.save("pickled.npy", np.array([{}, None], dtype=object), allow_pickle=True)
    np.savez("several.npz", pixels)
    tmp_path.joinpath("text.npy").write_text("no array")
    return pixels, labels


def test_the_command_prints_what_the_function_returns(files, no_theory, capsys):
    typed = "simulate examples --order 3 --protocol unsupervised --images images.npy --labels labels.npy --trials 3"
    assert main([*typed.split(), "--seed", "4", "--out", "found.csv", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    expected = learn_from_images(*files, order=3, protocol="unsupervised", trials=3, seed=4)
    assert {**expected.to_json(), "schema": "dammech/1", "version": printed["version"]} == printed
    assert "recognised" in Path("found.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("examples --order 2 --images images.npy", "labels is missing"),
        ("examples --order 2 --labels labels.npy", "--images is missing: --labels belongs to it"),
        ("examples --order 2 --images digits --quality 0.5", "--quality: is measured on the images where --images is given"),
        ("examples --order 2 --images digits --examples 5", "--examples: is measured on the images where --images is given"),
        ("examples --order 2 --images digits --load 0.1", "--load: is measured on the images where --images is given"),
        ("examples --order 2 --images digits --size 64", "--size: is not taken where --images is given; leave it out"),
        ("hebbian --order 2 --images digits", "--images: hebbian takes no images; examples does"),
        ("nothing --images digits", "model 'nothing' is unknown"),
        ("examples --order 2 --images no.npy --labels labels.npy", "images='no.npy': cannot be read (No such file"),
        ("examples --order 2 --images pickled.npy --labels labels.npy", "pickled objects and archives are not read"),
        ("examples --order 2 --images several.npz --labels labels.npy", "pickled objects and archives are not read"),
        ("examples --order 2 --images text.npy --labels labels.npy", "pickled objects and archives are not read"),
        ("examples --order 2 --images images.npy --labels images.npy", "labels: of shape (100, 6, 10) for 100 images"),
    ],
)
def test_commands_that_are_refused(typed, words, files, capsys):
    assert main(["simulate", *typed.split()]) == 2
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and not said.out
