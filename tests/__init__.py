"""The tests. See `README.md` here for the rooms."""
