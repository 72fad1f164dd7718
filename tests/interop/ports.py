"""Ports that the system gives, and how nobody else gets them meanwhile."""

import socket
import threading

handed_out = set()
guard = threading.Lock()


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


IPV6 = has_ipv6()
LOOPBACKS = ["127.0.0.1"] + ["::1"] * IPV6


def free_port():
    """A UDP port of 127.0.0.1 that nobody uses now, and that was not given before. Somebody may get it before it is used."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with guard:
            if port not in handed_out:
                handed_out.add(port)
                return port


def kept_port(addresses):
    """A port on these addresses for who sets SO_REUSEADDR, and the sockets that keep it: the kernel
    picks it for nobody else. Those for UDP take datagrams from the discard port alone, those for
    TCP do not listen: others are refused as if nobody were there."""
    for _ in range(100):
        places, port = [], 0
        streams = []
        try:
            for address in addresses:
                # Never given back in between: a process that is being started has copies of our
                # sockets for a moment.
                places.append(socket.socket(family_of(address), socket.SOCK_DGRAM))
                places[-1].bind((address, port))
                port = places[-1].getsockname()[1]
                streams.append(socket.socket(family_of(address), socket.SOCK_STREAM))
                streams[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                streams[-1].bind((address, port))
        except OSError:  # taken at one of the addresses
            for place in places + streams:
                place.close()
            continue
        for place, address in zip(places, addresses):
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.connect((address, 9))
        return port, places + streams
    raise OSError("no free port")
