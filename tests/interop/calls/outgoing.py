"""Calls that the library makes, up to their answer and their end."""

import time

from message import SDP, Dialog
from play import scenario

INVITE = "invite sip:bob@127.0.0.1:{P} sip:alice@127.0.0.1 - Hello there"
OFFER = f"start=sdp offer;{INVITE}"
CREDENTIALS = "cred alice secret testrealm"
CHALLENGE = 'Digest realm="testrealm", nonce="n%d", algorithm=MD5, qop="auth"'
WWW = f"WWW-Authenticate: {CHALLENGE}"
PROXY = f"Proxy-Authenticate: {CHALLENGE}"
DIVERTED = "Diversion: <sip:bob@127.0.0.1>;reason=x"
TIMED = f"start=auto 1;hdr Session-Expires 90;hdr Supported timer;sdp offer;{INVITE}"
BAD_INVITES = (
    "start=invite EMPTY sip:a@127.0.0.1 - -;invite - sip:a@127.0.0.1 - -;"
    "invite sip:b@127.0.0.1:{P} EMPTY - -;invite bob sip:a@127.0.0.1 - -;"
    "invite sip:b@127.0.0.1:{P} alice - -;"
    "invite sip:b@127.0.0.1:{P} sip:a@127.0.0.1 noscheme -;"
    "invite sip:b@127.0.0.1:{P} sip:a@127.0.0.1 <sip:127.0.0.1:{P} -;"
    "invite <> sip:a@127.0.0.1 - -;invite sip: sip:a@127.0.0.1 - -;"
    "invite sips:b@127.0.0.1:{P} sip:a@127.0.0.1 - -;"
    "invite sip:b@127.0.0.1:{P} sip:127.0.0.1 EMPTY EMPTY;"
)


def answered(peer, provisional=(100, 180), body=SDP % "answer", **more):
    """Answers the INVITE of the library, and gives it back."""
    invite = peer.get("INVITE")
    for code in provisional:
        peer.reply(invite, code)
        time.sleep(0.1)
    peer.reply(invite, 200, body=body, **more)
    return invite


def acknowledged(peer, **more):
    invite = answered(peer, **more)
    peer.get("ACK")
    return invite


def ok(peer, method, timeout=10):
    """Answers a request that may not come."""
    request = peer.get(method, timeout)
    if request:
        peer.reply(request, 200)


@scenario(
    9,
    f"start=sdp offer;dump 1;{INVITE}",
    "ANSWERED=show response;ack;getsdp",
    "ANSWERED+1000=term",
)
def out_basic(peer):
    """100, 180, 200, ACK, our BYE"""
    invite = peer.get("INVITE")
    peer.reply(invite, 100)
    time.sleep(0.2)
    peer.reply(invite, 180)
    time.sleep(0.2)
    peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


@scenario(36, OFFER, "ANSWERED=ack null", "CLOSED=term;info")
def out_peer_bye(peer):
    """200 at once, send_ack(NULL), the peer's BYE"""
    invite = acknowledged(peer, provisional=())
    time.sleep(0.5)
    peer.within("BYE", Dialog.answered(invite), 1)
    peer.get("200 BYE")


@scenario(9, OFFER, "PROCEEDING=getsdp", "ANSWERED=getsdp;ack;getsdp", "ANSWERED+500=term")
def out_early_media(peer):
    """183 with SDP, 200 without"""
    invite = peer.get("INVITE")
    peer.reply(invite, 183, body=SDP % "early")
    time.sleep(0.3)
    peer.reply(invite, 183, body=SDP % "early2")
    time.sleep(0.3)
    peer.reply(invite, 200)
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


@scenario(14, OFFER, "ANSWERED+2500=ack", "ANSWERED+8000=term")
def out_2xx_again(peer):
    """200 retransmitted before and after the ACK"""
    invite = answered(peer)
    for wait in (0.5, 1):
        time.sleep(wait)
        peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    for wait in (0.5, 2):
        time.sleep(wait)
        peer.reply(invite, 200, body=SDP % "answer")
        peer.get("ACK", 2)
    peer.reply(peer.get("BYE"), 200)


@scenario(12, OFFER, "ANSWERED=ack", "ANSWERED+2000=term")
def out_fork(peer):
    """180 from two branches, then 200 from the second, then 200 from the first"""
    invite = peer.get("INVITE")
    for tag in ("pA", "pB", "pA"):
        peer.reply(invite, 180, tag=tag)
        time.sleep(0.2)
    peer.reply(invite, 200, tag="pB", body=SDP % "answer")
    peer.get("ACK")
    time.sleep(0.5)
    other = f"<sip:peerA@127.0.0.1:{peer.port}>"
    peer.reply(invite, 200, tag="pA", body=SDP % "answerA", contact=other)
    peer.get("ACK", 2)
    ok(peer, "BYE", 2)
    peer.reply(peer.get("BYE"), 200)


@scenario(10, OFFER, "ANSWERED=ack", "ANSWERED+500=term")
def out_18x_kinds(peer):
    """181, 180 without a tag, 180 without Contact, 199, 183 again"""
    invite = peer.get("INVITE")
    without = {"contact": False}
    for code, more in (
        (100, {}),
        (180, {"tag": None}),
        (181, {}),
        (180, without),
        (180, without),
        (199, {}),
        (100, {}),
    ):
        peer.reply(invite, code, **more)
        time.sleep(0.1)
    peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


def refused(code, seconds):
    """A scenario by the name of the code."""

    def play(peer):
        invite = peer.get("INVITE")
        peer.reply(invite, 100)
        time.sleep(0.1)
        peer.reply(invite, 180)
        time.sleep(0.1)
        peer.reply(invite, code)
        peer.get("ACK")
        time.sleep(1)
        peer.reply(invite, code)
        peer.get("ACK", 1)

    play.__name__ = f"out_{code}"
    play.__doc__ = f"refused after 180: {code}, sent twice"
    rules = ("REQFAIL=default;term", "SRVFAIL=default", "GLOBFAIL=default", "RELEASED=term")
    scenario(seconds, OFFER, *rules)(play)


refused(404, 46)
refused(486, 10)
refused(503, 10)


def challenged_once(peer, code, line):
    invite = peer.get("INVITE", 4)
    peer.reply(invite, code, extra=[line % 0])
    peer.get("ACK", 2)
    invite = peer.get("INVITE", 4)
    if invite:
        peer.reply(invite, 180)
        time.sleep(0.1)
        peer.reply(invite, 200, body=SDP % "answer")
        peer.get("ACK", 3)


@scenario(
    12,
    f"start=auto 1;{CREDENTIALS};sdp offer;{INVITE}",
    "ANSWERED=ack",
    "ANSWERED+500=term",
)
def out_401_auto(peer):
    """401 answered by automatic_action; then INFO-less BYE"""
    challenged_once(peer, 401, WWW)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    12,
    f"start={CREDENTIALS};sdp offer;{INVITE}",
    "REQFAIL=default",
    "ANSWERED=ack",
    "ANSWERED+500=info",
    "ANSWERED+1000=term",
)
def out_407_default(peer):
    """407 answered by default_action; the ACK and later requests carry what?"""
    challenged_once(peer, 407, PROXY)
    peer.reply(peer.get("INFO"), 200)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    12, f"start=auto 1;sdp offer;{INVITE}", "ANSWERED=ack", "ANSWERED+500=term", peers=2
)
def out_302_auto(peer, other):
    """302 to another peer, automatic_action"""
    invite = peer.get("INVITE")
    peer.reply(invite, 302, extra=[f"Contact: <sip:carol@127.0.0.1:{other.port}>", DIVERTED])
    peer.get("ACK")
    acknowledged(other)
    other.reply(other.get("BYE"), 200)


@scenario(12, TIMED, "ANSWERED=ack", "ANSWERED+500=term")
def out_422_auto(peer):
    """422 with Min-SE"""
    peer.reply(peer.get("INVITE"), 422, extra=["Min-SE: 300"])
    peer.get("ACK")
    acknowledged(peer)
    peer.reply(peer.get("BYE"), 200)


@scenario(10, f"{OFFER};sleep 200;term", "+1000=term", "PROCEEDING=term;term")
def cancel_early(peer):
    """terminate before any answer, then on the 100, twice"""
    invite = peer.get("INVITE")
    time.sleep(1.3)  # and no INVITE comes meanwhile
    peer.reply(invite, 100)
    cancel = peer.get("CANCEL", 3)
    if cancel:
        peer.reply(cancel, 200)
        peer.reply(invite, 487)
        peer.get("ACK")


@scenario(46, OFFER, "RINGING+300=term")
def cancel_ringing(peer):
    """terminate while ringing: CANCEL, 200, 487"""
    invite = peer.get("INVITE")
    peer.reply(invite, 100)
    time.sleep(0.1)
    peer.reply(invite, 180)
    peer.reply(peer.get("CANCEL"), 200)
    time.sleep(0.2)
    peer.reply(invite, 487)
    peer.get("ACK")


@scenario(45, OFFER, "NOANSWER=term")
def out_timer_b(peer):
    """no answer at all"""


@scenario(205, OFFER)
def out_100_silence(peer):
    """100, then nothing"""
    peer.reply(peer.get("INVITE"), 100)


@scenario(3, f"{BAD_INVITES}stats")
def bad_invites(peer):
    """bad texts; what is sent for those that pass"""


@scenario(3, f"{BAD_INVITES}bad", words=["unbound"])
def bad_ids(peer):
    """the same before eXosip_listen_addr; every function with ids that do not exist"""


@scenario(
    5,
    "start=dump 1;invite sip:bob@example.net sip:alice@example.org <sip:127.0.0.1:{P}\\;lr> -",
    "RINGING+100=term",
)
def out_route_lr(peer):
    """pre-loaded loose route: where it goes, what is on the wire, CANCEL and ACK"""
    invite = peer.get("INVITE")
    peer.reply(invite, 180)
    peer.reply(peer.get("CANCEL"), 200)
    peer.reply(invite, 487)
    peer.get("ACK")


@scenario(9, OFFER, "ANSWERED=dump 1;ack;info", "MSGANS#1=term", peers=2)
def out_record_route(peer, other):
    """Record-Route and another Contact in 180 and 200: route set and target of ACK, INFO, BYE"""
    invite = peer.get("INVITE")
    routes = f"<sip:127.0.0.1:{other.port};lr;r=2>, <sip:127.0.0.1:{peer.port};lr;r=1>"
    recorded = [f"Record-Route: {routes}"]
    peer.reply(invite, 180, extra=recorded, contact="<sip:early@127.0.0.1:9>")
    time.sleep(0.1)
    target = '"X" <sip:target@127.0.0.1:9;p=1>;q=1'
    peer.reply(invite, 200, extra=recorded, contact=target, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("INFO"), 200)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    9,
    "start=opt 28 00000000-0000-4000-8000-000000000001;opt 31 Disp Name;opt 24 1;opt 34 audio;"
    f"dump 1;sdp offer;{INVITE}",
    "ANSWERED=ack;term",
)
def out_contact_options(peer):
    """sip.instance, display name, ob, extra parameters in the Contact"""
    acknowledged(peer)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    9,
    f"start=masq 1.2.3.4 7777;dump 1;sdp offer;{INVITE}",
    "ANSWERED=ack;term",
    words=["learn"],
)
def out_masquerade(peer):
    """eXosip_masquerade_contact"""
    acknowledged(peer)
    peer.reply(peer.get("BYE"), 200)


@scenario(4, OFFER, "ANSWERED=ack", "ANSWERED+300=quit")
def quit_active(peer):
    """eXosip_quit with a call"""
    acknowledged(peer)


@scenario(
    9,
    f"{OFFER};sdp two;invite sip:carol@127.0.0.1:{{P}} sip:alice@127.0.0.1 - -;stats",
    "ANSWERED=ack",
    "+1500=stats",
    "ANSWERED+2000=term",
)
def out_two_calls(peer):
    """two calls from us at once; ids, statistics"""
    for number, invite in enumerate([peer.get("INVITE") for _ in range(2)], 1):
        peer.reply(invite, 180, tag=f"pt{number}")
        time.sleep(0.1)
        peer.reply(invite, 200, tag=f"pt{number}", body=SDP % "answer")
    for _ in range(2):
        peer.get("ACK")
    for _ in range(2):
        peer.reply(peer.get("BYE"), 200)
