/* Structs of one library in the hands of the other: each function is looked up in both by dlsym. */
#include "osip_print.h"

#include <dlfcn.h>

typedef int init_t(osip_message_t **message);
typedef int parse_t(osip_message_t *message, const char *text, size_t length);
typedef int print_t(osip_message_t *message, char **dest, size_t *length);
typedef int clone_t(const osip_message_t *message, osip_message_t **dest);
typedef void free_t(osip_message_t *message);
typedef int start_t(void);

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        printf("%s is not there\n", name);
        exit(1);
    }
    return found;
}

int main(void)
{
    static const char text[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=1\r\n"
                               "From: \"a\" <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
                               "Contact: <sip:a@c;x>;expires=5\r\n"
                               "WWW-Authenticate: Digest realm=\"r\"\r\n"
                               "Content-Type: text/plain\r\nContent-Length:     3\r\n\r\nabc";
    void *library[2] = {dlopen("libregister.so.1", RTLD_NOW),
                        dlopen("libosipparser2.so.15", RTLD_NOW)};
    if (library[0] == NULL || library[1] == NULL)
        return 1;
    ((start_t *) symbol(library[1], "parser_init"))();
    /* Made by one, read by another, copied, printed and freed by others: in every combination. */
    for (int way = 0; way < 32; way++) {
        osip_message_t *message = NULL, *copy = NULL;
        char *dest = NULL;
        size_t length = 0;
        if (((init_t *)symbol(library[way & 1], "osip_message_init"))(&message) != 0 ||
            ((parse_t *)symbol(library[way >> 1 & 1], "osip_message_parse"))(
                message, text, sizeof text - 1) != 0 ||
            ((clone_t *)symbol(library[way >> 2 & 1], "osip_message_clone"))(message, &copy) != 0 ||
            ((print_t *)symbol(library[way >> 3 & 1], "osip_message_to_str"))(copy, &dest,
                                                                              &length) != 0 ||
            length != sizeof text - 1 || memcmp(dest, text, length) != 0) {
            printf("way %d: %s\n", way, dest != NULL ? dest : "nothing");
            return 1;
        }
        osip_free(dest);
        ((free_t *) symbol(library[way >> 4 & 1], "osip_message_free"))(message);
        ((free_t *) symbol(library[way & 1], "osip_message_free"))(copy);
    }
    printf("all of it is the same\n");
    return 0;
}
