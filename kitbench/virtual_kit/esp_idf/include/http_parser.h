/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of HTTP, by the numbers of http_parser, which the HTTP server takes them from. */
#pragma once

enum http_method {
    HTTP_DELETE = 0,
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_CONNECT,
    HTTP_OPTIONS,
    HTTP_TRACE,
    HTTP_NOTIFY = 25,
    HTTP_PATCH = 28,
};
