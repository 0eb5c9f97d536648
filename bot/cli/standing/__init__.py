"""What `smokejumper status` tells: the facts, what is wrong with them, and the words."""
