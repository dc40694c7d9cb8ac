"""Test fixtures: what a program is asked to do, what the outside answers, and what has to come of it.

A fixture file is JSON that people write and `forge test` runs (`schema/forge-test.schema.json`).

    {
      "artifact": "forge-test",
      "program": "gas_keeper.py",
      "cases": [
        {
          "name": "one wallet is low",
          "inputs": {"wallets": [{"address": "0x…", "label": "hot"}]},
          "answers": [
            {"verb": "chain.block", "value": {"number": 12}},
            {"verb": "chain.balance", "arguments": {"address": "0x…"}, "value": 5}
          ],
          "expect": {"output": [{"label": "hot", "low": true, "wei": 5}]}
        }
      ]
    }

Values stand in their stored form (`opforge_ir.values`), in the spellings that inputs may have too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

if TYPE_CHECKING:  # one type for checkers; pydantic's own is what it can build a schema of
    from opforge_ir.canonical import JsonValue
else:
    from pydantic import JsonValue

__all__ = [
    "FIXTURE_SUFFIX",
    "Expectation",
    "Fixture",
    "FixtureAnswer",
    "FixtureCase",
    "FixturePattern",
    "FixtureReply",
]

FIXTURE_SUFFIX: Final = ".forge-test.json"
"""How the name of a fixture file ends."""

_Name = Annotated[str, StringConstraints(min_length=1)]


def _exactly_one(*names: str) -> dict[str, Any]:
    """What a schema says when exactly one of these members has to be there."""
    return {"oneOf": [{"required": [name]} for name in names]}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def _require_one_of(self, *names: str) -> None:
        given = [name for name in names if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"has to hold one of {', '.join(names)}, and holds {', '.join(given) or 'none'}")

    def _require_error_for_fields(self) -> None:
        if "fields" in self.model_fields_set and "error" not in self.model_fields_set:
            raise ValueError("fields belong to an error")


class FixtureReply(_Part):
    """What a request is answered with: a value, or an error that it fails with."""

    model_config = ConfigDict(
        json_schema_extra={**_exactly_one("value", "error"), "dependentRequired": {"fields": ["error"]}}
    )

    value: JsonValue = None
    """In stored form."""
    error: _Name = ""
    """The class of the error (`Timeout`) or its code (`E_RPC_TIMEOUT`)."""
    fields: dict[str, str | int] = Field(default_factory=dict)
    """Of the error's code, those that matter: `{"reason": "paused"}`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._require_one_of("value", "error")
        self._require_error_for_fields()
        return self


class FixturePattern(_Part):
    """Which requests are meant: those that have all that stands here."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["state"]}, {"required": ["verb"]}]})

    state: _Name = ""
    """`<workload>.<op>.<node>`, as `forge runs show` names it."""
    instance: str = ""
    """Which execution of the state, such as `balances[2]`."""
    verb: _Name = ""
    """Such as `chain.balance`."""
    static: dict[str, str] = Field(default_factory=dict)
    """Such as `{"tag": "finalized"}`."""
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    """By name; of an object only the members that matter have to be there."""

    @model_validator(mode="after")
    def _check_pattern(self) -> Self:
        if not {"state", "verb"} & self.model_fields_set:
            raise ValueError("has to hold a state or a verb")
        return self


class FixtureAnswer(FixturePattern):
    """What requests are answered with: always the same reply, or one reply after the other."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["state"]}, {"required": ["verb"]}],
            **_exactly_one("value", "error", "in_turn"),
            "dependentRequired": {"fields": ["error"]},
        }
    )

    value: JsonValue = None
    """As of a reply."""
    error: _Name = ""
    """As of a reply."""
    fields: dict[str, str | int] = Field(default_factory=dict)
    """As of a reply."""
    in_turn: list[FixtureReply] = Field(default_factory=list[FixtureReply], min_length=1)
    """Replies that are used once each."""

    @model_validator(mode="after")
    def _check_reply(self) -> Self:
        self._require_one_of("value", "error", "in_turn")
        self._require_error_for_fields()
        return self


class Expectation(_Part):
    """How a run ends."""

    model_config = ConfigDict(
        json_schema_extra={**_exactly_one("output", "error"), "dependentRequired": {"fields": ["error"]}}
    )

    output: JsonValue = None
    """What the op returns."""
    error: _Name = ""
    """The class of the error that ends the run (`Fail`) or its code (`E_PROGRAM_FAIL`)."""
    fields: dict[str, str | int] = Field(default_factory=dict)
    """Of the error's code, those that matter: `{"message": "no wallet is funded"}`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._require_one_of("output", "error")
        self._require_error_for_fields()
        return self


class FixtureCase(_Part):
    """One run of an op, and what has to come of it."""

    name: _Name
    """What is shown; no other case of the file has it."""
    op: str = ""
    """Which op; that of the file where it is empty."""
    inputs: dict[str, JsonValue] = Field(default_factory=dict)
    """By parameter."""
    answers: list[FixtureAnswer] = Field(default_factory=list[FixtureAnswer])
    """The first one that fits a request is taken; lines of the log need none."""
    expect: Expectation | None = None
    """How the run ends. `forge test --update` writes it."""
    effects: list[FixturePattern] | None = None
    """All that the run asks of the outside, in order; null leaves it open."""
    side_effects: list[FixturePattern] | None = None
    """Only what changes something outside, in order; null leaves it open."""


class Fixture(_Part):
    """A fixture file."""

    model_config = ConfigDict(title="Test fixture")

    artifact: Literal["forge-test"]
    schema_: str = Field(default="", alias="$schema")
    """For editors."""
    program: _Name
    """An op file or an IR document, from the folder of this file."""
    op: str = ""
    """Which op; it may be left out when the program has only one."""
    answers: list[FixtureAnswer] = Field(default_factory=list[FixtureAnswer])
    """What every case answers after its own answers."""
    cases: list[FixtureCase] = Field(min_length=1)
