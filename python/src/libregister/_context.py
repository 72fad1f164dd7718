"""Contexts and registrations."""

from __future__ import annotations

import itertools
import math
import os
import threading
import time
import warnings
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional

from ._library import BadParameter, Closed, Error, NotFound, TimeIsUp, WrongState
from ._library import check, ffi, filled, lib, read_text
from ._names import ContextOptions, RegistrationOptions, State, Text, Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack

StateCallback = Callable[["Registration", State], object]

# Ctrl-C ends a wait of the main thread after so many milliseconds: Python runs its handlers only
# between calls of C.
_SIGNALS_MS = 200
_NO_LIMIT = -1
_LONGEST_MS = 2**31 - 1

# C has a number for each context and no reference to it.
_numbers = itertools.count(1)
_contexts: weakref.WeakValueDictionary[int, Context] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Info:
    """How a registration stands at one moment. Times are in seconds."""

    state: State
    #: A REGISTER awaits its answer, or waits to be sent.
    pending: bool
    #: What the server granted; 0: nothing.
    granted: int
    #: What is left of that.
    remaining: float
    #: Until the next REGISTER that is sent by itself; None: there is none.
    next_register: Optional[float]
    #: What is left of Retry-After; None: there is none.
    retry_after: Optional[float]
    #: The status of the last answer; 408: none came; 0: nothing yet.
    status: int
    #: The reason phrase of that answer, or why there was none.
    reason: str
    #: The server refused push notifications (555).
    push_refused: bool
    #: REGISTERs sent, retransmissions aside, …
    requests: int
    #: … accepted, …
    accepted: int
    #: … failed with a final answer, …
    rejected: int
    #: … and without one.
    unanswered: int
    #: Challenges answered.
    challenges: int
    #: Times the Contact moved to another address.
    moves: int
    #: Since a REGISTER was last accepted; None: none was.
    since_success: Optional[float]
    #: Since an attempt last failed; None: none has.
    since_failure: Optional[float]


@dataclass(frozen=True)
class Stats:
    """The registrations of a context in numbers."""

    initial: int
    registered: int
    unregistered: int
    #: Those that have ended since the context was made. They are not among the others.
    terminated: int
    #: Attempts in flight.
    in_flight: int
    #: Registrations whose attempt waits for the limits.
    queued: int
    #: How many have which last status; 408: no answer came, 0: nothing yet.
    statuses: dict[int, int]


@ffi.callback("registerer_state_callback")  # type: ignore[untyped-decorator]
def _on_state(_pointer: Any, rid: int, state: int, user: Any) -> None:
    """Called by a thread of the library. What it raises cffi gives to sys.unraisablehook."""
    context = _contexts.get(int(ffi.cast("uintptr_t", user)))
    registration = context and context._registrations.get(rid)
    if registration:
        registration._enter(State(state))


def _free(pointer: Any, process: int, is_closed: bool = False) -> None:
    """Ends a context. A process that was forked has none of its threads, and leaves it alone."""
    if process == os.getpid():
        lib.registerer_context_free(pointer)
        if not is_closed:
            warnings.warn("a libregister.Context was not closed", ResourceWarning, stacklevel=2)


class Context:
    """Sockets, registrations and the threads that keep them.

    Options are those of `struct registerer_context_options`. `close`, or the end of a `with`
    statement, removes the bindings from their registrars.
    """

    def __init__(self, **options: Unpack[ContextOptions]) -> None:
        values = _known(ContextOptions, options)
        with filled("registerer_context_options", values) as filled_options:
            pointer = lib.registerer_context_new(filled_options)
        if not pointer:
            raise BadParameter("the options are wrong (the trace says why), or memory is short")
        self._pointer: Any = pointer
        self._registrations: dict[int, Registration] = {}
        self._process = os.getpid()
        self._end = weakref.finalize(self, _free, pointer, self._process)
        number = next(_numbers)
        _contexts[number] = self
        user = ffi.cast("void *", number)
        check(lib.registerer_on_state_change(pointer, 0, _on_state, user, 0))

    def listen(
        self,
        transport: Transport = Transport.UDP,
        address: Optional[str] = None,
        port: int = 0,
    ) -> None:
        """Opens what registrations are sent from, and starts the context's thread.

        Without an address it is all interfaces; the port 0 lets the kernel choose one.
        """
        at = ffi.NULL if address is None else ffi.new("char[]", address.encode())
        code = lib.registerer_context_listen(self._open(), transport, at, port)
        unbound = code == lib.REGISTERER_UNDEFINED_ERROR
        check(code, f"{address or '*'}, port {port}, cannot be bound" if unbound else None)

    @property
    def port(self) -> int:
        """The port that `listen` has opened."""
        return check(lib.registerer_context_port(self._open()))

    @property
    def stats(self) -> Stats:
        """How many registrations are in each state, and have which last status."""
        pointer = self._open()
        stats = _sized("registerer_stats")
        check(lib.registerer_get_stats(pointer, stats))
        room = 16
        while True:
            counts = ffi.new("struct registerer_status_count[]", room)
            found = check(lib.registerer_status_counts(pointer, counts, room))
            if found <= room:
                break
            room = found
        statuses = {count.status: count.registrations for count in counts[0:found]}
        return Stats(
            initial=stats.initial,
            registered=stats.registered,
            unregistered=stats.unregistered,
            terminated=stats.terminated,
            in_flight=stats.in_flight,
            queued=stats.queued,
            statuses=statuses,
        )

    def network_changed(self) -> None:
        """Has each registration ask for its binding again, where the system does not tell."""
        check(lib.registerer_context_network_changed(self._open()))

    def close(self) -> None:
        """Removes the bindings and ends; threads that wait in the context get `Closed`.

        It takes as long as the registrars' answers, five seconds where there are none, with many
        registrations up to twenty. In `on_state` it waits for no answer.
        """
        end = self._end.detach()
        if end:
            try:
                _free(self._pointer, self._process, is_closed=True)
            finally:
                self._pointer = None
                self._registrations.clear()

    @property
    def closed(self) -> bool:
        return not self._end.alive

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<libregister.Context {'closed' if self.closed else 'open'}>"

    def _open(self) -> Any:
        pointer = self._pointer
        if pointer is None:
            raise Closed("the context is closed")
        return pointer


class Registration:
    """An address-of-record that is kept registered once `register` was called.

    Options are those of `struct registerer_options`; `from` is spelt `from_`. `on_state` is called
    with the registration and each new state, by a thread of the library; it may make any call. An
    exception in it goes to `sys.unraisablehook`.
    """

    def __init__(
        self,
        context: Context,
        aor: str,
        *,
        password: Optional[str] = None,
        on_state: Optional[StateCallback] = None,
        **options: Unpack[RegistrationOptions],
    ) -> None:
        self.on_state = on_state
        self.context = context
        self.aor = aor
        pointer = context._open()
        values = {**_known(RegistrationOptions, options), "aor": aor, "password": password}
        reason = ffi.new("char[]", 512)
        with filled("registerer_options", values) as filled_options:
            code = lib.registerer_check(filled_options, reason, ffi.sizeof(reason))
            check(code, str(ffi.string(reason), "utf-8", "replace"))
            self._rid = check(lib.registerer_new(pointer, filled_options))
        context._registrations[self._rid] = self

    def register(self) -> None:
        """Asks for the binding, or renews it, and keeps it."""
        check(lib.registerer_register(self.context._open(), self._rid))

    def unregister(self, everybody: bool = False) -> None:
        """Removes our binding; with `everybody` all that the address-of-record has."""
        check(lib.registerer_unregister(self.context._open(), self._rid, everybody))

    def dispose(self) -> None:
        """Removes the binding and ends in `State.TERMINATED`; returns at once."""
        check(lib.registerer_dispose(self.context._open(), self._rid))

    def wait(self, state: State = State.REGISTERED, timeout: Optional[float] = None) -> None:
        """Waits until the registration is in `state`, at most `timeout` seconds.

        Raises `TimeIsUp`, with what `explain` says; `WrongState` when the state cannot come any
        more; `Closed` when the context is closed meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        in_main = threading.current_thread() is threading.main_thread()
        while True:
            left = math.inf if deadline is None else (deadline - time.monotonic()) * 1000
            ms = math.ceil(min(max(left, 0), _SIGNALS_MS if in_main else _LONGEST_MS))
            code = lib.registerer_wait(self.context._open(), self._rid, state, ms)
            if code != 0 and self.context.closed:
                raise Closed("the context was closed meanwhile")
            if code != lib.REGISTERER_WRONG_STATE:
                check(code)
                return
            if state == State.INITIAL or self.state == State.TERMINATED:
                raise WrongState(f"it cannot become {State(state).name} any more")
            if deadline is not None and deadline <= time.monotonic():
                raise TimeIsUp(f"not {State(state).name} after {timeout:g} s: {self.explain()}")

    @property
    def state(self) -> State:
        return State(check(lib.registerer_get_state(self.context._open(), self._rid)))

    def explain(self) -> str:
        """One sentence for a person: what happened last, why, and what happens next."""
        pointer = self.context._open()
        return read_text(lambda to, size: lib.registerer_explain(pointer, self._rid, to, size))

    @property
    def info(self) -> Info:
        """How it stands, in numbers."""
        info = _sized("registerer_info")
        check(lib.registerer_get_info(self.context._open(), self._rid, info))
        return Info(
            state=State(info.state),
            pending=bool(info.pending),
            granted=info.granted,
            remaining=info.remaining_ms / 1000,
            next_register=_seconds(info.next_ms),
            retry_after=_seconds(info.retry_after_ms),
            status=info.status,
            reason=next(self.texts(Text.REASON), ""),
            push_refused=bool(info.push_refused),
            requests=info.requests,
            accepted=info.accepted,
            rejected=info.rejected,
            unanswered=info.unanswered,
            challenges=info.challenges,
            moves=info.moves,
            since_success=_seconds(info.since_success_ms),
            since_failure=_seconds(info.since_failure_ms),
        )

    def texts(self, what: Text) -> Iterator[str]:
        """Each text of a kind: the Contacts that the server lists, our instance, …"""
        for index in itertools.count():
            try:
                yield self._get_text(what, index)
            except NotFound:
                return

    def set_credentials(self, username: str, password: str, realm: Optional[str] = None) -> None:
        """Gives it other credentials; one that stopped for want of them goes on at once."""
        values = {"username": username, "password": password, "realm": realm}
        with filled("registerer_options", values) as filled_options:
            pointer = self.context._open()
            check(lib.registerer_set_credentials(pointer, self._rid, filled_options))

    def __repr__(self) -> str:
        try:
            state = self.state.name
        except Error:
            state = State.TERMINATED.name
        return f"<libregister.Registration {self.aor} {state}>"

    def _get_text(self, what: Text, index: int) -> str:
        pointer, rid = self.context._open(), self._rid
        call = lib.registerer_get_text
        return read_text(lambda to, size: call(pointer, rid, what, index, to, size))

    def _enter(self, state: State) -> None:
        if state == State.TERMINATED:
            self.context._registrations.pop(self._rid, None)
        if self.on_state is not None:
            self.on_state(self, state)


def _known(options: Any, values: Any) -> dict[str, Any]:
    """The values by their names in C."""
    for name in values:
        if name not in options.__annotations__:
            raise TypeError(f"there is no option {name}")
    return {name.rstrip("_"): value for name, value in values.items()}


def _sized(struct: str) -> Any:
    """A struct that says how long it is."""
    return ffi.new(f"struct {struct} *", {"size": ffi.sizeof(f"struct {struct}")})


def _seconds(ms: int) -> Optional[float]:
    return None if ms < 0 else ms / 1000
