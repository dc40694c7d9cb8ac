"""Transports: the code that reaches the world, one module per kind.

A transport answers with values or with `EffectFailure` values; it raises only for mistakes of ours.
It records nothing and retries nothing: that is the engine's work.
"""
