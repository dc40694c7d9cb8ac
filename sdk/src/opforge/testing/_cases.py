"""Cases of fixture files of `forge test`, for the same functions as plain Python."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from opforge._classes import Classes
from opforge.testing._fixture_answers import build_answers
from opforge.testing._host import ScriptedHost
from opforge.testing._rules import Answer
from opforge.testing.effects import Effect

if TYPE_CHECKING:  # reading fixtures takes long to import
    from opforge_ir.fixture import Expectation, Fixture, FixtureCase

__all__ = ["Case", "load_cases"]


@final
@dataclass(frozen=True)
class Case:
    """A case of a fixture file.

    Its answers are given as they stand there: plain Python tries nothing again, so the first error of several
    replies is raised in the program. `effects` and `side_effects` are left to `forge test`, since a run makes
    the requests of a comprehension together.
    """

    path: Path
    name: str
    _fixture: Fixture
    _case: FixtureCase

    def __str__(self) -> str:
        return self.name

    @property
    def op(self) -> str:
        """The name of the op; empty when neither the case nor the file says it."""
        return self._case.op or self._fixture.op

    @property
    def answers(self) -> list[Answer]:
        """What `testing.host` takes: the answers of the case and of the file."""
        return build_answers([*self._case.answers, *self._fixture.answers])

    def read_inputs(self, op: Callable[..., object]) -> dict[str, Any]:
        """The inputs of the case as values of the types that the op's parameters are annotated with.

        Raises DiagnosticError for one that is of another type, KeyError for one that the op does not have.
        """
        hints = typing.get_type_hints(op)
        return {name: _read(hints[name], stored) for name, stored in self._case.inputs.items()}

    def check(self, op: Callable[..., object]) -> list[Effect[Any]]:
        """Call the op with the inputs under a host with the answers, and return what it asked.

        Raises AssertionError when it does not end as the case expects, and what the op raises when it returns
        in the case. Of the fields of an error, its message or reason is compared.
        """
        __tracebackhide__ = True
        expect = self._case.expect
        if expect is None:
            raise AssertionError(f"the case {self.name} expects nothing")
        host = ScriptedHost(*self.answers)
        inputs = self.read_inputs(op)
        if "output" in expect.model_fields_set:
            result = host.run(op, **inputs)
            hint = typing.get_type_hints(op).get("return")
            found, expected = _write(hint, result), _write(hint, _read(hint, expect.output))
            assert found == expected, f"the case {self.name} expects {expected}, and {found} was returned"
            return host.effects
        try:
            result = host.run(op, **inputs)
        except Exception as error:
            if not _is_expected(expect, error):
                raise
            return host.effects
        raise AssertionError(f"the case {self.name} expects {expect.error}, and {result!r} was returned")


def load_cases(path: str | Path) -> list[Case]:
    """The cases of a fixture file, in order.

        @pytest.mark.parametrize("case", testing.load_cases("app.forge-test.json"), ids=str)

    Raises OSError when it cannot be read, DiagnosticError with all that is wrong with it.
    """
    from opforge_ir.fixture_reading import read_fixture

    path = Path(path)
    fixture = read_fixture(str(path), path.read_bytes())
    return [Case(path, case.name, fixture, case) for case in fixture.cases]


def _read(hint: object, stored: Any) -> Any:
    """A value in stored form as a value of an annotated type."""
    classes = Classes()
    kind = classes.read(type(None) if hint is None else hint)
    return classes.build(kind, classes.build_codec().decode(kind, stored, is_input=True))


def _write(hint: object, value: Any) -> Any:
    """A value of an annotated type in stored form."""
    classes = Classes()
    kind = classes.read(type(None) if hint is None else hint)
    return classes.build_codec().encode(kind, classes.hold(kind, value))


def _is_expected(expect: Expectation, error: Exception) -> bool:
    """Whether an exception is the error, or of the class, that is expected."""
    from opforge_ir.codes import get_code
    from opforge_ir.errors import find_error

    names = [cls.__name__ for cls in type(error).__mro__]
    code = get_code(expect.error)
    wanted = expect.error if code is None else find_error(code, {"exception": names[0]})
    texts = [expect.fields[name] for name in ("message", "reason") if name in expect.fields]
    return wanted in names and all(text == str(error) for text in texts)
