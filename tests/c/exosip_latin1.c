/* A password in Latin-1, as a server with an old user table knows it, is hashed byte by byte. */
#include "md5.h"
#include "peer.h"

int main(void)
{
    struct eXosip_t *ctx = listening();
    static struct peer registrar;
    char line[200], a1[33], a2[33], proof[33];
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    int rid;

    peer_open(&registrar);
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "caf\xe9", NULL, NULL));
    rid = eXosip_register_build_initial_register(ctx, "sip:alice@test", registrar.uri, NULL, 60,
                                                 &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&registrar, "REGISTER ");
    answer(&registrar, "401 Unauthorized",
           "WWW-Authenticate: Digest realm=\"test\", nonce=\"n\"\r\n");
    event = eXosip_event_wait(ctx, 10, 0);
    CHECK(event != NULL && event->type == EXOSIP_REGISTRATION_FAILURE);
    eXosip_event_free(event);
    eXosip_automatic_action(ctx);
    receive_message(&registrar, "REGISTER ");
    md5_hex("alice:test:caf\xe9", a1);
    snprintf(line, sizeof line, "REGISTER:%s", registrar.uri);
    md5_hex(line, a2);
    snprintf(line, sizeof line, "%s:n:%s", a1, a2);
    md5_hex(line, proof);
    CHECK(field(&registrar, "Authorization") != NULL && strstr(registrar.value, proof) != NULL);
    ended(ctx);
    peer_close(&registrar);
    return 0;
}
