"""Every kind of result keeps what it holds in every file, says its units, and refuses a name that it does not have."""

from __future__ import annotations

import csv
import dataclasses
import html
import inspect
import json
import math
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.errors import InputError
from dammech.results import files
from dammech.results.documents import plain
from dammech.results.record import Record
from dammech.results.result import Result, Table
from dammech.results.tables import WIDTH, text_table
from dammech.solve import branches

H2, NAMES = dm.HebbianDAM(order=2), ("version", "commit", "date", "columns")


def _network():
    layers = [dm.Lagrangian("identity", 1), dm.Lagrangian("relu", 2)]
    return dm.Network(layers, weights=[{"from": 0, "to": 1, "matrix": [[0.5], [-0.5]]}], biases=[[1], [0, 1]])


def _verdicts():
    from dammech.validate import Claim, Estimate, Policy, Prediction, Rival, compare
    from dammech.validate.report import Report, decided

    rivals = (Rival("term", "without reaction", lambda p: 0.7),)
    claim = Claim("a.b", "[amit1987]", "m", ({},), lambda p: Prediction(0.9), lambda *a: Estimate(0.91, 0.01), rivals)
    point = compare({"load": 0.1}, Prediction(0.9), Estimate(0.91, 0.01), [("term", "without reaction", 0.7)], Policy())
    return Report([decided(claim, [point], "quick", (1, 2), None, None, 0.5)], "quick")


def _diagram():
    from dammech.phases import PhaseDiagram

    line = dm.boundary(H2, "retrieval-spinodal", temperatures=[0.1, 0.2])
    return PhaseDiagram(H2, "rs", "canonical", [line])


def _complexity():
    from dammech.solve.complexity import Complexity

    point = {"theta": 0.5, "free_energy": -0.7, "complexity": 0.0, "converged": True, "why": None}
    return Complexity(dm.PSpin(3), "canonical", None, 0.5, [point, {**point, "theta": 0.4}], point, point, None)


def _tasks():
    from dammech.systems.palimpsest.answers.tasks import TaskMatrix

    return TaskMatrix(dm.PalimpsestDAM(3), 1.0, 0.1, 0.0, np.array([[1.0, 0.0], [0.5, 1.0]]), np.array([math.inf, 0.2]))


def _learned():
    from dammech.learn.sequence import Learned

    matrix = np.array([[0.1, 0.1], [0.9, 0.1], [0.4, 0.8]])
    return Learned(["a", "b"], matrix, [[1.0], [2.0]], [1.0, 2.0], [0.5] * 2, [0.1] * 2, [4, 4])


def _learned_images():
    from dammech.systems.examples.images import learn_from_images

    rng = np.random.default_rng(0)
    prototypes, labels = rng.choice([-1.0, 1.0], (2, 30)), np.repeat([0, 1], 12)
    images = prototypes[labels] * np.where(rng.random((24, 30)) < 0.9, 1, -1)
    return learn_from_images(images, labels, trials=2, theory=False)


def _simulated(name, **options):
    from dammech import simulate as room

    return getattr(room, name)(H2, **{"load": 0.1, "size": [16, 24], "trials": 3, **options})


def _tempered():
    from dammech.simulate import temper

    return temper(dm.PSpin(2), temperatures=[1.0, 2.0], size=8, samples=2, sweeps=64)


def _forgotten():
    from dammech.systems.palimpsest.sampler import forgetting_curve

    return forgetting_curve(H2, [1.0, 0.5, 0.2], ages=[0, 2], size=16, trials=3)


EXAMPLES = {
    "state": lambda: dm.solve(H2, load=0.05, temperature=0.2),
    "grid": lambda: dm.solve(H2, load=[0.05, 0.1, 0.2], temperature=[0, 0.1], throw=False),
    "branches": lambda: branches(H2, load=0.02, temperature=0.3),
    "line": lambda: dm.boundary(H2, "retrieval-spinodal", temperatures=[0, 0.1, 5.0]),
    "reentrant": lambda: dm.boundary(H2, "retrieval-spinodal", loads=0.138),
    "diagram": _diagram,
    "complexity": _complexity,
    "capacity": lambda: dm.capacity(dm.ExponentialMemory(flip=0.1)),
    "tasks": _tasks,
    "learned": _learned,
    "learned images": _learned_images,
    "simulated": lambda: _simulated("simulate", load=[0.1, 0.2], temperature=0.0),
    "one point": lambda: _simulated("simulate", size=16, temperature=0.0),
    "kept": lambda: _simulated("retrieval_probability", temperature=0.2, sweeps=[2, 5]),
    "basin": lambda: _simulated("basin", size=16, temperature=0.2, overlaps=[0.4, 0.8], sweeps=4),
    "one step": lambda: _simulated("one_step_bit_error"),
    "annealed": lambda: _simulated("anneal", temperatures=[0.3, 0.1], sweeps=2),
    "tempered": _tempered,
    "forgotten": _forgotten,
    "verdicts": _verdicts,
    "fixed points": lambda: dm.fixed_points(_network()),
    "trajectory": lambda: dm.trajectory(_network(), [0.3, 0.2, 0.1]),
    "table": lambda: Table("anything", [{"a": 1, "text": "x, \"y\"\nz", "ok": None}, {"a": 2.5, "ok": True, "more": [1, 2]}]),
}  # fmt: skip
SHAPES = {"state": (), "branches": (2,),
          "grid": (3, 2), "line": (3,), "reentrant": (2,), "simulated": (2, 2), "one point": (), "kept": (2, 2),
          "basin": (2,), "one step": (2,), "annealed": (2,), "tempered": (2,), "forgotten": (2,), "verdicts": (1,)}  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in EXAMPLES.items()}


every = pytest.mark.parametrize("name", EXAMPLES)


def _kinds(kind=Result):
    return {kind, *(more for below in kind.__subclasses__() for more in _kinds(below))}


def test_every_kind_of_result_has_an_example(made):
    for module in pkgutil.walk_packages(dm.__path__, "dammech."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    kinds = {kind for kind in _kinds() - {Result} if kind.__module__.startswith("dammech.")}
    assert {type(result) for result in made.values()} == kinds


@every
def test_the_document_comes_back_from_json(made, name, tmp_path):
    result = made[name]
    (file,) = result.save(tmp_path / "x.json")
    kept = json.loads(file.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert {key: item for key, item in kept.items() if key not in NAMES} == {"schema": "dammech/1", **plain(result.to_json())}
    assert kept["version"] == dm.__version__ and len(kept["date"]) == 25
    assert set(kept["columns"]) == set(result.columns) and all(set(c) == {"unit", "label"} for c in kept["columns"].values())


@every
def test_the_table_comes_back_from_csv(made, name, tmp_path):
    result = made[name]
    (file,) = result.save(tmp_path / "x.csv")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    about = [line for line in lines if line.startswith("# ")]
    rows = list(csv.DictReader(lines[len(about) :]))
    assert len(rows) == len(result) and list(rows[0]) == result.columns
    for told, row in zip(rows, result.rows()):
        for column, text in told.items():
            value = plain(row.get(column))
            if isinstance(value, float | int) and not isinstance(value, bool):
                assert float(text) == value
            elif isinstance(value, list | dict):
                assert json.loads(text) == value
            else:
                assert text == ("" if value is None else str(value))
    header = "".join(about)
    assert all(f"# {key}: " in header for key in ("version", "commit", "date", "status"))
    assert all(f"# column {column}: " in header and f"[{unit}]" in header for column in result.columns
               if (unit := result.label(column)[0]))  # fmt: skip


@every
def test_columns_have_the_shape_of_the_grid(made, name):
    result = made[name]
    assert math.prod(result.shape) == len(result) == len(list(result))
    assert len(result.axes) == len(result.shape) or name == "diagram"  # whose axes are those of its plane
    assert result.shape == SHAPES.get(name, result.shape)
    for column in result.columns if name != "state" else ():
        values = result[column]
        assert values.shape[: len(result.shape)] == result.shape
        known = [row.get(column) for row in result.rows()]
        if all(isinstance(value, str) for value in known):
            assert values.ravel().tolist() == known
        elif all(isinstance(value, bool) for value in known):
            assert values.dtype == bool
        elif all(value is None or isinstance(value, float) for value in known):
            assert np.array_equal(np.isnan(values.ravel()), [v is None or math.isnan(v) for v in known])


@every
def test_a_name_that_is_not_there_is_refused_with_those_that_are(made, name):
    with pytest.raises(InputError, match="laod") as caught:
        made[name]["laod"]
    assert any(column in str(caught.value) for column in made[name].columns)
    with pytest.raises(IndexError):
        made[name][len(made[name])]


@every
def test_it_shows_itself_shortly_and_with_units(made, name):
    result = made[name]
    assert len(repr(result)) <= 200 and "\n" not in repr(result) and type(result).__name__ in repr(result)
    page = result._repr_html_()
    for column in result.columns:
        unit, label = result.label(column)
        assert html.escape(column) in page and html.escape(label) in page and html.escape(unit) in page
    lines = str(result).splitlines()[1:]
    assert len(lines) > len(result) and max(map(len, lines)) <= WIDTH


@every
def test_records_are_short_documents(made, name):
    for point in made[name]:
        if isinstance(point, Record):
            assert len(repr(point)) <= 200 and "<table>" in point._repr_html_()
            assert json.dumps(plain(point.to_json()), allow_nan=False)


@every
def test_it_comes_back_from_netcdf_and_pandas(made, name, tmp_path):
    xarray, result = pytest.importorskip("xarray"), made[name]
    pytest.importorskip("h5netcdf")
    (file,) = result.save(tmp_path / "x.nc")
    with xarray.open_dataset(file, engine="h5netcdf") as kept:
        assert kept.attrs["status"] == result.status and kept.attrs["version"] == dm.__version__
        assert set(kept.variables) == set(result.columns)
        assert math.prod(count for axis, count in kept.sizes.items() if "_item" not in axis) == len(result)
        for column in result.columns:
            unit, label = result.label(column)
            assert (kept[column].attrs["units"], kept[column].attrs["long_name"]) == (unit, label)
            values = np.asarray(result[column])
            if values.dtype.kind in "fiub":
                found = kept[column]
                found = found.broadcast_like(kept) if found.ndim < len(result.shape) else found
                assert np.array_equal(found.values, values, equal_nan=values.dtype.kind == "f")
    table = result.to_pandas()
    assert list(table.columns) == result.columns and len(table) == len(result) and table.attrs["status"] == result.status


def test_what_is_missing_is_one_sentence(made, monkeypatch, tmp_path):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(files, "import_module", absent)
    for use in (made["grid"].to_pandas, made["grid"].to_xarray, lambda: made["grid"].save(tmp_path / "x.nc")):
        with pytest.raises(InputError, match=r"is not installed.*pip install 'dammech\[data\]'"):
            use()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "words"),
    [("x.txt", "csv, .nc, .json"), ("none/x.csv", "does not exist"), ("", "must end in"), (3, "path=3"), ("x\0.csv", "path")],
)
def test_files_that_cannot_be_written_are_refused(made, monkeypatch, tmp_path, path, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="path=") as caught:
        made["line"].save(path)
    assert words in str(caught.value) and len(str(caught.value)) < 400 and not list(tmp_path.iterdir())


def test_a_folder_is_no_file(made, tmp_path):
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        made["line"].save(tmp_path / "x.csv")


def test_rows_are_found_by_their_place(made):
    grid = made["grid"]
    assert grid[2, 1] is grid[5] is grid.points[5] and grid[1:3] == grid.points[1:3]
    assert grid["m"][1, 0] == grid[1, 0]["m"] == grid[1, 0].values["m"]
    assert grid["converged"].tolist() == [[True, True], [True, True], [False, False]]
    assert grid["valid"].dtype == object and grid["valid"][2, 0] is None and grid["status"][2, 0] == "no-state"
    assert not grid.converged and grid.status == "no-state" and "no retrieval state" in grid.why


@pytest.mark.parametrize("name", ["grid", "state", "line"])
@pytest.mark.parametrize("which", [None, 1.5, [0], {}, (0, 0, 0.5), (slice(None),) * 2, object()], ids=lambda x: type(x).__name__)
def test_what_is_no_name_and_no_place_is_refused(made, name, which):
    with pytest.raises(InputError, match="must be the name of a column"):
        made[name][which]


def test_no_state_reads_apart_from_no_convergence():
    rows = [{"load": 0.1, "m": 0.9, "status": "converged", "why": None},
            {"load": 0.16, "m": None, "status": "no-state", "why": "no retrieval state: load=0.16 is above 0.138"},
            {"load": 0.2, "m": None, "status": "not-converged", "why": "the search found no retrieval state"}]  # fmt: skip
    text = text_table(rows)
    assert "no state here" in text and "not converged" in text
    assert "[1] No state here: load=0.16 is above 0.138" in text and "[2] Not converged: the search found" in text


def test_levels_and_errors_have_the_units_of_what_they_belong_to(made):
    label = made["line"].label
    assert label("load") == ("P/N^(p-1)", "load α") and label("load_error") == ("P/N^(p-1)", "error of load α")
    assert label("q1") == ("1", "q1: overlap q") and label("energy_2")[0] == "energy per spin"
    assert label("replicon_q1")[1].startswith("replicon_q1: replicon") and label("anything_else") == ("", "anything else")


def test_a_network_shows_its_layers():
    page = _network()._repr_html_()
    assert repr(_network()) == "<Network of 3 neurons: Lagrangian('identity', 1), Lagrangian('relu', 2)>"
    assert "<td>relu</td><td>2</td>" in page and "[neurons]" in page


def test_a_line_without_points_has_empty_columns():
    from dammech.phases import Boundary

    empty = Boundary(H2, "at", "rs", "canonical", [])
    assert empty["load"].shape == (0,) and not empty.converged and empty.to_json()["points"] == []
    assert empty.columns == [] and len(repr(empty)) < 200


numbers = st.one_of(st.none(), st.floats(), st.integers(-(2**53), 2**53))
texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
values = {"number": numbers, "flag": st.one_of(st.none(), st.booleans()), "text": texts,
          "list": st.lists(st.integers(0, 9), max_size=3)}  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(data=st.data(), rows=st.integers(1, 4), columns=st.integers(1, 3))
def test_any_table_is_kept(data, rows, columns, tmp_path_factory):
    points = [{"x": x, "y": y, **{name: data.draw(kind) for name, kind in values.items()}}
              for x in range(rows) for y in range(columns)]  # fmt: skip
    table = Table("any", points, grid={"x": rows, "y": columns})
    folder = tmp_path_factory.mktemp("any")
    kept = json.loads(table.save(folder / "x.json")[0].read_text(encoding="utf-8"))
    assert kept["points"] == plain(points)
    text = table.save(folder / "x.csv")[0].read_text(encoding="utf-8")
    found = list(csv.reader(line for line in text.split("\n")[:-1] if not line.startswith("# ")))
    assert found[0] == table.columns and len(found) == 1 + len(points)
    assert table["flag"].shape == (rows, columns) and len(repr(table)) <= 200 and "<table>" in table._repr_html_()
    assert max(map(len, text_table(plain(points)).splitlines())) <= WIDTH
    if all(p["number"] is None or isinstance(p["number"], float) for p in points):
        expected = [math.nan if p["number"] is None else p["number"] for p in points]
        assert np.array_equal(table["number"].ravel(), expected, equal_nan=True)


STREAMS = ("systems.palimpsest.answers", "systems.palimpsest.sampler")
ROOMS = ("solve", "phases", "simulate", *STREAMS, "exact", "learn", "flows", "validate")
GIVEN = {"Roots", "Items", "Method", "Claim"}  # of solvers and training, and what is asked: no answers


@pytest.mark.parametrize("room", ROOMS)
def test_what_public_functions_return_are_records(room):
    """Dataclasses that an annotation names are documents with a short repr, whatever they are held in."""
    module = import_module(f"dammech.{room}")
    functions = [getattr(module, name) for name in module.__all__ if inspect.isfunction(getattr(module, name))]
    named = {name for function in functions for name in re.findall(r"\w+", str(function.__annotations__["return"]))}
    found = {kind.__name__: kind for function in functions for kind in vars(inspect.getmodule(function)).values()
             if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__name__ in named - GIVEN}  # fmt: skip
    assert found and not [name for name, kind in found.items() if not issubclass(kind, Record)]
