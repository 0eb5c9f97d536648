"""What `smokejumper explain` reads, and how it shows what it found."""
