"""The systems: each folder declares one kind of memory, and is found by `dammech.registry`."""
