"""Documented defaults of public functions and classes: a change of one is a change of what users get."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import dammech
from dammech.declared.kernels import Kernel

ROOMS = ("exact", "flows", "learn", "simulate", "sweep", "validate")
MODELS = (Kernel, dammech.DreamingDAM, dammech.ExampleDAM, dammech.HebbianDAM, dammech.Lagrangian, dammech.Network,
          dammech.PalimpsestDAM, dammech.PhasorDAM, dammech.PSpin)  # fmt: skip
DEFAULTS = {
    "exact.bit_error": {"temperature": 0.0, "start": 1.0},
    "exact.exponential_overlap": {"sharpness": 1.0},
    "exact.mean_flats": {"positive": 0.5},
    "exact.mean_inverse_flats": {"positive": 0.5},
    "exact.pspin_couplings": {"seed": 0},
    "exact.stable_overlap": {"sharpness": 1.0},
    "exact.stream_bit_error": {"index": 0, "temperature": 0.0},
    "flows.LyapunovFunction": {"condition": 1.0},
    "flows.basin": {"within": 1e-06, "residual": 1e-10},
    "flows.fixed_points": {"starts": 100},
    "flows.trajectories": {"residual": 1e-10, "accuracy": 1e-10, "record": False},
    "flows.trajectory": {"residual": 1e-10, "accuracy": 1e-09},
    "learn.Interaction": {"kind": "leaky", "vertex": 3, "leak": 0.01},
    "learn.TrainedDAM": {
        "interaction": "leaky",
        "temperature": 0.5,
        "initialisation": "krotov",
        "seed": 0,
        "dtype": "float32",
        "leak": 0.01,
    },
    "learn.TrainedDAM.loss_and_gradient": {"exponent": 1},
    "learn.TrainedDAM.recall": {"sweeps": 20, "seed": 0, "clamped": ()},
    "learn.TrainedDAM.states": {"name": "inputs"},
    "learn.TrainedDAM.targets": {"name": "labels"},
    "learn.Training": {
        "epochs": 40,
        "batch": 128,
        "rate": 0.1,
        "decay": 0.999,
        "momentum": 0.6,
        "exponent": 1,
        "normalisation": "memory",
    },
    "learn.associated": {"noise": 0.0, "seed": 0},
    "learn.labelled": {"name": "inputs"},
    "learn.train": {"key": (0,)},
    "learn.learn_sequence": {"seed": 0},
    "models.HebbianDAM": {"interaction": "distinct"},
    "models.HebbianDAM.covariance": {"derivative": 0},
    "models.PSpin.covariance": {"derivative": 0},
    "models.PalimpsestDAM.covariance": {"derivative": 0},
    "models.Kernel": {"name": "exponential"},
    "models.Lagrangian.kinks": {"tolerance": 1e-09},
    "models.Lagrangian.snapped": {"tolerance": 1e-09},
    "models.Network": {"weights": (), "symmetric": True},
    "models.DreamingDAM": {"dataset_entropy": 0.0},
    "models.ExampleDAM": {"protocol": "supervised"},
    "models.ExampleDAM.covariance": {"derivative": 0},
    "models.PalimpsestDAM": {"interaction": "distinct", "kernel": "exponential"},
    "models.PhasorDAM": {"order": 2, "coupling": "complex"},
    "simulate.Chain": {"double": False},
    "simulate.CouplingChain": {"diagonal": "dropped"},
    "simulate.PhaseChain": {"constant": 0.0},
    "simulate.Series": {"downhill": True},
    "simulate.anneal": {"sweeps": 50, "trials": 50, "seed": 0, "retained_above": 0.5, "convention": "canonical"},
    "simulate.autocorrelation_time": {"window": 5.0, "shortest": 50.0, "check": True},
    "simulate.basin": {
        "sweeps": 100,
        "trials": 100,
        "seed": 0,
        "dynamics": "glauber",
        "convention": "canonical",
        "retrieved_above": 0.5,
    },
    "simulate.bootstrap": {"resamples": 1000, "seed": 0},
    "simulate.extrapolate": {"degree": 1, "power": 1.0},
    "simulate.one_step_bit_error": {"trials": 100, "seed": 0, "convention": "canonical"},
    "simulate.retrieval_probability": {
        "overlap": 1.0,
        "trials": 100,
        "seed": 0,
        "dynamics": "glauber",
        "convention": "canonical",
        "retrieved_above": 0.5,
    },
    "simulate.sample_disorder": {"seed": 0, "convention": "canonical"},
    "simulate.simulate": {"trials": 100, "seed": 0, "dynamics": "glauber", "overlap": 1.0, "convention": "canonical"},
    "simulate.simulate_couplings": {
        "diagonal": "dropped",
        "trials": 100,
        "seed": 0,
        "dynamics": "glauber",
        "overlap": 1.0,
    },
    "simulate.simulate_phases": {"trials": 100, "seed": 0, "dynamics": "glauber", "overlap": 1.0},
    "simulate.with_diagonal": {"diagonal": "dropped"},
    "simulate.temper": {"seed": 0, "start": "random", "convention": "canonical", "strict": False},
    "sweep.Store": {"create": True},
    "sweep.run": {"workers": 2},
    "validate.Claim": {"covers": (), "levels": ("quick", "full")},
    "validate.Estimate": {"rows": (), "trusted": True},
    "validate.Policy": {"largest_z": 4.0, "power": 8.0, "least_power": 4.0, "truncation_fraction": 1 / 4},
    "validate.Prediction": {"valid": True},
    "validate.pilot": {"level": "quick"},
    "validate.planned": {"names": "all", "level": "quick"},
    "validate.validate": {"names": "all", "level": "quick"},
}


def found() -> Iterator[tuple[str, dict[str, object]]]:
    modules = {room: importlib.import_module(f"dammech.{room}") for room in ROOMS}
    public = {room: {name: getattr(module, name) for name in module.__all__} for room, module in modules.items()}
    for room, names in {**public, "models": {model.__name__: model for model in MODELS}}.items():
        for name, given in names.items():
            if not callable(given) or (isinstance(given, type) and issubclass(given, Exception)):
                continue
            parts = inspect.getmembers(given, inspect.isfunction) if isinstance(given, type) else []
            for words, one in [
                (name, given),
                *((f"{name}.{part}", f) for part, f in parts if not part.startswith("_")),
            ]:
                parameters = inspect.signature(one).parameters.values()
                values = {p.name: p.default for p in parameters if isinstance(p.default, int | float | str | tuple)}
                yield f"{room}.{words}", values


def test_every_default_is_the_documented_one():
    assert {name: values for name, values in found() if values} == DEFAULTS
