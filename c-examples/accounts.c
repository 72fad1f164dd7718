/*
 * accounts FILE [SECONDS [IN-FLIGHT]]
 *
 * Keeps every account of FILE registered and shows a table of them: account, state, time left, last
 * answer. A line of FILE is `proxy aor user password`; `#` begins a comment. On a terminal the
 * table is shown every second; otherwise it is printed once, at the end. Ends after SECONDS or on
 * Ctrl-C, and removes the bindings. At most IN-FLIGHT REGISTERs await their answer at a time (500).
 * Status 0 when all were registered at the end.
 */
#define _POSIX_C_SOURCE 200809L
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct account {
    int rid;
    char *aor;
};

static struct account *accounts;
static size_t count;
static volatile sig_atomic_t ended;

static void end(int number)
{
    (void)number;
    ended = 1;
}

/* Registers the account of one line, whose words may have any length; 0 when it is none. */
static int add(struct eXosip_t *ctx, char *line)
{
    char *words[4], *rest = NULL, wrong[256];
    struct registerer_options options;
    struct account *more;
    int found = 0, rid;

    for (char *word = strtok_r(line, " \t\r\n", &rest); word != NULL && found < 4;
         word = strtok_r(NULL, " \t\r\n", &rest))
        words[found++] = word;
    if (found < 1 || words[0][0] == '#')
        return 0;
    if (found < 4) {
        fprintf(stderr, "not `proxy aor user password`: %s ...\n", words[0]);
        return 0;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = words[0];
    options.aor = words[1];
    options.username = words[2];
    options.password = words[3];
    options.start_spread = 1; /* not all in the same millisecond */
    if (registerer_check(&options, wrong, sizeof wrong) != 0) {
        fprintf(stderr, "%s: %s\n", words[1], wrong);
        return 0;
    }
    rid = registerer_new(ctx, &options);
    if (rid < 1 || registerer_register(ctx, rid) != 0)
        return 0;
    more = realloc(accounts, (count + 1) * sizeof *more);
    if (more == NULL)
        return 0;
    accounts = more;
    accounts[count].rid = rid;
    accounts[count].aor = strdup(words[1]);
    count += accounts[count].aor != NULL;
    return 1;
}

/* Prints the table; returns how many are registered. */
static size_t show(struct eXosip_t *ctx)
{
    size_t i, registered = 0;

    printf("%-32s %-12s %8s  %s\n", "account", "state", "left", "last answer");
    for (i = 0; i < count; i++) {
        struct registerer_info info;
        char reason[64] = "", left[32] = "-";

        memset(&info, 0, sizeof info);
        info.size = sizeof info;
        registerer_get_info(ctx, accounts[i].rid, &info);
        registerer_get_text(ctx, accounts[i].rid, REGISTERER_TEXT_REASON, 0, reason, sizeof reason);
        if (info.state == REGISTERER_REGISTERED) {
            snprintf(left, sizeof left, "%ld s", (long)(info.remaining_ms / 1000));
            registered++;
        }
        printf("%-32.32s %-12s %8s  %d %s\n", accounts[i].aor, registerer_state_name(info.state),
               left, info.status, reason);
    }
    printf("%lu of %lu registered\n", (unsigned long)registered, (unsigned long)count);
    fflush(stdout);
    return registered;
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = eXosip_malloc();
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    long left = argc > 2 ? atol(argv[2]) : -1;
    int live = isatty(STDOUT_FILENO);
    struct sigaction action;
    size_t registered;
    char *line = NULL;
    size_t room = 0;

    if (file == NULL) {
        fprintf(stderr, "usage: %s FILE [SECONDS [IN-FLIGHT]]\n", argv[0]);
        return 2;
    }
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    if (argc > 3)
        registerer_set_limits(ctx, atoi(argv[3]), 1000);
    while (getline(&line, &room, file) >= 0)
        add(ctx, line);
    free(line);
    fclose(file);

    memset(&action, 0, sizeof action);
    action.sa_handler = end;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    for (; !ended && left != 0; left -= left > 0) {
        const struct timespec second = {1, 0};

        if (live) {
            printf("\033[H\033[2J");
            show(ctx);
        }
        nanosleep(&second, NULL);
    }
    registered = show(ctx);
    eXosip_quit(ctx); /* unregisters all */
    free(ctx);
    for (size_t i = 0; i < count; i++)
        free(accounts[i].aor);
    free(accounts);
    return count > 0 && registered == count ? 0 : 1;
}
