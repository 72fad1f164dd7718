"""Registrations with the loopback registrar."""

import contextlib
import gc
import io
import queue
import signal
import sys
import tempfile
import threading
import traceback
import unittest
import warnings
import weakref
from pathlib import Path
from unittest import mock

import libregister
from libregister import _library, Context, Registration, State, Text, TraceLevel, Transport
from registrar import Registrar

SECRET = "correct horse"
LIMIT = 10


def listening(test, **options):
    """A context on the loopback that ends with the test."""
    context = Context(**options)
    test.addCleanup(context.close)
    context.listen(address="127.0.0.1")
    return context


def alice(context, registrar, password=SECRET, **options):
    return Registration(
        context,
        "sip:alice@rig.test",
        registrar=registrar.uri,
        username="alice",
        password=password,
        **options,
    )


class Registrations(unittest.TestCase):
    def registrar(self, *arguments):
        return Registrar(self, "--user", f"alice:{SECRET}", *arguments)

    def test_is_registered_and_unregistered(self):
        context = listening(self)
        registration = alice(context, self.registrar(), expires=300)
        self.assertEqual(registration.state, State.INITIAL)
        registration.register()
        registration.wait(timeout=LIMIT)
        self.assertEqual(registration.state, State.REGISTERED)
        self.assertIn("200", registration.explain())
        info = registration.info
        self.assertEqual((info.state, info.status, info.granted), (State.REGISTERED, 200, 300))
        self.assertEqual((info.requests, info.accepted, info.challenges), (2, 1, 1))
        self.assertTrue(295 < info.remaining <= 300 and 200 < info.next_register < 300, info)
        self.assertEqual((info.reason, info.since_failure), ("OK", None))
        [contact] = registration.texts(Text.CONTACT)
        self.assertIn(f"127.0.0.1:{context.port}", contact)
        self.assertEqual(context.stats.registered, 1)
        self.assertEqual(context.stats.statuses, {200: 1})
        registration.unregister()
        registration.wait(State.UNREGISTERED, LIMIT)
        self.assertEqual(list(registration.texts(Text.CONTACT)), [])

    def test_states_are_called_in_order(self):
        states = queue.Queue()
        context = listening(self)

        def on_state(*arguments):
            states.put((*arguments, threading.current_thread()))

        registration = alice(context, self.registrar(), on_state=on_state)
        registration.register()
        registration.wait(timeout=LIMIT)
        registration.dispose()
        registration.wait(State.TERMINATED, LIMIT)
        calls = [states.get(timeout=LIMIT) for _ in range(3)]
        wanted = [State.REGISTERED, State.UNREGISTERED, State.TERMINATED]
        self.assertEqual([state for _, state, _ in calls], wanted)
        for of, state, thread in calls:
            self.assertIs(of, registration)
            self.assertIsInstance(state, State)
            self.assertIsNot(thread, threading.main_thread())
        with self.assertRaises(libregister.WrongState) as raised:
            registration.wait(timeout=LIMIT)
        self.assertNotIsInstance(raised.exception, TimeoutError)

    def test_each_call_may_be_made_in_on_state(self):
        results = queue.Queue()

        def on_state(registration, state):
            results.put((registration.explain(), registration.info.status))
            registration.context.close()
            results.put(registration.context.closed)

        context = listening(self)
        registration = alice(context, self.registrar(), on_state=on_state)
        registration.register()
        sentence, status = results.get(timeout=LIMIT)
        self.assertEqual(status, 200, sentence)
        self.assertTrue(results.get(timeout=LIMIT))
        with self.assertRaises(libregister.Closed):
            registration.register()

    def test_an_exception_in_on_state_is_reported_and_nothing_more(self):
        reported = queue.Queue()
        hook, sys.unraisablehook = sys.unraisablehook, reported.put
        self.addCleanup(setattr, sys, "unraisablehook", hook)

        def on_state(registration, state):
            raise KeyError(state.name)

        context = listening(self)
        registration = alice(context, self.registrar(), on_state=on_state)
        registration.register()
        first = reported.get(timeout=LIMIT)
        frames = traceback.extract_tb(first.exc_traceback)
        self.assertEqual(frames[-1].name, "on_state")
        self.assertEqual(first.exc_value.args, ("REGISTERED",))
        registration.unregister()
        self.assertEqual(reported.get(timeout=LIMIT).exc_value.args, ("UNREGISTERED",))

    def test_a_wrong_password_is_explained_and_never_shown(self):
        context = listening(self)
        wrong = "wrong battery"
        registration = alice(context, self.registrar("--forbid"), password=wrong)
        registration.register()
        registration.wait(State.UNREGISTERED, LIMIT)
        self.assertEqual(registration.info.status, 403)
        sentence = registration.explain()
        self.assertIn("403", sentence)
        self.assertIn("user name or password is wrong", sentence)
        for text in (sentence, repr(registration), repr(context), repr(registration.info)):
            self.assertNotIn(wrong, text)
        self.assertNotIn(wrong, repr(vars(registration)))
        registration.set_credentials("alice", SECRET)
        registration.wait(timeout=LIMIT)

    def test_no_error_shows_a_password(self):
        context = listening(self)
        options = [
            {"username": None},
            {"username": "alice", "expires": -1},
            {"username": "alice", "ha1_md5": "battery"},
            {"username": "alice", "no_option": 1},
            {"username": "alice", "expires": "a text"},
        ]
        for password in (SECRET, SECRET.encode(), SECRET + "\0", 7777):
            for more in options:
                with self.assertRaises((libregister.BadParameter, TypeError, ValueError)) as raised:
                    Registration(context, "sip:alice@rig.test", password=password, **more)
                kind = type(raised.exception)
                shown = "".join(traceback.format_exception_only(kind, raised.exception))
                self.assertNotIn("horse", shown)
                self.assertNotIn("7777", shown)

    def test_a_server_that_is_silent_is_explained(self):
        context = listening(self)
        registration = alice(context, self.registrar("--silent", "1000"), attempt_timeout=1)
        registration.register()
        with self.assertRaises(TimeoutError) as raised:
            registration.wait(timeout=0.2)
        self.assertIsInstance(raised.exception, libregister.TimeIsUp)
        self.assertIn("REGISTERED after 0.2 s", str(raised.exception))
        registration.wait(State.UNREGISTERED, LIMIT)
        self.assertEqual(registration.info.status, 408)
        self.assertEqual(registration.info.unanswered, 1)
        self.assertIn("No final answer", registration.explain())

    def test_a_signal_ends_a_wait_of_the_main_thread(self):
        class Interrupted(Exception):
            pass

        def interrupt(*_):
            raise Interrupted

        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        registration = alice(listening(self), self.registrar())
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with self.assertRaises(Interrupted):
            registration.wait(timeout=LIMIT)

    def test_a_wait_ends_when_the_context_is_closed(self):
        context = listening(self)
        registration = alice(context, self.registrar("--silent", "1000"))
        registration.register()
        outcome = queue.Queue()

        def wait():
            outcome.put("begun")
            try:
                registration.wait()
            except Exception as error:
                outcome.put(error)

        thread = threading.Thread(target=wait)
        thread.start()
        self.assertEqual(outcome.get(timeout=LIMIT), "begun")
        context.close()
        self.assertIsInstance(outcome.get(timeout=LIMIT), libregister.Closed)
        thread.join(LIMIT)
        self.assertEqual(repr(context), "<libregister.Context closed>")

    def test_a_context_that_nobody_holds_ends(self):
        registrar = self.registrar()
        context = Context()
        context.listen(address="127.0.0.1")
        registration = alice(context, registrar)
        registration.register()
        registration.wait(timeout=LIMIT)
        gone = weakref.ref(context)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del context, registration
            gc.collect()
        self.assertIsNone(gone())
        self.assertEqual([each.category for each in warned], [ResourceWarning])
        # Registered after a challenge, and removed.
        self.assertEqual(len(registrar.end()), 4, registrar.lines)

    def test_two_contexts_know_nothing_of_each_other(self):
        registrar = self.registrar()
        first, second = listening(self), listening(self)
        self.assertNotEqual(first.port, second.port)
        states = queue.Queue()
        one = alice(first, registrar, on_state=lambda of, state: states.put(of))
        two = alice(second, registrar, on_state=lambda of, state: states.put(of))
        one.register()
        one.wait(timeout=LIMIT)
        self.assertIs(states.get(timeout=LIMIT), one)
        self.assertEqual((one.state, two.state), (State.REGISTERED, State.INITIAL))
        first.close()
        two.register()
        two.wait(timeout=LIMIT)
        self.assertIn(two, [states.get(timeout=LIMIT) for _ in range(3)])
        self.assertEqual(second.stats.registered, 1)

    def test_with_unregisters_at_its_end(self):
        registrar = self.registrar()
        with Context(user_agent="python/1") as context:
            context.listen(Transport.UDP, "127.0.0.1")
            registration = alice(context, registrar)
            registration.register()
            registration.wait(timeout=LIMIT)
        self.assertTrue(context.closed)
        context.close()
        self.assertEqual(len(registrar.end()), 4, registrar.lines)


    def test_tls_trusts_the_file_that_is_given(self):
        with tempfile.TemporaryDirectory() as folder:
            roots = Path(folder) / "roots.pem"
            arguments = ["--transport", "tls", "--certificate-file", str(roots)]
            registrar = self.registrar(*arguments)
            options = {"transport": Transport.TLS, "tls_ca_file": roots}
            registration = alice(listening(self), registrar, **options)
            registration.register()
            registration.wait(timeout=LIMIT)

    def test_the_example_of_the_readme_registers(self):
        text = (Path(__file__).parents[1] / "README.md").read_text()
        code = text.split("```python\n")[1].split("```")[0]
        code = code.replace("sip:sip.example.com", self.registrar().uri).replace("secret", SECRET)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, {})
        states = [line.split()[0] for line in printed.getvalue().splitlines()]
        self.assertEqual(states, ["REGISTERED", "UNREGISTERED", "TERMINATED"])


class Refusals(unittest.TestCase):
    def test_what_is_wrong_is_said(self):
        context = listening(self)
        with self.assertRaisesRegex(libregister.BadParameter, "expiry is -1"):
            Registration(context, "sip:alice@rig.test", expires=-1)
        with self.assertRaisesRegex(TypeError, "no_such_option"):
            Context(no_such_option=1)
        with self.assertRaisesRegex(ValueError, "NUL"):
            Registration(context, "sip:alice@rig.test\0")
        with self.assertRaises(libregister.BadParameter):
            Context(dscp=64)
        with self.assertRaises(libregister.WrongState):
            context.listen()
        with Context() as other, self.assertRaisesRegex(libregister.Error, "cannot be bound"):
            other.listen(address="192.0.2.1", port=5060)

    def test_nothing_is_sent_before_listen(self):
        with Context() as context:
            with self.assertRaises(libregister.NoNetwork) as raised:
                Registration(context, "sip:alice@127.0.0.1:9").register()
            self.assertEqual(raised.exception.code, -10)

    def test_the_trace_says_what_is_wrong_with_a_context(self):
        lines = []
        self.addCleanup(libregister.set_trace, None)
        libregister.set_trace(lambda level, line: lines.append(line), TraceLevel.WARNINGS)
        with self.assertRaises(libregister.BadParameter):
            Context(dscp=64)
        self.assertTrue(any("64" in line for line in lines), lines)
        with self.assertRaisesRegex(libregister.BadParameter, "99 is no level"):
            libregister.set_trace(print, 99)
        libregister.set_trace(None)
        del lines[:]
        with self.assertRaises(libregister.BadParameter):
            Context(dscp=64)
        self.assertEqual(lines, [])

    def test_the_trace_has_messages_and_no_password(self):
        lines = []
        self.addCleanup(libregister.set_trace, None)
        libregister.set_trace(lambda *line: lines.append(line), TraceLevel.MESSAGES)
        registrar = Registrar(self, "--user", f"alice:{SECRET}")
        registration = alice(listening(self), registrar)
        registration.register()
        registration.wait(timeout=LIMIT)
        registration.context.close()
        self.assertTrue(any("REGISTER sip:" in line for _, line in lines), lines)
        self.assertFalse(any(SECRET in line for _, line in lines), lines)

    def test_texts_for_c_are_wiped(self):
        made = []

        def text(name, value, original=_library._text):
            made.append(original(name, value))
            return made[-1]

        with mock.patch.object(_library, "_text", text):
            with _library.filled("registerer_options", {"password": SECRET}) as options:
                self.assertEqual(_library.ffi.string(options.password), SECRET.encode())
        self.assertEqual([_library.ffi.unpack(each, len(SECRET)) for each in made], [bytes(13)])

    def test_a_keyword_of_python_is_an_option_too(self):
        with Context() as context:
            Registration(context, "sip:alice@rig.test", from_="sip:boss@rig.test")


if __name__ == "__main__":
    unittest.main()
