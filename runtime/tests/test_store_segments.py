"""Segments hold events and attachments byte for byte, and say when they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.store_samples import RUN, build_event
from house.store_suite import describe
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores.segments import pack_segment, unpack_segment

EVENT = build_event(1, attachment="a")
NOT_LINES, OTHER_DIGEST = "its segment is not lines of events", "its bytes have another digest"


@given(texts=st.lists(st.tuples(st.sampled_from(["", "x", "é"]), st.sampled_from(["", "y"])), min_size=1))
def test_events_come_out_as_they_went_in(texts: list[tuple[str, str]]) -> None:
    events = [build_event(seq, text, attached) for seq, (text, attached) in enumerate(texts, start=7)]
    stored = unpack_segment(RUN, 7, events[-1].digest, 99, pack_segment(events))
    assert [event.sealed for event in stored] == events
    assert {event.recorded_at_epoch_ms for event in stored} == {99}


@pytest.mark.parametrize(
    ("content", "seq", "problem"),
    [
        (b"", 4, NOT_LINES),
        (b"\n", 4, NOT_LINES),
        (EVENT.attachment, 4, NOT_LINES),
        (EVENT.attachment + b"\n" + EVENT.envelope, 4, NOT_LINES),
        (EVENT.envelope + b"\n" + EVENT.attachment + b"\n" + EVENT.attachment, 4, NOT_LINES),
        (EVENT.envelope + b"\n" + build_event(2).envelope, 5, OTHER_DIGEST),
        (EVENT.envelope[:-1], 4, OTHER_DIGEST),
        (EVENT.envelope + b" ", 4, OTHER_DIGEST),
    ],
)
def test_bytes_that_are_no_segment_are_refused(content: bytes, seq: int, problem: str) -> None:
    with pytest.raises(DiagnosticError) as refused:
        unpack_segment(RUN, 4, EVENT.digest, 99, content)
    assert describe(refused.value) == ("E_EVENT_CORRUPT", {"run": RUN, "seq": seq, "problem": problem})
