"""Requests outside of calls and subscriptions, in both directions, and what is wrong in all."""

import time

from message import SDP
from notifying import REFER_TO
from outgoing import CREDENTIALS, WWW
from play import scenario

URIS = "sip:bob@127.0.0.1:{P} sip:alice@127.0.0.1"


@scenario(
    10,
    f"start=dump 1;{CREDENTIALS};omsg OPT {URIS} -",
    "OUTPROC=say proc",
    "OUTREQFAIL=default",
    "OUTANS=show response",
)
def options_out(peer):
    """OPTIONS of ours: 100, 180, 401 with default_action, 200"""
    options = peer.get("OPTIONS")
    for code in (100, 180):
        peer.reply(options, code)
        time.sleep(0.2)
    peer.reply(options, 401, extra=[WWW % 1])
    options = peer.get("OPTIONS", 3)
    if options:
        extra = ["Allow: INVITE", "Accept: application/sdp"]
        peer.reply(options, 200, body=SDP % "cap", extra=extra)


@scenario(
    12,
    f"start=auto 1;{CREDENTIALS};omsg MESSAGE {URIS} -",
    "OUTREQFAIL+2000=default",
    "OUTREDIR=default",
)
def message_auto(peer):
    """MESSAGE challenged: not by automatic_action, by default_action 2 s later; then 302"""
    peer.reply(peer.get("MESSAGE"), 401, extra=[WWW % 1])
    message = peer.get("MESSAGE", 5)
    if message:
        peer.reply(message, 302, extra=["Contact: <sip:x@127.0.0.1>"])


@scenario(
    10,
    "start="
    + "".join(f"omsg {m} {URIS} -;" for m in ("INFO", "SUBSCRIBE", "PUBLISH", "REFER", "NOTIFY"))
    + f"omsg FOO {URIS} <sip:127.0.0.1:{{P}}\\;lr>",
)
def message_methods(peer):
    """other methods by message_send_request; 100 and 2xx of each"""
    for _ in range(6):
        request = peer.get(None, 2)
        if request:
            peer.reply(request, 100)
            time.sleep(0.05)
            peer.reply(request, 200)


@scenario(
    10,
    "OUTNEW#1=oans 200 null;sleep 200;oans 200",
    "OUTNEW#2=oans 300;oans 300 null;oans 180;oans 699",
    "OUTNEW#3=mans 200;sleep 200;mans 200",
    "OUTNEW#4=mans 404 null",
    "OUTNEW#5=mans 180 null;mans 199;mans 183;mans 200",
    "OUTNEW#6=oans 486",
    "OUTNEW#7=ians 200;answer 200;mans 202 null",
    "OUTNEW#8=say none",
    "OUTNEW#9=mans 200 null",
)
def outside_answers(peer):
    """ways to answer OPTIONS, MESSAGE, PUBLISH, NOTIFY; a request that is never answered, then \
repeated"""
    methods = ["OPTIONS"] * 2 + ["MESSAGE"] * 4 + ["PUBLISH"] * 2 + ["REFER"]
    for i, method in enumerate(methods):
        extra = [REFER_TO, "Refer-Sub: false"] if method == "REFER" else []
        ids = {"call": f"po{i}", "tag": f"po{i}"}
        request = peer.request(
            method, extra=extra, body="hello", content_type="text/plain", **ids
        )
        peer.answer(request, 0.7)
        if i in (2, 7):
            peer.send(request.text)
            time.sleep(0.2)


@scenario(4, "start=badsubs")
def bad_ids(_):
    """every function with ids and texts that are wrong"""
    time.sleep(1)


@scenario(4, "start=transport TCP;transport tls;transport udp;transport UDP;transport XYZ")
def transport_set(_):
    """eXosip_transport_set"""
    time.sleep(0.1)
