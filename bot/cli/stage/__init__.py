"""The whole bot against stand-ins of GitHub, Slack and Discord on this machine."""
