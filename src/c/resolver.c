/* Questions to the name servers of the system, as resolver(3) has them: its functions are macros
   and its state is a struct that differ from one C library to the next, so the C compiler reads
   them. */

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <resolv.h>
#include <string.h>

/* Asks for the records of class IN and type `kind` at `name`, which needs no dot at its end.
   Returns the length of the answer, which is cut where it is longer than `size`; -1 for a name that
   the DNS cannot carry; -2 when no server answered in time, and -3 when none can be reached. */
int register_dns_query(const char *name, int kind, unsigned char *answer, int size);

int register_dns_query(const char *name, int kind, unsigned char *answer, int size)
{
    unsigned char question[512];
    int length, known = 0;
#ifdef __GLIBC__
    struct __res_state state;

    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0)
        return -3;
    errno = 0;
    length = res_nmkquery(&state, ns_o_query, name, ns_c_in, kind, NULL, 0, NULL, question,
                          sizeof question);
    if (length > 0) {
        known = 1;
        length = res_nsend(&state, question, length, answer, size);
    }
    res_nclose(&state);
#else
    errno = 0;
    length = res_mkquery(ns_o_query, name, ns_c_in, kind, NULL, 0, NULL, question, sizeof question);
    if (length > 0) {
        known = 1;
        length = res_send(question, length, answer, size);
    }
#endif
    if (!known)
        return -1;
    if (length <= 0)
        return errno == ECONNREFUSED ? -3 : -2;
    return length < size ? length : size;
}
