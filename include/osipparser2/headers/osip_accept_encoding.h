#ifndef OSIPPARSER2_HEADERS_OSIP_ACCEPT_ENCODING_H
#define OSIPPARSER2_HEADERS_OSIP_ACCEPT_ENCODING_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_accept_encoding osip_accept_encoding_t;

#include <osipparser2/osip_list.h>

#define osip_accept_encoding_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_accept_encoding_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))

/**
 * A token with parameters.
 */
struct osip_accept_encoding {
  /**
   * The token.
   */
  char *element;
  /**
   * Parameters: osip_generic_param_t.
   */
  osip_list_t gen_params;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty token with parameters. The caller frees it with osip_accept_encoding_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `accept_encoding`.
 */
int osip_accept_encoding_init(osip_accept_encoding_t **accept_encoding);

/**
 * Frees a token with parameters with all it holds; NULL is allowed.
 */
void osip_accept_encoding_free(osip_accept_encoding_t *accept_encoding);

/**
 * Reads a token with parameters from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_accept_encoding_parse(osip_accept_encoding_t *accept_encoding, const char *hvalue);

/**
 * Prints a token with parameters; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_accept_encoding_to_str(const osip_accept_encoding_t *accept_encoding, char **dest);

/**
 * Copies a token with parameters; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_accept_encoding_clone(const osip_accept_encoding_t *accept_encoding,
                               osip_accept_encoding_t **dest);

/**
 * The element of a token with parameters, as it stands there; NULL when there is none. It stays
 * the token with parameters's.
 */
char *osip_accept_encoding_get_element(const osip_accept_encoding_t *accept_encoding);

/**
 * Sets the element of a token with parameters, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_accept_encoding_set_element(osip_accept_encoding_t *accept_encoding, char *value);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_ACCEPT_ENCODING_H */
