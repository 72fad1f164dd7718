"""A SIP peer on the loopback that sends what a scenario says; it notes all that it sees."""

import queue
import re
import socket
import threading
import time

from message import REASONS, SDP, Message, text_of

# Whose Contact a response to them repeats.
REFRESHING = ("INVITE", "UPDATE", "SUBSCRIBE", "REFER")


class Peer:
    """`label` begins each of its lines in `log`, which peers may share."""

    def __init__(self, log, label="", tcp=False):
        self.log, self.label, self.tcp = log, label, tcp
        self.received, self.seen = queue.Queue(), set()
        self.begin, self.ended, self.connection = time.monotonic(), False, None
        self.branches = 0
        self.library = None  # the port of the library
        kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        if tcp:
            self.socket.listen(5)
        self.socket.settimeout(0.1)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def stop(self):
        self.ended = True
        self.thread.join(5)
        for one in (self.connection, self.socket):
            if one is not None:
                one.close()

    # ---- what comes ------------------------------------------------------------------------------

    def listen(self):
        stream = b""
        while not self.ended:
            try:
                if not self.tcp:
                    datagram = self.socket.recv(65536)
                    if len(datagram) > 32:  # no keep-alive
                        self.take(datagram)
                elif self.connection is None:
                    self.connection, _ = self.socket.accept()
                    self.connection.settimeout(0.1)
                    self.note("connection accepted")
                else:
                    read = self.connection.recv(65536)
                    if not read:
                        self.note("connection closed by the library")
                        self.connection = None
                    stream = self.frames(stream + read)
            except (TimeoutError, BlockingIOError):
                continue
            except OSError:
                self.connection = None
                time.sleep(0.05)

    def frames(self, stream):
        """Takes the messages that are whole; what is left of the stream."""
        stream = stream.lstrip(b"\r\n")
        while b"\r\n\r\n" in stream:
            head, _, rest = stream.partition(b"\r\n\r\n")
            length = re.search(rb"content-length:\s*(\d+)", head, re.IGNORECASE)
            length = int(length.group(1)) if length else 0
            if len(rest) < length:
                break
            self.take(head + b"\r\n\r\n" + rest[:length])
            stream = rest[length:].lstrip(b"\r\n")
        return stream

    def take(self, octets):
        text = octets.decode("latin1")
        message = Message(text)
        if text in self.seen:
            self.say(f"< {message.start} (CSeq {message.get('CSeq')}) again")
        else:
            self.seen.add(text)
            self.say(f"< {message.start}")
            self.log.extend(f"      {name}: {value}" for name, value in message.fields)
            if message.body:
                names = re.findall(r"^s=(.*?)\r?$", message.body, re.MULTILINE) or ["?"]
                self.log.append(f"      [body {len(message.body)} bytes, s={names[0]}]")
        self.received.put(message)

    def say(self, text):
        self.log.append(f"t={time.monotonic() - self.begin:.2f} {self.label}{text}")

    def note(self, text):
        self.say(f"-- {text}")

    def get(self, what=None, timeout=10):
        """The next message that is a WHAT, as Message.is_a has it; others are skipped."""
        end = time.monotonic() + timeout
        while True:
            try:
                message = self.received.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                self.note(f"nothing of {what} in {timeout:g}s")
                return None
            if message.is_a(what):
                return message

    def answer(self, request, timeout=2):
        """The final response to a request of the peer; what else comes meanwhile stays."""
        end, others, found = time.monotonic() + timeout, [], None
        while found is None and time.monotonic() < end:
            try:
                message = self.received.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                continue
            if message.code >= 200 and message.is_about(request):
                found = message
            else:
                others.append(message)
        for other in others:
            self.received.put(other)
        if found is None:
            self.note(f"no answer to that {request.method}")
        return found

    # ---- what goes -------------------------------------------------------------------------------

    def send(self, text):
        message = Message(text)
        body = ", with body" if message.body else ""
        self.say(f"> {message.start} (CSeq {message.get('CSeq')}{body})")
        if self.tcp:
            self.connection.sendall(text.encode("latin1"))
        else:
            self.socket.sendto(text.encode("latin1"), ("127.0.0.1", self.library))
        return message

    def own_contact(self):
        return f"<sip:peer@127.0.0.1:{self.port}{';transport=tcp' if self.tcp else ''}>"

    def via(self):
        self.branches += 1
        transport = "TCP" if self.tcp else "UDP"
        branch = f"z9hG4bKp{self.label.strip()}{self.branches}"
        return f"SIP/2.0/{transport} 127.0.0.1:{self.port};branch={branch}"

    def reply(self, request, code, tag="ptag1", extra=(), body=None, contact=True):
        """A response; `contact` may be another than the peer's own, or False."""
        to = request.get("To")
        if code > 100 and tag and ";tag=" not in to:
            to += f";tag={tag}"
        lines = [f"SIP/2.0 {code} {REASONS.get(code, 'X')}"]
        for i, via in enumerate(request.all("Via")):
            if i == 0 and ";rport" in via and "rport=" not in via:
                via = via.replace(";rport", f";rport={self.library}") + ";received=127.0.0.1"
            lines.append(f"Via: {via}")
        lines += [f"Record-Route: {route}" for route in request.all("Record-Route")]
        lines += [f"From: {request.get('From')}", f"To: {to}"]
        lines += [f"{name}: {request.get(name)}" for name in ("Call-ID", "CSeq")]
        if contact and 100 < code < 300 and request.method in REFRESHING:
            lines.append(f"Contact: {contact if isinstance(contact, str) else self.own_contact()}")
        return self.send(text_of(lines + list(extra), body))

    def request(self, method, call, extra=(), body=None, contact=True, **more):
        """A request outside of dialogs; `more` may say `uri`, `to`, `sender`, `cseq`, `tag` and
        `content_type`."""
        uri = more.get("uri", f"sip:ex@127.0.0.1:{self.library}")
        sender, to = more.get("sender", "sip:peer@127.0.0.1"), more.get("to", "sip:ex@127.0.0.1")
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: {self.via()}",
            "Max-Forwards: 70",
            f"From: <{sender}>;tag={more.get('tag', 'pf1')}",
            f"To: <{to}>",
            f"Call-ID: {call}",
            f"CSeq: {more.get('cseq', 1)} {method}",
        ]
        if contact:
            lines.append(f"Contact: {contact if isinstance(contact, str) else self.own_contact()}")
        content_type = more.get("content_type", "application/sdp")
        return self.send(text_of(lines + list(extra), body, content_type))

    def invite(self, call="pcall1", extra=(), body=SDP % "offer", contact=True, **more):
        """Calls the library."""
        return self.request("INVITE", call, extra, body, contact, **more)

    def ack(self, invite, response, body=None):
        """The ACK of an INVITE of the peer: of a 2xx with a branch of its own."""
        is_success = 200 <= response.code < 300
        lines = [
            f"ACK {response.contact(invite.uri) if is_success else invite.uri} SIP/2.0",
            f"Via: {self.via() if is_success else invite.get('Via')}",
            "Max-Forwards: 70",
            f"From: {invite.get('From')}",
            f"To: {response.get('To')}",
            f"Call-ID: {invite.get('Call-ID')}",
            f"CSeq: {invite.cseq} ACK",
        ]
        return self.send(text_of(lines, body))

    def cancel(self, invite):
        lines = [f"CANCEL {invite.uri} SIP/2.0", f"Via: {invite.get('Via')}", "Max-Forwards: 70"]
        lines += [f"{name}: {invite.get(name)}" for name in ("From", "To", "Call-ID")]
        return self.send(text_of(lines + [f"CSeq: {invite.cseq} CANCEL"]))

    def within(self, method, dialog, cseq, extra=(), body=None, **more):
        """A request in a dialog; `more` may say `content_type`, and the `user` of its Contact."""
        lines = [
            f"{method} {dialog.target} SIP/2.0",
            f"Via: {self.via()}",
            "Max-Forwards: 70",
            f"From: {dialog.local};tag={dialog.local_tag}",
            f"To: {dialog.remote};tag={dialog.remote_tag}",
            f"Call-ID: {dialog.call}",
            f"CSeq: {cseq} {method}",
        ]
        if method in (*REFRESHING, "NOTIFY"):
            lines.append(f"Contact: <sip:{more.get('user', 'peer')}@127.0.0.1:{self.port}>")
        content_type = more.get("content_type", "application/sdp")
        return self.send(text_of(lines + list(extra), body, content_type))
