#ifndef OSIPPARSER2_HEADERS_OSIP_CALL_ID_H
#define OSIPPARSER2_HEADERS_OSIP_CALL_ID_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_call_id osip_call_id_t;

/**
 * A Call-ID.
 */
struct osip_call_id {
  /**
   * What stands before `@`.
   */
  char *number;
  /**
   * What stands behind it, or NULL.
   */
  char *host;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Call-ID. The caller frees it with osip_call_id_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `callid`.
 */
int osip_call_id_init(osip_call_id_t **callid);

/**
 * Frees a Call-ID with all it holds; NULL is allowed.
 */
void osip_call_id_free(osip_call_id_t *callid);

/**
 * Reads a Call-ID from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_call_id_parse(osip_call_id_t *callid, const char *hvalue);

/**
 * Prints a Call-ID; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_call_id_to_str(const osip_call_id_t *callid, char **dest);

/**
 * Copies a Call-ID; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_call_id_clone(const osip_call_id_t *callid, osip_call_id_t **dest);

/**
 * The number of a Call-ID, as it stands there; NULL when there is none. It stays the Call-ID's.
 */
char *osip_call_id_get_number(osip_call_id_t *callid);

/**
 * Sets the number of a Call-ID, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_call_id_set_number(osip_call_id_t *callid, char *value);

/**
 * The host of a Call-ID, as it stands there; NULL when there is none. It stays the Call-ID's.
 */
char *osip_call_id_get_host(osip_call_id_t *callid);

/**
 * Sets the host of a Call-ID, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_call_id_set_host(osip_call_id_t *callid, char *value);

/**
 * Whether two are equal.
 *
 * Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
 * missing.
 */
int osip_call_id_match(osip_call_id_t *callid1, osip_call_id_t *callid2);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CALL_ID_H */
