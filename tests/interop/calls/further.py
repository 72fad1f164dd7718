"""Calls that eXosip 5.3 gets wrong, or that only this library is shown in; there is no reference
of eXosip for them."""

import time

from incoming import ANSWER, acknowledged, called
from message import SDP, Dialog, Message, text_of
from outgoing import CREDENTIALS, INVITE, OFFER, PROXY, ok
from outgoing import acknowledged as calls
from outgoing import answered as answers
from play import scenario


@scenario(9, OFFER, "ANSWERED=ack;term c", tcp=True)
def tcp_out(peer):
    """a call over TCP, ended by its cid alone"""
    calls(peer)
    ok(peer, "BYE")


@scenario(
    9,
    OFFER,
    "RINGING=setref;setref did;getref;referto 18;replaces early",
    "ANSWERED=ack;referto;replaces self;replaces early;replaces =none\\;from-tag=1\\;to-tag=2;"
    "termhdr X-Why because",
)
def references(peer):
    """reference, Refer-To, Replaces; a header in the BYE"""
    calls(peer, provisional=(180,))
    ok(peer, "BYE")


@scenario(9, OFFER, "RINGING=reason SIP\\;cause=200")
def cancel_reason(peer):
    """a Reason in the CANCEL"""
    invite = peer.get("INVITE")
    peer.reply(invite, 180)
    ok(peer, "CANCEL")
    peer.reply(invite, 487)
    peer.get("ACK")


@scenario(9, OFFER, "ANSWERED=ack;info", "MSGANS#1=term")
def out_no_contact(peer):
    """a 200 without Contact (C7)"""
    calls(peer, provisional=(), contact=False)
    ok(peer, "INFO")
    ok(peer, "BYE")


@scenario(9, f"INVITE={ANSWER}", "ACK=info", "MSGANS#1=term")
def in_no_contact(peer):
    """an INVITE without Contact (C7)"""
    acknowledged(peer, contact=False, sender=f"sip:peer@127.0.0.1:{peer.port}")
    ok(peer, "INFO", 2)
    ok(peer, "BYE", 2)


@scenario(42, OFFER, "ANSWERED=say nothing", "CLOSED=getref")
def out_unacked(peer):
    """the application never acknowledges (C6)"""
    invite = answers(peer, provisional=())
    for _ in range(2):
        time.sleep(1)
        peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK", 35)
    ok(peer, "BYE", 2)


@scenario(6, OFFER, "ANSWERED=ack;term", peers=2)
def forged_2xx(peer, other):
    """2xx that belong to no call, or to another branch of a call that is over (C39)"""
    invite = calls(peer, provisional=())
    ok(peer, "BYE")
    lost = Message(invite.text.replace(invite.get("Call-ID"), "p-nobody"))
    other.reply(lost, 200, tag="pX")
    other.get(None, 1)
    lost = Message(invite.text.replace(invite.tag("From"), "p-forged"))
    other.reply(lost, 200, tag="pY")
    other.get(None, 1)


@scenario(6, "INVITE=answer 180")
def in_merged(peer):
    """the same INVITE by another branch (C32)"""
    invite = peer.invite()
    peer.get(180)
    peer.send(invite.text.replace("z9hG4bKp1", "z9hG4bKpother"))
    peer.get(482, 2)


@scenario(8, OFFER, "ANSWERED=ack", "ANSWERED+500=term")
def bye_crossing(peer):
    """both hang up at once (C11)"""
    invite = calls(peer, provisional=())
    bye = peer.get("BYE")
    peer.within("BYE", Dialog.answered(invite), 1)
    peer.get("200 BYE", 2)
    peer.reply(bye, 200)


@scenario(9, f"start=auto 1;{CREDENTIALS};sdp offer;{INVITE}", "ANSWERED=ack", "ANSWERED+300=term")
def out_407_401(peer):
    """a proxy and the callee both challenge (C16)"""
    other = PROXY.replace("testrealm", "otherrealm").replace("Proxy-", "WWW-") % 2
    for code, challenge in ((407, PROXY % 1), (401, other), (401, other)):
        invite = peer.get("INVITE", 3)
        if not invite or (code == 401 and invite.get("Authorization")):
            break
        peer.reply(invite, code, extra=[challenge])
        peer.get("ACK", 2)
    ok(peer, "BYE", 1)


@scenario(
    9,
    "start=auto 1;cred alice secret testrealm;cred alice secret otherrealm;sdp offer;" + INVITE,
    "ANSWERED=ack",
    "ANSWERED+300=term",
)
def out_two_realms(peer):
    """a proxy and the callee both challenge, and both are answered (C16)"""
    other = f"WWW-Authenticate: {(PROXY % 2).partition(': ')[2].replace('testrealm', 'otherrealm')}"
    for code, challenge in ((407, PROXY % 1), (401, other)):
        invite = peer.get("INVITE", 3)
        peer.reply(invite, code, extra=[challenge])
        peer.get("ACK", 2)
    calls(peer, provisional=())
    ok(peer, "BYE")


@scenario(8, f"start=auto 1;sdp offer;{INVITE}")
def redirect_loop(peer):
    """each 302 names the same two addresses in turn (C17)"""
    for number in range(12):
        invite = peer.get("INVITE", 2)
        if not invite:
            break
        user = ("bob", "carol")[number % 2 == 0]
        peer.reply(invite, 302, extra=[f"Contact: <sip:{user}@127.0.0.1:{peer.port}>"])
        peer.get("ACK", 2)


@scenario(
    9,
    f"start=auto 1;{CREDENTIALS};sdp offer;{INVITE}",
    "REQFAIL=default;default",
    "ANSWERED=ack",
    "ANSWERED+300=term",
)
def challenge_answered_once(peer):
    """automatic_action and default_action answer the same 401 (C18)"""
    invite = peer.get("INVITE")
    peer.reply(invite, 180)
    peer.reply(invite, 407, extra=[PROXY % 1])
    peer.get("ACK", 2)
    calls(peer, provisional=())
    ok(peer, "BYE")


@scenario(9, OFFER, "ANSWERED=ack;info", "MSGANS#1=term", peers=2)
def strict_route(peer, other):
    """a recorded route without lr (C19)"""
    invite = peer.get("INVITE")
    route = [f"Record-Route: <sip:127.0.0.1:{peer.port};r=1>"]
    peer.reply(invite, 200, extra=route, contact="<sip:target@127.0.0.1:9>", body=SDP % "answer")
    peer.get("ACK")
    ok(peer, "INFO")
    ok(peer, "BYE")


@scenario(16, f"INVITE={ANSWER}", "ACK+13000=term")
def in_unanswered_requests(peer):
    """requests in the call that the application does not answer (C31)"""
    dialog = acknowledged(peer)
    peer.within("OPTIONS", dialog, 2)
    peer.within("UPDATE", dialog, 3)
    peer.within("INFO", dialog, 4, body="Signal=1\r\n", content_type="application/dtmf-relay")
    peer.get(480, 12)
    ok(peer, "BYE")


@scenario(
    6,
    "start=invite tel:+12345 sip:alice@127.0.0.1 - -;invite mailto:a@b sip:alice@127.0.0.1 - -;"
    "invite tel:+12345 sip:alice@127.0.0.1 <sip:127.0.0.1:{P}\\;lr> -",
    "ANSWERED=ack;notify 0;notify 4;notify -1;term",
)
def tel_uris(peer):
    """tel: and mailto: without a route and with one (C5); NOTIFY of an unknown state (C3)"""
    calls(peer, provisional=())
    ok(peer, "BYE")


@scenario(9, f"INVITE={ANSWER}", "REINVITE=answer 180", "MSGNEW=answer 200", "ACK+2000=term")
def in_reinvite_cancelled(peer):
    """the peer cancels its re-INVITE; the call goes on"""
    dialog = acknowledged(peer)
    invite = peer.within("INVITE", dialog, 2, body=SDP % "hold")
    peer.get(180, 2)
    peer.cancel(invite)
    peer.get("200 CANCEL", 2)
    response = peer.get("487 INVITE", 2)
    if response:
        peer.ack(invite, response)
    peer.within("INFO", dialog, 3)
    ok(peer, "BYE")


@scenario(
    9, f"INVITE={ANSWER}", "MSGNEW=sdp update;answer 200;sleep 60;getsdp;info", "MSGANS#1=term"
)
def in_update_moves(peer):
    """an UPDATE with SDP and another Contact (C41)"""
    dialog = acknowledged(peer)
    moved = f"Contact: <sip:moved@127.0.0.1:{peer.port}>"
    lines = [
        f"UPDATE {dialog.target} SIP/2.0",
        f"Via: {peer.via()}",
        "Max-Forwards: 70",
        f"From: {dialog.local};tag={dialog.local_tag}",
        f"To: {dialog.remote};tag={dialog.remote_tag}",
        f"Call-ID: {dialog.call}",
        "CSeq: 2 UPDATE",
        moved,
    ]
    peer.send(text_of(lines, SDP % "updated"))
    peer.get("200 UPDATE", 2)
    ok(peer, "INFO", 2)
    ok(peer, "BYE", 2)


@scenario(9, f"INVITE={ANSWER}", "ACK=term;term;info;answer 200")
def after_the_end(peer):
    """functions on a call that has been hung up"""
    acknowledged(peer)
    ok(peer, "BYE")


@scenario(7, f"INVITE={ANSWER};term")
def in_terminate_unacked(peer):
    """hung up before the ACK of our 200 has come"""
    invite, response = called(peer)
    ok(peer, "BYE", 2)
    peer.ack(invite, response)
