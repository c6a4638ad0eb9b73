"""What public functions return: one kind of result, its documents, tables and files. Imports nothing of ours but errors."""
