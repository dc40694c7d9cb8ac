"""Handing out work: who drives which run, where many processes on many machines drive the runs of one store.

```text
store ──list_drivable──▶ worker ──hand_out──▶ dispatcher ──serve──▶ worker ──lease──▶ engine
```

The store says what there is to do, and its leases see to it that one driver does it. A dispatcher only
spreads run ids over workers, each at least once; one that it loses is found in the store and handed out
again.
"""
