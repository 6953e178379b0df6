/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "certificate_request.h"

#include <string.h>

#include "der_writer.h"
#include "secure_element.h"

/* OBJECT IDENTIFIERs, tag and length included. */
static const uint8_t s_common_name[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
static const uint8_t s_ecdsa_with_sha256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const uint8_t s_public_key_algorithm[] = {
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,       /* ecPublicKey */
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, /* prime256v1 */
};
static const uint8_t s_version_0[] = { DER_INTEGER, 1, 0 };
/* No unused bits, then an uncompressed point. */
static const uint8_t s_point_prefix[] = { 0x00, 0x04 };

static void put_public_key(der_writer_t *writer, const uint8_t public_key[ATCA_PUB_KEY_SIZE])
{
    size_t outer = der_size(writer);
    der_bytes(writer, public_key, ATCA_PUB_KEY_SIZE);
    der_bytes(writer, s_point_prefix, sizeof(s_point_prefix));
    der_wrap(writer, DER_BIT_STRING, outer);
    size_t inner = der_size(writer);
    der_bytes(writer, s_public_key_algorithm, sizeof(s_public_key_algorithm));
    der_wrap(writer, DER_SEQUENCE, inner);
    der_wrap(writer, DER_SEQUENCE, outer);
}

static void put_subject(der_writer_t *writer, const char *common_name)
{
    size_t before = der_size(writer);
    der_bytes(writer, common_name, strlen(common_name));
    der_wrap(writer, DER_UTF8_STRING, before);
    der_bytes(writer, s_common_name, sizeof(s_common_name));
    der_wrap(writer, DER_SEQUENCE, before);
    der_wrap(writer, DER_SET, before);
    der_wrap(writer, DER_SEQUENCE, before);
}

static void put_request_info(der_writer_t *writer, const char *common_name,
                             const uint8_t public_key[ATCA_PUB_KEY_SIZE])
{
    size_t before = der_size(writer);
    der_wrap(writer, DER_CONTEXT_0, before); /* no attributes */
    put_public_key(writer, public_key);
    put_subject(writer, common_name);
    der_bytes(writer, s_version_0, sizeof(s_version_0));
    der_wrap(writer, DER_SEQUENCE, before);
}

static void put_signature(der_writer_t *writer, const uint8_t signature[ATCA_SIG_SIZE])
{
    static const uint8_t no_unused_bits = 0;
    size_t before = der_size(writer);
    der_unsigned(writer, signature + ATCA_SIG_SIZE / 2, ATCA_SIG_SIZE / 2);
    der_unsigned(writer, signature, ATCA_SIG_SIZE / 2);
    der_wrap(writer, DER_SEQUENCE, before);
    der_bytes(writer, &no_unused_bits, 1);
    der_wrap(writer, DER_BIT_STRING, before);
    size_t algorithm = der_size(writer);
    der_bytes(writer, s_ecdsa_with_sha256, sizeof(s_ecdsa_with_sha256));
    der_wrap(writer, DER_SEQUENCE, algorithm);
}

ATCA_STATUS certificate_request_write(const char *common_name, uint8_t request[CERTIFICATE_REQUEST_MAX_SIZE],
                                      size_t *size)
{
    uint8_t public_key[ATCA_PUB_KEY_SIZE];
    uint8_t signature[ATCA_SIG_SIZE];
    ATCA_STATUS status = atcab_get_pubkey(SECURE_ELEMENT_SLOT, public_key);
    if (status != ATCA_SUCCESS) {
        return status;
    }
    uint8_t info_buffer[CERTIFICATE_REQUEST_MAX_SIZE];
    der_writer_t info;
    der_start(&info, info_buffer, sizeof(info_buffer));
    put_request_info(&info, common_name, public_key);
    status = secure_element_sign(info.buffer + info.next, der_size(&info), signature);
    if (status != ATCA_SUCCESS) {
        return status;
    }
    der_writer_t writer;
    der_start(&writer, request, CERTIFICATE_REQUEST_MAX_SIZE);
    put_signature(&writer, signature);
    der_bytes(&writer, info.buffer + info.next, der_size(&info));
    der_wrap(&writer, DER_SEQUENCE, 0);
    *size = der_size(&writer);
    memmove(request, request + writer.next, *size);
    return info.overflow || writer.overflow ? ATCA_SMALL_BUFFER : ATCA_SUCCESS;
}
