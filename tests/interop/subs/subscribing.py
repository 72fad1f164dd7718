"""Subscriptions and references of the library's."""

import time

from message import SDP, Dialog
from outgoing import CREDENTIALS, OFFER, PROXY, WWW
from play import scenario

SUBSCRIBE = "subscribe sip:bob@127.0.0.1:{P} sip:alice@127.0.0.1 - presence %d"
REFER = "referout sip:bob@127.0.0.1:{P} sip:alice@127.0.0.1 - sip:carol@127.0.0.1"
PIDF = "application/pidf+xml"
# Before an answer: what the program does in one go comes first.
PAUSE = 0.1


def notify(peer, dialog, cseq, state="active;expires=60", event="presence", **more):
    """Notifies the library, which answers; `more` is `body` and `user`."""
    extra = [f"Event: {event}"] if event else []
    extra += [f"Subscription-State: {state}"] if state else []
    body = more.pop("body", "<presence/>")
    request = peer.within("NOTIFY", dialog, cseq, extra, body, content_type=PIDF, **more)
    peer.answer(request, 1.5)
    return request


def granted(expires):
    return [] if expires is None else [f"Expires: {expires}"]


def accept(peer, expires=60, code=200, method="SUBSCRIBE", **more):
    """Answers the SUBSCRIBE of the library, which may not come; the dialog."""
    request = peer.get(method)
    if not request:
        return None
    time.sleep(PAUSE)
    peer.reply(request, code, extra=granted(expires), **more)
    return Dialog.answered(request, more.get("tag", "ptag1"))


def accept_soon(peer, expires, timeout):
    """The same within this time."""
    request = peer.get("SUBSCRIBE", timeout)
    if request:
        time.sleep(PAUSE)
        peer.reply(request, 200, extra=granted(expires))


def refuse(peer, code, extra=(), timeout=3):
    """Refuses the next SUBSCRIBE, if it comes."""
    request = peer.get("SUBSCRIBE", timeout)
    if request:
        peer.reply(request, code, extra=extra)


def challenge(peer, code, text):
    """Challenges the next SUBSCRIBE."""
    refuse(peer, code, [text % 0], 4)


@scenario(
    16,
    f"start=dump 1;{SUBSCRIBE % 60}",
    "SUBANS#1=show response",
    "SUBNOTIFY#1=show request;srefresh 60",
    "SUBNOTIFY#2+300=hdr Event presence;srefresh 0",
    "SUBNOTIFY#3=srefresh 60;srefresh 60 sid;sremove",
    "SUBNOTIFY#3+8000=srefresh 60;sremove;substats",
)
def sub_basic(peer):
    """200, NOTIFY, refresh by hand, NOTIFY, Expires 0, NOTIFY terminated"""
    dialog = accept(peer)
    notify(peer, dialog, 1)
    accept(peer)
    notify(peer, dialog, 2)
    accept(peer, 0)
    notify(peer, dialog, 3, "terminated;reason=timeout")


@scenario(
    8,
    f"start={SUBSCRIBE % 60}",
    "SUBNOTIFY#1+100=srefresh 60;srefresh 60",
    "SUBANS#2+200=sremove;sremove",
    "SUBANS#2+600=srefresh 60;srefresh 60 sid",
)
def sub_notify_first(peer):
    """NOTIFY overtakes the 200"""
    subscribe = peer.get("SUBSCRIBE")
    dialog = Dialog.answered(subscribe)
    notify(peer, dialog, 1, "pending;expires=60")
    time.sleep(0.3)
    peer.reply(subscribe, 200, extra=granted(60))
    accept(peer)
    time.sleep(0.4)
    notify(peer, dialog, 2)


@scenario(
    9,
    f"start={SUBSCRIBE % 60}",
    "SUBNOTIFY#3+500=srefresh 60;use 3;srefresh 61;use 2;srefresh 62;use 0",
    "+5000=use 2;sremove;use 3;srefresh 60;use 4;srefresh 60",
)
def sub_fork(peer):
    """200 from one branch, NOTIFYs from three tags; refreshes; remove of one"""
    subscribe = peer.get("SUBSCRIBE")
    notify(peer, Dialog.answered(subscribe, "pA"), 1)
    peer.reply(subscribe, 202, tag="pB", extra=granted(60))
    notify(peer, Dialog.answered(subscribe, "pB"), 1)
    notify(peer, Dialog.answered(subscribe, "pC"), 1)
    peer.reply(subscribe, 200, tag="pC", extra=granted(60))
    for _ in range(3):
        accept_soon(peer, 60, 2)
    time.sleep(2.5)
    notify(peer, Dialog.answered(subscribe, "pA"), 2)
    notify(peer, Dialog.answered(subscribe, "pC"), 2)


@scenario(
    72,
    f"start=auto 1;{SUBSCRIBE % 60}",
    "SUBREQFAIL=default;srefresh 60 sid",
    "+6000=srefresh 60 sid;substats",
    "+71000=srefresh 60 sid;substats",
)
def sub_404(peer):
    """SUBSCRIBE refused with 404"""
    refuse(peer, 404)
    accept_soon(peer, 60, 3)


@scenario(
    12,
    f"start=auto 1;{CREDENTIALS};hdr Accept {PIDF};{SUBSCRIBE % 60}",
    "SUBNOTIFY+300=srefresh 60",
    "SUBNOTIFY+4000=srefresh 0",
)
def sub_401_auto(peer):
    """401, automatic_action; refresh and end carry credentials; the end is challenged again"""
    challenge(peer, 401, WWW)
    notify(peer, accept(peer), 1)
    accept(peer)
    challenge(peer, 401, WWW)
    accept(peer, 0)


@scenario(8, f"start={CREDENTIALS};{SUBSCRIBE % 60}", "SUBREQFAIL=default")
def sub_407_default(peer):
    """407, default_action"""
    challenge(peer, 407, PROXY)
    notify(peer, accept(peer), 1)


@scenario(8, f"start=auto 1;{SUBSCRIBE % 60}")
def sub_423_auto(peer):
    """423 with Min-Expires, automatic_action"""
    for _ in range(2):
        refuse(peer, 423, ["Min-Expires: 300"])
    accept(peer, 300)


@scenario(
    64,
    f"start=auto 1;hdr Accept {PIDF};hdr Supported eventlist;"
    "hdr Call-Info <http://x/y>\\;purpose=icon;hdr Allow-Events presence;hdr X-Mine kept;"
    f"body text/plain filter;{SUBSCRIBE % 30}",
)
def sub_refresh_auto(peer):
    """expires 30: when automatic_action refreshes, and with what"""
    notify(peer, accept(peer, 30), 1)
    for _ in range(2):
        accept_soon(peer, 30, 35)


@scenario(
    36,
    f"start=auto 1;{CREDENTIALS};{SUBSCRIBE % 10}",
    "SUBREQFAIL=srefresh 10",
    "SUBSRVFAIL=srefresh 10",
    "+35000=substats",
)
def sub_refresh_481(peer):
    """a refresh gets 481"""
    dialog = accept(peer, 10)
    notify(peer, dialog, 1, "active;expires=10")
    refuse(peer, 481, timeout=12)
    accept_soon(peer, 10, 12)
    notify(peer, dialog, 2, "active;expires=10")


@scenario(
    30,
    f"start={SUBSCRIBE % 0}",
    "+3000=substats",
    "+10000=substats",
    "+28000=substats;srefresh 60",
)
def sub_fetch(peer):
    """Expires 0 from the start: 200, NOTIFY terminated"""
    dialog = accept(peer, 0)
    notify(peer, dialog, 1, "terminated;reason=timeout")
    time.sleep(7)
    notify(peer, dialog, 2, "terminated;reason=timeout")


@scenario(8, f"start={SUBSCRIBE % 60}", "SUBNOTIFY=show request;srefresh 60")
def sub_rejected(peer):
    """202 pending, then NOTIFY terminated;reason=rejected"""
    dialog = accept(peer, 60, 202)
    notify(peer, dialog, 1, "pending")
    accept(peer)
    notify(peer, dialog, 2, "terminated;reason=rejected;retry-after=1", body=None)
    time.sleep(2)
    notify(peer, dialog, 3, "active")


@scenario(14, f"start={SUBSCRIBE % 60}", "SUBNOTIFY=say ok")
def sub_states(peer):
    """spellings of Subscription-State; none; other events; lower, equal CSeq; copies; no Contact; \
wrong tags"""
    dialog = accept(peer)
    states = ("ACTIVE", "Pending;expires=3", "active ; expires=60", "waiting", "activeX", " ")
    for cseq, state in enumerate((*states, "terminate"), 10):
        notify(peer, dialog, cseq, state, body=None)
    notify(peer, dialog, 17, None, body=None)
    notify(peer, dialog, 18, event=None, body=None)
    notify(peer, dialog, 19, event="dialog", body=None)
    notify(peer, dialog, 20, event="presence;id=5", body=None)
    notify(peer, dialog, 5, body=None)
    notify(peer, dialog, 20, body=None)
    copied = notify(peer, dialog, 21, body=None)
    peer.send(copied.text)
    peer.get("200 NOTIFY", 1)
    notify(peer, dialog.with_tags(remote="pwrong"), 22, body=None)
    notify(peer, dialog.with_call("pother"), 23, body=None)
    notify(peer, dialog.with_tags("pnew", "pwrong"), 24, body=None)
    others = ("MESSAGE", "OPTIONS", "SUBSCRIBE", "INFO", "BYE", "REFER", "INVITE", "PUBLISH")
    for cseq, method in enumerate(others, 28):
        peer.answer(peer.within(method, dialog, cseq), 0.4)


@scenario(
    9,
    f"start={SUBSCRIBE % 60}",
    "SUBANS=sremove sid;sremove sid;substats",
    "OUTNEW=say not answered",
)
def sub_remove(peer):
    """removed when answered; NOTIFYs after that"""
    dialog = accept(peer)
    time.sleep(0.3)
    notify(peer, dialog, 1)


@scenario(9, f"start={SUBSCRIBE % 60}", "SUBNOTIFY=srefresh 60")
def sub_record_route(peer):
    """Record-Route and another Contact in 200 and NOTIFY; where the refresh goes"""
    subscribe = peer.get("SUBSCRIBE")
    routes = [f"Record-Route: <sip:127.0.0.1:{peer.port};lr;n={n}>" for n in (1, 2)]
    contact = f"<sip:first@127.0.0.1:{peer.port};x=1>;expires=9"
    peer.reply(subscribe, 200, extra=routes + granted(60), contact=contact)
    dialog = Dialog.answered(subscribe)
    notify(peer, dialog, 1, user="second")
    accept(peer)
    notify(peer, dialog, 2, user="third")
    accept(peer)


@scenario(
    8,
    f"start={SUBSCRIBE % 60};{SUBSCRIBE.replace('presence', 'dialog') % 90}",
    "SUBNOTIFY+200=srefresh 33",
)
def sub_two(peer):
    """two subscriptions at once"""
    first = accept(peer, tag="pA")
    second = accept(peer, tag="pB")
    notify(peer, second, 1, event="dialog")
    notify(peer, first, 1)
    for request in [peer.get("SUBSCRIBE") for _ in range(2)]:
        time.sleep(PAUSE)
        peer.reply(request, 200, extra=granted(60))


@scenario(
    8,
    "start=opt 34 x=1;opt 24 1;opt 31 Me Myself;opt 28 f81d4fae-7dec-11d0-a765-00a0c91e6bf6;"
    f"masq 1.2.3.4 7777;{SUBSCRIBE % 60}",
    "SUBNOTIFY=srefresh 60",
    "INSUB=ians 202",
)
def sub_contact_options(peer):
    """options 24, 28, 31, 34 and masquerade in Contacts of both roles"""
    notify(peer, accept(peer), 1)
    accept(peer)
    subscribe = peer.request("SUBSCRIBE", "psub1", ["Event: presence", "Expires: 60"])
    peer.answer(subscribe)


@scenario(40, f"start=auto 1;{SUBSCRIBE % 30}", "+38000=substats")
def sub_200_expires(peer):
    """200 without Expires, later 200 with Expires 0"""
    notify(peer, accept(peer, None), 1, "active;expires=30")
    accept_soon(peer, 0, 28)
    peer.get("SUBSCRIBE", 8)


# ---- REFER ---------------------------------------------------------------------------------------


@scenario(
    12,
    f"start=dump 1;{REFER}",
    "SUBPROC=say proc",
    "SUBNOTIFY=show request;srefresh",
    "+10000=substats;srefresh 60",
)
def refer_out(peer):
    """202, NOTIFY 100, NOTIFY 200 terminated"""
    dialog = accept(peer, None, 202, "REFER")
    notify(peer, dialog, 1, event="refer", body="SIP/2.0 100 Trying\r\n")
    time.sleep(0.2)
    again = peer.get(None, 1)
    if again:
        peer.reply(again, 200)
    ended = "terminated;reason=noresource"
    notify(peer, dialog, 2, ended, "refer", body="SIP/2.0 200 OK\r\n")


@scenario(9, f"start=auto 1;{CREDENTIALS};{REFER}", "SUBREQFAIL=say fail")
def refer_out_401(peer):
    """REFER challenged, then 603"""
    peer.reply(peer.get("REFER"), 401, extra=[WWW % 1])
    refer = peer.get("REFER", 3)
    if refer:
        peer.reply(refer, 100)
        time.sleep(0.2)
        peer.reply(refer, 603)


@scenario(
    14,
    OFFER.replace("Hello there", "x"),
    "ANSWERED=ack;refer sip:carol@127.0.0.1",
    "MSGNEW=answer 200",
    "ANSWERED+3000=term",
)
def refer_in_call(peer):
    """REFER in a call of ours, 202, NOTIFY 100, NOTIFY 200 terminated, BYE"""
    invite = peer.get("INVITE")
    peer.reply(invite, 200, body=SDP % "answer")
    peer.get("ACK")
    peer.reply(peer.get("REFER"), 202)
    dialog = Dialog.answered(invite)
    notify(peer, dialog, 1, event="refer", body="SIP/2.0 100 Trying\r\n")
    ended = "terminated;reason=noresource"
    notify(peer, dialog, 2, ended, "refer", body="SIP/2.0 200 OK\r\n")
    peer.reply(peer.get("BYE"), 200)
