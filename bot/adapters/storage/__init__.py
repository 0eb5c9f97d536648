"""The rows, in SQLite or PostgreSQL; storage keeps facts and decides nothing."""
