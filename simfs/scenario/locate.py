"""Where each key of a TOML text stands: a light scan, so that a problem can name its line.

The scan trusts `tomllib` to have accepted the text (or to refuse it after): it follows brackets,
strings and comments, and knows nothing of values.
"""

import bisect
import re

Place = tuple[int, int]
Path = tuple[str | int, ...]

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""+' r"|'''.*?'''+" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.S
)
_BARE = re.compile(r"[^\s=,\[\]{}#\"'.]+")
_VALUE = re.compile(r"[^\s,\[\]{}#][^,\[\]{}#\n]*")
_ESCAPE = re.compile(r"\\(.)")


class _Scan:
    """One pass over a text; `places` fills as keys are met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.breaks = [found.start() for found in re.finditer("\n", text)]
        self.places: dict[Path, Place] = {}
        self.counted: dict[Path, int] = {}

    def skip(self) -> None:
        found = _SKIP.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def peek(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def place(self, at: int) -> Place:
        line = bisect.bisect_left(self.breaks, at)
        return line + 1, at - (self.breaks[line - 1] if line else -1)

    def note(self, path: Path, at: int) -> None:
        self.places.setdefault(path, self.place(at))

    def key(self) -> tuple[str, ...]:
        """A dotted key; leaves the scan after it."""
        parts: list[str] = []
        while self.at < len(self.text):
            self.spaces()
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            if not found:
                break
            part = found.group()
            quoted = part[0] in "\"'"
            parts.append(_ESCAPE.sub(r"\1", part[1:-1]) if quoted else part)
            self.at = found.end()
            self.spaces()
            if not self.peek("."):
                break
            self.at += 1
        return tuple(parts)

    def spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def pairs(self, path: Path, end: str) -> None:
        """Keys and values up to `end` (a bracket) or the next header."""
        while True:
            self.skip()
            if self.at >= len(self.text) or self.peek("[") or (end and self.peek(end)):
                return
            start = self.at
            key = self.key()
            for depth in range(1, len(key) + 1):
                self.note((*path, *key[:depth]), start)
            if not self.peek("="):
                self.at += 1
                continue
            self.at += 1
            self.skip()
            self.value((*path, *key))
            self.skip()
            if end and self.peek(","):
                self.at += 1

    def value(self, path: Path) -> None:
        """One value; tables and arrays are followed."""
        if self.peek("{"):
            self.at += 1
            self.pairs(path, "}")
            self.at += 1
        elif self.peek("["):
            self.at += 1
            self.items(path)
            self.at += 1
        else:
            found = _STRING.match(self.text, self.at) or _VALUE.match(self.text, self.at)
            self.at = found.end() if found else self.at + 1

    def items(self, path: Path) -> None:
        """The values of an array."""
        index = 0
        while True:
            self.skip()
            if self.at >= len(self.text) or self.peek("]"):
                return
            if self.peek(","):
                self.at += 1
                continue
            self.note((*path, index), self.at)
            self.value((*path, index))
            index += 1

    def file(self) -> dict[Path, Place]:
        """Every table of the text."""
        self.pairs((), "")
        while self.at < len(self.text):
            start, array = self.at, self.peek("[[")
            self.at += 2 if array else 1
            path: Path = self.key()
            self.note(path, start)
            if array:
                index = self.counted.get(path, 0)
                self.counted[path] = index + 1
                path = (*path, index)
                self.note(path, start)
            for depth in range(1, len(path)):
                self.note(path[:depth], start)
            self.at = self.text.find("]", self.at) + (2 if array else 1) or len(self.text)
            self.pairs(path, "")
        return self.places


def locate(text: str) -> dict[Path, Place]:
    r"""Line and column, both from 1, of each key path of a text.

    >>> locate("[teams.a]\nposts = 3")[("teams", "a", "posts")]
    (2, 1)
    """
    try:
        return _Scan(text).file()
    except RecursionError:
        return {}
