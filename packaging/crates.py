"""What the crates of the library are, as cargo knows it: shared by `licences` and `sbom`."""

import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = "x86_64-unknown-linux-gnu"


def metadata(features=""):
    """cargo's metadata for Linux; no network is asked where the crates are there."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--format-version", "1", "--locked"]
    command += ["--filter-platform", TARGET, "--features", features]
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


def in_the_tools(data):
    """What goes into the tools, of metadata with the feature tools; the root is among them.

    What runs in the compiler alone goes into no program.
    """
    macros = {one["id"] for one in data["packages"] if is_macro(one)}
    nodes = data["resolve"]["nodes"]
    nodes = [{**node, "deps": []} if node["id"] in macros else node for node in nodes]
    data = {**data, "resolve": {**data["resolve"], "nodes": nodes}}
    return [item for item in closure(data, [None]) if item[0]["id"] not in macros]


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])
