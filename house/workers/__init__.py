"""Many workers on one PostgreSQL store, some of them killed: `python -m house.workers`."""
