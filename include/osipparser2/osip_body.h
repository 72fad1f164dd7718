#ifndef OSIPPARSER2_OSIP_BODY_H
#define OSIPPARSER2_OSIP_BODY_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>
#include <osipparser2/osip_list.h>
typedef struct osip_body osip_body_t;

#include <osipparser2/osip_const.h>
#include <osipparser2/headers/osip_content_type.h>

/* The length of a body that programs reckon with. */
#define BODY_MESSAGE_MAX_SIZE 4000

/**
 * A body.
 */
struct osip_body {
  /**
   * Its bytes, with a NUL behind them that does not count.
   */
  char *body;
  /**
   * How many.
   */
  size_t length;
  /**
   * Header fields of a part: osip_header_t. May be NULL.
   */
  osip_list_t *headers;
  /**
   * Media type of a part, or NULL.
   */
  osip_content_type_t *content_type;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty body. The caller frees it with osip_body_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `body`.
 */
int osip_body_init(osip_body_t **body);

/**
 * Frees a body with all it holds; NULL is allowed.
 */
void osip_body_free(osip_body_t *body);

/**
 * Takes a copy of `length` bytes. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_body_parse(osip_body_t *body, const char *buf, size_t length);

/**
 * Copies a body; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or no bytes, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_body_clone(const osip_body_t *body, osip_body_t **dest);

/**
 * Reads a part of a multipart: header lines, an empty line, bytes.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR without a header line, or OSIP_NOMEM.
 */
int osip_body_parse_mime(osip_body_t *body, const char *buf, size_t length);

/**
 * Prints a body with its header lines, if it has any; the caller frees the text with osip_free.
 * `length` gets how many bytes it has.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or no bytes, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_body_to_str(const osip_body_t *body, char **dest, size_t *length);

/**
 * Sets the media type of a part.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the old
 * one stays.
 */
int osip_body_set_contenttype(osip_body_t *body, const char *hvalue);

/**
 * Appends a header field to a part. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_body_set_header(osip_body_t *body, const char *hname, const char *hvalue);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_BODY_H */
