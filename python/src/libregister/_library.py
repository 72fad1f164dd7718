"""The shared library, and what its calls return as exceptions."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, Callable, Iterator, NoReturn, Optional

import cffi

from ._cdef import CDEF

ffi: Any = cffi.FFI()
ffi.cdef(CDEF)


def _open() -> Any:
    name = os.environ.get("LIBREGISTER") or "libregister.so.1"
    try:
        return ffi.dlopen(name)
    except OSError as error:
        hint = "install libregister, or name its file in LIBREGISTER"
        raise ImportError(f"{name} cannot be loaded ({error}): {hint}") from None


lib = _open()


class Error(Exception):
    """A call failed; what it is about has no class of its own."""

    #: One of enum registerer_error.
    code: int = lib.REGISTERER_UNDEFINED_ERROR


class BadParameter(Error, ValueError):
    """A value is out of range, or the options are wrong."""

    code = lib.REGISTERER_BAD_PARAMETER


class WrongState(Error):
    """It cannot be done at this time."""

    code = lib.REGISTERER_WRONG_STATE


class TimeIsUp(WrongState, TimeoutError):
    """The state did not come in time."""


class NoMemory(Error, MemoryError):
    """There is no memory."""

    code = lib.REGISTERER_NO_MEMORY


class NotFound(Error, LookupError):
    """There is no such registration; it is over."""

    code = lib.REGISTERER_NOT_FOUND


class Closed(Error):
    """The context is closed, or belongs to the process that this one was forked from."""

    code = lib.REGISTERER_NOT_INITIALIZED


class NoNetwork(Error):
    """The context does not listen."""

    code = lib.REGISTERER_NO_NETWORK


_KINDS = (BadParameter, WrongState, NoMemory, NotFound, Closed, NoNetwork)
_CLASSES: dict[int, type[Error]] = {kind.code: kind for kind in _KINDS}


def fail(code: int, reason: Optional[str] = None) -> NoReturn:
    """Raises what `code` stands for."""
    kind = _CLASSES.get(code, Error)
    name = ffi.string(lib.registerer_error_name(code)).decode()
    error = kind(f"{reason or (kind.__doc__ or '').rstrip('.')} ({name})")
    error.code = code
    raise error


def check(code: int, reason: Optional[str] = None) -> int:
    """What a call returned, unless that is an error."""
    if code < 0:
        fail(code, reason)
    return code


def read_text(call: Callable[[Any, int], int]) -> str:
    """The text that a call copies, however long it is."""
    size = 256
    while True:
        buffer = ffi.new("char[]", size)
        length = check(call(buffer, size))
        if length < size:
            return str(ffi.string(buffer), "utf-8", "replace")
        size = length + 1


@contextmanager
def filled(struct: str, values: dict[str, Any]) -> Iterator[Any]:
    """A struct of options. The texts that it points to are wiped in the end."""
    kind = ffi.typeof(f"struct {struct}")
    fields = dict(kind.fields)
    options = ffi.new(f"struct {struct} *")
    texts: list[Any] = []
    check(getattr(lib, f"{struct}_init")(options, ffi.sizeof(kind)), "the library is too old")
    try:
        for name, value in values.items():
            if fields[name].type.kind == "pointer":
                value = _text(name, value)
                texts.append(value)
            setattr(options, name, value)
        yield options
    finally:
        for text in filter(None, texts):
            ffi.buffer(text)[:] = bytes(ffi.sizeof(text))


def _text(name: str, value: Any) -> Any:
    if value is None:
        return ffi.NULL
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str):
        # It is not shown: it may be a password.
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    if "\0" in value:
        raise ValueError(f"{name} has a NUL in it")
    return ffi.new("char[]", value.encode())
