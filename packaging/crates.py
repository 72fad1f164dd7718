"""What the crates of the library are, as cargo knows it: shared by `licences` and `sbom`."""

import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = "x86_64-unknown-linux-gnu"


def metadata():
    """cargo's metadata for Linux; no network is asked where the crates are there."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--format-version", "1", "--locked"]
    command += ["--filter-platform", TARGET]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def closure(data, kinds):
    """The packages that the root reaches by dependencies of these kinds, with what each needs."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    packages = {package["id"]: package for package in data["packages"]}
    needs, todo = {}, [data["resolve"]["root"]]
    while todo:
        one = todo.pop()
        if one in needs:
            continue
        wanted = [
            dependency["pkg"]
            for dependency in nodes[one]["deps"]
            if any(kind["kind"] in kinds for kind in dependency["dep_kinds"])
        ]
        needs[one] = sorted(wanted)
        todo += wanted
    by_name = sorted(needs, key=lambda one: (packages[one]["name"], packages[one]["version"]))
    return [(packages[one], needs[one]) for one in by_name]


def in_the_library(data):
    """What goes into the shared library and the archive; the root is among them."""
    return closure(data, [None])
