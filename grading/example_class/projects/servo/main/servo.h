/* A servo on a GPIO. */
#pragma once

void servo_start(int gpio);

/* From -90 to 90. */
void servo_turn(int degrees);
