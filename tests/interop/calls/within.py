"""What happens within calls that the library has made: requests both ways, re-INVITE, PRACK,
session timers."""

import time

from message import SDP, Dialog
from outgoing import CREDENTIALS, INVITE, OFFER, PROXY, TIMED, WWW, acknowledged, ok
from play import scenario


@scenario(
    12, f"start=auto 1;{CREDENTIALS};sdp offer;{INVITE}", "ANSWERED=ack", "ANSWERED+300=term"
)
def bye_407_auto(peer):
    """407 to our BYE, automatic_action"""
    acknowledged(peer)
    peer.reply(peer.get("BYE"), 407, extra=[PROXY % 5])
    ok(peer, "BYE", 3)


@scenario(
    12,
    OFFER,
    "ANSWERED=ack;dump 1;body application/dtmf-relay Signal=5;info;options;update;notify 2;"
    "refer sip:carol@127.0.0.1;body text/plain hi;req MESSAGE;req FOO;req SUBSCRIBE",
    "MSGREDIR=default",
    "ANSWERED+2500=info;info;options",
    "ANSWERED+4500=term",
)
def dlg_requests(peer):
    """INFO, OPTIONS, UPDATE, NOTIFY, REFER, MESSAGE, FOO, SUBSCRIBE: built, sent, answered"""
    acknowledged(peer)
    methods = ("INFO", "OPTIONS", "UPDATE", "NOTIFY", "REFER", "MESSAGE", "FOO", "SUBSCRIBE")
    for method, code in zip(methods, (200, 200, 200, 200, 202, 302, 404, 500)):
        request = peer.get(method, 3)
        if request:
            peer.reply(request, 100)
            time.sleep(0.05)
            peer.reply(request, code)
    request = peer.get("INFO", 3)
    time.sleep(0.3)
    peer.reply(request, 603)
    options = peer.get("OPTIONS", 2)
    if options:
        peer.reply(options, 481)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    10, f"start=auto 1;{CREDENTIALS};sdp offer;{INVITE}", "ANSWERED=ack;info", "MSGANS#1=term"
)
def dlg_info_401_auto(peer):
    """401 to an INFO, automatic_action"""
    acknowledged(peer)
    peer.reply(peer.get("INFO"), 401, extra=[WWW % 1])
    ok(peer, "INFO", 3)
    ok(peer, "BYE", 3)


@scenario(
    12,
    OFFER,
    "ANSWERED=ack;getsdp",
    "ANSWERED#1+500=sdp hold;req INVITE",
    "ANSWERED#2=getsdp",
    "ANSWERED#2+700=sdp again;req INVITE",
    "REQFAIL=getsdp",
    "REQFAIL+500=term",
)
def reinvite_out(peer):
    """our re-INVITE: 200 from another target; then 491"""
    acknowledged(peer)
    invite = peer.get("INVITE")
    peer.reply(invite, 180)
    time.sleep(0.2)
    peer.reply(invite, 200, body=SDP % "held", contact=f"<sip:moved@127.0.0.1:{peer.port}>")
    peer.get("ACK")
    peer.reply(peer.get("INVITE"), 491)
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


@scenario(
    12,
    f"start=sdp offer;hdr Supported 100rel;{INVITE}",
    "RINGING=dump 1;prack;prack",
    "PROCEEDING=prack",
    "ANSWERED=prack;ack",
    "ANSWERED+500=term",
)
def prack_out(peer):
    """reliable 180 and 183, PRACK"""
    invite = peer.get("INVITE")
    peer.reply(invite, 180, extra=["Require: 100rel", "RSeq: 7"])
    prack = peer.get("PRACK")
    time.sleep(0.3)
    peer.reply(invite, 180, extra=["Require: 100rel", "RSeq: 7"])
    peer.reply(prack, 200)
    time.sleep(0.3)
    peer.reply(invite, 183, extra=["Require: 100rel", "RSeq: 8"], body=SDP % "early")
    ok(peer, "PRACK", 2)
    time.sleep(0.3)
    peer.reply(invite, 180)
    time.sleep(0.3)
    peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


@scenario(60, TIMED, "ANSWERED=ack", "+56000=term")
def timer_out_update(peer):
    """the same, the 200 allows UPDATE"""
    ours = "Session-Expires: 90;refresher=uac"
    acknowledged(peer, extra=[ours, "Require: timer", "Allow: INVITE, UPDATE"])
    update = peer.get("UPDATE", 52)
    if update:
        peer.reply(update, 200, extra=[ours])
    ok(peer, "BYE", 58)


@scenario(9, OFFER, "MSGNEW=answer 200", "ANSWERED=ack", "ANSWERED+300=term")
def out_update_in_early(peer):
    """the callee sends UPDATE and INFO in the early dialog"""
    invite = peer.get("INVITE")
    peer.reply(invite, 180)
    time.sleep(0.1)
    dialog = Dialog.answered(invite)
    peer.within("UPDATE", dialog, 1)
    peer.get("200 UPDATE", 1)
    peer.within("INFO", dialog, 2)
    peer.get("200 INFO", 1)
    peer.within("UPDATE", dialog.with_tags(local="pother"), 3)
    peer.get("200 UPDATE", 1)
    peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)


@scenario(9, OFFER, "ANSWERED=ack", "ANSWERED#1+500=sdp hold;req INVITE", "REQFAIL+500=term")
def reinvite_glare(peer):
    """both sides send a re-INVITE"""
    first = acknowledged(peer)
    theirs = peer.get("INVITE")
    ours = peer.within("INVITE", Dialog.answered(first), 1, body=SDP % "mine")
    response = peer.get(491, 2)
    if response:
        peer.ack(ours, response)
    peer.reply(theirs, 491)
    peer.get("ACK")
    peer.reply(peer.get("BYE"), 200)
