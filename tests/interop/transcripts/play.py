"""Plays a scenario: program.c on the one side, scripted peers on the other; what both have seen is
its transcript."""

import os
import re
import socket
import subprocess
import sys
import threading
import time

from peer import Peer

SCENARIOS = {}


def scenario(seconds, *rules, words=(), peers=1, tcp=False):
    """How long program.c runs, its rules (`;` between actions, `\\;` for one in a text; {P} and
    {P1} for the ports of the peers) and the words before them. The function is the peer's part."""

    def note(function):
        words_first = ["tcp", *words] if tcp else list(words)
        one = Scenario(function, seconds, rules, words_first, peers, tcp)
        SCENARIOS[one.name] = one
        return function

    return note


class Scenario:
    def __init__(self, function, seconds, rules, words, peers, tcp):
        self.function, self.seconds, self.rules = function, seconds, rules
        self.words, self.peers, self.tcp = words, peers, tcp

    @property
    def folder(self):
        """Where it stands, with its transcripts."""
        return os.path.dirname(sys.modules[self.function.__module__].__file__)

    def transcript(self, kind):
        """Where the one of `reference` or `ours` is."""
        return f"{self.folder}/{kind}/{self.function.__name__}.ref"

    @property
    def name(self):
        return f"{os.path.basename(self.folder)}/{self.function.__name__}"

    @property
    def says(self):
        return (self.function.__doc__ or "").strip()

    def command(self, program, port, peers):
        texts = [re.sub(r"(?<!\\);", "|", rule).replace("\\;", ";") for rule in self.rules]
        for name, value in (("{P}", peers[0].port), ("{P1}", peers[-1].port)):
            texts = [text.replace(name, str(value)) for text in texts]
        return [program, *self.words, str(port), str(self.seconds), *texts]

    def play(self, program, environment):
        """The lines of the transcript. Somebody else may have got the library's port meanwhile:
        then once more."""
        for _ in range(5):
            lines = self.play_once(program, environment)
            if "listen failed" not in lines:
                break
        return lines

    def play_once(self, program, environment):
        log, printed = [], []
        labels = [""] if self.peers == 1 else [f"p{i} " for i in range(self.peers)]
        peers = [Peer(log, label, self.tcp) for label in labels]
        port = free_port()
        for peer in peers:
            peer.library = port
        process = subprocess.Popen(
            self.command(program, port, peers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            first = process.stdout.readline().strip()
            if first == "listen failed":
                return [first]
            for peer in peers:
                peer.begin = time.monotonic()
            reader = threading.Thread(target=lambda: printed.extend(process.stdout), daemon=True)
            reader.start()
            failure = self.peers_part(peers)
            try:
                process.wait(self.seconds + 30)
            except subprocess.TimeoutExpired:
                printed.append("KILLED")
            finally:
                process.kill()
            reader.join(5)
            wrong = process.stderr.read().splitlines()[:40]
        finally:
            process.kill()
            process.wait()
            for peer in peers:
                peer.stop()
        lines = [f"# {self.function.__name__}: {self.says}"]
        lines += [f"## calls and events (exit {process.returncode})"]
        lines += [first] if first != "ready" else []
        lines += [line.rstrip("\n") for line in printed]
        lines += ["## stderr", *wrong] if wrong else []
        lines += ["## wire, seen by the peer", *log, *failure]
        return [line for line in map(Mask(port, [peer.port for peer in peers]), lines)]

    def peers_part(self, peers):
        """A peer that cannot go on is part of the transcript."""
        try:
            self.function(*peers)
        except Exception as error:  # pylint: disable=broad-except
            return [f"!! peer: {type(error).__name__}: {error}"]
        return []


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Mask:
    """What differs from run to run gets a name: branches, tags, Call-IDs, ports, digests. What
    the peer has chosen begins with p and stays."""

    def __init__(self, port, peer_ports):
        self.ports = {port: "DPORT"}
        self.ports.update((p, f"PPORT{i or ''}") for i, p in enumerate(peer_ports))
        self.tags, self.calls = {}, {}

    def tag(self, found):
        return found[1] + self.tags.setdefault(found[2], f"T{len(self.tags) + 1}")

    def call(self, found):
        return found[1] + self.calls.setdefault(found[2], f"C{len(self.calls) + 1}")

    def __call__(self, line):
        line = re.sub(r"z9hG4bK(?!p)[0-9A-Za-z.-]+", "BRANCH", line)
        line = re.sub(r"(tag(?:=|%3D))(?!p)([0-9A-Za-z._-]+)", self.tag, line)
        call = r"(Call-ID: |Replaces=|\| Call-ID: )(?!p)([0-9A-Za-z@._-]{6,})"
        line = re.sub(call, self.call, line)
        for port, name in self.ports.items():
            line = re.sub(rf"\b{port}\b", name, line)
        line = re.sub(r"127\.0\.0\.1:[3-6]\d{4}\b", "127.0.0.1:EPORT", line)
        line = re.sub(r'(response|cnonce)="[^"]*"', r'\1="*"', line)
        line = re.sub(r"line=[0-9a-f]+", "line=*", line)
        return re.sub(r"t=(\d+\.\d)\d", r"t=\1", line)
