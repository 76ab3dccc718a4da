"""Where people talk: one package per platform, the same module names in each."""
