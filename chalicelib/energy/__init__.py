"""The power of the building and of the cars: pure functions, no I/O."""
