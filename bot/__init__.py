"""Inkling's conversation and its protocol: understanding, deciding, and a job's life.

No network and no SQL driver lives here; what speaks to the outside is in `adapters`.
"""
