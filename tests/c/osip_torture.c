/* The messages of RFC 4475, as files whose names are the arguments: read, looked into, printed,
   copied. */
#include "osip_print.h"

int main(int count, char **names)
{
    static char bytes[65536];

    parser_init();
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(names[i], "rb");
        if (file == NULL)
            return 1;
        size_t length = fread(bytes, 1, sizeof bytes - 1, file);
        bytes[length] = '\0'; /* as programs do that receive into a buffer */
        fclose(file);
        examine(strrchr(names[i], '/') + 1, bytes, length);
    }
    return 0;
}
