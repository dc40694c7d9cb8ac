"""Cron expressions: what is one, and why something is none."""

from __future__ import annotations

import pytest

from opforge_ir.cron import find_cron_problem


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * *",
        "0 0 1 1 0",
        "59 23 31 12 7",
        "*/15 0-23/2 1,15 jan-jun MON-FRI",
        "1-5,7,10-20/5 * * * sun",
        "0 0 29 2 *",
        "0 0 31 2 1",  # the day of the week is met
        "0 0 31 2,3 *",
        "0 0 */30 2 *",  # the first of the month is met
    ],
)
def test_an_expression_that_some_time_meets(expression: str) -> None:
    assert find_cron_problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("@daily", "it has 1 fields, and 5 with one space between them are needed"),
        ("", "it has 0 fields, and 5 with one space between them are needed"),
        ("0 0  * * *", "it has 5 fields, and 5 with one space between them are needed"),
        ("0 0 * * * *", "it has 6 fields, and 5 with one space between them are needed"),
        ("60 * * * *", "60 is no minute"),
        ("* 24 * * *", "24 is no hour"),
        ("* * 0 * *", "0 is no day of the month"),
        ("* * 32 * *", "32 is no day of the month"),
        ("* * * 13 *", "13 is no month"),
        ("* * * mon *", "mon is no month"),
        ("* * * * 8", "8 is no day of the week"),
        ("* * * * jan", "jan is no day of the week"),
        ("x * * * *", "x is no minute"),
        ("1, * * * *", "nothing is no minute"),
        ("-1 * * * *", "-1 is no minute"),
        ("1- * * * *", "1- is no minute"),
        ("*-5 * * * *", "*-5 is no minute"),
        ("5/10 * * * *", "the step of 5/10 needs a range, such as 5-59"),
        ("*/0 * * * *", "the step of */0 is not from 1 to 59"),
        ("*/60 * * * *", "the step of */60 is not from 1 to 59"),
        ("* * * * 5-1", "the range 5-1 ends before it begins"),
        ("* * * * fri-mon", "the range fri-mon ends before it begins"),
        ("0 0 31 2 *", "no such month has a day 31"),
        ("0 0 30 2 *", "no such month has a day 30"),
        ("0 0 31 4,6,9,11 *", "no such month has a day 31"),
        ("0 0 31 feb */2", "no such month has a day 31"),
        ("٣ * * * *", "٣ is no minute"),
    ],
)
def test_what_is_no_expression(expression: str, reason: str) -> None:
    assert find_cron_problem(expression) == reason
