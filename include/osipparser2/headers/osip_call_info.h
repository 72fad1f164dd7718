#ifndef OSIPPARSER2_HEADERS_OSIP_CALL_INFO_H
#define OSIPPARSER2_HEADERS_OSIP_CALL_INFO_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_call_info osip_call_info_t;

#include <osipparser2/osip_list.h>

/**
 * A URI in brackets, or a token, with parameters.
 */
struct osip_call_info {
  /**
   * The URI with its brackets, or the token.
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
 * Makes an empty URI with parameters. The caller frees it with osip_call_info_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `call_info`.
 */
int osip_call_info_init(osip_call_info_t **call_info);

/**
 * Frees a URI with parameters with all it holds; NULL is allowed.
 */
void osip_call_info_free(osip_call_info_t *call_info);

/**
 * Reads a URI with parameters from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_call_info_parse(osip_call_info_t *call_info, const char *hvalue);

/**
 * Prints a URI with parameters; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_call_info_to_str(const osip_call_info_t *call_info, char **dest);

/**
 * Copies a URI with parameters; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_call_info_clone(const osip_call_info_t *call_info, osip_call_info_t **dest);

/**
 * The uri of a URI with parameters, as it stands there; NULL when there is none. It stays the URI
 * with parameters's.
 */
char *osip_call_info_get_uri(osip_call_info_t *call_info);

/**
 * Sets the uri of a URI with parameters, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_call_info_set_uri(osip_call_info_t *call_info, char *value);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CALL_INFO_H */
