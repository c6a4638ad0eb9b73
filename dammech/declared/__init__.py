"""What a system declares of itself: branches, lines, units, interactions, how weights fade. Importable without SymPy.

The engine reads this and knows no system by name.
"""
