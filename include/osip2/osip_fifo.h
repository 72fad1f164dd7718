#ifndef OSIP2_OSIP_FIFO_H
#define OSIP2_OSIP_FIFO_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_fifo osip_fifo_t;

#include <osip2/osip_mt.h>
#include <osipparser2/osip_list.h>

/* Whether there is something in a queue; not kept up. */
typedef enum { osip_ok = 0, osip_empty = 1 } osip_fifo_state;

/**
 * A queue of pointers.
 */
struct osip_fifo {
  /**
   * Guards the rest.
   */
  struct osip_mutex *qislocked;
  /**
   * Counts the elements.
   */
  struct osip_sem *qisempty;
  /**
   * The elements.
   */
  osip_list_t queue;
  /**
   * Not kept up: use osip_fifo_size.
   */
  int nb_elt;
  /**
   * Not kept up: use osip_fifo_size.
   */
  osip_fifo_state state;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty queue in memory of the caller's.
 */
void osip_fifo_init(osip_fifo_t *ff);

/**
 * Frees a queue that came from osip_malloc, not the elements in it; NULL is allowed.
 */
void osip_fifo_free(osip_fifo_t *ff);

/**
 * Puts an element at the front, to be the next. Returns 0, OSIP_BADPARAMETER for NULL or
 * OSIP_NOMEM.
 */
int osip_fifo_insert(osip_fifo_t *ff, void *element);

/**
 * Puts an element at the end. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_fifo_add(osip_fifo_t *ff, void *element);

/**
 * The number of elements, or OSIP_BADPARAMETER for NULL.
 */
int osip_fifo_size(osip_fifo_t *ff);

/**
 * Takes the first element, and waits until there is one. NULL for NULL. A cancelation point.
 */
void *osip_fifo_get(osip_fifo_t *ff);

/**
 * Takes the first element; NULL when there is none.
 */
void *osip_fifo_tryget(osip_fifo_t *ff);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIP2_OSIP_FIFO_H */
