"""Discord: cards, threads and private answers out, presses and commands in."""
