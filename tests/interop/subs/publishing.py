"""Publications of the library's."""

from outgoing import CREDENTIALS, WWW
from play import scenario

URIS = "sip:alice@127.0.0.1:{P} sip:alice@127.0.0.1"
PUBLISH = f"publish {URIS} - presence %s application/pidf+xml %s"
FIRST = PUBLISH % (60, "<one/>")


def published(peer, number, expires=60, timeout=3):
    """Accepts the next PUBLISH, if it comes, with entity tag `etagNUMBER`."""
    publish = peer.get("PUBLISH", timeout)
    if publish:
        granted = publish.get("Expires") if expires is None else expires
        peer.reply(publish, 200, extra=[f"SIP-ETag: etag{number}", f"Expires: {granted}"])


@scenario(
    14,
    f"start=dump 1;{FIRST}",
    f"OUTANS#1=dump 1;{PUBLISH % (60, '<two/>')}",
    f"OUTANS#2=dump 1;publish {URIS} - presence 0 - -;substats",
    f"OUTANS#3+200=substats;{PUBLISH % (60, '<four/>')}",
)
def pub_basic(peer):
    """200 with an entity tag, changed, taken back, published anew"""
    for number in range(4):
        published(peer, number, None)


@scenario(70, f"start=auto 1;hdr X-Mine kept;{PUBLISH % (30, '<one/>')}")
def pub_refresh(peer):
    """expires 30: when automatic_action refreshes, and with what"""
    for number in range(3):
        published(peer, number, 30, 40)


@scenario(
    12, f"start=auto 1;{CREDENTIALS};{FIRST}", f"OUTANS+500={PUBLISH % (60, '<two/>')}"
)
def pub_401_auto(peer):
    """401, automatic_action"""
    peer.reply(peer.get("PUBLISH", 3), 401, extra=[WWW % 1])
    for number in range(2):
        published(peer, number)


@scenario(14, f"start=auto 1;{FIRST}", f"OUTANS#1+300={PUBLISH % (60, '<two/>')}")
def pub_412(peer):
    """412 to the second one, automatic_action"""
    published(peer, 1)
    peer.reply(peer.get("PUBLISH", 3), 412)
    published(peer, 2)


@scenario(8, f"start=auto 1;{FIRST}")
def pub_423(peer):
    """423 with Min-Expires, automatic_action"""
    for _ in range(2):
        publish = peer.get("PUBLISH", 3)
        if publish:
            peer.reply(publish, 423, extra=["Min-Expires: 300"])
    published(peer, 2, 300)


@scenario(
    10,
    f"start=auto 1;{FIRST}",
    "OUTREDIR=default",
    "OUTSRVFAIL=default",
    "OUTGLOBFAIL=default",
    "OUTREQFAIL=default",
)
def pub_refused(peer):
    """489; default_action"""
    peer.reply(peer.get("PUBLISH", 3), 489)


@scenario(
    8,
    f"start={FIRST};{PUBLISH % (60, '<two/>')};"
    f"publish {URIS} - dialog - - - sip:ALICE@127.0.0.1:{{P}};"
    f"publish {URIS} <sip:127.0.0.1:{{P}}\\;lr> dialog - - - sip:other@x",
    f"+2000=substats;{PUBLISH % (60, '<three/>')}",
)
def pub_two(peer):
    """a second one before the first is answered; AORs"""
    for number, publish in enumerate([peer.get("PUBLISH", 0.3) for _ in range(4)]):
        if publish:
            peer.reply(publish, 200, extra=[f"SIP-ETag: etag{number}", "Expires: 60"])
    for _ in range(2):
        publish = peer.get("PUBLISH", 3)
        if publish:
            peer.reply(publish, 200, extra=["Expires: 60"])
