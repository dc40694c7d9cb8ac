import pytest

from opforge import Fail, Timeout, testing
from opforge.testing import EventEmit, HttpPost, RunChild, TimeSleep, answers
from orders import Order, pay, pay_all

ORDER = Order("a", 5)
SENT = answers.http_post(lambda url, body: testing.response(""))


def test_nothing_is_paid_without_an_approval() -> None:
    with testing.host(answers.signal("approve", Timeout)) as h:
        assert pay_all([ORDER]) == 0
    assert h.get_effects(RunChild) == []


def test_all_orders_are_paid_once_they_are_approved() -> None:
    arrived = answers.http_get(lambda url: testing.response("arrived"))
    with testing.host(answers.signal("approve", True), SENT, arrived) as h:
        assert pay_all([ORDER, Order("b", 7)]) == 12
    assert h.get_effects(EventEmit) == [EventEmit("paid", [5, 7])]
    assert h.get_effects(TimeSleep) == [TimeSleep(600), TimeSleep(600)]


def test_a_payment_that_does_not_arrive_is_undone() -> None:
    rejected = answers.http_get(lambda url: testing.response("rejected"))
    with testing.host(SENT, rejected) as h, pytest.raises(Fail, match="the payment of a is rejected"):
        pay(ORDER)
    keys = [effect.idempotency_key for effect in h.get_effects(HttpPost)]
    assert keys == ["pay-a", "refund-a"]
