"""Smokejumper's side of GitHub: deliveries in, questions and re-runs out."""
