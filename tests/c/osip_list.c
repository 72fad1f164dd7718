/* Lists, walks, and lists of texts. */
#include "osip_print.h"

static int copies(void *from, void **to)
{
    *to = osip_strdup(from);
    return 0;
}

static int refuses(void *from, void **to)
{
    (void) from;
    (void) to;
    return -7;
}

static void show(const osip_list_t *list)
{
    printf("%d:", osip_list_size(list));
    for (int i = 0; !osip_list_eol(list, i); i++)
        printf(" %s", (const char *) osip_list_get(list, i));
    printf("\n");
}

int main(void)
{
    osip_list_t list, copy;
    CODE(osip_list_init(&list));
    CODE(osip_list_eol(&list, 0));
    CODE(osip_list_add(&list, osip_strdup("a"), -1));
    CODE(osip_list_add(&list, osip_strdup("b"), 0));
    CODE(osip_list_add(&list, osip_strdup("c"), 99));
    CODE(osip_list_add(&list, osip_strdup("d"), 1));
    show(&list);
    CODE(osip_list_get(&list, -1) == NULL);
    CODE(osip_list_get(&list, 4) == NULL);
    CODE(osip_list_eol(&list, 3));
    CODE(osip_list_eol(&list, 4));

    osip_list_iterator_t it;
    for (char *at = osip_list_get_first(&list, &it); at != NULL; at = osip_list_get_next(&it))
        printf("at %d %s %d\n", it.pos, at, osip_list_iterator_has_elem(it));
    CODE(osip_list_iterator_has_elem(it));

    CODE(osip_list_init(&copy));
    CODE(osip_list_clone(&list, &copy, copies));
    show(&copy);
    CODE(osip_list_clone(&list, &copy, refuses));
    show(&copy);

    char *gone = osip_list_get(&list, 1);
    CODE(osip_list_remove(&list, 1));
    osip_free(gone);
    CODE(osip_list_remove(&list, 9));
    CODE(osip_list_remove(&list, -1));
    show(&list);

    gone = osip_list_get_first(&list, &it);
    printf("next %s\n", (const char *) osip_list_iterator_remove(&it));
    osip_free(gone);
    gone = osip_list_get_next(&it);
    CODE(osip_list_iterator_remove(&it) == NULL);
    osip_free(gone);
    CODE(osip_list_get_next(&it) == NULL);
    show(&list);

    osip_list_special_free(&list, free);
    show(&list);
    osip_list_ofchar_free(&copy);
    show(&copy);
    CODE(osip_list_get_first(&copy, &it) == NULL);
    CODE(osip_list_add(&copy, "constant", 0));
    osip_list_special_free(&copy, NULL);
    show(&copy);
    return 0;
}
