"""Subscriptions and publications that eXosip 5.3 gets wrong; there is no reference of eXosip for
them."""

import time

from incoming import ANSWER, acknowledged
from message import Dialog
from notifying import described, notified, refresh, subscribed, subscribed_dialog
from play import scenario
from publishing import FIRST, PUBLISH, published
from subscribing import PIDF, SUBSCRIBE, accept, accept_soon, notify, refuse


@scenario(38, f"start={SUBSCRIBE % 2}", "SUBNOANS=srefresh 60 sid", "+37000=substats")
def sub_expired(peer):
    """nobody refreshes it: the end is an event 32 s after the expiry (N9)"""
    notify(peer, accept(peer, 2), 1, "active;expires=2")


@scenario(6, f"start={SUBSCRIBE % 60}", "SUBANS#1=srefresh 60 sid;srefresh 60 sid")
def sub_by_sid(peer):
    """refreshed by its sid, with Event and Expires added (N1, N4)"""
    accept(peer)
    accept(peer)


@scenario(
    9,
    f"start={SUBSCRIBE % 60}",
    "SUBNOTIFY#3=srefresh 60 sid;use 3;srefresh 60;use 0",
    "+6000=substats",
)
def sub_fork_ends(peer):
    """two notifiers have each a did; one ends for itself (N19), and a late one is refused (N18)"""
    subscribe = peer.get("SUBSCRIBE")
    peer.reply(subscribe, 200, tag="pA", extra=["Expires: 60"])
    notify(peer, Dialog.answered(subscribe, "pA"), 1)
    notify(peer, Dialog.answered(subscribe, "pB"), 1)
    notify(peer, Dialog.answered(subscribe, "pA"), 2, "terminated;reason=giveup")
    accept(peer)
    notify(peer, Dialog.answered(subscribe, "pB"), 2)
    notify(peer, Dialog.answered(subscribe, "pA"), 3)


@scenario(16, f"start=auto 1;{SUBSCRIBE % 12}", "+15000=substats")
def sub_refresh_503(peer):
    """a refresh gets 503 with Retry-After, and is tried again then (N8)"""
    notify(peer, accept(peer, 12), 1)
    refuse(peer, 503, ["Retry-After: 2"], 12)
    accept_soon(peer, 12, 5)


@scenario(36, f"start={SUBSCRIBE % 60}", "SUBREQFAIL=srefresh 60 sid;substats")
def sub_100_silence(peer):
    """a 100 and then nothing: a failure without response (N13)"""
    peer.reply(peer.get("SUBSCRIBE"), 100)


@scenario(9, f"start={SUBSCRIBE % 60}", "SUBANS#1=srefresh 0 sid", "+8000=substats")
def sub_late_notify(peer):
    """the last NOTIFY comes long after the 2xx to Expires 0 (N10)"""
    dialog = accept(peer)
    accept(peer, 0)
    time.sleep(6)
    notify(peer, dialog, 1, "terminated;reason=timeout")


@scenario(
    14,
    "start=auto 1;body Application/MANSCDP+xml <Query><CmdType>Catalog</CmdType></Query>;"
    + SUBSCRIBE.replace("presence", "Catalog\\;id=7") % 12,
)
def sub_catalogue(peer):
    """a catalogue of GB28181 devices: the query is in each SUBSCRIBE (N5), and no NOTIFY comes"""
    accept(peer, 12)
    accept_soon(peer, 12, 12)


@scenario(
    6,
    "start=hdr Event dialog;hdr Expires 40;hdr Contact <sip:own@127.0.0.1:9>;" + SUBSCRIBE % 60,
    "INSUB=hdr Event presence;hdr Expires 30;hdr Contact <sip:own@127.0.0.1:9>;ians 200;"
    "hdr Event presence\\;id=2;hdr Subscription-State active\\;expires=9;inotify 1 0",
)
def added_fields(peer):
    """what the program adds holds, and stands once (N38)"""
    accept(peer)
    subscribed(peer)
    notified(peer)


@scenario(6, f"start={SUBSCRIBE % 60}", "SUBANS#1=srefresh 0 sid", "OUTANS=show response")
def sub_end_crossing(peer):
    """the last NOTIFY comes before the 2xx to Expires 0, which is an event as well (N10)"""
    dialog = accept(peer)
    subscribe = peer.get("SUBSCRIBE")
    notify(peer, dialog, 1, "terminated;reason=timeout")
    peer.reply(subscribe, 200, extra=["Expires: 0"])


# ---- to us ---------------------------------------------------------------------------------------


@scenario(
    7,
    "INSUB#1=mans 200;inotify 2 0",
    "INSUB#2=oans 202 null;inotify 2 0",
    "INSUB#3=answer 403;inotify 2 0",
    f"+4000={SUBSCRIBE % 60}",
    "SUBNOTIFY=mans 200 null;oans 200;ians 200;answer 200 null",
)
def answering_families(peer):
    """answers by the functions for messages, options and calls; to a NOTIFY there is one (N39)"""
    for i in range(3):
        subscribed(peer, call=f"psub{i}", tag=f"pf{i}")
        notified(peer, 1)
    notify(peer, accept(peer), 1)


@scenario(13, "INSUB=say nothing", "INSUB+11000=ians 200;inotify 2 0;substats")
def in_unanswered(peer):
    """a SUBSCRIBE that the application does not answer (N25)"""
    subscribed(peer, timeout=11)


@scenario(6, "INSUB=ians 180 null;ians 101;ians 183;ians 403 null;ians 200;inotify 2 0;substats")
def in_refused(peer):
    """provisional answers and a refusal, after which the did means nothing (N27, N28)"""
    subscribed(peer)


@scenario(6, "INSUB=ians 200;ireq NOTIFY", "NOTANS#1=hdr Event presence\\;id=4;inotify 2 0")
def in_bare_notify(peer):
    """a NOTIFY gets Event and Subscription-State when it is sent, if it has none (N29)"""
    subscribed(peer, event="presence;id=3")
    notified(peer)
    notified(peer)


@scenario(6, "INSUB=ians 200")
def in_merged(peer):
    """the same SUBSCRIBE by another branch (N35)"""
    subscribe, _ = subscribed(peer)
    peer.send(subscribe.text.replace("z9hG4bKp1", "z9hG4bKpother"))
    peer.get("482 SUBSCRIBE", 2)


@scenario(8, "INSUB#1=ians 200;inotify 2 0", "NOTSRVFAIL+1000=inotify 2 0;substats")
def in_notify_503(peer):
    """a NOTIFY is refused for now: the subscription goes on (N34)"""
    subscribed(peer)
    peer.reply(peer.get("NOTIFY", 2), 503)
    notified(peer, 3)


@scenario(9, f"INVITE={ANSWER}", "INSUB=iautomatic")
def in_described_call(peer):
    """the dialogs of calls, described by insubscription_automatic (N40)"""
    acknowledged(peer)
    dialog = subscribed_dialog(peer, event="dialog")
    described(peer)
    refresh(peer, dialog, 2, event="dialog")
    described(peer)
    refresh(peer, dialog, 3, 0, event="dialog")
    described(peer)


# ---- publications --------------------------------------------------------------------------------


@scenario(
    8,
    f"start={FIRST}",
    f"OUTANS#1={PUBLISH % (60, '<two/>')}",
    f"OUTREQFAIL={PUBLISH % (60, '<three/>')}",
)
def pub_412_by_hand(peer):
    """412 forgets the entity tag without an automatic action, too (N43)"""
    published(peer, 1)
    peer.reply(peer.get("PUBLISH", 3), 412)
    published(peer, 2)


@scenario(
    8,
    f"start=auto 1;hdr Accept {PIDF};{PUBLISH % (4, '<one/>')}",
)
def pub_no_tag(peer):
    """a server that names no entity tag gets all of it again (N42)"""
    for _ in range(2):
        peer.reply(peer.get("PUBLISH", 6), 200, extra=["Expires: 4"])
