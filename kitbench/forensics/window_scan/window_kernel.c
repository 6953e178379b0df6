// SPDX-License-Identifier: Apache-2.0
// The inner loops of the window scans; hatch_build.py compiles them into the wheel, compiled_kernel.py calls them.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define CHAINS 4

typedef unsigned __int128 u128;

// P-256: p = 2^256 − 2^224 + 2^192 + 2^96 − 1 (SEC 2, 2.4.2), 2^512 mod p, 2^256 mod p.
static const uint64_t p256_prime[4] = {0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
static const uint64_t p256_square[4] = {3, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x4fffffffd};
static const uint64_t p256_unit[4] = {1, 0xffffffff00000000, 0xffffffffffffffff, 0xfffffffe};

// P-384: p = 2^384 − 2^128 − 2^96 + 2^32 − 1 (SEC 2, 2.5.1), 2^768 mod p, 2^384 mod p.
static const uint64_t p384_prime[6] = {0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
                                       0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff};
static const uint64_t p384_square[6] = {0xfffffffe00000001, 0x0000000200000000, 0xfffffffe00000000,
                                        0x0000000200000000, 1, 0};
static const uint64_t p384_unit[6] = {0xffffffff00000001, 0x00000000ffffffff, 1, 0, 0, 0};

// One round of Montgomery's reduction by p256, of which −1/p = 1 mod 2^64: t ← (t + t[0]·p)/2^64. As p ends in 2^96 − 1 and
// has no third limb, only the highest one takes a multiplication.
static inline void p256_reduce(uint64_t *t)
{
    uint64_t m = t[0];
    u128 carry = (u128)t[1] + (m << 32);
    t[0] = (uint64_t)carry;
    carry = (u128)t[2] + (m >> 32) + (uint64_t)(carry >> 64);
    t[1] = (uint64_t)carry;
    carry = (u128)m * 0xffffffff00000001 + t[3] + (uint64_t)(carry >> 64);
    t[2] = (uint64_t)carry;
    carry = (u128)t[4] + (uint64_t)(carry >> 64);
    t[3] = (uint64_t)carry;
    t[4] = t[5] + (uint64_t)(carry >> 64);
}

static uint64_t load_le64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | at[i];
    }
    return value;
}

#define LIMBS 4
#define REDUCE p256_reduce
#define INVERSE 1 /* −1/p mod 2^64 */
#define NAME(x) p256_##x
#include "collinear_scan.inc.c"
#undef NAME
#undef INVERSE
#undef REDUCE
#undef LIMBS
#include "signed_sums.inc.c"

#define LIMBS 6
#define INVERSE 0x100000001
#define NAME(x) p384_##x
#include "collinear_scan.inc.c"
#undef NAME
#undef INVERSE
#undef LIMBS

#define MODULUS_LIMBS 64 /* RSA-4096 */

// Whether the odd number of `limbs` limbs at `at`, top bit set, divides the modulus: exact division from the low end
// (Jebelean) leaves a rest in (−w, 2w) that is 0 or w only for a divisor.
static int is_divisor(const uint8_t *at, size_t limbs, const uint64_t *modulus, size_t modulus_limbs)
{
    uint64_t rest[MODULUS_LIMBS + 1], window[MODULUS_LIMBS];
    for (size_t i = 0; i < limbs; i++) {
        window[i] = load_le64(at + 8 * i);
    }
    uint64_t inverse = window[0]; // right to 3 bits, doubled by each round
    for (int round = 0; round < 5; round++) {
        inverse *= 2 - window[0] * inverse;
    }
    for (size_t i = 0; i < modulus_limbs; i++) {
        rest[i] = modulus[i];
    }
    uint64_t top_borrow = 0; // what the window subtracted beyond rest[i + limbs − 1], owed by the next limb
    for (size_t i = 0; i + limbs < modulus_limbs; i++) {
        uint64_t quotient = rest[i] * inverse;
        uint64_t carry = 0;
        for (size_t j = 0; j < limbs; j++) {
            u128 product = (u128)quotient * window[j] + carry;
            uint64_t low = (uint64_t)product;
            carry = (uint64_t)(product >> 64) + (rest[i + j] < low);
            rest[i + j] -= low;
        }
        u128 owed = (u128)carry + top_borrow;
        uint64_t low = (uint64_t)owed;
        top_borrow = (uint64_t)(owed >> 64) + (rest[i + limbs] < low);
        rest[i + limbs] -= low;
    }
    uint64_t is_not_zero = top_borrow, is_not_window = top_borrow;
    for (size_t j = 0; j < limbs; j++) {
        is_not_zero |= rest[modulus_limbs - limbs + j];
        is_not_window |= rest[modulus_limbs - limbs + j] ^ window[j];
    }
    return !is_not_zero || !is_not_window;
}

// Offsets of the little-endian windows of `limbs` limbs (odd, top bit set) that divide one of the moduli.
// A hit is a pair (offset, modulus index). Returns the number of hits; at most hit_limit are stored.
EXPORT int64_t divisor_scan(const uint8_t *data, uint64_t size, uint64_t limbs, const uint64_t *moduli,
                            uint64_t modulus_limbs, uint64_t modulus_count, uint64_t *hits, uint64_t hit_limit)
{
    uint64_t width = 8 * limbs;
    if (size < width || limbs == 0 || modulus_limbs > MODULUS_LIMBS || limbs >= modulus_limbs) {
        return 0;
    }
    uint8_t has_small_factor[255]; // 256 ≡ 1 modulo 3, 5 and 17: the sum of the bytes tells
    for (int i = 0; i < 255; i++) {
        has_small_factor[i] = i % 3 == 0 || i % 5 == 0 || i % 17 == 0;
    }
    uint64_t sum = 0;
    for (uint64_t i = 0; i + 1 < width; i++) {
        sum += data[i];
    }
    int64_t found = 0;
    for (uint64_t at = 0; at + width <= size; at++) {
        sum += data[at + width - 1];
        if (data[at] % 2 == 1 && data[at + width - 1] >= 0x80 && !has_small_factor[sum % 255]) {
            for (uint64_t i = 0; i < modulus_count; i++) {
                if (is_divisor(data + at, limbs, moduli + i * modulus_limbs, modulus_limbs)) {
                    if ((uint64_t)found < hit_limit) {
                        hits[2 * found] = at;
                        hits[2 * found + 1] = i;
                    }
                    found++;
                }
            }
        }
        sum -= data[at];
    }
    return found;
}

// Offsets of the little-endian windows of `width` bytes that may be a private exponent d of the modulus: with
// d·e = 1 + k·φ/g, g = gcd(p − 1, q − 1), the fraction of d·e·L/N is all zeros or ones for every g that divides L.
// `ratio` is e·L·2^(8·width + 64)/N in two limbs; the top 16 bytes of the window then give 64 bits of the fraction.
// `factors` are primes by one of which g may exceed L's; 1 must be the first of them.
EXPORT int64_t exponent_scan(const uint8_t *data, uint64_t size, uint64_t width, const uint64_t *ratio,
                             uint64_t tolerance, const uint64_t *factors, uint64_t factor_count, uint64_t *hits,
                             uint64_t hit_limit)
{
    int64_t found = 0;
    for (uint64_t at = 0; at + width <= size; at++) {
        if (data[at] % 2 == 0) {
            continue; // d is odd
        }
        uint64_t top = load_le64(data + at + width - 8), below = load_le64(data + at + width - 16);
        if (top >> 32 == 0) {
            continue; // zero-filled: one d in 2^32 looks so
        }
        // fraction = (top·2^64 + below)·ratio/2^128 modulo 2^64, the lowest partial product left out
        uint64_t fraction = top * ratio[1] + (uint64_t)((u128)top * ratio[0] >> 64) +
                            (uint64_t)((u128)below * ratio[1] >> 64);
        int is_candidate = 0;
        for (uint64_t i = 0; i < factor_count; i++) {
            is_candidate |= fraction * factors[i] + tolerance * factors[i] <= 2 * tolerance * factors[i];
        }
        if (is_candidate) {
            if ((uint64_t)found < hit_limit) {
                hits[found] = at;
            }
            found++;
        }
    }
    return found;
}
