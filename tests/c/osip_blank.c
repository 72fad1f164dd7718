/* What is empty, blank, folded or missing in a message, and lists that a program shortens. */
#include "osip_print.h"
#include <osipparser2/osip_parser.h>

#define START \
    "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n" \
    "To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n"
#define ANSWER \
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n" \
    "To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n"

static void shown(osip_message_t *message)
{
    osip_content_length_t *length = osip_message_get_content_length(message);
    osip_list_iterator_t at;
    osip_header_t *header;

    text("length", length == NULL ? NULL : length->value);
    printf(" bodies=%d", osip_list_size(&message->bodies));
    header = osip_list_get_first(&message->headers, &at);
    for (; header != NULL; header = osip_list_get_next(&at))
        text(header->hname, header->hvalue);
    printf("\n");
}

static void parsed(const char *name, const char *bytes)
{
    osip_message_t *message = NULL, *copy = NULL;
    char *printed = NULL;
    size_t length = 0;
    int code;

    osip_message_init(&message);
    code = osip_message_parse(message, bytes, strlen(bytes));
    printf("%s: %d", name, code);
    if (code == 0) {
        shown(message);
        printf("  cloned: %d", osip_message_clone(message, &copy));
        shown(copy);
        code = osip_message_to_str(message, &printed, &length);
        printf("  printed: %d", code);
        if (code == 0)
            text("text", printed);
        osip_free(printed)
        osip_message_free(copy);
    }
    printf("\n");
    osip_message_free(message);
}

static void messages(void)
{
    parsed("no length", START "\r\n");
    parsed("no length of an answer", ANSWER "\r\n");
    parsed("no length before what has no type", START "\r\nhello");
    parsed("no length of a text", START "Content-Type: text/plain\r\n\r\nhello");
    parsed("no length and no text", START "Content-Type: text/plain\r\n\r\n");
    parsed("empty length", START "Content-Length:\r\n\r\n");
    parsed("blank length", START "Content-Length:  \r\n\r\n");
    parsed("blank length of a text",
           START "Content-Length: \r\nContent-Type: text/plain\r\n\r\nhi");
    parsed("no value", START "X-A:\r\nSubject:\r\nSupported:\r\nExpires:\r\n\r\n");
    parsed("one blank", START "X-A: \r\nSubject: \r\nExpires: \r\nDate: \r\n\r\n");
    parsed("blanks", START "X-A: \t \r\nSubject:   \r\nExpires:\t\r\n\r\n");
    parsed("blank lists", START "Supported:   \r\nRequire: \r\n\r\n");
    parsed("blank where a type is",
           START "Contact: \r\nRoute:  \r\nContent-Type: \r\nAccept: \r\n\r\n");
    parsed("blanks in front of the colon", START "X-A \t: v\r\nSubject : v\r\n\r\n");
    parsed("a value on the next line", START "X-A:\r\n v\r\nX-B: \r\n\tv\r\nX-C: v\r\n  w\r\n\r\n");
    parsed("no value on the next line", START "X-A:\r\n  \r\nX-B: \r\n\t\r\n\r\n");
    parsed("a colon on the next line", START "X-A\r\n : v\r\nSubject\r\n\t: w\r\n\r\n");
    parsed("a name of two lines", START "X-A\r\n B: v\r\nX-C\r\n\tD\r\n  E: v\r\n w\r\n\r\n");
    parsed("a name of LFs", START "X-A\n B: v\n\r\n");
}

static void set(const char *value)
{
    osip_message_t *message = NULL;

    osip_message_init(&message);
    printf("set: %d", osip_message_set_header(message, "X-A", value));
    printf(" %d", osip_message_set_subject(message, value));
    shown(message);
    osip_message_free(message);
}

static int freed;

static void count(void *element)
{
    printf(" frees %s", (char *) element);
    freed++;
}

static int same(void *element, void **copy)
{
    *copy = element;
    return 0;
}

static void elements(const osip_list_t *list)
{
    int i;

    printf(" %d:", osip_list_size(list));
    for (i = 0; !osip_list_eol(list, i); i++)
        printf(" %s", (char *) osip_list_get(list, i));
    printf("\n");
}

/* The nodes behind `nb_elt` are nobody's; they are kept here, so that nothing leaks. */
static void shortened(int to, int at)
{
    static char a[] = "a", b[] = "b", c[] = "c", x[] = "x";
    __node_t *nodes[3];
    osip_list_iterator_t walk;
    osip_list_t list, copy;
    char *first;
    int i;

    osip_list_init(&list);
    osip_list_add(&list, a, -1);
    osip_list_add(&list, b, -1);
    osip_list_add(&list, c, -1);
    nodes[0] = list.node;
    nodes[1] = (__node_t *) nodes[0]->next;
    nodes[2] = (__node_t *) nodes[1]->next;
    list.nb_elt = to;
    first = osip_list_get_first(&list, &walk);
    printf("shortened to %d, first %s\n", to, first == NULL ? "-" : first);
    osip_list_init(&copy);
    printf("  copied: %d", osip_list_clone(&list, &copy, same));
    elements(&copy);
    osip_list_special_free(&copy, NULL);
    printf("  added at %d: %d", at, osip_list_add(&list, x, at));
    elements(&list);
    printf("  removed: %d", osip_list_remove(&list, at));
    elements(&list);
    printf("  freed:");
    osip_list_special_free(&list, count);
    elements(&list);
    for (i = to; i < 3; i++)
        osip_free(nodes[i])
}

/* As programs replace a Contact. */
static void contacts(void)
{
    osip_message_t *message = NULL;
    osip_contact_t *old = NULL, *found = NULL;
    __node_t *node;

    osip_message_init(&message);
    osip_message_set_contact(message, "<sip:old@h>");
    osip_message_get_contact(message, 0, &old);
    osip_contact_free(old);
    node = message->contacts.node;
    message->contacts.nb_elt = 0;
    osip_free(node)
    osip_message_set_contact(message, "<sip:new@h>");
    osip_message_get_contact(message, 0, &found);
    printf("contacts: %d", osip_list_size(&message->contacts));
    text("user", found->url->username);
    found = NULL;
    printf(" %d\n", osip_message_get_contact(message, 1, &found));
    osip_message_free(message);

    osip_message_init(&message);
    osip_message_set_contact(message, "<sip:old@h>");
    osip_message_get_contact(message, 0, &old);
    osip_contact_free(old);
    node = message->contacts.node;
    message->contacts.nb_elt = 0;
    osip_message_free(message); /* frees what is freed no second time */
    osip_free(node)
}

int main(void)
{
    static const char *const values[] = {"", " ", " \t ", " v "};
    int i, at;

    parser_init();
    messages();
    for (i = 0; i < 4; i++)
        set(values[i]);
    for (i = 0; i < 3; i++)
        for (at = 0; at <= i; at++)
            shortened(i, at);
    contacts();
    printf("%d\n", freed);
    return 0;
}
