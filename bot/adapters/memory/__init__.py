"""A code host and chats in memory that keep the ports' promises, for scenario tests."""
