"""Ways in for readings that need a process: whoever must hold a connection open."""
