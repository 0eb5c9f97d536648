"""The HTTP server: webhooks, probes, and what other parts add."""
