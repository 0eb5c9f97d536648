"""The vendors as servers on loopback, with rules of their own; they know nothing of the bot."""
