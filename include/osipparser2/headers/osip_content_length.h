#ifndef OSIPPARSER2_HEADERS_OSIP_CONTENT_LENGTH_H
#define OSIPPARSER2_HEADERS_OSIP_CONTENT_LENGTH_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_content_length osip_content_length_t;

/**
 * A header field that is one text.
 */
struct osip_content_length {
  /**
   * The text.
   */
  char *value;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Content-Length. The caller frees it with osip_content_length_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `cl`.
 */
int osip_content_length_init(osip_content_length_t **cl);

/**
 * Frees a Content-Length with all it holds; NULL is allowed.
 */
void osip_content_length_free(osip_content_length_t *cl);

/**
 * Reads a Content-Length from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_content_length_parse(osip_content_length_t *cl, const char *hvalue);

/**
 * Prints a Content-Length; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_content_length_to_str(const osip_content_length_t *cl, char **dest);

/**
 * Copies a Content-Length; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_content_length_clone(const osip_content_length_t *cl, osip_content_length_t **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CONTENT_LENGTH_H */
