/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS as far as the AWS SDK's port declares its contexts; the TLS itself runs outside the app. */
#pragma once

#define MBEDTLS_VERSION_NUMBER 0x03040000
