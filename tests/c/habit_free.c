/* Programs that free what is not theirs any more: the process ends at once, with a message, as
   malloc would end it. */
#include "peer.h"

#include <sys/wait.h>

static struct peer peer;
static struct eXosip_t *ctx;

static osip_message_t *built(int *rid, const char *from)
{
    osip_message_t *reg = NULL;
    *rid = eXosip_register_build_initial_register(ctx, from, peer.uri, NULL, 600, &reg);
    CHECK(*rid > 0 && reg != NULL);
    return reg;
}

static void a_message_is_freed_twice(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    osip_message_free(reg);
    osip_message_free(reg);
}

static void a_text_is_freed_before_its_message(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    osip_free(reg->from->url->username);
    osip_message_free(reg);
}

static void a_struct_is_freed_before_its_message(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    osip_from_free(reg->from);
    osip_message_free(reg);
}

/* A failed send takes the message too. */
static void a_message_is_freed_after_a_failed_send(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, rid + 1000, reg));
    osip_message_free(reg);
}

static void a_message_is_freed_after_it_was_sent(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    osip_message_free(reg);
}

/* Of a call too; one that was not sent may be freed, see calls_life.c. */
static void an_invite_is_freed_after_it_was_sent(void)
{
    osip_message_t *invite = NULL;
    CODE(0, eXosip_call_build_initial_invite(ctx, &invite, peer.uri, "sip:alice@127.0.0.1", NULL,
                                             NULL));
    CHECK(eXosip_call_send_initial_invite(ctx, invite) > 0);
    osip_message_free(invite);
}

static void a_message_is_sent_twice(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    eXosip_register_send_register(ctx, rid, reg);
}

static void a_message_is_sent_again_after_a_failed_send(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, rid + 1000, reg));
    eXosip_register_send_register(ctx, rid, reg);
}

/* The address of a text is kept, and freed by malloc's free after the message: the next message
   does not get it. */
static void a_text_is_freed_after_its_message(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    char *user = reg->from->url->username;
    osip_message_free(reg);
    osip_free(user);
    built(&rid, "sip:bob@127.0.0.1");
    built(&rid, "sip:carol@127.0.0.1");
}

static void a_text_is_written_to_after_its_message_was_freed(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1");
    char *user = reg->from->url->username;
    osip_message_free(reg);
    user[0] = 'b';
    user[15] = 'b';
    built(&rid, "sip:bob@127.0.0.1");
    built(&rid, "sip:carol@127.0.0.1");
}

/* What this does ends a child by SIGABRT, and says why on standard error. */
static void ends_by_abort(void (*what)(void))
{
    int said[2], status = 0;
    char words[4096];
    ssize_t length;
    pid_t child;

    CODE(0, pipe(said));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(said[1], STDERR_FILENO);
        close(said[0]);
        ctx = listening();
        what();
        _exit(0);
    }
    close(said[1]);
    for (length = 0; length < (ssize_t) sizeof words - 1;) {
        ssize_t more = read(said[0], words + length, sizeof words - 1 - length);
        if (more <= 0)
            break;
        length += more;
    }
    words[length] = 0;
    close(said[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) &&
        strstr(words, "AddressSanitizer") == NULL) {
        printf("status %x: %s\n", status, words);
        CHECK(0);
    }
    CHECK(length > 0);
}

int main(void)
{
    peer_open(&peer);
    ends_by_abort(a_message_is_freed_twice);
    ends_by_abort(a_text_is_freed_before_its_message);
    ends_by_abort(a_struct_is_freed_before_its_message);
    ends_by_abort(a_message_is_freed_after_a_failed_send);
    ends_by_abort(a_message_is_freed_after_it_was_sent);
    ends_by_abort(an_invite_is_freed_after_it_was_sent);
    ends_by_abort(a_message_is_sent_twice);
    ends_by_abort(a_message_is_sent_again_after_a_failed_send);
    ends_by_abort(a_text_is_freed_after_its_message);
    ends_by_abort(a_text_is_written_to_after_its_message_was_freed);
    peer_close(&peer);
    return 0;
}
