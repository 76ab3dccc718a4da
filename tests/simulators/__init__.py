"""Stateful services on loopback that enforce what the real ones enforce."""
