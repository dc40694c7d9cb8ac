"""The port by which the engine asks the outside: live, from recorded facts, or scripted by a test."""
