"""The model as GitHub writes it in JSON; pure functions."""
