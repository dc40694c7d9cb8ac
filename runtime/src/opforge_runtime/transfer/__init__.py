"""Taking runs out of a store as one file, and into another one."""
