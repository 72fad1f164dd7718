/* Texts, numbers and reasons of osip_port.h. */
#include "osip_print.h"

static void given(const char *name, char *value)
{
    text(name, value);
    printf("\n");
    osip_free(value);
}

static char *fresh(char *buffer, const char *value)
{
    memset(buffer, 'z', 64);
    strcpy(buffer, value);
    return buffer;
}

int main(void)
{
    char b[64];
    static const char *const quoted[] = {"\"abc\"", "abc",        "\"abc", "\"\"",
                                         "",        "\"a\\\"b\"", "abc\""};
    for (int i = 0; i < 7; i++)
        given("without quote", osip_strdup_without_quote(quoted[i]));
    given("copy", osip_strdup(""));
    CODE(osip_strdup(NULL) == NULL);
    static const char *const plain[] = {"a\"b\\c", "", "a\r\nb"};
    for (int i = 0; i < 3; i++)
        given("quoted", osip_enquote(plain[i]));
    static const char *const back[] = {"\"a\\\"b\\\\c\"", "abc", "", "\"abc", "\"abc\"x"};
    for (int i = 0; i < 5; i++) {
        osip_dequote(fresh(b, back[i]));
        text("plain", b);
    }
    static const char *const spaces[] = {"  a b \t\r\n", "   ", "", "\t\r\na"};
    for (int i = 0; i < 4; i++) {
        printf(" %d", osip_clrspace(fresh(b, spaces[i])));
        text("trimmed", b);
    }
    CODE(osip_tolower(fresh(b, "AbC-1")));
    text("lower", b);
    text("n", osip_strncpy(fresh(b, "zzzzzzzzz"), "abcdef", 3));
    text("n", osip_strncpy(fresh(b, "zzzzzzzzz"), "abc", 6));
    text("n", osip_strncpy(b, "", 3));
    text("n", osip_strncpy(b, "abc", 0));
    text("clr", osip_clrncpy(fresh(b, "zzzzzzzzz"), "  ab c  ", 8));
    text("clr", osip_clrncpy(b, "    ", 4));
    text("clr", osip_clrncpy(b, "abc", 0));
    text("clr", osip_clrncpy(fresh(b, "zzzzzzzzz"), "  abcdef", 4));
    printf("\n");
    CODE(osip_str_append(b, "abc") - b);
    text("", b);
    CODE(osip_strn_append(b, "defgh", 2) - b);
    text("", b);
    static const char *const quotes[] = {"a\"b\"", "\"x", "\\\"x\"", "\\\\\"x", "\\\\\\\"y",
                                         "",       "\\",  "\"",      "abc",     "a\\\""};
    for (int i = 0; i < 10; i++)
        text("from the quote", __osip_quote_find(quotes[i]));
    static const char *const lines[] = {"SIP/2.0 200 OK\r\n", " a b",  "a  b",  "a\r\nb c", "a",
                                        "",                   "\tab c", ";a;b;", "a b;c",    "\xff;b"};
    static const int separators[] = {' ', ';', '\r', '\n', 0};
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 5; j++) {
            char *token = b, *next = b;
            int code = __osip_set_next_token(&token, fresh(b, lines[i]), separators[j], &next);
            printf(" %d %d", code, next == NULL ? -1 : (int)(next - b));
            text("token", code == 0 ? token : token == b ? "(as it was)" : "(changed)");
            if (code == 0)
                osip_free(token);
        }
    static const char *const separated[] = {"abc:def", "a:b:c", "a?b:c", "abc", "",
                                            ":x",      "?:",    "a:?b",  "a\":\":b"};
    static const int wanted[][2] = {{':', '?'}, {':', 0}, {':', ':'}, {0, '?'}, {'?', ':'},
                                    {'b', 'a'}, {0, 0},   {0, 'z'},   {'b', 'z'}};
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++) {
            const char *found = next_separator(separated[i], wanted[j][0], wanted[j][1]);
            printf(" %d", found == NULL ? -1 : (int)(found - separated[i]));
        }
    printf("\n");
    CODE(osip_build_random_number() != osip_build_random_number());
    CODE(osip_strcasecmp("abc", "ABC"));
    CODE(osip_strcasecmp("a", "b"));
    CODE(osip_strcasecmp("b", "A"));
    CODE(osip_strcasecmp("a", "ab"));
    CODE(osip_strncasecmp("abX", "ABy", 2));
    CODE(osip_strncasecmp("a", "b", 0));
    CODE(osip_strncasecmp("ab", "aC", 9));
    text("found", osip_strcasestr("hello WORLD", "world"));
    text("found", osip_strcasestr("a", ""));
    text("found", osip_strcasestr("a", "b"));
    static const char *const numbers[] = {"12", " 12x", "x", "", "-3", "00012", "+5", "2147483647"};
    for (int i = 0; i < 8; i++)
        printf(" %d", osip_atoi(numbers[i]));
    CODE(osip_atoi(NULL));
    static const char *const hashed[] = {"", "a", "b", "aa", "abc", "hello world"};
    for (int i = 0; i < 6; i++)
        printf(" %lu", osip_hash(hashed[i]));
    printf("\n");
    for (int i = 1; i > -70; i--)
        printf("error %d %s\n", i, osip_strerror(i));
    for (int i = 0; i < 800; i++)
        if (osip_message_get_reason(i) != NULL)
            printf("reason %d %s\n", i, osip_message_get_reason(i));
    return 0;
}
