/* Crashes as soon as it runs, for ever. */
#include <stdio.h>

void app_main(void)
{
    volatile int *nowhere = NULL;

    printf("Connecting to AWS...\n");
    *nowhere = 1;
}
