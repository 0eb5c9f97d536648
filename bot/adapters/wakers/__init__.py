"""Ways to learn that a row is due; none of them is the truth."""
