"""Calls that the library gets."""

import time

from message import SDP, Dialog
from outgoing import ok
from play import scenario

ANSWER = "sdp answer;answer 200"
GB28181 = (
    "v=0\r\no=34020000002000000001 0 0 IN IP4 127.0.0.2\r\ns=Play\r\nc=IN IP4 127.0.0.2\r\n"
    "t=0 0\r\nm=video 30000 RTP/AVP 96 97 98\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\n"
    "a=rtpmap:97 MPEG4/90000\r\na=rtpmap:98 H264/90000\r\ny=0100000001\r\n"
    "f=v/2/4/25/1/4000a///\r\n"
)


def called(peer, **more):
    """Calls the library, which answers 200; the dialog, not yet acknowledged."""
    invite = peer.invite(**more)
    response = peer.get("200 INVITE")
    return invite, response


def acknowledged(peer, **more):
    """The same, acknowledged; the dialog."""
    invite, response = called(peer, **more)
    peer.ack(invite, response)
    return Dialog.made(invite, response)


def acknowledge(peer, invite, code):
    """The refusal, if it comes."""
    response = peer.get(code)
    if response:
        peer.ack(invite, response)


@scenario(
    9,
    "INVITE=show request;show response;dump 1;answer 180;getsdp",
    f"INVITE+500={ANSWER};sleep 60;getsdp",
    "ACK=getsdp;show ack",
)
def in_basic(peer):
    """100, 180, 200, ACK, the peer's BYE"""
    invite = peer.invite()
    peer.get(100)
    peer.get(180)
    response = peer.get("200 INVITE")
    peer.ack(invite, response)
    time.sleep(0.5)
    peer.within("BYE", Dialog.made(invite, response), 2)
    peer.get("200 BYE")


@scenario(
    9,
    "INVITE=answer 180 null;answer 101;answer 182;answer 200 null;answer 486 null;answer 200",
    "CLOSED=term",
)
def in_486_null(peer):
    """send_answer(NULL): 180, 182, 200 (refused), 486; another after it"""
    acknowledge(peer, peer.invite(), 486)


@scenario(9, "INVITE=hdr Contact <sip:elsewhere@127.0.0.1>;answer 302")
def in_302(peer):
    """302 with a Contact"""
    acknowledge(peer, peer.invite(), 302)


@scenario(9, "INVITE=answer 180;term")
def in_terminate(peer):
    """terminate an unanswered incoming call: 603"""
    acknowledge(peer, peer.invite(), 603)


@scenario(40, f"INVITE={ANSWER}", "CLOSED=getref")
def in_never_acked(peer):
    """200 that nobody acknowledges"""
    peer.invite()
    ok(peer, "BYE", 35)


@scenario(200, "INVITE=say")
def in_ignored(peer):
    """the application never answers"""
    invite = peer.invite()
    peer.get(100)
    for wait in (0.5, 1, 2, 4):
        time.sleep(wait)
        peer.send(invite.text)


@scenario(9, "INVITE=answer 180", "CANCELLED=show request;answer 487 null;term")
def in_cancel(peer):
    """the caller cancels while ringing"""
    invite = peer.invite()
    peer.get(180)
    peer.cancel(invite)
    peer.get("200 CANCEL")
    acknowledge(peer, invite, 487)


@scenario(
    9,
    f"INVITE={ANSWER}",
    "REINVITE=show response;getsdp;sdp re;answer 200;sleep 60;getsdp",
    "MSGNEW=say",
)
def in_reinvite(peer):
    """re-INVITE from the peer, with another target; then BYE"""
    dialog = acknowledged(peer)
    time.sleep(0.2)
    invite = peer.within("INVITE", dialog, 2, body=SDP % "hold", extra=["X-Moved: yes"])
    response = peer.get("200 INVITE")
    if response:
        peer.ack(invite, response)
    time.sleep(0.2)
    peer.within("BYE", dialog, 3)
    peer.get("200 BYE")


@scenario(12, f"INVITE={ANSWER}", "MSGNEW=answer 200", "ACK+6000=term")
def in_requests(peer):
    """nine methods inside the call, each answered 200; then a lower and an equal CSeq"""
    dialog = acknowledged(peer)
    requests = (
        ("INFO", []),
        ("OPTIONS", []),
        ("UPDATE", []),
        ("MESSAGE", []),
        ("NOTIFY", ["Event: refer", "Subscription-State: active"]),
        ("REFER", ["Refer-To: <sip:c@127.0.0.1>", "Refer-Sub: false"]),
        ("SUBSCRIBE", ["Event: presence"]),
        ("PRACK", ["RAck: 1 1 INVITE"]),
        ("FOO", []),
    )
    for cseq, (method, extra) in enumerate(requests, 2):
        peer.within(method, dialog, cseq, extra=extra)
        peer.get(f"200 {method}", 1)
    for cseq in (3, 10):  # below the last, and the same
        peer.within("INFO", dialog, cseq)
        time.sleep(0.3)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    9,
    f"INVITE={ANSWER}",
    "MSGNEW=answer 200 null;answer 404 null;answer 415;answer 200",
    "ACK+3000=term",
)
def in_info_answers(peer):
    """ways to answer an INFO; retransmitted INFO; INFO with a wrong tag"""
    dialog = acknowledged(peer)
    signal = {"body": "Signal=1\r\n", "content_type": "application/dtmf-relay"}
    info = peer.within("INFO", dialog, 2, **signal)
    peer.get(415, 2)
    peer.send(info.text)
    for cseq, method in ((3, "INFO"), (4, "OPTIONS")):
        time.sleep(0.3)
        peer.within(method, dialog.with_tags(remote="pwrong"), cseq)
    time.sleep(0.3)
    peer.reply(peer.get("BYE"), 200)


@scenario(205, "INVITE=answer 180", "MSGNEW=say", "CLOSED=answer 487;term")
def in_bye_early(peer):
    """BYE in the early dialog"""
    invite = peer.invite()
    peer.within("BYE", Dialog.made(invite, peer.get(180)), 2)
    peer.get("200 BYE", 2)
    response = peer.get(487, 4)
    if response:
        peer.ack(invite, response)


@scenario(9, "INVITE=sdp answer;answer 200", "ACK=getsdp;show ack", "ACK+300=term")
def in_offerless(peer):
    """INVITE without SDP, our offer in the 200, answer in the ACK"""
    invite, response = called(peer, body=None)
    peer.ack(invite, response, body=SDP % "inack")
    peer.reply(peer.get("BYE"), 200)


@scenario(9, f"INVITE=dump 1;answer 180;{ANSWER}", "ACK=info", "MSGANS#1=term", peers=2)
def in_record_route(peer, other):
    """Record-Route in the INVITE: answers, route set of our requests"""
    routes = f"<sip:127.0.0.1:{peer.port};lr;r=1>, <sip:127.0.0.1:{other.port};lr;r=2>"
    acknowledged(
        peer,
        extra=[f"Record-Route: {routes}"],
        contact='"C" <sip:caller@127.0.0.1:9;q=1>;expires=60',
        to="sip:ex@example.org",
    )
    peer.reply(peer.get("INFO"), 200)
    peer.reply(peer.get("BYE"), 200)


@scenario(
    12,
    "INVITE=hdr Require 100rel;hdr RSeq 9;sdp early;answer 183",
    "MSGNEW=answer 200",
    f"INVITE+1800={ANSWER}",
    "ACK+500=term",
)
def in_prack(peer):
    """our reliable 183 (made by the application), the peer's PRACK"""
    invite = peer.invite(extra=["Supported: 100rel"])
    response = peer.get(183)
    time.sleep(1)
    peer.within("PRACK", Dialog.made(invite, response), 2, extra=["RAck: 9 1 INVITE"])
    peer.get("200 PRACK", 2)
    peer.ack(invite, peer.get("200 INVITE"))
    peer.reply(peer.get("BYE"), 200)


@scenario(
    45, f"INVITE={ANSWER}", "MSGNEW#1=answer 202;notify 2", "MSGANS#1=notify 3", "MSGNEW#2=say"
)
def in_refer(peer):
    """REFER from the peer, 202, our NOTIFY, then BYE: when is the call released?"""
    dialog = acknowledged(peer)
    peer.within("REFER", dialog, 2, extra=["Refer-To: <sip:c@127.0.0.1>"])
    peer.get(202)
    for _ in range(2):
        ok(peer, "NOTIFY", 2)
        time.sleep(0.2)
    peer.within("BYE", dialog, 3)
    peer.get("200 BYE")


@scenario(
    60, "start=auto 1", "INVITE=hdr Supported timer;sdp answer;answer 200", "ACK+52000=term"
)
def timer_in(peer):
    """Session-Expires 90;refresher=uas in the INVITE: what the 200 says, who refreshes"""
    acknowledged(peer, extra=["Supported: timer", "Session-Expires: 90;refresher=uas"])
    invite = peer.get("INVITE", 50)
    if invite:
        peer.reply(invite, 200, body=SDP % "again")
        peer.get("ACK", 2)
    ok(peer, "BYE", 55)


@scenario(
    36,
    "INVITE=show request;getsdp;answer 180 null;body APPLICATION/SDP v=0;dump 1;answer 200",
    "ACK=getsdp",
    "MSGNEW=answer 200 null;answer 200",
    "CLOSED=answer 200 null;answer 200;term",
    words=["plain"],
)
def gb_invite(peer):
    """a GB28181 platform: y= and f= lines, Subject, ids as users; the BYE is answered again"""
    device, platform = "34020000001320000001", "34020000002000000001"
    dialog = acknowledged(
        peer,
        call="pgb",
        uri=f"sip:{device}@127.0.0.1:{peer.library}",
        to=f"sip:{device}@3402000000",
        body=GB28181,
        extra=[f"Subject: {device}:0100000001,{platform}:0"],
        contact=f"<sip:{platform}@127.0.0.1:{peer.port}>",
    )
    time.sleep(1)
    peer.within("BYE", dialog, 2)
    peer.get("200 BYE")
