/* What programs written for eXosip2 take for granted behind this header. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include <eXosip2/eX_call.h>
#include <eXosip2/eX_event.h>
#include <eXosip2/eX_message.h>
#include <eXosip2/eX_options.h>
#include <eXosip2/eX_publish.h>
#include <eXosip2/eX_register.h>
#include <eXosip2/eX_sdp.h>
#include <eXosip2/eX_setup.h>
#include <eXosip2/eX_subscribe.h>
#include <osip2/osip_mt.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
