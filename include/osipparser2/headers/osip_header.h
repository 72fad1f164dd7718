#ifndef OSIPPARSER2_HEADERS_OSIP_HEADER_H
#define OSIPPARSER2_HEADERS_OSIP_HEADER_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_header osip_header_t;

#include <osipparser2/osip_const.h>
#include <osipparser2/osip_list.h>
#include <osipparser2/osip_uri.h>

/**
 * A header field without a type of its own.
 */
struct osip_header {
  /**
   * Its name; in lower case when it was received.
   */
  char *hname;
  /**
   * Its value, or NULL for an empty one.
   */
  char *hvalue;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty header field. The caller frees it with osip_header_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `header`.
 */
int osip_header_init(osip_header_t **header);

/**
 * Frees a header field with all it holds; NULL is allowed.
 */
void osip_header_free(osip_header_t *header);

/**
 * Prints a header field; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_header_to_str(const osip_header_t *header, char **dest);

/**
 * The name of a header field, as it stands there; NULL when there is none. It stays the header
 * field's.
 */
char *osip_header_get_name(const osip_header_t *header);

/**
 * Sets the name of a header field, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_header_set_name(osip_header_t *header, char *value);

/**
 * The value of a header field, as it stands there; NULL when there is none. It stays the header
 * field's.
 */
char *osip_header_get_value(const osip_header_t *header);

/**
 * Sets the value of a header field, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_header_set_value(osip_header_t *header, char *value);

/**
 * Copies a header field; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_header_clone(const osip_header_t *header, osip_header_t **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_HEADER_H */
