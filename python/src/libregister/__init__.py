"""Managed SIP registrations, by the C library libregister.

`Context` has the sockets and threads, `Registration` is an address-of-record that is kept
registered. What fails raises an `Error`, whose text is the reason.
"""

from ._context import Context, Info, Registration, StateCallback, Stats
from ._library import BadParameter, Closed, Error, NoMemory, NoNetwork, NotFound, TimeIsUp
from ._library import WrongState, ffi as _ffi, lib as _lib
from ._names import Algorithm, ContextOptions, Keepalive, Nat, RegistrationOptions, Retry, State
from ._names import Text, TraceLevel, Transport
from ._trace import TraceCallback, set_trace

__all__ = [
    "Algorithm",
    "BadParameter",
    "Closed",
    "Context",
    "ContextOptions",
    "Error",
    "Info",
    "Keepalive",
    "Nat",
    "NoMemory",
    "NoNetwork",
    "NotFound",
    "Registration",
    "RegistrationOptions",
    "Retry",
    "State",
    "StateCallback",
    "Stats",
    "Text",
    "TimeIsUp",
    "TraceCallback",
    "TraceLevel",
    "Transport",
    "WrongState",
    "library_version",
    "set_trace",
]


def library_version() -> str:
    """The version of the C library."""
    return str(_ffi.string(_lib.registerer_version()), "ascii")
