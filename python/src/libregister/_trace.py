"""The trace of the library, which is one for all contexts of a process."""

from __future__ import annotations

import atexit
from typing import Any, Callable, Optional

from ._library import check, ffi, lib
from ._names import TraceLevel

TraceCallback = Callable[[int, str], object]

_callback: Optional[TraceCallback] = None


@ffi.callback("registerer_trace_callback")  # type: ignore[untyped-decorator]
def _on_line(level: int, line: Any, _user: Any) -> None:
    """What it raises cffi gives to sys.unraisablehook."""
    callback = _callback
    if callback is not None:
        callback(level, str(ffi.string(line), "utf-8", "replace"))


def set_trace(callback: Optional[TraceCallback], level: int = TraceLevel.LINES) -> None:
    """Has `callback` called with the level, 0 to 7, and the text of each line up to `level`.

    None ends that. It is called by any thread, by several at once. No line has a password.
    """
    global _callback
    called = ffi.NULL if callback is None else _on_line
    code = lib.registerer_set_trace(level, called, ffi.NULL)
    check(code, f"{level} is no level of the trace")
    _callback = callback


atexit.register(lib.registerer_set_trace, TraceLevel.ERRORS, ffi.NULL, ffi.NULL)
