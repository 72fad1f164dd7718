/* Managed registrations: tests/support/registrar.rs answers on the port of the
   first argument. */
#include "check.h"

#include <pthread.h>
#include <registerer.h>
#include <string.h>

static char proxy[64];

struct recorded {
    pthread_mutex_t lock;
    char text[512];
    int calls;
};

static void note(struct recorded *recorded, const char *word)
{
    pthread_mutex_lock(&recorded->lock);
    strncat(recorded->text, word, sizeof recorded->text - strlen(recorded->text) - 1);
    strncat(recorded->text, " ", sizeof recorded->text - strlen(recorded->text) - 1);
    recorded->calls++;
    pthread_mutex_unlock(&recorded->lock);
}

static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    char sentence[256];

    /* Any call may be made here. */
    CODE(0, eXosip_lock(ctx));
    CHECK(registerer_explain(ctx, rid, sentence, sizeof sentence) > 0);
    CHECK(registerer_user_data(ctx, rid) == &proxy);
    CODE(0, eXosip_unlock(ctx));
    note(user, registerer_state_name(state));
}

static void on_request(struct eXosip_t *ctx, int rid, enum registerer_request what, int status,
                       const char *reason, void *user)
{
    char word[32];

    (void)ctx, (void)rid;
    CHECK(reason != NULL);
    snprintf(word, sizeof word, "%d:%d", (int)what, status);
    note(user, word);
}

static void dispose(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    (void)user;
    if (state == REGISTERER_REGISTERED)
        CODE(0, registerer_dispose(ctx, rid));
}

static int account(struct eXosip_t *ctx, const char *user, const char *password)
{
    struct registerer_options options;
    char aor[64];
    int rid;

    CODE(0, registerer_options_init(&options, sizeof options));
    snprintf(aor, sizeof aor, "sip:%s@127.0.0.1", user);
    options.aor = aor;
    options.registrar = proxy;
    options.username = user;
    options.password = password;
    options.user_data = &proxy;
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    return rid;
}

/* Register, look, dispose; the listeners are called with each state once. */
static void a_life(void)
{
    struct eXosip_t *ctx = listening();
    struct recorded states = {PTHREAD_MUTEX_INITIALIZER, "", 0},
                 requests = {PTHREAD_MUTEX_INITIALIZER, "", 0};
    struct recorded first = {PTHREAD_MUTEX_INITIALIZER, "", 0};
    struct registerer_info info = {.size = sizeof info};
    char text[256];
    int rid = account(ctx, "alice", "secret"), listener;

    CODE(REGISTERER_INITIAL, registerer_get_state(ctx, rid));
    listener = registerer_on_state_change(ctx, rid, on_state, &states, 0);
    CHECK(listener > 0);
    CHECK(registerer_on_state_change(ctx, 0, on_state, &first, 1) > 0);
    CHECK(registerer_on_request(ctx, rid, on_request, &requests, 0) > 0);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CODE(0, registerer_get_info(ctx, rid, &info));
    CODE(600, info.granted);
    CHECK(info.state == REGISTERER_REGISTERED && info.status == 200 && info.pending == 0 &&
          info.challenges == 1);
    CHECK(info.remaining_ms > 590000 && info.next_ms > 500000 && info.retry_after_ms == -1);
    CHECK(registerer_user_data(ctx, rid) == &proxy);
    CHECK(registerer_get_text(ctx, rid, REGISTERER_TEXT_CONTACT, 0, text, sizeof text) > 10);
    CHECK(strstr(text, "+sip.instance=\"<urn:uuid:") != NULL);
    CODE(OSIP_NOTFOUND,
         registerer_get_text(ctx, rid, REGISTERER_TEXT_CONTACT, 1, text, sizeof text));
    CHECK(registerer_explain(ctx, rid, text, sizeof text) > 0);
    CHECK(strstr(text, "200 OK from 127.0.0.1:") == text &&
          strstr(text, "; registered for another ") != NULL);
    /* Cut to fit, with its whole length. */
    CHECK(registerer_explain(ctx, rid, text, 7) > 7);
    CODE(0, strcmp(text, "200 OK"));
    CODE(0, registerer_dispose(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_TERMINATED, 10000));
    CODE(OSIP_WRONG_STATE, registerer_register(ctx, rid));
    CODE(REGISTERER_TERMINATED, registerer_get_state(ctx, rid));
    ended(ctx);
    /* After eXosip_quit no listener runs. */
    CODE(0, strcmp(states.text, "REGISTERED UNREGISTERED TERMINATED "));
    CODE(0, strcmp(first.text, "REGISTERED "));
    CODE(0, strcmp(requests.text, "2:200 2:200 "));
}

/* eXosip_quit removes the bindings; a listener may dispose; wrong credentials are said in words. */
static void endings(void)
{
    struct eXosip_t *ctx = listening();
    struct recorded states = {PTHREAD_MUTEX_INITIALIZER, "", 0};
    struct registerer_options options;
    char text[256];
    int kept = account(ctx, "bob", "secret"), wrong = account(ctx, "carol", "guess"),
        brief = account(ctx, "dave", "secret");

    CHECK(registerer_on_state_change(ctx, brief, dispose, NULL, 0) > 0);
    CHECK(registerer_on_state_change(ctx, kept, on_state, &states, 0) > 0);
    CODE(0, registerer_register(ctx, kept));
    CODE(0, registerer_register(ctx, wrong));
    CODE(0, registerer_register(ctx, brief));
    CODE(0, registerer_wait(ctx, brief, REGISTERER_TERMINATED, 10000));
    CODE(0, registerer_wait(ctx, kept, REGISTERER_REGISTERED, 10000));
    CODE(0, registerer_wait(ctx, wrong, REGISTERER_UNREGISTERED, 10000));
    CHECK(registerer_explain(ctx, wrong, text, sizeof text) > 0);
    CHECK(strstr(text, "after carol answered realm \"test\": the user name or password is wrong; "
                       "not trying again until the credentials change") != NULL);
    CODE(0, registerer_options_init(&options, sizeof options));
    options.username = "carol";
    options.password = "secret";
    CODE(0, registerer_set_credentials(ctx, wrong, &options));
    CODE(0, registerer_wait(ctx, wrong, REGISTERER_REGISTERED, 10000));
    ended(ctx);
    CODE(0, strcmp(states.text, "REGISTERED UNREGISTERED TERMINATED "));
}

/* A registration of the eXosip calls is taken over, and answers to both faces. */
static void both_faces(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    int rid =
        eXosip_register_build_initial_register(ctx, "sip:erin@127.0.0.1", proxy, NULL, 300, &reg);

    CHECK(rid > 0);
    CODE(0, eXosip_add_authentication_info(ctx, "erin", "erin", "secret", "MD5", NULL));
    CODE(OSIP_UNDEFINED_ERROR, registerer_register(ctx, rid));
    CODE(0, registerer_adopt(ctx, rid));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(0, registerer_unregister(ctx, rid, 0));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(REGISTERER_UNREGISTERED, registerer_get_state(ctx, rid));
    CODE(0, eXosip_register_remove(ctx, rid));
    CODE(REGISTERER_TERMINATED, registerer_get_state(ctx, rid));
    ended(ctx);
}

static void bad_options(void)
{
    struct registerer_options options;
    char why[128];
    struct eXosip_t *ctx = listening();

    CODE(0, registerer_options_init(&options, sizeof options));
    CODE(OSIP_BADPARAMETER, registerer_check(&options, why, sizeof why));
    options.aor = "sip:a@b";
    CODE(0, registerer_check(&options, why, sizeof why));
    CHECK(why[0] == '\0');
    options.refresh_frequency = 30;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, why, sizeof why));
    CODE(0, strcmp(why, "the refresh frequency is 30, it must be 50 to 99"));
    CODE(OSIP_BADPARAMETER, registerer_new(ctx, &options));
    options.refresh_frequency = 90;
    options.reg_id = -1;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, why, sizeof why));
    CHECK(strstr(why, "reg-id is -1") != NULL);
    options.reg_id = 1;
    options.instance_id = "no uuid";
    CODE(OSIP_BADPARAMETER, registerer_check(&options, NULL, 0));
    options.instance_id = NULL;
    options.size = 8;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, NULL, 0));
    CODE(OSIP_BADPARAMETER, registerer_new(ctx, NULL));
    CODE(OSIP_NOTFOUND, registerer_register(ctx, 1 << 30));
    CODE(OSIP_BADPARAMETER, registerer_register(ctx, 0));
    CODE(OSIP_NOTFOUND, registerer_off(ctx, 7));
    ended(ctx);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%s", argv[1]);
    bad_options();
    a_life();
    endings();
    both_faces();
    return 0;
}
