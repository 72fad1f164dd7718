/* Two contexts, as two programs would, name the same port. */
#include "check.h"
#include <registerer.h>

/* What a second context gets that names the port of a first. */
static void second(int first_is_exclusive, int second_is_exclusive, int wanted)
{
    struct eXosip_t *contexts[2] = {eXosip_malloc(), eXosip_malloc()};
    int port = 0, code = OSIP_UNDEFINED_ERROR;

    CODE(0, eXosip_init(contexts[0]));
    CODE(0, eXosip_init(contexts[1]));
    CODE(0, registerer_set_exclusive_port(contexts[0], first_is_exclusive));
    CODE(0, registerer_set_exclusive_port(contexts[1], second_is_exclusive));
    /* Somebody else may take a port that was free a moment ago. */
    for (int tries = 0; code != 0 && tries < 20; tries++) {
        port = eXosip_find_free_port(contexts[0], 0, IPPROTO_UDP);
        CHECK(port > 0);
        code = eXosip_listen_addr(contexts[0], IPPROTO_UDP, "127.0.0.1", port, AF_INET, 0);
    }
    CODE(0, code);
    CODE(wanted, eXosip_listen_addr(contexts[1], IPPROTO_UDP, "127.0.0.1", port, AF_INET, 0));
    if (wanted != 0) /* It may listen elsewhere. */
        CODE(0, eXosip_listen_addr(contexts[1], IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    ended(contexts[0]);
    ended(contexts[1]);
}

int main(void)
{
    second(0, 0, 0); /* as with eXosip2 */
    second(1, 0, OSIP_UNDEFINED_ERROR);
    second(0, 1, OSIP_UNDEFINED_ERROR);
    second(1, 1, OSIP_UNDEFINED_ERROR);
    CODE(OSIP_BADPARAMETER, registerer_set_exclusive_port(NULL, 1));
    return 0;
}
