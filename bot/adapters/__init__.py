"""Each adapter knows one outside system, and no other adapter."""
