"""Where the ledger is kept, and the numbered migrations that shape it."""
