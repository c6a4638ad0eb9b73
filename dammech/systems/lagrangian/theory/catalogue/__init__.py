"""The Lagrangians of the catalogue, one by one."""
