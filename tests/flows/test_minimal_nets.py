"""The smallest nets in which dead neurons matter, from the command line, to ten digits; and nets that are refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dammech.cli import main
from dammech.flows import fixed_points
from dammech.systems.lagrangian.model import Lagrangian, Network

ROOT2, ROOT5 = math.sqrt(2), math.sqrt(5)


def answer(capsys, tmp_path, net):
    """The document of `dammech fixed-points NET.json --json`."""
    file = tmp_path / "net.json"
    file.write_text(json.dumps(net))
    assert main(["fixed-points", str(file), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(out, parse_constant=refuse)


def one_visible(xi2, b2):
    """One linear visible neuron with input 1, two rectified hidden ones: ξ = (1/2, ξ₂), biases (0, b₂)."""
    return {
        "layers": [{"lagrangian": "identity", "size": 1}, {"lagrangian": "relu", "size": 2}],
        "weights": [{"from": 0, "to": 1, "matrix": [[0.5], [xi2]]}],
        "biases": [[1], [0, b2]],
    }


def close(a, b):
    return np.allclose(a, b, rtol=0, atol=1e-10)


def test_a_true_flat(capsys, tmp_path):
    document = answer(capsys, tmp_path, one_visible(-0.5, 1 / 3))
    assert document["complete"] is True and len(document["fixed_points"]) == 1
    point = document["fixed_points"][0]
    assert close(point["state"], [4 / 3, 2 / 3, -1 / 3]) and close(point["energy"], -2 / 3)
    assert close(point["spectrum"], [-0.5, -1, -1.5]) and point["dead"] == [2]
    assert point["stable"] is True and point["index"] == 0 and close(point["margin"], 0.5) and not point["kink"]
    assert point["residual"] < 1e-15 and point["flat"]["dimension"] == 1 and not point["flat"]["layers"][0]["compact"]


def test_b_spurious_flat(capsys, tmp_path):
    document = answer(capsys, tmp_path, one_visible(-0.5, 1.0))
    assert len(document["fixed_points"]) == 1
    point = document["fixed_points"][0]
    assert close(point["state"], [1, 0.5, 0.5]) and close(point["energy"], -0.75) and point["dead"] == []
    assert close(point["spectrum"], [-1 + 1 / ROOT2, -1, -1 - 1 / ROOT2]) and point["stable"] is True
    flat = next(f for f in document["spurious_flats"] if f["dead"] == [2])
    depth = -flat["representative"][2]
    assert close(flat["representative"][:2], [4 / 3, 2 / 3]) and depth > 0 and close(flat["energy"], -2 / 3)
    assert flat["escape"]["neuron"] == 2 and close(flat["escape"]["time"], math.log((depth + 1 / 3) * 3))
    assert close(flat["escape"]["drive"], 1 / 3)
    assert sorted(f["dead"] for f in document["spurious_flats"]) == [[1], [1, 2], [2]]


def test_c_touching_and_stable(capsys, tmp_path):
    document = answer(capsys, tmp_path, one_visible(-0.5, 2 / 3))
    assert len(document["fixed_points"]) == 1
    point = document["fixed_points"][0]
    assert close(point["state"], [4 / 3, 2 / 3, 0]) and close(point["energy"], -2 / 3)
    assert point["kink"] is True and point["kinks"] == [2] and point["stable"] is True and point["index"] == 0
    dead, alive = point["sides"]
    assert close(dead["spectrum"], [-0.5, -1, -1.5])
    assert close(alive["spectrum"], [-1 + 1 / ROOT2, -1, -1 - 1 / ROOT2])
    assert close(point["margin"], 1 - 1 / ROOT2)


def test_d_touching_and_unstable(capsys, tmp_path):
    """The alive side has |ξ| = √5/2 > 1."""
    document = answer(capsys, tmp_path, one_visible(-1.0, 4 / 3))
    assert len(document["fixed_points"]) == 1
    point = document["fixed_points"][0]
    assert close(point["state"], [4 / 3, 2 / 3, 0]) and point["kink"] is True and point["stable"] is False
    dead, alive = point["sides"]
    assert close(dead["spectrum"], [-0.5, -1, -1.5])
    assert close(alive["spectrum"], [-1 + ROOT5 / 2, -1, -1 - ROOT5 / 2])
    assert close(point["margin"], 1 - ROOT5 / 2)


@pytest.mark.parametrize(("w", "stable"), [(2.0, True), (-2.0, False)])
def test_k_two_neurons_at_the_kink(capsys, tmp_path, w, stable):
    net = {
        "layers": [{"lagrangian": "relu", "size": 2}],
        "weights": [{"from": 0, "to": 0, "matrix": [[0, -w], [-w, 0]]}],
    }
    document = answer(capsys, tmp_path, net)
    assert len(document["fixed_points"]) == 1 and document["spurious_flats"] == [] and document["complete"] is True
    point = document["fixed_points"][0]
    assert point["state"] == [0, 0] and point["kink"] is True and point["stable"] is stable
    assert close(point["margin"], 1.0 if stable else -1.0)
    by_side = {tuple(side["above"]): side["spectrum"] for side in point["sides"]}
    assert close(by_side[()], [-1, -1]) and close(by_side[0, 1], [1, -3])


def test_s_softmax(capsys, tmp_path):
    net = {
        "layers": [{"lagrangian": "identity", "size": 1}, {"lagrangian": "softmax", "size": 2, "beta": 2}],
        "weights": [{"from": 0, "to": 1, "matrix": [[1], [-1]]}],
    }
    document = answer(capsys, tmp_path, net)
    assert document["complete"] is False and len(document["fixed_points"]) == 3
    *stable, unstable = document["fixed_points"]
    v = 0.9575040240772688
    assert abs(math.tanh(2 * v) - v) < 1e-15
    for point, sign in zip(stable, (-1, 1)):
        assert close(point["state"], [sign * v, sign * v, -sign * v])
        rate = math.sqrt(2 * (1 - v * v))
        assert close(point["spectrum"], [-1 + rate, -1, -1 - rate]) and close(rate, 1 - 0.5921126531)
        assert close(point["energy"], v * v / 2 - math.log(2 * math.cosh(2 * v)) / 2)
        assert close(point["energy"], -0.5098355340) and point["stable"] is True and point["certified"] is True
        direction = np.array(point["flat"]["directions"])
        assert close(np.abs(direction), [[0, 1 / ROOT2, 1 / ROOT2]]) and point["dead"] == []
        assert point["flat"]["layers"][0]["geometry"] == "the line x + s (1, ..., 1), s real"
    assert close(unstable["state"], [0, 0, 0]) and close(unstable["spectrum"], [ROOT2 - 1, -1, -ROOT2 - 1])
    assert unstable["index"] == 1 and unstable["stable"] is False and close(unstable["energy"], -math.log(2) / 2)


TRAP = {
    "layers": [{"lagrangian": "softmax", "size": 2}],
    "weights": [],
    "biases": [[1, 2]],
    "time_constants": [[1, 10]],
}


def test_t_the_energy_rises_with_two_time_constants_in_a_block(capsys, tmp_path):
    """W = 0, x = 0: ẋ = (1, 1/5), dE/dt = −ẋ·T H ẋ = (1 − 2)(1 − 1/5)/(−4) = 1/5 > 0. Such a net is refused."""
    from dammech.systems.lagrangian.model import Network

    net = Network.from_json({**TRAP, "time_constants": [1]})
    H, velocity, tau = net.hessian(np.zeros(2)), net.bias / np.array([1, 10]), np.array([1, 10])
    assert close(-(velocity * tau) @ H @ velocity, 1 / 5)
    assert close(net.energy(np.zeros(2)), -1.5 - math.log(2))
    step = 1e-6
    rise = float(net.energy(step * velocity) - net.energy(-step * velocity)) / (2 * step)
    assert rise == pytest.approx(1 / 5, abs=1e-8)


LATERAL = {"layers": [{"lagrangian": "relu", "size": 2}], "weights": [{"from": 0, "to": 0, "matrix": [[0, 1], [1, 0]]}]}


def changed(**entries):
    return {**LATERAL, **entries}


REFUSED = [
    # a net or the text of a file, what the sentence must mention
    (TRAP, "time_constants softmax"),
    (changed(weights=[{"from": 0, "to": 0, "matrix": [[0, 1], [2, 0]]}]), "symmetric"),
    (changed(weights=[{"from": 0, "to": 0, "matrix": [[0, 1, 0], [1, 0, 0]]}]), "size_to size_from"),
    (changed(weights=[{"from": 0, "to": 1, "matrix": [[0, 1], [1, 0]]}]), "layer"),
    (changed(weights=[{"from": 0, "to": 0}]), "matrix"),
    (changed(weights=[{"from": 0, "to": 0, "matrix": [[0, math.nan], [math.nan, 0]]}]), "finite"),
    (changed(biases=[[math.inf, 0]]), "biases finite"),
    (changed(biases=[[0, 0, 0]]), "biases neurons"),
    (changed(time_constants=[[1, -1]]), "time_constants positive"),
    (changed(layers=[{"lagrangian": "Abs(x)", "size": 2}]), "continuously differentiable"),
    (changed(layers=[{"lagrangian": "nonsense", "size": 2}]), "nonsense relu"),
    (changed(layers=[{"lagrangian": "relu", "size": 0}]), "size"),
    (changed(extra=1), "extra"),
    ({"weights": []}, "layers"),
    ("[1, 2", "JSON"),
    ("[1, 2]", "layers"),
]


@pytest.mark.parametrize(("net", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_refused_net_is_one_sentence(capsys, tmp_path, net, words):
    file = tmp_path / "net.json"
    file.write_text(net if isinstance(net, str) else json.dumps(net))
    assert main(["fixed-points", str(file), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("dammech: ") and err.count("\n") == 1 and "internal" not in err
    assert all(word in err for word in words.split()), err


def test_what_is_no_file_is_refused(capsys, tmp_path):
    for name in (tmp_path / "missing.json", tmp_path):
        assert main(["fixed-points", str(name)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and str(name) in err and err.count("\n") == 1


def test_as_text(capsys, tmp_path):
    file = tmp_path / "net.json"
    file.write_text(json.dumps(one_visible(-0.5, 1.0)))
    assert main(["fixed-points", str(file)]) == 0
    out, _ = capsys.readouterr()
    assert "fixed_points" in out and "spurious_flats" in out and "complete" in out


def test_a_kink_says_which_flat_region_it_touches():
    net = Network([Lagrangian("identity", 1), Lagrangian("relu", 2)],
                  [{"from": 0, "to": 1, "matrix": [[0.5], [-0.5]]}], [[1], [0, 2 / 3]])  # fmt: skip
    flat = fixed_points(net)[0].flat
    assert flat["touches"] == [2] and flat["dimension"] == 0 and flat["layers"][0]["layer"] == 1
