"""The words for hypotheses that several theorems share."""

SYMMETRIC = "the weights are symmetric, W = Wᵀ"
CONVEX = "L is convex, so that H is positive semidefinite"
ONE_TIME = "neurons of a non-separable Lagrangian share one time constant"
STEADY = "x is a steady state, W g + b = x"
TRANSPOSE = "the feedback is the transpose of the feedforward weights"
SCALED = "R W is symmetric"
