
#include <osip2/osip_mt.h>
#include <osipparser2/osip_list.h>

/* Whether there is something in a queue; not kept up. */
typedef enum { osip_ok = 0, osip_empty = 1 } osip_fifo_state;
