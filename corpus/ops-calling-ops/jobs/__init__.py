"""What the entry file calls."""
