"""Messages as HTML, the way that the apps of Slack and Discord show them."""
