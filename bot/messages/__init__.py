"""Every word the bot says, as meanings without a platform or a layout."""
