#include <eXosip2/eX_option.h>
