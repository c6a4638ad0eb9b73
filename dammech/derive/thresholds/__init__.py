"""A dense memory whose hidden neurons have a threshold: the replica-symmetric theory of its retrieval state."""

from dammech.derive.thresholds.theory import retrieval_theory, threshold_memory

__all__ = ["retrieval_theory", "threshold_memory"]
