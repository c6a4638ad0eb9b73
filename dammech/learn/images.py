"""Images to learn from: scikit-learn's digits, which ship in its wheel, Fashion-MNIST from a folder,
and arrays of yours. Nothing is fetched.
"""

from __future__ import annotations

import gzip
import itertools
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dammech.errors import InputError, array, shown
from dammech.errors import path as checked_path
from dammech.learn.inputs import checked_count
from dammech.learn.seeds import generator

_IDX = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}  # fmt: skip


LARGEST_SIDE = 256
MEAN = "mean"


@dataclass(frozen=True)
class Images:
    """Grey images in [0, 1] with labels 0 … classes − 1, split into training and test.

    Attributes
    ----------
    train, test : numpy.ndarray
        (items, side, side).
    train_labels, test_labels : numpy.ndarray
    """

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.train_labels.max()) + 1

    @property
    def side(self) -> int:
        """Pixels along a side."""
        return int(self.train.shape[1])

    def validation(self, fraction: float = 0.2) -> Images:
        """The training images alone, split again: what hyper-parameters may be chosen on. The test images are not in it."""
        order = generator("validation", len(self.train)).permutation(len(self.train))
        held = order[: round(fraction * len(order))]
        kept = order[len(held) :]
        return Images(self.train[kept], self.train_labels[kept], self.train[held], self.train_labels[held])


def digits(side: int = 8) -> Images:
    """The 1797 handwritten digits of scikit-learn, a fifth of them (360) for testing.

    Parameters
    ----------
    side : int
        8, or more: then they are interpolated to side × side pixels (cubic splines).
    """
    checked_count("side", side, 8, LARGEST_SIDE)
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError("data='digits': scikit-learn is not installed; it comes with dammech[learn]") from None
    bunch = load_digits()
    grey = np.asarray(bunch.images) / 16
    if side != 8:
        from scipy.ndimage import zoom

        grey = np.clip(zoom(grey, (1, side / 8, side / 8), order=3, mode="nearest", grid_mode=True), 0, 1)
    order = generator("digits").permutation(len(grey))
    test, train = order[:360], order[360:]
    labels = np.asarray(bunch.target)
    return Images(grey[train], labels[train], grey[test], labels[test])


def fashion(path: str | os.PathLike[str], items: int | None = None) -> Images:
    """Fashion-MNIST, or any other set in the same four idx files (plain or .gz), from a folder of yours.

    Parameters
    ----------
    path : path
        The folder; on Debian that of the package dataset-fashion-mnist.
    items : int, optional
        Only so many training images, and a sixth as many test images.
    """
    folder = checked_folder(path)
    parts = []
    for kind, count in (("train", items), ("test", None if items is None else -(-items // 6))):
        images, labels = (_idx(folder, name) for name in _IDX[kind])
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise InputError(f"path={str(path)!r}: the {kind} files do not hold images and as many labels")
        parts += [images[:count] / 255, labels[:count].astype(np.int64)]
    return Images(*parts)


def labelled_images(images: Any, labels: Any = None) -> tuple[np.ndarray, list[Any], np.ndarray]:
    """Pixels (items, N), names of the classes, and the number of the class of each item: of arrays, .npy files or ``"digits"``.

    Raises
    ------
    InputError
        For images that are no numbers or not of one shape, as many labels as not images, fewer than two classes, and a class of
        one image.
    """
    if isinstance(images, str) and images == "digits":
        if labels is not None:
            raise InputError("labels: the images 'digits' have their own; leave them out")
        found = digits()
        images, labels = np.concatenate([found.train, found.test]), np.concatenate([found.train_labels, found.test_labels])
    elif labels is None:
        raise InputError("labels is missing: the class of each image is needed")
    images, labels = _array("images", images), _array("labels", labels)
    if images.dtype.kind not in "biuf" or images.ndim < 2 or not images.size:
        raise InputError(
            f"images: of type {images.dtype} and shape {images.shape}; must be numbers of shape (items, pixels) or (items, "
            "height, width)"
        )
    if labels.shape != (len(images),):
        raise InputError(f"labels: of shape {labels.shape} for {len(images)} images; must be one for each")
    if labels.dtype.kind not in "biuU":
        raise InputError(f"labels: of type {labels.dtype}; must be integers or texts")
    names, classes, many = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) < 2:
        raise InputError(f"labels: all are {shown(names.tolist()[0])}; at least two classes are needed")
    if many.min() < 2:
        raise InputError(f"labels: {shown(names.tolist()[int(many.argmin())])} has one image only; every class needs two")
    return array("images", images.reshape(len(images), -1), 2), names.tolist(), classes


def binarised(pixels: np.ndarray, threshold: Any, stored: np.ndarray) -> tuple[np.ndarray, float | str]:
    """Signs of pixels, and the value above which they are +1: a number, or each pixel's own mean over ``stored`` items.

    With ``"mean"`` pixels that are alike in all stored items are left out.

    Raises
    ------
    InputError
        For images that are all alike, and a threshold that all or no pixels exceed.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if low == high:
        raise InputError(f"images: all pixels are {low:g}; at least two values are needed")
    if isinstance(threshold, str) and threshold == MEAN:
        above = pixels > np.mean(pixels[stored], axis=0)
        return signs(above[:, above[stored].any(axis=0)]), threshold
    try:
        level = (low + high) / 2 if threshold is None else float(threshold)
    except (TypeError, ValueError):
        level = math.nan
    if not low <= level < high:
        raise InputError(f"threshold={shown(threshold)}: must be {MEAN!r}, or at least {low:g} and below {high:g} as pixels are")
    return signs(pixels > level), level


def signs(above: np.ndarray) -> np.ndarray:
    """+1 where true, −1 elsewhere."""
    return np.where(above, 1, -1).astype(np.int8)


def split(classes: np.ndarray, count: int, share: float, rng: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Items of each class that are stored, and those that are held out."""
    stored, fresh = [], []
    for k in range(count):
        items = rng.permutation(np.flatnonzero(classes == k))
        held = min(max(round(share * len(items)), 1), len(items) - 1)
        stored.append(items[held:])
        fresh.append(items[:held])
    return stored, fresh


def _array(name: str, values: Any) -> np.ndarray:
    """An array, or what a .npy file holds."""
    if not isinstance(values, str | os.PathLike):
        try:
            return np.asarray(values)
        except Exception:  # ragged lists, and objects whose conversion fails
            raise InputError(f"{name}={shown(values)}: must be an array, all of whose rows have one shape") from None
    file = checked_path(name, values)
    try:
        found = np.load(file, allow_pickle=False)
    except OSError as error:
        raise InputError(f"{name}={shown(str(values))}: cannot be read ({error.strerror or 'no .npy file'})") from None
    except (ValueError, EOFError):  # objects, pickles, and whatever else
        found = None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{name}={shown(str(values))}: must be a .npy file; pickled objects and archives are not read")
    return found


def checked_folder(path: Any) -> Path:
    """The folder of four idx files, all of which are there."""
    if not isinstance(path, str | os.PathLike):
        raise InputError("data.path is missing: the folder of Fashion-MNIST's idx files, which are never downloaded")
    folder = Path(path)
    for name in itertools.chain(*_IDX.values()):
        _file(folder, name)
    return folder


def _file(folder: Path, name: str) -> Path:
    for file in (folder / f"{name}.gz", folder / name):
        if file.is_file():
            return file
    raise InputError(f"path={shown(str(folder))}: the folder has no file {name}.gz; Fashion-MNIST is never downloaded")


def _idx(folder: Path, name: str) -> np.ndarray:
    file = _file(folder, name)
    with gzip.open(file, "rb") if file.suffix == ".gz" else open(file, "rb") as stream:
        data = stream.read()
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise InputError(f"path={str(file)!r}: is not an idx file of bytes")
    shape = np.frombuffer(data, ">u4", data[3], 4)
    start = 4 + 4 * data[3]
    if len(data) - start != int(np.prod(shape)):
        raise InputError(f"path={str(file)!r}: holds {len(data) - start} bytes where its header promises {tuple(shape)}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
