#ifndef OSIPPARSER2_HEADERS_OSIP_AUTHORIZATION_H
#define OSIPPARSER2_HEADERS_OSIP_AUTHORIZATION_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_authorization osip_authorization_t;

/**
 * Credentials (RFC 7616 section 3.4).
 */
struct osip_authorization {
  /**
   * The scheme: `Digest`.
   */
  char *auth_type;
  /**
   * The user, quotes included, like all quoted values here.
   */
  char *username;
  /**
   * The realm.
   */
  char *realm;
  /**
   * The nonce.
   */
  char *nonce;
  /**
   * The Request-URI.
   */
  char *uri;
  /**
   * The proof.
   */
  char *response;
  /**
   * Not used by Digest.
   */
  char *digest;
  /**
   * The algorithm, or NULL for MD5.
   */
  char *algorithm;
  /**
   * The client's nonce, or NULL.
   */
  char *cnonce;
  /**
   * What the challenge gave, or NULL.
   */
  char *opaque;
  /**
   * The `qop` parameter, or NULL.
   */
  char *message_qop;
  /**
   * The `nc` parameter, or NULL.
   */
  char *nonce_count;
  /**
   * NTLM and Kerberos.
   */
  char *version;
  /**
   * NTLM and Kerberos.
   */
  char *targetname;
  /**
   * NTLM and Kerberos.
   */
  char *gssapi_data;
  /**
   * NTLM and Kerberos.
   */
  char *crand;
  /**
   * NTLM and Kerberos.
   */
  char *cnum;
  /**
   * Not used.
   */
  char *auth_param;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty set of credentials. The caller frees it with osip_authorization_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `authorization`.
 */
int osip_authorization_init(osip_authorization_t **authorization);

/**
 * Frees a set of credentials with all it holds; NULL is allowed.
 */
void osip_authorization_free(osip_authorization_t *authorization);

/**
 * Reads a set of credentials from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_authorization_parse(osip_authorization_t *authorization, const char *hvalue);

/**
 * Prints a set of credentials; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_authorization_to_str(const osip_authorization_t *authorization, char **dest);

/**
 * Copies a set of credentials; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_authorization_clone(const osip_authorization_t *authorization,
                             osip_authorization_t **dest);

/**
 * The auth type of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_auth_type(const osip_authorization_t *authorization);

/**
 * Sets the auth type of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_auth_type(osip_authorization_t *authorization, char *value);

/**
 * The username of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_username(osip_authorization_t *authorization);

/**
 * Sets the username of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_username(osip_authorization_t *authorization, char *value);

/**
 * The realm of a set of credentials, as it stands there; NULL when there is none. It stays the set
 * of credentials's.
 */
char *osip_authorization_get_realm(osip_authorization_t *authorization);

/**
 * Sets the realm of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_realm(osip_authorization_t *authorization, char *value);

/**
 * The nonce of a set of credentials, as it stands there; NULL when there is none. It stays the set
 * of credentials's.
 */
char *osip_authorization_get_nonce(osip_authorization_t *authorization);

/**
 * Sets the nonce of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_nonce(osip_authorization_t *authorization, char *value);

/**
 * The uri of a set of credentials, as it stands there; NULL when there is none. It stays the set
 * of credentials's.
 */
char *osip_authorization_get_uri(osip_authorization_t *authorization);

/**
 * Sets the uri of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_uri(osip_authorization_t *authorization, char *value);

/**
 * The response of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_response(osip_authorization_t *authorization);

/**
 * Sets the response of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_response(osip_authorization_t *authorization, char *value);

/**
 * The digest of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_digest(osip_authorization_t *authorization);

/**
 * Sets the digest of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_digest(osip_authorization_t *authorization, char *value);

/**
 * The algorithm of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_algorithm(osip_authorization_t *authorization);

/**
 * Sets the algorithm of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_algorithm(osip_authorization_t *authorization, char *value);

/**
 * The cnonce of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_cnonce(osip_authorization_t *authorization);

/**
 * Sets the cnonce of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_cnonce(osip_authorization_t *authorization, char *value);

/**
 * The opaque of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_opaque(osip_authorization_t *authorization);

/**
 * Sets the opaque of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_opaque(osip_authorization_t *authorization, char *value);

/**
 * The message qop of a set of credentials, as it stands there; NULL when there is none. It stays
 * the set of credentials's.
 */
char *osip_authorization_get_message_qop(osip_authorization_t *authorization);

/**
 * Sets the message qop of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_message_qop(osip_authorization_t *authorization, char *value);

/**
 * The nonce count of a set of credentials, as it stands there; NULL when there is none. It stays
 * the set of credentials's.
 */
char *osip_authorization_get_nonce_count(osip_authorization_t *authorization);

/**
 * Sets the nonce count of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_nonce_count(osip_authorization_t *authorization, char *value);

/**
 * The version of a set of credentials, as it stands there; NULL when there is none. It stays the
 * set of credentials's.
 */
char *osip_authorization_get_version(osip_authorization_t *authorization);

/**
 * Sets the version of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_version(osip_authorization_t *authorization, char *value);

/**
 * The targetname of a set of credentials, as it stands there; NULL when there is none. It stays
 * the set of credentials's.
 */
char *osip_authorization_get_targetname(osip_authorization_t *authorization);

/**
 * Sets the targetname of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_targetname(osip_authorization_t *authorization, char *value);

/**
 * The gssapi data of a set of credentials, as it stands there; NULL when there is none. It stays
 * the set of credentials's.
 */
char *osip_authorization_get_gssapi_data(osip_authorization_t *authorization);

/**
 * Sets the gssapi data of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_gssapi_data(osip_authorization_t *authorization, char *value);

/**
 * The crand of a set of credentials, as it stands there; NULL when there is none. It stays the set
 * of credentials's.
 */
char *osip_authorization_get_crand(osip_authorization_t *authorization);

/**
 * Sets the crand of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_crand(osip_authorization_t *authorization, char *value);

/**
 * The cnum of a set of credentials, as it stands there; NULL when there is none. It stays the set
 * of credentials's.
 */
char *osip_authorization_get_cnum(osip_authorization_t *authorization);

/**
 * Sets the cnum of a set of credentials, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_authorization_set_cnum(osip_authorization_t *authorization, char *value);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_AUTHORIZATION_H */
