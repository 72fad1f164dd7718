
#include <osipparser2/osip_const.h>
#include <osipparser2/osip_list.h>
#include <osipparser2/osip_uri.h>
