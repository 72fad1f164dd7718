
#include <osipparser2/osip_const.h>
#include <osipparser2/headers/osip_content_type.h>

/* The length of a body that programs reckon with. */
#define BODY_MESSAGE_MAX_SIZE 4000
