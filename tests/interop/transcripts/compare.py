"""Compares a transcript with that of another time."""

import difflib
import re


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


def without_seconds(text):
    """The text with N for the seconds that a subscription goes on, and those."""
    found = re.search(r"(?<!-)\b(?:Expires: |expires=)(\d+)$", text)
    if not found:
        return text, None
    return text[: found.start(1)] + "N", int(found[1])


def differences(reference, transcript):
    """Lines that say where a run differs: in its texts, else in times by more than 1.2 s or
    15 %, or in seconds that are left by more than one."""
    wanted, got = parts(reference), parts(transcript)
    differences, late = [], []
    for part, lines in wanted.items():
        sides = [[without_seconds(text) for text, _ in side] for side in (lines, got[part])]
        texts = [[text for text, _ in side] for side in sides]
        changes = difflib.unified_diff(*texts, lineterm="", n=0)
        differences += [f"{part} {c}" for c in changes if c[:3] not in ("---", "+++", "@@ ")]
        for (text, at), (_, other) in zip(lines, got[part]):
            if None not in (at, other) and abs(at - other) > max(1.2, 0.15 * at):
                late.append(f"{part} at {at}, here at {other}: {text}")
        for (text, left), (_, other) in zip(*sides):
            if None not in (left, other) and abs(left - other) > 1:
                late.append(f"{part} {left} s, here {other} s: {text}")
    return differences or late
