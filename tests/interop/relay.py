"""Relays before a registrar: one for connections, and one for datagrams that counts, at the
registrar's side, the REGISTERs that await their final answer."""

import re
import select
import socket
import threading
import time

from ports import kept_port

LIFE = 32  # seconds: RFC 3261 timer F, after which nobody awaits an answer any more
FINAL = re.compile(rb"SIP/2\.0 [2-6]\d\d ")
BRANCH = re.compile(rb"^(?:Via|v)\s*:[^\r\n]*?;\s*branch=([^;,\s]+)", re.IGNORECASE | re.MULTILINE)


class StreamRelay:
    """Passes connections on to 127.0.0.1:`server`. While nobody is there, a connection waits for it
    up to ten seconds; `begun` has the time of each."""

    def __init__(self, server):
        self.server = server
        self.port, self.places = kept_port(["127.0.0.1"])
        self.begun = []
        self.clients = []
        self.near = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.near.bind(("127.0.0.1", self.port))
        self.near.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def end(self):
        self.near.close()
        for place in self.places:
            place.close()

    def accept(self):
        while True:
            try:
                client, _ = self.near.accept()
            except OSError:  # closed
                return
            self.begun.append(time.monotonic())
            self.clients.append(client)
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def cut(self, number):
        """Ends connection `number`, counted from 0."""
        self.clients[number].shutdown(socket.SHUT_RDWR)

    def connect(self, client):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                server = socket.create_connection(("127.0.0.1", self.server))
            except OSError:
                time.sleep(0.02)
                continue
            threading.Thread(target=self.carry, args=(server, client), daemon=True).start()
            return self.carry(client, server)
        client.close()

    @staticmethod
    def carry(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):  # wakes the thread of the other direction too
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Relay:
    """Passes datagrams of one client on to 127.0.0.1:`server`, and the answers back.

    `open` branches are those of REGISTERs that were passed on within LIFE and have no final answer yet; `most` is how many there
    were at a time. A retransmission has the branch of its request and counts once.
    """

    def __init__(self, server):
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.far.connect(("127.0.0.1", server))
        self.near = None
        self.port, self.places = kept_port(["127.0.0.1"])
        self.client = None
        self.open = {}
        self.most = 0
        self.requests = 0
        self.over = False
        self.guard = threading.Lock()
        self.listen()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def listen(self):
        """Is there for the client, at the same port as before."""
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        near.bind(("127.0.0.1", self.port))
        with self.guard:
            self.near = near

    def vanish(self):
        """As dead as the server: the kernel refuses what comes, with ICMP."""
        with self.guard:
            near, self.near = self.near, None
        near.close()

    def end(self):
        self.over = True
        self.thread.join()
        self.far.close()
        for place in self.places:
            place.close()
        if self.near:
            self.near.close()

    def run(self):
        while not self.over:
            with self.guard:
                sockets = [one for one in (self.near, self.far) if one]
            try:
                for ready in select.select(sockets, [], [], 0.05)[0]:
                    self.carry(ready)
            except (OSError, ValueError):  # closed meanwhile, or the server is dead
                continue

    def carry(self, ready):
        if ready is self.far:
            data = ready.recv(65535)
            if FINAL.match(data):
                for branch in BRANCH.findall(data)[:1]:
                    self.open.pop(branch, None)
            with self.guard:
                if self.near and self.client:
                    # The client is to see where the relay saw it, as if there were no relay.
                    ours = self.far.getsockname()[1]
                    data = data.replace(b";rport=%d" % ours, b";rport=%d" % self.client[1], 1)
                    self.near.sendto(data, self.client)
            return
        data, self.client = ready.recvfrom(65535)
        if data.startswith(b"REGISTER "):
            now = time.monotonic()
            for branch in BRANCH.findall(data)[:1]:
                if branch not in self.open:
                    self.requests += 1
                self.open.setdefault(branch, now)
            while self.open and now - next(iter(self.open.values())) > LIFE:
                del self.open[next(iter(self.open))]
            self.most = max(self.most, len(self.open))
        self.far.send(data)
