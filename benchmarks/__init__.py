"""How fast, how light, how punctual: `python -m benchmarks` (or `make bench`), under four minutes.

Real time, real SQLite on disk, one process for each measurement. Nothing here is asserted; the aims stand
beside what was measured.
"""
