//! `<osip2/osip.h>`: types and constants of libosip2's state machines, for programs that name them.
//! The machines are not here: the library has its own, which no program sees, so no function of
//! that header is declared.
