
/* Whether a walk has not reached the end. */
#define osip_list_iterator_has_elem(it) ((it).actual != NULL && (it).pos < (it).li->nb_elt)
