//! `<osipparser2/osip_headers.h>`: all header field families.
