struct eXosip_t;
#define REGISTERER_VERSION 1 /* of the structs below */

/* What is trusted. Over TLS the server, whose certificate is checked unless tls_verify is 0. By UDP
   and TCP all goes in the clear: whoever is on the way reads it, and may answer in the registrar's
   place. A response counts only with the branch of a request, which no one else can guess; then
   its bindings, times and addresses are believed within bounds.
   A password is never sent, but an answer to a challenge lets its reader try passwords on it.
   Credentials answer only challenges to requests of their own user, and of their realm where one
   is given; the realm is the challenger's word, so that it proves nothing. The strongest challenge
   of a realm is answered. A challenger that leaves SHA-256 or qop out gets MD5, or an answer
   without qop and with the nonce of its choice, because many registrars know no better: where
   yours does, set weakest_algorithm. Requests from outside may come from anybody, unless
   registerer_set_registrars_only keeps those from elsewhere out; whoever can forge the registrar's
   address is received all the same. */
