
#include <osipparser2/osip_list.h>
