"""Everything that speaks to the outside: platforms, backends, database, the HTTP server, media."""
