/*
 * The same as benches/scale/calls.c with sofia-sip.
 *
 *   sofia_calls PORT CALLS STANDING SECONDS
 */
#include "sofia_standing.h"

static void begin(nua_handle_t *handle)
{
    nua_invite(handle, NUTAG_MEDIA_ENABLE(0), TAG_END());
}

static void end(nua_handle_t *handle)
{
    nua_bye(handle, TAG_END());
}

static int handle(nua_event_t event, int status, nua_handle_t *whose, tagi_t tags[])
{
    (void)tags;
    if (event == nua_r_invite && status == 200) {
        stands(whose);
    } else if (event == nua_r_bye) {
        if (status == 200)
            done++;
        else
            failed++;
        nua_handle_destroy(whose);
    } else if (event == nua_r_invite && status > 200) {
        failed++;
    } else {
        return 0;
    }
    return 1;
}
