/* SPDX-License-Identifier: Apache-2.0 */
/* The sample includes this header and, with embedded certificates, uses nothing of it. */
#pragma once

