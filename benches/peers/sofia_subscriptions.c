/*
 * The same as benches/scale/subscriptions.c with sofia-sip.
 *
 *   sofia_subscriptions PORT SUBSCRIPTIONS STANDING SECONDS
 */
#include "sofia_standing.h"

static void begin(nua_handle_t *handle)
{
    nua_subscribe(handle, SIPTAG_EVENT_STR("presence"), SIPTAG_EXPIRES_STR("3600"), TAG_END());
}

static void end(nua_handle_t *handle)
{
    nua_unsubscribe(handle, TAG_END());
}

static int handle(nua_event_t event, int status, nua_handle_t *whose, tagi_t tags[])
{
    if (event == nua_i_notify) {
        int state = nua_substate_active;

        tl_gets(tags, NUTAG_SUBSTATE_REF(state), TAG_END());
        if (state == nua_substate_terminated) {
            done++;
            nua_handle_destroy(whose);
        } else {
            stands(whose);
        }
    } else if ((event == nua_r_subscribe || event == nua_r_unsubscribe) && status >= 300) {
        failed++;
    } else {
        return 0;
    }
    return 1;
}
