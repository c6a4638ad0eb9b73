"""Networks of Lagrangian blocks: energies, drives, weights by layers, and what is refused."""

import json

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.systems.lagrangian.model import Lagrangian, Network
from dammech.systems.lagrangian.model.network import convolution


def random_net(seed, lagrangians=("relu", "softmax", "layernorm", "tanh"), size=4):
    rng = np.random.default_rng(np.random.SeedSequence([seed, size]))
    layers = [Lagrangian(name, size) for name in lagrangians]
    weights = [{"from": k, "to": k + 1, "matrix": rng.normal(size=(size, size))} for k in range(len(layers) - 1)]
    lateral = rng.normal(size=(size, size))
    weights.append({"from": 0, "to": 0, "matrix": lateral + lateral.T})
    return Network(layers, weights, rng.normal(size=(len(layers), size)), rng.uniform(0.5, 2, len(layers)))


@pytest.mark.parametrize("seed", range(4))
def test_layers_and_the_assembled_matrix_agree(seed):
    net = random_net(seed)
    x = np.random.default_rng(np.random.SeedSequence(seed)).normal(size=(7, net.size))
    g = net.activation(x)
    assert net.symmetric and np.array_equal(net.matrix, net.matrix.T)
    np.testing.assert_allclose(net.drive(x), g @ net.matrix + net.bias - x, atol=1e-13)
    np.testing.assert_allclose(net.velocity(x), net.drive(x) / net.tau)


@pytest.mark.parametrize("seed", range(4))
def test_gradient_of_the_energy_is_the_hessian_times_the_drive(seed):
    net = random_net(seed)
    x, step = np.random.default_rng(np.random.SeedSequence(seed)).normal(size=net.size), 1e-5
    gradient = [(net.energy(x + step * e) - net.energy(x - step * e)) / (2 * step) for e in np.eye(net.size)]
    np.testing.assert_allclose(gradient, -net.hessian(x) @ net.drive(x), atol=2e-8)


def test_round_trip(tmp_path):
    net = random_net(1)
    file = tmp_path / "net.json"
    file.write_text(json.dumps(net.to_json()), encoding="utf-8")
    again = Network.from_json(file)
    assert np.array_equal(again.matrix, net.matrix) and np.array_equal(again.tau, net.tau)
    assert again.layers == net.layers and again.to_json() == net.to_json()


def test_minimal_example_at_its_fixed_point():
    net = Network([Lagrangian("identity", 1), Lagrangian("relu", 2)],
                  [{"from": 0, "to": 1, "matrix": [[0.5], [-0.5]]}], [[1], [0, 1 / 3]])  # fmt: skip
    assert np.abs(net.drive([4 / 3, 2 / 3, -1 / 3])).max() < 1e-15
    assert net.energy([[4 / 3, 2 / 3, h] for h in (-50.0, -1.0, 0.0)]) == pytest.approx([-2 / 3] * 3)


def test_feedback_of_its_own():
    layers = [Lagrangian("tanh", 2), Lagrangian("tanh", 2)]
    net = Network(layers, [{"from": 0, "to": 1, "matrix": [[2, 0], [0, 2]]}, {"from": 1, "to": 0, "matrix": [[0, -2], [2, 0]]}])
    assert not net.symmetric
    assert net.matrix[:2, 2:].tolist() == [[0, -2], [2, 0]]
    with pytest.raises(InputError, match="not symmetric"):
        net.energy(np.zeros(4))
    lateral = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, 1], [2, 0]]}], symmetric=False)
    assert not lateral.symmetric


def test_convolution_is_a_periodic_sum():
    rng = np.random.default_rng(3)
    kernel, signal = rng.normal(size=(3, 2, 3)), rng.normal(size=(2, 8))
    matrix = convolution(kernel, 16, 2)
    expected = [
        [sum(kernel[o, c, w] * signal[c, (2 * p + w) % 8] for c in range(2) for w in range(3)) for p in range(4)]
        for o in range(3)
    ]
    np.testing.assert_allclose(matrix @ signal.ravel(), np.ravel(expected))
    layers = [Lagrangian("relu", 16), Lagrangian("softmax", 12)]
    net = Network(layers, [{"from": 0, "to": 1, "kernel": kernel.tolist(), "stride": 2}])
    assert net.symmetric and np.array_equal(net.matrix[16:, :16], matrix)


RELU = {"lagrangian": "relu", "size": 2}
SQUARE = [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "layers"), ({"layers": []}, "at least one"), ({"layers": [{"lagrangian": "relu"}]}, "size"),
        ({"layers": [RELU], "weight": []}, "no such entry"), ({"layers": [{"lagrangian": "Abs(x)", "size": 2}]}, "jumps"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "matrix": [[0, 1], [2, 0]]}]}, "not symmetric"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "matrix": [[0, 1]]}]}, "1 x 2"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "matrix": [[0, float("nan")], [0, 0]]}]}, "finite"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "matrix": [[0, "a"], [0, 0]]}]}, "rows of equal length"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 1, "matrix": SQUARE}]}, "to=1"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "matrix": SQUARE}] * 2}, "given twice"),
        ({"layers": [RELU], "biases": [[1]]}, "1 numbers"), ({"layers": [RELU], "biases": [[1, 2], [3]]}, "2 entries"),
        ({"layers": [RELU], "biases": [[1, float("inf")]]}, "finite"), ({"layers": [RELU], "time_constants": [0]}, "positive"),
        ({"layers": [{"lagrangian": "softmax", "size": 2}], "time_constants": [[1, 10]]}, "see each other"),
        ({"layers": [RELU], "weights": [{"from": 0, "to": 0, "kernel": [[[1]]], "stride": 3}]}, "does not fit"),
    ],
)  # fmt: skip
def test_refusals(document, words):
    with pytest.raises(InputError, match=words) as refusal:
        Network.from_json(document)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_json(tmp_path):
    file = tmp_path / "net.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not a JSON document"):
        Network.from_json(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"biases": [["1"], [0, 1]]}, "biases of layer 0: must be a list of numbers"),
        ({"biases": [[True], [0, 1]]}, "biases of layer 0: must be a list of numbers"),
        ({"biases": [[1], [1e308, 1e308]]}, "biases of layer 1: 1e\\+308 is too large"),
        ({"time_constants": [1, "1"]}, "time_constants of layer 1: '1' must be a number"),
        ({"time_constants": [1, True]}, "time_constants of layer 1: True must be a number"),
        ({"time_constants": [1e-300, 1]}, "too small"),
        ({"time_constants": [1, [1, -2]]}, "time_constants of layer 1: -2.0 must be positive"),
        ({"time_constants": [1, [0, 1]]}, "time_constants of layer 1: 0.0 must be positive"),
        ({"weights": [{"from": 0, "to": 1, "matrix": [[10**400], [1]]}]}, "holds a number that is too large"),
        ({"weights": [{"from": 0, "to": 1, "matrix": [[1e200], [1]]}]}, "1e\\+200 is too large"),
        ({"weights": [{"from": 0, "to": 1, "matrix": [[1], [1]], "gain": 2}]}, "'gain': there is no such entry"),
        ({"layers": [{"lagrangian": "relu", "size": 10**7}], "weights": []}, "at most 20000"),
    ],
)
def test_what_is_no_network_is_refused(change, words):
    document = {
        "layers": [{"lagrangian": "identity", "size": 1}, {"lagrangian": "relu", "size": 2}],
        "weights": [{"from": 0, "to": 1, "matrix": [[0.5], [-0.5]]}],
    }
    with pytest.raises(InputError, match=words):
        Network.from_json(document | change)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"layers": [], "layers": [{"lagrangian": "relu", "size": 1}], "weights": []}', "'layers' is given twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_document_of_a_network_is_refused(tmp_path, text, words):
    file = tmp_path / "net.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        Network.from_json(file)


def one(matrix, **options):
    return Network([Lagrangian("relu", len(matrix))], [{"from": 0, "to": 0, "matrix": matrix}], **options)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6, 1e50])
def test_symmetry_to_rounding_at_any_size(size):
    """The last difference that passes, relative to the largest weight (or to 1), and the first that does not."""
    unit = max(1.0, size)
    one([[0.0, size], [size + 0.9e-12 * unit, 0.0]])
    with pytest.raises(InputError, match="not symmetric"):
        one([[0.0, size], [size + 1.2e-12 * unit, 0.0]])


def test_a_block_of_one_neuron_is_written_and_read():
    layers = [{"lagrangian": "softmax", "size": 1}, {"lagrangian": "softmax", "size": 3}]
    document = Network.from_json({"layers": layers, "weights": [], "time_constants": [0.5, 2.0]}).to_json()
    assert document["time_constants"] == [0.5, 2.0] and Network.from_json(document).tau.tolist() == [0.5, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(("last", "first", "words"), [(1.0001e-100, 0.9999e-100, "too small"), (1e100, 1.001e100, "too large")])
def test_time_constants_that_can_be_computed_with(last, first, words):
    assert one([[0.0]], time_constants=[last]).tau[0] == last
    with pytest.raises(InputError, match=words):
        one([[0.0]], time_constants=[first])


@pytest.mark.parametrize("place", ["weights", "biases"])
def test_the_largest_number(place):
    def made(value):
        return one([[value if place == "weights" else 0.0]], biases=[[value if place == "biases" else 0.0]])

    made(1e100)
    with pytest.raises(InputError, match="too large"):
        made(1.0001e100)


def test_a_kernel_as_wide_as_its_layer():
    """The last width that fits: a circulant matrix; one more is refused."""
    from dammech.systems.lagrangian.model.network import convolution

    kernel = np.array([[[1.0, 2.0, 3.0, 4.0]]])
    expected = [[1, 2, 3, 4], [4, 1, 2, 3], [3, 4, 1, 2], [2, 3, 4, 1]]
    np.testing.assert_array_equal(convolution(kernel, 4), expected)
    np.testing.assert_array_equal(convolution(kernel, 4, stride=2), expected[::2])
    np.testing.assert_array_equal(convolution(kernel, 4, stride=4), expected[:1])
    with pytest.raises(InputError, match="width 4 and stride 1 does not fit 3 neurons"):
        convolution(kernel, 3)
    with pytest.raises(InputError, match="does not fit"):
        convolution(kernel, 4, stride=3)
    with pytest.raises(InputError, match="stride=0"):
        convolution(kernel, 4, stride=0)
    two = convolution(np.array([[[1.0], [2.0]], [[3.0], [4.0]]]), 6)  # two channels each way, width 1
    np.testing.assert_array_equal(two, np.kron([[1, 2], [3, 4]], np.eye(3)))
    with pytest.raises(InputError, match="does not fit"):
        convolution(np.ones((1, 2, 1)), 5)


@pytest.mark.parametrize("wrong", [True, False, 1.0, -1, 2, "0"])
def test_a_layer_is_named_by_an_integer(wrong):
    layers = [Lagrangian("relu", 1), Lagrangian("relu", 1)]
    for entry in ({"from": wrong, "to": 1}, {"from": 0, "to": wrong}):
        with pytest.raises(InputError, match="must be the number of a layer, 0 to 1"):
            Network(layers, [{**entry, "matrix": [[0.5]]}])
    assert Network(layers, [{"from": 0, "to": 1, "matrix": [[0.5]]}]).matrix.tolist() == [[0, 0.5], [0.5, 0]]


def test_feedback_is_the_transpose_to_rounding():
    from dammech.systems.lagrangian.model.network import _same

    matrix = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert _same(matrix, matrix.T, (2, 3)) and _same(matrix, matrix.T * (1 + 1e-15), (2, 3))
    assert not _same(matrix, None, (2, 3)) and not _same(matrix, matrix.T[:, :1], (2, 3))
    assert not _same(matrix, matrix.T + 1e-3, (2, 3)) and not _same(matrix, matrix.reshape(3, 2), (2, 3))
