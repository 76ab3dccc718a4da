"""Numbers: speed and memory. `make bench`."""
