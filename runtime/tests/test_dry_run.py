"""A dry run asks everything and changes nothing."""

from __future__ import annotations

from house.live_runs import LiveBench, get_value
from house.sample_program import read_envelopes, read_types
from opforge_ir.events import EventEmitted

PROGRAM = (
    "@op\ndef main() -> tuple[int, int, str]:\n"
    "    drawn = random.integer(7, 7)\n"
    "    sent = http.post('https://api.example/pay', str(drawn))\n"
    "    log.info(f'sent {drawn}')\n"
    "    event.emit('paid', drawn)\n"
    "    return drawn, sent.status, sent.text\n"
)


def test_side_effects_are_answered_with_stand_ins_and_the_rest_is_asked() -> None:
    bench = LiveBench()
    outcome = bench.start(PROGRAM, skip=["apply_side_effect"])
    assert get_value(outcome) == ["7", "0", ""]
    states = [state.removeprefix("sample.main.") for state, _ in bench.outside.answered]
    assert states == ["drawn", "log-info"]
    assert read_types(bench.store).count("fact_recorded") == 4
    events = [e.event for e in read_envelopes(bench.store) if isinstance(e.event, EventEmitted)]
    assert [event.name for event in events] == ["paid"]
