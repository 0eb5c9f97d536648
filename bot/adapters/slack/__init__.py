"""Slack: what it shows, what it hears, and what it says of people."""
