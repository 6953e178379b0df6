/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a partition: of an app the one behind its image, which has to be right; of data that of all its bytes. */
#include <string.h>
#include "esp_partition.h"
#include "mbedtls/sha256.h"

#define IMAGE_MAGIC 0xe9
#define HEADER_SIZE 24
#define HASH_APPENDED_AT 23
#define SEGMENTS_MOST 16
#define DIGEST_SIZE 32
#define ERR_IMAGE_INVALID 0x2002 /* ESP_ERR_IMAGE_INVALID */

/* The bytes of an image up to its digest; 0 where there is no image. */
static size_t image_size(const esp_partition_t *partition, bool *has_digest)
{
    uint8_t header[HEADER_SIZE];
    if (esp_partition_read(partition, 0, header, sizeof(header)) != ESP_OK || header[0] != IMAGE_MAGIC ||
        header[1] == 0 || header[1] > SEGMENTS_MOST) {
        return 0;
    }
    size_t at = HEADER_SIZE;
    for (int i = 0; i < header[1]; i++) {
        uint32_t segment[2];
        if (esp_partition_read(partition, at, segment, sizeof(segment)) != ESP_OK || segment[1] > partition->size) {
            return 0;
        }
        at += sizeof(segment) + segment[1];
    }
    *has_digest = header[HASH_APPENDED_AT] == 1;
    return (at | 15) + 1; /* the checksum is the last byte of a line of 16 */
}

static esp_err_t digest(const esp_partition_t *partition, size_t size, uint8_t *sha_256)
{
    static uint8_t piece[1024]; /* shims are not interrupted */
    mbedtls_sha256_context context;
    mbedtls_sha256_init(&context);
    mbedtls_sha256_starts(&context, 0);
    for (size_t at = 0; at < size; at += sizeof(piece)) {
        const size_t length = size - at < sizeof(piece) ? size - at : sizeof(piece);
        const esp_err_t error = esp_partition_read(partition, at, piece, length);
        if (error != ESP_OK) {
            return error;
        }
        mbedtls_sha256_update(&context, piece, length);
    }
    mbedtls_sha256_finish(&context, sha_256);
    return ESP_OK;
}

esp_err_t esp_partition_get_sha256(const esp_partition_t *partition, uint8_t *sha_256)
{
    bool has_digest = false;
    size_t size = partition->size;
    if (partition->type == ESP_PARTITION_TYPE_APP) {
        size = image_size(partition, &has_digest);
        if (size == 0 || size > partition->size) {
            return ERR_IMAGE_INVALID;
        }
    }
    const esp_err_t error = digest(partition, size, sha_256);
    uint8_t stored[DIGEST_SIZE];
    if (error != ESP_OK || !has_digest) {
        return error;
    }
    return esp_partition_read(partition, size, stored, sizeof(stored)) == ESP_OK &&
                   memcmp(stored, sha_256, sizeof(stored)) == 0
               ? ESP_OK
               : ERR_IMAGE_INVALID;
}

bool esp_partition_check_identity(const esp_partition_t *partition_1, const esp_partition_t *partition_2)
{
    uint8_t first[DIGEST_SIZE];
    uint8_t second[DIGEST_SIZE];
    return partition_1->type == partition_2->type && esp_partition_get_sha256(partition_1, first) == ESP_OK &&
           esp_partition_get_sha256(partition_2, second) == ESP_OK && memcmp(first, second, DIGEST_SIZE) == 0;
}
