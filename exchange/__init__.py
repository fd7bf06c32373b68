"""What two customs services say to each other, and how it gets there whole."""
