/* SPDX-License-Identifier: Apache-2.0 */
/* Test certificates in mbedTLS 2; nobody uses them. */
#pragma once
