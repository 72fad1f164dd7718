#ifndef OSIPPARSER2_OSIP_MD5_H
#define OSIPPARSER2_OSIP_MD5_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_MD5_CTX osip_MD5_CTX;

/**
 * What was hashed so far.
 */
struct osip_MD5_CTX {
  /**
   * The four words of the state.
   */
  unsigned int state[4];
  /**
   * How many bits were hashed: low word, high word.
   */
  unsigned int count[2];
  /**
   * What does not fill a block yet.
   */
  unsigned char buffer[64];
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Begins a hash. Does nothing for NULL.
 */
void osip_MD5Init(struct osip_MD5_CTX *context);

/**
 * Hashes `length` more bytes. Does nothing for NULL.
 */
void osip_MD5Update(struct osip_MD5_CTX *context, unsigned char *input, unsigned int length);

/**
 * Ends a hash: writes its 16 bytes to `digest` and wipes the context. Does nothing for NULL.
 */
void osip_MD5Final(unsigned char *digest, struct osip_MD5_CTX *context);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_MD5_H */
