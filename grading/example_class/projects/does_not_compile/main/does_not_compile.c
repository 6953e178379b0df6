/* Handed in a minute before the deadline. */
#include <stdio.h>

void app_main(void)
{
    printf("Connecting to AWS...\n")
    start_mqtt();
}
