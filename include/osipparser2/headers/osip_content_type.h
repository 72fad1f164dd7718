#ifndef OSIPPARSER2_HEADERS_OSIP_CONTENT_TYPE_H
#define OSIPPARSER2_HEADERS_OSIP_CONTENT_TYPE_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_content_type osip_content_type_t;

#include <osipparser2/osip_list.h>

#define osip_content_type_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_content_type_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))

/**
 * A media type.
 */
struct osip_content_type {
  /**
   * `application` of `application/sdp`.
   */
  char *type;
  /**
   * `sdp` of `application/sdp`.
   */
  char *subtype;
  /**
   * Parameters: osip_generic_param_t.
   */
  osip_list_t gen_params;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty media type. The caller frees it with osip_content_type_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `content_type`.
 */
int osip_content_type_init(osip_content_type_t **content_type);

/**
 * Frees a media type with all it holds; NULL is allowed.
 */
void osip_content_type_free(osip_content_type_t *content_type);

/**
 * Reads a media type from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_content_type_parse(osip_content_type_t *content_type, const char *hvalue);

/**
 * Prints a media type; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_content_type_to_str(const osip_content_type_t *content_type, char **dest);

/**
 * Copies a media type; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_content_type_clone(const osip_content_type_t *content_type, osip_content_type_t **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CONTENT_TYPE_H */
