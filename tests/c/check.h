/* What the C programs of this folder share: a check that tells where it failed, and waiting for one
   event. */
#ifndef CHECK_H
#define CHECK_H

#include "truth.h"

#include <eXosip2/eXosip.h>
#include <stdio.h>
#include <stdlib.h>

#define CODE(wanted, call) \
    do { \
        int code_ = (call); \
        if (code_ != (wanted)) { \
            fprintf(stderr, "%s:%d: %s gave %d, not %d\n", __FILE__, __LINE__, #call, code_, \
                    (wanted)); \
            exit(1); \
        } \
    } while (0)

/* A context that listens on a port of 127.0.0.1 that the kernel chose. */
static inline struct eXosip_t *listening(void)
{
    struct eXosip_t *ctx = eXosip_malloc();
    CHECK(ctx != NULL);
    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    return ctx;
}

static inline void ended(struct eXosip_t *ctx)
{
    eXosip_quit(ctx);
    osip_free(ctx);
}

/* The next event, which must be of this type and registration and, unless status is 0, carry this
   answer. */
static inline eXosip_event_t *expect(struct eXosip_t *ctx, eXosip_event_type_t type, int rid,
                                     int status)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);
    CHECK(event != NULL);
    CODE((int)type, (int)event->type);
    CODE(rid, event->rid);
    CHECK(event->request != NULL);
    CHECK(event->tid == 0 && event->did == 0 && event->cid == 0 && event->sid == 0 &&
          event->nid == 0);
    CHECK(event->ack == NULL && event->external_reference == NULL && event->textinfo[0] != '\0');
    if (status == 0)
        CHECK(event->response == NULL);
    else
        CODE(status, event->response->status_code);
    return event;
}

#endif
