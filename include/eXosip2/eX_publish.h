#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_PUBLISH_H
#define EXOSIP2_EX_PUBLISH_H

/* Generated from the Rust source by build.rs; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Would make a PUBLISH. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `message`.
 *
 * The caller promises:
 * `message` is NULL or points to a pointer that may be written.
 */
int eXosip_build_publish(struct eXosip_t *excontext,
                         osip_message_t **message,
                         const char *to,
                         const char *from,
                         const char *route,
                         const char *event,
                         const char *expires,
                         const char *ctype,
                         const char *body);

/**
 * Would send a PUBLISH. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `message` stays the caller's.
 */
int eXosip_publish(struct eXosip_t *excontext, osip_message_t *message, const char *to);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_PUBLISH_H */
