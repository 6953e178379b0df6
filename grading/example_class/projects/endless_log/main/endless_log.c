/* Prints as fast as it can, for ever. */
#include <stdbool.h>
#include <stdio.h>

void app_main(void)
{
    while (true) {
        printf("All work and no play makes this kit a dull kit. All work and no play makes this kit a dull kit.\n");
    }
}
