"""Gradient-trained memories: networks, sequences of tasks, one file per method, metrics.

Nothing here knows an equation of the theory: what it suggests, a rate say, is an argument. Numba is imported when a network
is trained or read out, not before.
"""

from dammech.learn.interactions import Interaction
from dammech.learn.methods import METHODS, method
from dammech.learn.network import TrainedDAM
from dammech.learn.sequence import Learned, learn_sequence
from dammech.learn.tasks import Task
from dammech.learn.training import Items, Training, associated, labelled, train

__all__ = [
    "METHODS",
    "Interaction",
    "Items",
    "Learned",
    "Task",
    "TrainedDAM",
    "Training",
    "associated",
    "labelled",
    "learn_sequence",
    "method",
    "train",
]
