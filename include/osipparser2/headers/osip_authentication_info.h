#ifndef OSIPPARSER2_HEADERS_OSIP_AUTHENTICATION_INFO_H
#define OSIPPARSER2_HEADERS_OSIP_AUTHENTICATION_INFO_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_authentication_info osip_authentication_info_t;

/**
 * What a server adds to a good answer (RFC 7616 section 3.5).
 */
struct osip_authentication_info {
  /**
   * The scheme, or NULL.
   */
  char *auth_type;
  /**
   * The nonce of the next request, quotes included, like all quoted values here.
   */
  char *nextnonce;
  /**
   * The `qop` parameter, or NULL.
   */
  char *qop_options;
  /**
   * The server's proof, or NULL.
   */
  char *rspauth;
  /**
   * The client's nonce, or NULL.
   */
  char *cnonce;
  /**
   * The `nc` parameter, or NULL.
   */
  char *nonce_count;
  /**
   * NTLM and Kerberos.
   */
  char *snum;
  /**
   * NTLM and Kerberos.
   */
  char *srand;
  /**
   * The realm, or NULL.
   */
  char *realm;
  /**
   * NTLM and Kerberos.
   */
  char *targetname;
  /**
   * As in the challenge, or NULL.
   */
  char *opaque;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Authentication-Info. The caller frees it with osip_authentication_info_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `authentication_info`.
 */
int osip_authentication_info_init(osip_authentication_info_t **authentication_info);

/**
 * Frees a Authentication-Info with all it holds; NULL is allowed.
 */
void osip_authentication_info_free(osip_authentication_info_t *authentication_info);

/**
 * Reads a Authentication-Info from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_authentication_info_parse(osip_authentication_info_t *authentication_info,
                                   const char *hvalue);

/**
 * Prints a Authentication-Info; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_authentication_info_to_str(const osip_authentication_info_t *authentication_info,
                                    char **dest);

/**
 * Copies a Authentication-Info; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_authentication_info_clone(const osip_authentication_info_t *authentication_info,
                                   osip_authentication_info_t **dest);

/**
 * The auth type of a Authentication-Info, as it stands there; NULL when there is none. It stays
 * the Authentication-Info's.
 */
char *osip_authentication_info_get_auth_type(osip_authentication_info_t *authentication_info);

/**
 * Sets the auth type of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_auth_type(osip_authentication_info_t *authentication_info,
                                            char *value);

/**
 * The nextnonce of a Authentication-Info, as it stands there; NULL when there is none. It stays
 * the Authentication-Info's.
 */
char *osip_authentication_info_get_nextnonce(osip_authentication_info_t *authentication_info);

/**
 * Sets the nextnonce of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_nextnonce(osip_authentication_info_t *authentication_info,
                                            char *value);

/**
 * The qop options of a Authentication-Info, as it stands there; NULL when there is none. It stays
 * the Authentication-Info's.
 */
char *osip_authentication_info_get_qop_options(osip_authentication_info_t *authentication_info);

/**
 * Sets the qop options of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_qop_options(osip_authentication_info_t *authentication_info,
                                              char *value);

/**
 * The rspauth of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_rspauth(osip_authentication_info_t *authentication_info);

/**
 * Sets the rspauth of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_rspauth(osip_authentication_info_t *authentication_info,
                                          char *value);

/**
 * The cnonce of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_cnonce(osip_authentication_info_t *authentication_info);

/**
 * Sets the cnonce of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_cnonce(osip_authentication_info_t *authentication_info,
                                         char *value);

/**
 * The nonce count of a Authentication-Info, as it stands there; NULL when there is none. It stays
 * the Authentication-Info's.
 */
char *osip_authentication_info_get_nonce_count(osip_authentication_info_t *authentication_info);

/**
 * Sets the nonce count of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_nonce_count(osip_authentication_info_t *authentication_info,
                                              char *value);

/**
 * The snum of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_snum(osip_authentication_info_t *authentication_info);

/**
 * Sets the snum of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_snum(osip_authentication_info_t *authentication_info,
                                       char *value);

/**
 * The srand of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_srand(osip_authentication_info_t *authentication_info);

/**
 * Sets the srand of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_srand(osip_authentication_info_t *authentication_info,
                                        char *value);

/**
 * The realm of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_realm(osip_authentication_info_t *authentication_info);

/**
 * Sets the realm of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_realm(osip_authentication_info_t *authentication_info,
                                        char *value);

/**
 * The targetname of a Authentication-Info, as it stands there; NULL when there is none. It stays
 * the Authentication-Info's.
 */
char *osip_authentication_info_get_targetname(osip_authentication_info_t *authentication_info);

/**
 * Sets the targetname of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_targetname(osip_authentication_info_t *authentication_info,
                                             char *value);

/**
 * The opaque of a Authentication-Info, as it stands there; NULL when there is none. It stays the
 * Authentication-Info's.
 */
char *osip_authentication_info_get_opaque(osip_authentication_info_t *authentication_info);

/**
 * Sets the opaque of a Authentication-Info, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authentication_info_set_opaque(osip_authentication_info_t *authentication_info,
                                         char *value);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_AUTHENTICATION_INFO_H */
