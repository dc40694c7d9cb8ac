"""Codes of the command line, of configuration and the environment (E40xx), and of our own faults (E90xx)."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_FILE_UNREADABLE: Final = Code(
    "E4001",
    "E_FILE_UNREADABLE",
    "command",
    "the file {path} cannot be read: {reason}",
    "give the path of a readable file",
)
E_FILE_TOO_LARGE: Final = Code(
    "E4002",
    "E_FILE_TOO_LARGE",
    "command",
    "the file {path} is longer than {max_bytes} bytes",
    "split the program, or check that this is the file you mean",
)
E_FILE_UNWRITABLE: Final = Code(
    "E4003",
    "E_FILE_UNWRITABLE",
    "command",
    "the file {path} cannot be written: {reason}",
    "give a path in a folder that exists and that you may write to",
)
E_IR_STALE: Final = Code(
    "E4010",
    "E_IR_STALE",
    "command",
    "{path} is not what the program compiles to: it holds {committed}, the program gives {emitted}",
    "run `forge emit PROGRAM -o {path}`, and read the change before you commit it",
)
E_UNKNOWN_CODE: Final = Code(
    "E4011",
    "E_UNKNOWN_CODE",
    "command",
    "there is no code {code}; near to it: {near}",
    "see schema/error-codes.json",
)
E_SCHEMA_UNKNOWN: Final = Code(
    "E4012",
    "E_SCHEMA_UNKNOWN",
    "command",
    "there is no schema {name}; there are: {known}",
    "give one of them",
)
E_OP_UNKNOWN: Final = Code(
    "E4020",
    "E_OP_UNKNOWN",
    "command",
    "the program has no op {op}; it has: {known}",
    "give one of them with --op",
)
E_OP_AMBIGUOUS: Final = Code(
    "E4021",
    "E_OP_AMBIGUOUS",
    "command",
    "the program has several ops: {known}",
    "say which one with --op NAME",
)
E_INPUT_NOT_OBJECT: Final = Code(
    "E4022",
    "E_INPUT_NOT_OBJECT",
    "command",
    "the input is not a JSON object of parameters by name",
    'give for example --input \'{"floor": "5"}\' or --input @inputs.json',
)
E_RUN_AMBIGUOUS: Final = Code(
    "E4023",
    "E_RUN_AMBIGUOUS",
    "command",
    "{beginning} is the beginning of {count} runs, such as {first}",
    "give more of the run's id; `forge runs list` shows them",
)
E_CONFIG_INVALID: Final = Code(
    "E4030",
    "E_CONFIG_INVALID",
    "command",
    "{path}: {problem}",
    "mend forge.toml; `forge run --help` names its keys",
)
E_CONFIG_VARIABLE: Final = Code(
    "E4031",
    "E_CONFIG_VARIABLE",
    "command",
    "{path} uses the environment variable {variable}, which is not set",
    "set {variable}, for example in the shell or in the CI's secrets",
)
E_FIXTURE_INVALID: Final = Code(
    "E4040",
    "E_FIXTURE_INVALID",
    "command",
    "{path} is no test fixture: {problem}",
    "mend it; `forge schema forge-test.schema.json` prints what a fixture holds",
)
E_FIXTURE_VALUE: Final = Code(
    "E4041",
    "E_FIXTURE_VALUE",
    "command",
    'the answer of the case "{case}" to {verb} at {state} [{instance}] cannot be given: {problem}',
    "write a value that the program can be given, in the form that `forge runs show` prints",
)
E_FIXTURES_MISSING: Final = Code(
    "E4042",
    "E_FIXTURES_MISSING",
    "command",
    "there is nothing to test at {path}: {problem}",
    "give the path of a fixture file, or of a folder that holds files *.forge-test.json; or mend --op",
)
E_FIXTURE_PROGRAM: Final = Code(
    "E4043",
    "E_FIXTURE_PROGRAM",
    "command",
    "nothing says which program {path} tests",
    "give --program FILE, or call the fixture as the program is called: program{suffix}",
)
E_ANSWER_MISSING: Final = Code(
    "E4050",
    "E_ANSWER_MISSING",
    "command",
    'the case "{case}" has no answer to {verb} at {state} [{instance}]',
    "add to its answers, with a value for the …: {answer}",
)
E_ANSWER_UNUSED: Final = Code(
    "E4051",
    "E_ANSWER_UNUSED",
    "command",
    "nothing that {holder} asked for fits this answer: {answer}",
    "take the answer out, or mend its pattern",
    severity="warning",
)
E_TEST_DIFFERS: Final = Code(
    "E4052",
    "E_TEST_DIFFERS",
    "command",
    'the case "{case}" does not hold, {part}: expected {expected}, found {found}',
    "mend the program, or accept what it does now with `forge test --update`",
)
E_RUN_NOT_RECORDED: Final = Code(
    "E4053",
    "E_RUN_NOT_RECORDED",
    "command",
    "the run {run} cannot be made a fixture: {problem}",
    "record a run that has ended",
)
E_PROGRAM_DIFFERS: Final = Code(
    "E4060",
    "E_PROGRAM_DIFFERS",
    "command",
    "{path} compiles to {emitted}, and the run began with {recorded}: its lines are not shown",
    "name the op file as it was when the run began, for example from version control",
    severity="warning",
)
E_SIGNAL_UNKNOWN: Final = Code(
    "E4061",
    "E_SIGNAL_UNKNOWN",
    "command",
    "the program of the run {run} waits for no signal {name}; it has: {known}",
    "give one of them; `forge runs show {run}` says what the run waits for now",
)
E_REASON_EMPTY: Final = Code(
    "E4062",
    "E_REASON_EMPTY",
    "command",
    "no reason was given",
    'say why with --because "…": it is kept in the history of the run for those who ask later',
)
E_NOT_IN_DOUBT: Final = Code(
    "E4063",
    "E_NOT_IN_DOUBT",
    "command",
    "{state} [{instance}] of the run {run} is not in doubt: {problem}",
    "see what the run waits for with `forge runs show {run}`",
)
E_RESOLUTION_VALUE: Final = Code(
    "E4064",
    "E_RESOLUTION_VALUE",
    "command",
    "--as {decision} {problem}",
    "give --value with --as done, in the form that `forge runs show` prints, and only there",
)
E_FORK_POINT: Final = Code(
    "E4065",
    "E_FORK_POINT",
    "command",
    "the run {run} has no event {seq}; its last one is {last}",
    "give the number of an event that `forge runs events {run}` prints, from 1 to {last}",
)
E_CLOCK_BEHIND: Final = Code(
    "E4066",
    "E_CLOCK_BEHIND",
    "command",
    "this machine's clock is {behind_ms} ms behind the last event of the store",
    "set the clock, here or on the machine that recorded the event: timers and leases go by it",
    severity="warning",
)
E_DISK_LOW: Final = Code(
    "E4067",
    "E_DISK_LOW",
    "command",
    "{free_mib} MiB are free where the store {store} is kept",
    "make space with other things on that disk, or move the store to a larger one: the runs need it",
    severity="warning",
)
E_INTERNAL: Final = Code(
    "E9001",
    "E_INTERNAL",
    "internal",
    "a fault of opforge itself ({kind}); nothing of what you gave is to blame",
    "run the command again with --debug and report what it prints",
)
