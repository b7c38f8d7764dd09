"""Numba, in one place: how the functions of the fast engine are compiled, and where that is kept.

One function is called from Python; all others are compiled as part of it. What is compiled is kept
in the user's cache folder, or the one that NUMBA_CACHE_DIR names, under a digest of the whole
kernel, because Numba itself asks only whether the one file has changed. A folder that cannot be
read or written costs time, never a run.
"""

import platform
import shutil
import threading
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_name
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype
from platformdirs import user_cache_path

if numba.config.DISABLE_JIT:
    raise ImportError("NUMBA_DISABLE_JIT is set")

Function = TypeVar("Function", bound=Callable[..., Any])

WORD = ir.IntType(64)
_LOCK = threading.Lock()  # a setting of Numba's is changed while a function is made ready
OPTIONS = {"nogil": True, "error_model": "numpy"}


def constant(value: int) -> int:
    """A whole number of the kernel; a plain one would make a version of all it is passed to."""
    return cast(int, np.int64(value))


def inlined(function: Function) -> Function:
    """A function of the kernel, compiled as part of those that call it."""
    return cast(Function, numba.njit(forceinline=True, **OPTIONS)(function))


@intrinsic  # type: ignore[untyped-decorator]
def high_word(typing_context: Any, a: Any, b: Any) -> Any:
    """The upper 64 bits of the product of two unsigned 64-bit numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        one, two = (builder.zext(argument, wide) for argument in arguments)
        shifted = builder.lshr(builder.mul(one, two), ir.Constant(wide, 64))
        return builder.trunc(shifted, WORD)

    return types.uint64(types.uint64, types.uint64), generate


def table(holder: "np.dtype[Any]", name: str, row: "np.dtype[Any]") -> Callable[[Any, Any], Any]:
    """A function (world, number) that gives a row of a table, to read and to change.

    Args:
        holder: a row of which is the world; it has the table's address.
        name: of the field that has the address.
        row: the fields of a row.
    """
    record = from_dtype(row)
    assert holder.fields is not None
    offset, size = holder.fields[name][1], row.itemsize

    @intrinsic  # type: ignore[untyped-decorator]
    def row_at(typing_context: Any, world: Any, number: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            world, number = arguments
            field = builder.add(builder.ptrtoint(world, WORD), ir.Constant(WORD, offset))
            first = builder.load(builder.inttoptr(field, WORD.as_pointer()))
            address = builder.add(first, builder.mul(number, ir.Constant(WORD, size)))
            return builder.inttoptr(address, context.get_value_type(record))

        return record(world, types.int64), generate

    return cast(Callable[[Any, Any], Any], row_at)


class kept:  # noqa: N801  a decorator
    """The function that is called from Python: compiled when it is first needed, then kept.

    >>> cache_folder().name.startswith("kernel-")
    True
    """

    def __init__(self, function: Callable[..., None]) -> None:
        self.function = function
        self._compiled: Callable[..., None] | None = None
        self.__doc__ = function.__doc__

    def __call__(self, *arguments: Any) -> None:
        """Run it."""
        if self._compiled is None:
            self.make_ready(*arguments)
        assert self._compiled is not None
        self._compiled(*arguments)

    def make_ready(self, *arguments: Any) -> None:
        """Have it compiled for such arguments, without running it."""
        with _LOCK:
            if self._compiled is None:
                self._compiled = self._ready(tuple(numba.typeof(value) for value in arguments))

    @staticmethod
    def is_there() -> bool:
        """Whether something compiled lies in the cache folder; it may still not be of use."""
        folder = cache_folder()
        return folder.is_dir() and any(folder.rglob("*.nbi"))

    def _ready(self, signature: tuple[Any, ...]) -> Callable[..., None]:
        # What lies in the folder may be anybody's, and Numba unpickles it: whatever goes wrong
        # there, compiling anew is right, and a fault of ours shows itself then.
        try:
            found = _with_folder(self.function)
            found.compile(signature)
        except Exception:
            shutil.rmtree(cache_folder(), ignore_errors=True)
            found = numba.njit(**OPTIONS)(self.function)
            found.compile(signature)
        return cast(Callable[..., None], found)


def _with_folder(function: Callable[..., None]) -> Any:
    """A function to be compiled and kept in our folder; the setting is Numba's, for a moment."""
    folder = cache_folder()
    # Where it cannot write, Numba would keep the function beside its source, under no digest.
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder):
        pass
    before = numba.config.CACHE_DIR
    try:
        numba.config.CACHE_DIR = str(folder)
        return numba.njit(cache=True, **OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = before


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Where compiled functions are kept: a folder for every kernel, processor and version."""
    # Homes are shared between machines: what was compiled for another processor is of no use.
    machine = (platform.python_version(), numba.__version__, get_host_cpu_name())
    digest = blake2b(repr(machine).encode(), digest_size=8)
    engine = Path(__file__).parent
    for source in sorted(engine.rglob("*.py")):
        digest.update(source.read_bytes())
    asked = numba.config.CACHE_DIR
    home = Path(asked) if asked else user_cache_path("simfs", appauthor=False)
    return home / f"kernel-{digest.hexdigest()}"
