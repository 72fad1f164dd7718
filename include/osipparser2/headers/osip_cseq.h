#ifndef OSIPPARSER2_HEADERS_OSIP_CSEQ_H
#define OSIPPARSER2_HEADERS_OSIP_CSEQ_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_cseq osip_cseq_t;

/**
 * A CSeq.
 */
struct osip_cseq {
  /**
   * The method.
   */
  char *method;
  /**
   * The sequence number, as written.
   */
  char *number;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty CSeq. The caller frees it with osip_cseq_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `cseq`.
 */
int osip_cseq_init(osip_cseq_t **cseq);

/**
 * Frees a CSeq with all it holds; NULL is allowed.
 */
void osip_cseq_free(osip_cseq_t *cseq);

/**
 * Reads a CSeq from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_cseq_parse(osip_cseq_t *cseq, const char *hvalue);

/**
 * Prints a CSeq; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_cseq_to_str(const osip_cseq_t *cseq, char **dest);

/**
 * Copies a CSeq; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_cseq_clone(const osip_cseq_t *cseq, osip_cseq_t **dest);

/**
 * The number of a CSeq, as it stands there; NULL when there is none. It stays the CSeq's.
 */
char *osip_cseq_get_number(osip_cseq_t *cseq);

/**
 * Sets the number of a CSeq, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_cseq_set_number(osip_cseq_t *cseq, char *value);

/**
 * The method of a CSeq, as it stands there; NULL when there is none. It stays the CSeq's.
 */
char *osip_cseq_get_method(osip_cseq_t *cseq);

/**
 * Sets the method of a CSeq, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_cseq_set_method(osip_cseq_t *cseq, char *value);

/**
 * Whether two are equal, or belong to an INVITE and its ACK.
 *
 * Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
 * missing.
 */
int osip_cseq_match(osip_cseq_t *cseq1, osip_cseq_t *cseq2);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CSEQ_H */
