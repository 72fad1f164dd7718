"""Plays a scenario: caller.c on the one side, scripted peers on the other; and compares the
transcripts of both with those of another time."""

import difflib
import re
import socket
import subprocess
import threading
import time

from peer import Peer

SCENARIOS = {}


def scenario(seconds, *rules, words=(), peers=1, tcp=False):
    """How long caller.c runs, its rules (`;` between actions, `\\;` for one in a text; {P} and
    {P1} for the ports of the peers) and the words before them. The function is the peer's part."""

    def note(function):
        words_first = ["tcp", *words] if tcp else list(words)
        SCENARIOS[function.__name__] = Scenario(function, seconds, rules, words_first, peers, tcp)
        return function

    return note


class Scenario:
    def __init__(self, function, seconds, rules, words, peers, tcp):
        self.function, self.seconds, self.rules = function, seconds, rules
        self.words, self.peers, self.tcp = words, peers, tcp

    @property
    def name(self):
        return self.function.__name__

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
        lines = [f"# {self.name}: {self.says}", f"## calls and events (exit {process.returncode})"]
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


# ---- comparing -----------------------------------------------------------------------------------


def parts(transcript):
    """What has to agree, each with its time: calls and events; what the library sent, by peer;
    what a peer has missed."""
    found = {"events": [], "sent": [], "sent to p0": [], "sent to p1": [], "missed": []}
    is_wire, to = False, None
    for line in transcript:
        if line.startswith("#"):
            is_wire = is_wire or line.startswith("## wire")
            continue
        timed = re.match(r"t=(\S+) (.*)", line)
        at, text = (float(timed[1]), timed[2]) if timed else (None, line)
        if not is_wire:
            found["events"].append((text, at))
        elif timed and re.match(r"(p\d )?<", text):
            to = f"sent to {text[:2]}" if text[0] == "p" else "sent"
            found[to].append((text, at))
        elif timed or line.startswith("!!"):
            to = None
            if "--" in text or line.startswith("!!"):
                found["missed"].append((text, at))
        elif to is not None:
            found[to].append((line, None))
    return {part: in_order(lines) for part, lines in found.items()}


def in_order(lines):
    """With the header fields of each message by name; those of one name stay in their order."""
    ordered, message = [], []
    for text, at in [*lines, ("", None)]:
        field = re.match(r"( {3}\| | {6})([A-Za-z-]+): +(.*)", text)
        if field:
            message.append((f"{field[1]}{field[2].title()}: {field[3]}", at))
        else:
            ordered += sorted(message, key=lambda line: line[0].partition(":")[0]) + [(text, at)]
            message = []
    return ordered[:-1]


def differences(reference, transcript):
    """Lines that say where a run differs: in its texts, else in times by more than 1.2 s or
    15 %."""
    wanted, got = parts(reference), parts(transcript)
    differences, late = [], []
    for part, lines in wanted.items():
        texts = [[text for text, _ in side] for side in (lines, got[part])]
        changes = difflib.unified_diff(*texts, lineterm="", n=0)
        differences += [f"{part} {c}" for c in changes if c[:3] not in ("---", "+++", "@@ ")]
        for (text, at), (_, other) in zip(lines, got[part]):
            if None not in (at, other) and abs(at - other) > max(1.2, 0.15 * at):
                late.append(f"{part} at {at}, here at {other}: {text}")
    return differences or late
