"""SIP messages as the scripted peer of peer.py reads and writes them, without a SIP stack."""

import re

SDP = (
    "v=0\r\no=peer 7 7 IN IP4 127.0.0.1\r\ns=%s\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Forwarded",
    183: "Session Progress",
    199: "Gone",
    200: "OK",
    202: "Accepted",
    300: "Multiple",
    302: "Moved",
    401: "Unauthorized",
    404: "Not Found",
    407: "Proxy Auth",
    408: "Timeout",
    422: "Too Small",
    481: "No Dialog",
    486: "Busy",
    487: "Terminated",
    491: "Pending",
    500: "Error",
    503: "Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}


class Message:
    """What stands in a message; `code` is 0 in a request, `method` empty in a response."""

    def __init__(self, text):
        self.text = text
        head, _, self.body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.start = lines[0]
        fields = [line.partition(":") for line in lines[1:]]
        self.fields = [(name.strip(), value.strip()) for name, _, value in fields]
        words = self.start.split(" ", 2)
        self.code = int(words[1]) if words[0] == "SIP/2.0" else 0
        self.method = "" if self.code else words[0]
        self.uri = "" if self.code else words[1]
        number, method = (self.get("CSeq") or "0 ?").split()
        self.cseq, self.cseq_method = int(number), method

    def get(self, name):
        """The first value of the header field."""
        return next(iter(self.all(name)), None)

    def all(self, name):
        return [value for other, value in self.fields if other.lower() == name.lower()]

    def tag(self, name):
        found = re.search(r";tag=([^;>\s]+)", self.get(name) or "")
        return found.group(1) if found else None

    def contact(self, otherwise=""):
        """The URI of Contact."""
        found = re.search(r"<(.*?)>", self.get("Contact") or "")
        return found.group(1) if found else otherwise

    def is_a(self, what):
        """Whether it is a WHAT: a method, a code, or `200 INVITE`; None is any."""
        names = (self.method, str(self.code), f"{self.code} {self.cseq_method}")
        return what is None or str(what) in names

    def is_about(self, request):
        """Whether it is a response to this request."""
        ids = (self.get("Call-ID"), self.cseq, self.cseq_method)
        return ids == (request.get("Call-ID"), request.cseq, request.method)


def text_of(lines, body=None, content_type="application/sdp"):
    """A message of these lines."""
    lines = list(lines)
    if body:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(body or '')}")
    return "\r\n".join(lines) + "\r\n\r\n" + (body or "")


def without_tag(value):
    return re.sub(r";tag=[^;\s]+", "", value)


class Dialog:
    """A dialog as the peer sees it."""

    def __init__(self, call, local, remote, tags, target):
        self.call, self.local, self.remote = call, local, remote
        self.local_tag, self.remote_tag = tags
        self.target = target

    @classmethod
    def answered(cls, invite, tag="ptag1"):
        """The peer was called, and has answered with this tag."""
        return cls(
            invite.get("Call-ID"),
            without_tag(invite.get("To")),
            without_tag(invite.get("From")),
            (tag, invite.tag("From")),
            invite.contact(),
        )

    @classmethod
    def made(cls, invite, response):
        """The peer has called, and got this response."""
        return cls(
            invite.get("Call-ID"),
            without_tag(invite.get("From")),
            without_tag(response.get("To")),
            (invite.tag("From"), response.tag("To")),
            response.contact(invite.uri),
        )

    def with_tags(self, local=None, remote=None):
        """The same with tags that are wrong."""
        tags = (local or self.local_tag, remote or self.remote_tag)
        return Dialog(self.call, self.local, self.remote, tags, self.target)

    def with_call(self, call):
        """The same with a Call-ID that is wrong."""
        tags = (self.local_tag, self.remote_tag)
        return Dialog(call, self.local, self.remote, tags, self.target)
