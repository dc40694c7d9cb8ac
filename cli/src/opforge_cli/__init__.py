"""The `forge` command: it parses, calls and prints; no rule of the domain lives here."""
