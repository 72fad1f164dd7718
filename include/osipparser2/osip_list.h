#ifndef OSIPPARSER2_OSIP_LIST_H
#define OSIPPARSER2_OSIP_LIST_H

/* Generated from the Rust source; do not edit. */

typedef struct __node __node_t;
typedef struct osip_list osip_list_t;
typedef struct osip_list_iterator osip_list_iterator_t;

/* Whether a walk has not reached the end. */
#define osip_list_iterator_has_elem(it) ((it).actual != NULL && (it).pos < (it).li->nb_elt)

/**
 * A node of a list.
 */
struct __node {
  /**
   * The next node, or NULL.
   */
  __node_t *next;
  /**
   * What the list holds here.
   */
  void *element;
};

/**
 * A list; zero bytes are an empty one.
 */
struct osip_list {
  /**
   * How many elements there are.
   */
  int nb_elt;
  /**
   * The first node, or NULL.
   */
  __node_t *node;
};

/**
 * A place in a list.
 */
struct osip_list_iterator {
  /**
   * The node here; NULL past the end.
   */
  __node_t *actual;
  /**
   * The pointer that leads here.
   */
  __node_t **prev;
  /**
   * The list.
   */
  osip_list_t *li;
  /**
   * Counts from 0.
   */
  int pos;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty list. Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int osip_list_init(osip_list_t *li);

/**
 * Empties a list and gives each element to `free_func`; NULL frees the nodes alone.
 */
void osip_list_special_free(osip_list_t *li, void (*free_func)(void*));

/**
 * Empties a list and frees each element with osip_free.
 */
void osip_list_ofchar_free(osip_list_t *li);

/**
 * Appends a copy of each element of `src` to `dst`.
 *
 * `clone_func` copies one element and returns 0. Returns 0, or what `clone_func` returned; `dst`
 * then holds the copies made before.
 */
int osip_list_clone(const osip_list_t *src, osip_list_t *dst, int (*clone_func)(void*, void**));

/**
 * The number of elements, or OSIP_BADPARAMETER for NULL.
 */
int osip_list_size(const osip_list_t *li);

/**
 * Whether `pos` is past the end: 1 or 0, or OSIP_BADPARAMETER for NULL.
 */
int osip_list_eol(const osip_list_t *li, int pos);

/**
 * Inserts an element before the one at `pos`; a negative `pos`, or one past the end, appends.
 *
 * Returns the new number of elements, OSIP_BADPARAMETER or OSIP_NOMEM.
 */
int osip_list_add(osip_list_t *li, void *element, int pos);

/**
 * The element at `pos`; NULL past the end.
 */
void *osip_list_get(const osip_list_t *li, int pos);

/**
 * Takes the element at `pos` out without freeing it.
 *
 * Returns the new number of elements, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR past the
 * end.
 */
int osip_list_remove(osip_list_t *li, int pos);

/**
 * Starts a walk; the first element, or NULL when there is none.
 */
void *osip_list_get_first(const osip_list_t *li, osip_list_iterator_t *it);

/**
 * Goes on with a walk; the next element, or NULL at the end.
 */
void *osip_list_get_next(osip_list_iterator_t *it);

/**
 * Takes the element here out of its list without freeing it; the next element, or NULL at the end.
 */
void *osip_list_iterator_remove(osip_list_iterator_t *it);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_LIST_H */
