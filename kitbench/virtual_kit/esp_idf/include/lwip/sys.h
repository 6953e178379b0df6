/* SPDX-License-Identifier: Apache-2.0 */
/* Examples include it without using it: the virtual kit has no lwIP of its own (docs/fidelity.md). */
#pragma once

#include "lwip/err.h"
