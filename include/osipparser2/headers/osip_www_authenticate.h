#ifndef OSIPPARSER2_HEADERS_OSIP_WWW_AUTHENTICATE_H
#define OSIPPARSER2_HEADERS_OSIP_WWW_AUTHENTICATE_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_www_authenticate osip_www_authenticate_t;

#define osip_www_authenticate_set_algorithm_MD5(header) \
    osip_www_authenticate_set_algorithm((header), osip_strdup("MD5"))
#define osip_www_authenticate_set_stale_true(header) \
    osip_www_authenticate_set_stale((header), osip_strdup("true"))
#define osip_www_authenticate_set_stale_false(header) \
    osip_www_authenticate_set_stale((header), osip_strdup("false"))

/**
 * A challenge (RFC 7616 section 3.3).
 */
struct osip_www_authenticate {
  /**
   * The scheme: `Digest`.
   */
  char *auth_type;
  /**
   * The realm, quotes included, like all quoted values here.
   */
  char *realm;
  /**
   * Where it holds, or NULL.
   */
  char *domain;
  /**
   * The nonce.
   */
  char *nonce;
  /**
   * What the answer repeats, or NULL.
   */
  char *opaque;
  /**
   * Whether only the nonce was wrong.
   */
  char *stale;
  /**
   * The algorithm, or NULL for MD5.
   */
  char *algorithm;
  /**
   * The `qop` parameter, or NULL.
   */
  char *qop_options;
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
   * Not used.
   */
  char *auth_param;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty challenge. The caller frees it with osip_www_authenticate_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `www_authenticate`.
 */
int osip_www_authenticate_init(osip_www_authenticate_t **www_authenticate);

/**
 * Frees a challenge with all it holds; NULL is allowed.
 */
void osip_www_authenticate_free(osip_www_authenticate_t *www_authenticate);

/**
 * Reads a challenge from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_www_authenticate_parse(osip_www_authenticate_t *www_authenticate, const char *hvalue);

/**
 * Prints a challenge; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_www_authenticate_to_str(const osip_www_authenticate_t *www_authenticate, char **dest);

/**
 * Copies a challenge; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_www_authenticate_clone(const osip_www_authenticate_t *www_authenticate,
                                osip_www_authenticate_t **dest);

/**
 * The auth type of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_auth_type(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the auth type of a challenge, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_www_authenticate_set_auth_type(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The realm of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
 */
char *osip_www_authenticate_get_realm(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the realm of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_realm(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The domain of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_domain(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the domain of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_domain(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The nonce of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
 */
char *osip_www_authenticate_get_nonce(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the nonce of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_nonce(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The opaque of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_opaque(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the opaque of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_opaque(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The stale of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
 */
char *osip_www_authenticate_get_stale(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the stale of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_stale(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The algorithm of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_algorithm(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the algorithm of a challenge, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_www_authenticate_set_algorithm(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The qop options of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_qop_options(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the qop options of a challenge, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_www_authenticate_set_qop_options(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The version of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_version(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the version of a challenge, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_www_authenticate_set_version(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The targetname of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_targetname(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the targetname of a challenge, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_www_authenticate_set_targetname(osip_www_authenticate_t *www_authenticate, char *value);

/**
 * The gssapi data of a challenge, as it stands there; NULL when there is none. It stays the
 * challenge's.
 */
char *osip_www_authenticate_get_gssapi_data(osip_www_authenticate_t *www_authenticate);

/**
 * Sets the gssapi data of a challenge, which owns `value` from now on: it must come from
 * osip_malloc. The old text is not freed.
 */
void osip_www_authenticate_set_gssapi_data(osip_www_authenticate_t *www_authenticate, char *value);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_WWW_AUTHENTICATE_H */
