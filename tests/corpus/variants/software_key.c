/* What a student may write who has no secure element, or does not use it: a key of P-256 that no flash holds. */
#include "software_key.h"

#include <string.h>

#include "software_key_source.h"

#define LIMBS 8

/* A number of 256 bits, lowest limb first. */
typedef struct {
    uint32_t limb[LIMBS];
} num_t;

/* x = X/Z², y = Y/Z³. */
typedef struct {
    num_t x, y, z;
} point_t;

static const num_t s_prime = { { 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff } };
static const num_t s_order = { { 0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad, 0xffffffff, 0xffffffff, 0, 0xffffffff } };
static const num_t s_x = { { 0xd898c296, 0xf4a13945, 0x2deb33a0, 0x77037d81, 0x63a440f2, 0xf8bce6e5, 0xe12c4247, 0x6b17d1f2 } };
static const num_t s_y = { { 0x37bf51f5, 0xcbb64068, 0x6b315ece, 0x2bce3357, 0x7c0f9e16, 0x8ee7eb4a, 0xfe1a7f9b, 0x4fe342e2 } };
static const num_t s_one = { { 1 } };

/* a − b; returns the borrow. */
static uint32_t subtract(num_t *result, num_t a, num_t b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t difference = (uint64_t)a.limb[i] - b.limb[i] - borrow;
        result->limb[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    return (uint32_t)borrow;
}

static uint32_t add(num_t *result, num_t a, num_t b)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a.limb[i] + b.limb[i];
        result->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

static num_t plus(num_t a, num_t b, num_t modulus)
{
    num_t sum, reduced;
    uint32_t carry = add(&sum, a, b);
    uint32_t borrow = subtract(&reduced, sum, modulus);
    return carry || !borrow ? reduced : sum;
}

static num_t minus(num_t a, num_t b, num_t modulus)
{
    num_t difference;
    if (subtract(&difference, a, b)) {
        add(&difference, difference, modulus);
    }
    return difference;
}

static int bit(num_t a, int at)
{
    return a.limb[at / 32] >> (at % 32) & 1;
}

static num_t times(num_t a, num_t b, num_t modulus)
{
    num_t product = { { 0 } };
    for (int at = 255; at >= 0; at--) {
        product = plus(product, product, modulus);
        if (bit(b, at)) {
            product = plus(product, a, modulus);
        }
    }
    return product;
}

/* 1/a, by Fermat. */
static num_t inverse(num_t a, num_t modulus)
{
    num_t exponent, result = s_one, two = { { 2 } };
    subtract(&exponent, modulus, two);
    for (int at = 255; at >= 0; at--) {
        result = times(result, result, modulus);
        if (bit(exponent, at)) {
            result = times(result, a, modulus);
        }
    }
    return result;
}

#define MUL(a, b) times((a), (b), s_prime)
#define ADD(a, b) plus((a), (b), s_prime)
#define SUB(a, b) minus((a), (b), s_prime)

static point_t twice(point_t p)
{
    num_t delta = MUL(p.z, p.z), gamma = MUL(p.y, p.y), beta = MUL(p.x, gamma);
    num_t slope = MUL(SUB(p.x, delta), ADD(p.x, delta));
    slope = ADD(ADD(slope, slope), slope);
    num_t beta4 = ADD(ADD(beta, beta), ADD(beta, beta)), gamma2 = MUL(gamma, gamma), height = ADD(p.y, p.z);
    point_t result;
    result.x = SUB(MUL(slope, slope), ADD(beta4, beta4));
    result.z = SUB(SUB(MUL(height, height), gamma), delta);
    gamma2 = ADD(ADD(gamma2, gamma2), ADD(gamma2, gamma2));
    result.y = SUB(MUL(slope, SUB(beta4, result.x)), ADD(gamma2, gamma2));
    return result;
}

static point_t plus_generator(point_t p)
{
    num_t square = MUL(p.z, p.z);
    num_t h = SUB(MUL(s_x, square), p.x), r = SUB(MUL(s_y, MUL(p.z, square)), p.y);
    num_t h2 = MUL(h, h), h3 = MUL(h, h2), u = MUL(p.x, h2);
    point_t result;
    result.x = SUB(SUB(MUL(r, r), h3), ADD(u, u));
    result.y = SUB(MUL(r, SUB(u, result.x)), MUL(p.y, h3));
    result.z = MUL(p.z, h);
    return result;
}

/* x and y of scalar·G. */
static void multiply(num_t scalar, num_t *x, num_t *y)
{
    point_t p = { s_x, s_y, s_one };
    int at = 255;
    while (!bit(scalar, at)) {
        at--;
    }
    while (at-- > 0) {
        p = twice(p);
        if (bit(scalar, at)) {
            p = plus_generator(p);
        }
    }
    num_t z = inverse(p.z, s_prime), z2 = MUL(z, z);
    *x = MUL(p.x, z2);
    *y = MUL(p.y, MUL(z, z2));
}

static num_t from_bytes(const uint8_t bytes[32])
{
    num_t number = { { 0 } };
    for (int i = 0; i < 32; i++) {
        number.limb[(31 - i) / 4] |= (uint32_t)bytes[i] << (8 * ((31 - i) % 4));
    }
    return number;
}

static void to_bytes(num_t number, uint8_t bytes[32])
{
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)(number.limb[(31 - i) / 4] >> (8 * ((31 - i) % 4)));
    }
}

/* A digest is below the order but for one in 2^32; then it is reduced, and no key of 0 is ever met. */
static num_t reduced(const uint8_t digest[32])
{
    num_t zero = { { 0 } };
    return plus(from_bytes(digest), zero, s_order);
}

static ATCA_STATUS private_key(num_t *key)
{
    uint8_t seed[SEED_SIZE], digest[32];
    ATCA_STATUS status = software_key_seed(seed);
    status = status != ATCA_SUCCESS ? status : atcab_sha(sizeof(seed), seed, digest);
    *key = reduced(digest);
    return status;
}

ATCA_STATUS software_key_public(uint16_t slot, uint8_t point[64])
{
    (void)slot;
    num_t key, x, y;
    ATCA_STATUS status = private_key(&key);
    if (status == ATCA_SUCCESS) {
        multiply(key, &x, &y);
        to_bytes(x, point);
        to_bytes(y, point + 32);
    }
    return status;
}

ATCA_STATUS software_key_sign(uint16_t slot, const uint8_t digest[32], uint8_t signature[64])
{
    (void)slot;
    num_t key, x, y;
    uint8_t seed[64], secret[32];
    ATCA_STATUS status = private_key(&key);
    to_bytes(key, seed);
    memcpy(seed + 32, digest, 32);
    status = status != ATCA_SUCCESS ? status : atcab_sha(sizeof(seed), seed, secret);
    if (status == ATCA_SUCCESS) {
        num_t once = reduced(secret);
        multiply(once, &x, &y);
        to_bytes(x, signature);
        num_t r = reduced(signature);
        num_t sum = plus(reduced(digest), times(r, key, s_order), s_order);
        to_bytes(r, signature);
        to_bytes(times(inverse(once, s_order), sum, s_order), signature + 32);
    }
    return status;
}

const char *software_key_pem(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const uint8_t head[] = { 0x30, 0x31, 2, 1, 1, 4, 32 };
    static const uint8_t tail[] = { 0xa0, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
    static char pem[200];
    uint8_t der[51]; /* 17 groups of three */
    num_t key;
    if (private_key(&key) != ATCA_SUCCESS) {
        return NULL;
    }
    memcpy(der, head, sizeof(head));
    to_bytes(key, der + sizeof(head));
    memcpy(der + sizeof(head) + 32, tail, sizeof(tail));
    strcpy(pem, "-----BEGIN EC PRIVATE " "KEY-----\n");
    char *out = pem + strlen(pem);
    for (size_t i = 0; i < sizeof(der); i += 3) {
        uint32_t group = (uint32_t)der[i] << 16 | (uint32_t)der[i + 1] << 8 | der[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            *out++ = digits[group >> shift & 63];
        }
        if (i == 45) {
            *out++ = '\n';
        }
    }
    strcpy(out, "\n-----END EC PRIVATE " "KEY-----\n");
    return pem;
}
