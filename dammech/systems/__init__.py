"""The systems: each folder declares one kind of memory, and is found by `dammech.registry`.

``model`` says what it is, ``theory`` what is derived of it, ``sampler`` what is measured in it; ``claims`` and ``figures`` are
where the two meet.
"""
