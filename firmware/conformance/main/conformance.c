/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"

void app_main(void)
{
    answer_c_library();
    answer_heap();
    answer_storage();
    answer_kernel();
    answer_events();
    printf("C|end\n");
}
