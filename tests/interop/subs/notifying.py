"""Subscriptions and references that the library gets."""

import re
import time

from message import Dialog
from outgoing import WWW
from play import scenario
from subscribing import PAUSE

REFER_TO = "Refer-To: <sip:c@127.0.0.1>"


def subscribed(peer, expires=60, event="presence", call="psub1", tag="pf1", **more):
    """Subscribes; `more` is `method` and `extra`. The request, and the final response."""
    extra = [f"Event: {event}"] if event else []
    extra += [f"Expires: {expires}"] if expires is not None else []
    extra += more.get("extra", [])
    request = peer.request(more.get("method", "SUBSCRIBE"), call, extra, tag=tag)
    return request, peer.answer(request, more.get("timeout", 2))


def subscribed_dialog(peer, *given, **more):
    """The same; the dialog."""
    return Dialog.made(*subscribed(peer, *given, **more))


def refresh(peer, dialog, cseq, expires=60, timeout=2, event="presence"):
    """A SUBSCRIBE in the dialog."""
    extra = [f"Event: {event}", f"Expires: {expires}"]
    peer.answer(peer.within("SUBSCRIBE", dialog, cseq, extra), timeout)


def notified(peer, timeout=2):
    """Answers the next NOTIFY, if it comes, after what the program does in one go with it."""
    notify = peer.get("NOTIFY", timeout)
    if notify:
        time.sleep(PAUSE)
        peer.reply(notify, 200)


@scenario(
    20,
    "INSUB#1=dump 1;ians 202;body application/pidf+xml <p/>;inotify 2 0",
    "NOTANS#1=inotify 1 0",
    "INSUB#2=ians 200;inotify 2 0",
    "INSUB#3=ians 200;inotify 3 3",
    "NOTANS#4=substats;inotify 2 0",
    "NOTANS#4+9000=substats;iremove",
)
def in_basic(peer):
    """202, NOTIFY active, pending, refresh, NOTIFY, Expires 0, NOTIFY terminated"""
    dialog = subscribed_dialog(peer)
    notified(peer)
    notified(peer)
    time.sleep(2)
    refresh(peer, dialog, 2, 120)
    notified(peer)
    time.sleep(0.5)
    refresh(peer, dialog, 3, 0)
    notified(peer)


@scenario(
    12,
    "INSUB=ians 202 null;ians 180 null;ians 101;ians 183;ians 403 null;ians 200",
    "INSUB+1000=ians 200;inotify 2 0;substats",
    "INSUB+10000=ians 200;substats",
)
def in_answers(peer):
    """ways to answer a SUBSCRIBE"""
    subscribed(peer)


@scenario(8, "INSUB=ians 200;inotify 0 0;dump 1;inotify 2 0")
def in_notify_pending(peer):
    """a second NOTIFY while the first is unanswered; status 0"""
    subscribed(peer)
    notify = peer.get("NOTIFY", 2)
    time.sleep(0.5)
    peer.reply(notify, 100)
    time.sleep(0.5)
    peer.reply(notify, 200)


@scenario(
    10,
    "INSUB=ians 200;inotify 3 0",
    "NOTANS+300=inotify 2 0;substats",
    "NOTANS+7000=inotify 2 0;substats",
)
def in_terminated(peer):
    """NOTIFY terminated;reason=deactivated, answered: the end"""
    dialog = subscribed_dialog(peer)
    notified(peer)
    time.sleep(1)
    refresh(peer, dialog, 2)


STATES = ("3 0", "3 1", "3 2", "3 3", "3 4", "3 5", "3 9", "7 0", "-1 0")


@scenario(9, *[f"INSUB#{i}=ians 200;inotify {state}" for i, state in enumerate(STATES, 1)])
def in_reasons(peer):
    """all states and reasons of build_notify"""
    for i in range(len(STATES)):
        subscribed(peer, call=f"psub{i}", tag=f"pf{i}")
        notified(peer)


REFUSED = (
    "start=auto 1;cred ex secret testrealm",
    "INSUB#1=ians 200;inotify 2 0",
    "INSUB#2=ians 200",
    "NOTREQFAIL=default;substats",
    "NOTREDIR=default",
    "NOTSRVFAIL=default",
    "NOTGLOBFAIL=default",
    "+10500=substats;inotify 2 0",
)


def refuses(peer, code, extra=()):
    """Refuses NOTIFYs, with 401 those without Authorization; subscribes anew after a while."""
    dialog = subscribed_dialog(peer)
    for _ in range(5):
        notify = peer.get("NOTIFY", 4)
        if not notify:
            break
        is_refused = code != 401 or not notify.get("Authorization")
        peer.reply(notify, code if is_refused else 200, extra=extra)
    time.sleep(5)
    refresh(peer, dialog, 2)


@scenario(20, *REFUSED)
def in_notify_481(peer):
    """our NOTIFY gets 481"""
    refuses(peer, 481)


@scenario(20, *REFUSED)
def in_notify_401(peer):
    """our NOTIFY gets 401"""
    refuses(peer, 401, [WWW % 1])


@scenario(9, "INSUB=dump 1;ians 200;inotify 2 0;inotify 2 0")
def in_expires(peer):
    """no Expires, REFER without, 0, garbage, negative, huge; no Event; event with id; Expires \
header in the 200"""
    ways = (
        (None, "presence"),
        (None, None),
        (0, "presence"),
        ("abc", "presence"),
        (-5, "presence"),
        (4294967295, "presence"),
        (60, None),
        (60, "dialog;id=3"),
    )
    for i, (expires, event) in enumerate(ways):
        refer = {"method": "REFER", "extra": [REFER_TO]} if i == 1 else {}
        subscribed(peer, expires, event, call=f"psub{i}", tag=f"pf{i}", **refer)
        notified(peer, 1)


@scenario(
    30,
    "INSUB#1=ians 200;inotify 2 0",
    "NOTANS#1+3500=inotify 2 0;substats",
    "NOTANS#1+12000=inotify 2 0;substats",
    "NOTANS#1+28000=inotify 2 0;substats",
)
def in_expired(peer):
    """a subscription of 3 s: NOTIFYs after its end"""
    subscribed(peer, 3)
    for timeout in (2, 6, 10, 10):
        notified(peer, timeout)


@scenario(14, "INSUB#1=ians 200;inotify 2 0", "INSUB#2+1500=ians 200")
def in_resubscribe(peer):
    """two refreshes in one go, lower CSeq, equal CSeq, copies, wrong To tag, other requests in \
the dialog"""
    first, response = subscribed(peer)
    notified(peer)
    dialog = Dialog.made(first, response)
    extra = ["Event: presence", "Expires: 60"]
    second = peer.within("SUBSCRIBE", dialog, 5, extra)
    refresh(peer, dialog, 6, timeout=1)
    peer.answer(second)
    refresh(peer, dialog, 3, timeout=0.5)
    refresh(peer, dialog, 5, timeout=0.5)
    peer.send(first.text)
    peer.answer(first, 0.5)
    refresh(peer, dialog.with_tags(remote="pwrong"), 8, timeout=0.5)
    refresh(peer, dialog.with_tags(local="pnew"), 9, timeout=0.5)
    fields = {"NOTIFY": ["Event: presence", "Subscription-State: active"], "REFER": [REFER_TO]}
    others = ("MESSAGE", "OPTIONS", "NOTIFY", "INFO", "BYE", "REFER", "INVITE")
    for cseq, method in enumerate(others, 20):
        peer.answer(peer.within(method, dialog, cseq, fields.get(method, [])), 0.5)


def described(peer):
    """Answers the next NOTIFY, whose body is noted."""
    notify = peer.get("NOTIFY", 2)
    if notify:
        body = notify.body.replace("\r\n", "|")
        peer.log.append("      " + re.sub(r'((?:id|tag)=")(?!p)[0-9A-Za-z]+', r"\1*", body))
        peer.reply(notify, 200)


@scenario(10, "INSUB=iautomatic")
def in_automatic(peer):
    """insubscription_automatic: presence, dialog without calls, no Event"""
    subscribed(peer)
    subscribed(peer, event=None, call="psub2", tag="pf2")
    dialog = subscribed_dialog(peer, event="dialog", call="psub3", tag="pf3")
    described(peer)
    refresh(peer, dialog, 2, 0, event="dialog")
    notified(peer)


SIPFRAG = "hdr Event refer;body message/sipfrag SIP/2.0"


@scenario(
    8,
    f"INSUB#1=ians 202;{SIPFRAG} 100 Trying;inotify 2 0",
    "INSUB#2=ians 202",
    f"NOTANS#1={SIPFRAG} 200 OK;inotify 3 5",
    "NOTANS#2+300=inotify 2 0;substats",
    "OUTNEW=mans 200",
)
def in_refer_outside(peer):
    """REFER outside of calls; with Refer-Sub: false"""
    subscribed(peer, None, None, method="REFER", extra=[REFER_TO])
    notified(peer)
    notified(peer)
    for i, wanted in enumerate(("false", "true", "FALSE", "maybe")):
        extra = [REFER_TO, f"Refer-Sub: {wanted}"]
        ids = {"call": f"prefer{i}", "tag": f"prf{i}"}
        subscribed(peer, None, None, method="REFER", extra=extra, timeout=0.8, **ids)


@scenario(
    9,
    "INSUB=ians 200;inotify 2 0",
    "NOTANS#2+500=use 2;inotify 3 0;use 4;inotify 2 0;use 0;substats",
    "+4000=substats;use 2;inotify 2 0;use 4;inotify 2 0",
)
def in_two(peer):
    """two subscribers; one is ended"""
    for i in (1, 2):
        subscribed(peer, call=f"psub{i}", tag=f"pf{i}")
        notified(peer)
    for _ in range(3):
        notified(peer, 4)
