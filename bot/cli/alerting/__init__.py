"""What `smokejumper test-alert` looks at and posts."""
