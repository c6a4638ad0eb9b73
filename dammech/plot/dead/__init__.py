"""Figures about dead neurons."""
