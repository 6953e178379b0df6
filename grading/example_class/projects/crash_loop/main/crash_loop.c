/* Crashes as soon as it runs, for ever. */
#include <stdio.h>

void app_main(void)
{
    int *volatile nowhere = NULL;

    printf("Connecting to AWS...\n");
    *nowhere = 1;
}
