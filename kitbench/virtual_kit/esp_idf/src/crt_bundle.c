/* SPDX-License-Identifier: Apache-2.0 */
#include "esp_crt_bundle.h"
#include "kit/host.h"

/* esp-tls refuses a configuration that names this function; it is called by apps alone. */
esp_err_t esp_crt_bundle_attach(void *conf)
{
    (void)conf;
    kit_lacks("a bundle of root certificates (crt_bundle_attach)");
    return ESP_ERR_NOT_SUPPORTED;
}
