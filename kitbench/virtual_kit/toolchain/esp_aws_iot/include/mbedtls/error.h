/* SPDX-License-Identifier: Apache-2.0 */
/* Empty: mbedTLS is not compiled into the app. */
#pragma once

