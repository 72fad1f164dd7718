/* Messages: read, looked into, printed, copied. */
#include "osip_print.h"

#define HEAD "REGISTER sip:h SIP/2.0\r\n"

static const char *const messages[] = {
    HEAD "Via: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
         "CSeq: 1 REGISTER\r\n"
         "Contact: <sip:a@c>\r\nMax-Forwards: 70\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n",
    "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h;branch=1, SIP/2.0/UDP i;branch=2\r\nv: SIP/2.0/TCP k\r\n"
    "f: <sip:a@b>;tag=1\r\n"
    "t: <sip:a@b>;tag=2\r\ni: x@y\r\nCSeq: 1 REGISTER\r\n"
    "m: <sip:a@c>;expires=5, \"B, c\" <sip:d@e>\r\nm: <sip:z@c>\r\n"
    "s: hello\r\nk: a, b\r\nl: 4\r\nc: text/plain\r\ne: gzip\r\n\r\nbody",
    HEAD "Via: SIP/2.0/UDP h\r\nX-Multi: a, b\r\nAllow: INVITE, ACK\r\nAllow: BYE\r\n"
         "Supported: path, outbound\r\n"
         "Record-Route: <sip:a;lr>,<sip:b;lr>\r\nRoute: <sip:a;lr>,<sip:b;lr>\r\n"
         "Accept: application/sdp, text/*;q=0.5\r\n"
         "Accept-Encoding: gzip, identity;q=0\r\nAccept-Language: en, fr;q=0.3\r\n"
         "Alert-Info: <http://x>, <http://y>;a=b\r\n"
         "Call-Info: <http://c>\r\nError-Info: <http://e>\r\nContent-Encoding: gzip, tar\r\n"
         "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\"\r\n"
         "Proxy-Authorization: Digest username=\"p\", realm=\"r\"\r\n"
         "WWW-Authenticate: Digest realm=\"w\", nonce=\"n\"\r\n"
         "Proxy-Authenticate: Digest realm=\"pa\", nonce=\"n\"\r\n"
         "Authentication-Info: nextnonce=\"x\"\r\n"
         "Proxy-Authentication-Info: nextnonce=\"y\"\r\nMIME-Version: 1.0\r\n"
         "Content-Type: a/b;c=d\r\n"
         "Content-Disposition: session\r\nUser-Agent: x (a, b)\r\nWarning: 399 h \"a, b\"\r\n"
         "Date: Thu, 1 Jan 1970 00:00:00 GMT\r\nSubject:\r\nFrom: a <sip:a@b>\r\nTo: <sip:c@d>\r\n"
         "Call-ID: 1\r\n"
         "CSeq: 5 REGISTER\r\nContact: *\r\n\r\n",
    "REGISTER sip:h SIP/2.0\nVia: SIP/2.0/UDP h\nSubject: folded\n line\n\ttwo\nFrom: <sip:a@b>\n\nbody",
    HEAD,
    "REGISTER sip:h SIP/2.0",
    HEAD "\r\n",
    "\r\n\r\n" HEAD "Subject: x\r\n\r\n",
    HEAD "Subject x\r\n\r\n",
    HEAD "Subject: x\r\n",
    HEAD "Subject: a\tb\r\n\r\n",
    HEAD "From: bad\r\n\r\n",
    HEAD "From: <sip:a@b>\r\nFrom: <sip:c@d>\r\n\r\n",
    HEAD "Content-Length: 10\r\nContent-Type: text/plain\r\n\r\nabc",
    HEAD "Content-Length: 2\r\nContent-Type: text/plain\r\n\r\nabc",
    HEAD "Content-Type: text/plain\r\n\r\nabc",
    HEAD "Content-Length: x\r\nContent-Type: text/plain\r\n\r\nabc",
    HEAD "Content-Length: 3\r\n\r\nabc",
    "SIP/2.0 99 x\r\n\r\n",
    "SIP/2.0 abc x\r\n\r\n",
    "SIP/2.0 200\r\n\r\n",
    "SIP/2.0 200 \r\n\r\n",
    "SIP/2.0 1234 x\r\n\r\n",
    "SIP/3.0 200 OK\r\n\r\n",
    "SIP/2.0 200 Not so OK\r\n\r\n",
    "sip/2.0 200 OK\r\n\r\n",
    "REGISTER  sip:h  SIP/2.0\r\n\r\n",
    "REGISTER sip:h\r\n\r\n",
    "REGISTER\r\n\r\n",
    "REGISTER tel:+1 SIP/2.0\r\n\r\n",
    "REGISTER x SIP/2.0\r\n\r\n",
    "REGISTER sip:h HTTP/1.1\r\n\r\n",
    "register sip:h sip/2.0\r\n\r\n",
    HEAD "X-Empty:\r\nX-Sp :  y  \r\nContact:\r\nAllow:\r\nSupported:\r\nRoute:\r\nFrom:\r\n\r\n",
    HEAD "To : <sip:a@b>\r\nsubJECT: x\r\nfRoM: <sip:a@b>\r\n\r\n",
    HEAD "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\", Digest realm=\"c\", nonce=\"d\"\r\n"
         "\r\n",
    HEAD "WWW-Authenticate: Foo bar\r\nAuthorization: Digest x\r\nProxy-Authenticate: Digest\r\n"
         "\r\n",
    HEAD ": x\r\n\r\n",
    HEAD "Contact: bad, <sip:a@b>\r\n\r\n",
    HEAD "Via: bad\r\n\r\n",
    HEAD "CSeq: bad\r\n\r\n",
    HEAD "Contact: <sip:a@b>,,<sip:c@d>\r\nAllow: ,A,\r\n\r\n",
    HEAD "Contact: \"a\\\\\\\"b, c\" <sip:x@y>;q=\"x,y\", <sip:z@y>\r\nSubject: \"a\", b\r\n"
         "Y: a\r\n\tb\r\n\r\n",
    HEAD "Supported: a, \"c,d\"\r\nReason: SIP;cause=1, Q\r\nP-X: a,b\r\nPath: <sip:p>,<sip:q>\r\n"
         "Service-Route: <sip:p>,<sip:q>\r\nAllow-Events: a,b\r\nIn-Reply-To: a,b\r\n"
         "Require: a,b\r\nProxy-Require: a,b\r\n"
         "Unsupported: a,b\r\nContent-Language: a,b\r\nServer: a,b\r\nPriority: a,b\r\n"
         "Security-Server: a,b\r\n"
         "P-Asserted-Identity: <sip:a>,<sip:b>\r\nP-Associated-URI: <sip:a>,<sip:b>\r\n"
         "Privacy: a,b\r\n"
         "Accept-Contact: a,b\r\nHistory-Info: a,b\r\nu: a,b\r\nr: a,b\r\nb: a,b\r\na: a,b\r\n"
         "o: x,y\r\nd: a,b\r\nj: a,b\r\n"
         "Event: a,b\r\nWarning: 1 a \"b\", 2 c \"d\"\r\nReply-To: <sip:a>,<sip:b>\r\n"
         "Geolocation: a,b\r\nTimestamp: 1,2\r\n"
         "Retry-After: 5,6\r\nOrganization: a,b\r\nSecurity-Client: a,b\r\n"
         "Resource-Priority: a,b\r\n\r\n",
    /* A multipart. */
    HEAD "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=\"x\"\r\n\r\npreamble\r\n"
         "--x\r\nContent-Type: a/b\r\n"
         "X: y\r\n\r\none\r\n--x\r\nC: d\r\n\r\ntwo\r\n--x--\r\nepilogue",
    HEAD "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\n"
         "Content-Type: a/b\r\n\r\none\r\n",
    /* After RFC 4475 3.1.1.1: legal in every line, and like nothing that anybody sends. */
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n"
    "  tag = 98asjd8\r\n"
    "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\nContent-Length   : 5\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\ns :\r\n"
    "NewFangledHeader:   newfangled value\r\n"
    " continued newfangled value\r\nUnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n"
    "  secondparam ; q = 0.33\r\n"
    "\r\nv=0\r\n",
    /* After RFC 4475 3.1.1.2: the widest range of characters. */
    "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com SIP/2.0\r\n"
    "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\n"
    "To: \"BEL:\\\x07 NUL: DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\n"
    "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.\r\n"
    "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
    "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\n"
    "Max-Forwards: 255\r\n"
    "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\r\n"
    "Content-Length: 0\r\n\r\n",
    /* After RFC 4475 3.1.2.19 and others: broken. */
    "SIP/7.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n",
    "INVITE <sip:user@example.com> SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n",
    "OPTIONS sip:user@example.com SIP/7.0\r\nVia: SIP/7.0/UDP h\r\n\r\n",
    "NEWMETHOD nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n"
    "To: <isbn:2983792873>\r\n\r\n",
};

int main(void)
{
    parser_init();
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        char label[8];
        snprintf(label, sizeof label, "%u", (unsigned) i);
        examine(label, messages[i], strlen(messages[i]));
    }

    /* A header whose commas separate, because the program says so; for good. */
    static const char several[] = HEAD "X-Multi: a, \"b,c\", d\r\nX-Other: a, b\r\n\r\n";
    for (int reported = 0; reported < 2; reported++) {
        osip_message_t *message = NULL;
        osip_message_init(&message);
        CODE(osip_message_parse(message, several, strlen(several)));
        parts(message);
        whole(message);
        osip_message_free(message);
        CODE(parser_add_comma_separated_header("x-multi"));
    }
    return 0;
}
