"""In a folder that is a package without a file of its own."""

TIMES = 10
