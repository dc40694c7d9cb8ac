"""What a host does with a program without running it: emit, validate, compare, show and explain.

Nothing of the author's code is imported or executed here (ADR 0005).
"""
