"""What can go wrong, as a tree; every message names place, value, rule and way out.

::

    SimfsError
    ├── ConfigError        a scenario file that cannot be run: one or many problems, all listed
    ├── UsageError         a command or an option that cannot be obeyed
    ├── StoreError         a results folder that cannot be used
    └── RunError           a run that started and could not finish
"""

from collections.abc import Iterable
from dataclasses import dataclass

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_PART_WAY = 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scenario file.

    Attributes:
        path: dotted key path, such as ``stages.child_protection.routes``; empty for the whole file.
        message: the value, the rule and the way out, in one sentence.
        line: line in the file, from 1, or None where it is not known.
        column: column in the line, from 1, or None.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None

    def text(self, file: str) -> str:
        """One line: file, line, key path, message."""
        place = file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class SimfsError(Exception):
    """Something a user can put right; the command line prints it and exits with `exit_code`."""

    exit_code = EXIT_BAD_INPUT


class ConfigError(SimfsError):
    """A scenario file cannot be run; carries every problem found in it.

    Attributes:
        file: the file's name as the user gave it.
        problems: in the order of the file where lines are known.
    """

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text(file) for problem in self.problems))


class UsageError(SimfsError):
    """A command or an option cannot be obeyed."""


class StoreError(SimfsError):
    """A results folder cannot be used."""


class RunError(SimfsError):
    """A run started and could not finish."""

    exit_code = EXIT_FAILED
