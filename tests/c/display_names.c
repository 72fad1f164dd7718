/* A From that the other library refuses for its display name is refused by eXosip's calls with the
   same code, and one that it takes is taken. */
#include "check.h"

#include <dlfcn.h>
#include <string.h>

typedef int init_t(osip_from_t **from);
typedef int parse_t(osip_from_t *from, const char *text);
typedef void free_t(osip_from_t *from);

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    CHECK(found != NULL);
    return found;
}

int main(void)
{
    static const char *const names[] = {
        "Alice",
        "Alice B. Cooper",
        "\"Alice, B\"",
        "\"Alice M\xc3\xbcller\"",
        "Alice M\xc3\xbcller",
        "M\xfcller",
        "Dr. Alice (home)",
        "Alice, Bob",
        "alice@home",
        "O'Neil-2",
        "a`b~c*d+e_f%g!h",
        "Alice \"Al\" M",
        "a/b",
        "[a]",
        "a=b",
        "a?b",
        "",
        "\"",
        "\"a",
        "\"a\"b",
        "\xb1\xb1\xbe\xa9",
        "\"\xb1\xb1\xbe\xa9\"",
    };
    void *library = dlopen("libosipparser2.so.15", RTLD_NOW | RTLD_LOCAL);
    struct eXosip_t *ctx = listening();
    int refused = 0;

    CHECK(library != NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        osip_message_t *built = NULL;
        osip_from_t *from = NULL;
        char text[128];
        int theirs, ours;

        snprintf(text, sizeof text, "%s <sip:alice@127.0.0.1>", names[i]);
        CODE(0, ((init_t *)symbol(library, "osip_from_init"))(&from));
        theirs = ((parse_t *)symbol(library, "osip_from_parse"))(from, text);
        ((free_t *)symbol(library, "osip_from_free"))(from);
        ours = eXosip_register_build_initial_register(ctx, text, "sip:h.test", NULL, 600, &built);
        if (ours > 0 ? theirs != 0 : theirs != ours) {
            fprintf(stderr, "%s: %d there, %d here\n", text, theirs, ours);
            return 1;
        }
        CHECK((ours > 0) == (built != NULL));
        refused += ours == OSIP_SYNTAXERROR;
        osip_message_free(built);
        ours = eXosip_message_build_request(ctx, &built, "MESSAGE", "sip:b@127.0.0.1", text, NULL);
        CODE(theirs, ours);
        osip_message_free(built);
        built = NULL;
        ours = eXosip_message_build_request(ctx, &built, "MESSAGE", text, "sip:b@127.0.0.1", NULL);
        CODE(theirs, ours);
        osip_message_free(built);
    }
    CHECK(refused >= 10);
    ended(ctx);
    return 0;
}
