"""The contract: the IR's models, canonical bytes, ids, capabilities, codes and rules. It does no IO."""
