"""settings.toml and the environment, checked at the door and turned into plain policies."""
