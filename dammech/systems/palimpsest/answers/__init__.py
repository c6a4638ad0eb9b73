"""Answers of streams to `solve` and `boundary`: what they are in a theory that does not forget, and which lines they have."""

from dammech.systems.palimpsest.answers.forgetting import effective_load
from dammech.systems.palimpsest.answers.lines import LINES as LINES
from dammech.systems.palimpsest.answers.lines import line as line
from dammech.systems.palimpsest.answers.states import seen as seen
from dammech.systems.palimpsest.answers.tasks import TaskMatrix, staircase, task_matrix

__all__ = ["TaskMatrix", "effective_load", "staircase", "task_matrix"]
