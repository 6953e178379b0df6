// SPDX-License-Identifier: Apache-2.0
// Scrambled private numbers of P-256: given windows, not every offset, are multiplied with the generator.
//
// Theory of operation. A number w of 256 bits is half of (2^256 − 1) + Σ ±2^j, with + where its bit j is set. So w·G = Q
// iff Σ ±2^j·G = 2Q − (2^256 − 1)·G, which is the goal R. Sums of a few ±2^j·G stand in tables. No part of such a sum is
// as large as its highest term or the point at infinity: no addition is exceptional.
//
// A mask of one byte turns, for each bit b of it that is set, the signs of all bits b of the 32 bytes: with F_b the sum of
// those alone, a masked number is known by Σ ±F_b = R for some choice of eight signs. Four of them and the other four meet
// in the middle: x(±F0 ±F1 ±F2 ±F3) = x(R − (±F4 ±F5 ±F6 ±F7)), 8 against 16. As only x is
// compared, the complement of a number is found with it.

#define CHUNK_BITS 9
#define CHUNKS 29 /* of 256 bits */
#define LANES 128
#define PLANES 8

// table[v] = the sum over i of +2^(at[i])·G where bit i of v is set, −2^(at[i])·G where not; power[k] = 2^k·G.
static void p256_signed_table(p256_point *table, const unsigned *at, unsigned count, const p256_point *power,
                              p256_fe *scratch, p256_fe *prefix, p256_fe one)
{
    const uint64_t *p = p256_prime;
    p256_fe zero = {{0}};
    table[0] = power[at[0]];
    for (unsigned i = 1; i < count; i++) {
        p256_fe inverse = p256_invert(p256_sub(power[at[i]].x, table[0].x, p), p, one);
        table[0] = p256_add_points(table[0], power[at[i]], inverse, p);
    }
    table[0].y = p256_sub(zero, table[0].y, p);
    for (unsigned i = 0; i < count; i++) {
        size_t filled = (size_t)1 << i;
        p256_point twice = power[at[i] + 1];
        for (size_t v = 0; v < filled; v++) {
            scratch[v] = p256_sub(twice.x, table[v].x, p);
        }
        p256_invert_all(scratch, prefix, filled, p, one);
        for (size_t v = 0; v < filled; v++) {
            table[filled + v] = p256_add_points(table[v], twice, scratch[v], p);
        }
    }
}

// power[k] = 2^k·G for k ≤ 256.
static void p256_powers(p256_point *power, const uint64_t *generator, p256_fe one)
{
    power[0].x = p256_from_plain(generator);
    power[0].y = p256_from_plain(generator + 4);
    for (int k = 1; k <= 256; k++) {
        p256_point last = power[k - 1];
        p256_fe inverse = p256_invert(p256_add(last.y, last.y, p256_prime), p256_prime, one);
        power[k] = p256_double_point(last, inverse, p256_prime, one);
    }
}

// What the tables and the lanes of a scan need.
typedef struct {
    p256_point power[257];
    p256_point table[CHUNKS << CHUNK_BITS];
    p256_point sum[PLANES * LANES];
    p256_fe scratch[PLANES * LANES < 1 << CHUNK_BITS ? 1 << CHUNK_BITS : PLANES * LANES];
    p256_fe prefix[PLANES * LANES < 1 << CHUNK_BITS ? 1 << CHUNK_BITS : PLANES * LANES];
    p256_point half[2][PLANES * LANES];
    p256_fe low[PLANES][LANES];
} p256_desk;

// Inverses of the differences in `scratch`; one that is zero spoils its own lane alone.
static void p256_invert_differences(p256_desk *desk, size_t count, p256_fe one)
{
    for (size_t i = 0; i < count; i++) {
        if (p256_is_zero(desk->scratch[i])) {
            desk->scratch[i] = one;
        }
    }
    p256_invert_all(desk->scratch, desk->prefix, count, p256_prime, one);
}

// x of a + b with 1/(x_b − x_a) given, of a − b for a negative `sign`.
static p256_fe p256_x_of_sum(p256_point a, p256_point b, p256_fe inverse, int sign)
{
    const uint64_t *p = p256_prime;
    p256_fe rise = sign < 0 ? p256_add(a.y, b.y, p) : p256_sub(b.y, a.y, p); // its sign is squared away
    p256_fe slope = p256_mul(rise, inverse);
    return p256_sub(p256_sub(p256_mul(slope, slope), a.x, p), b.x, p);
}

// a + b and a − b with 1/(x_b − x_a) given.
static void p256_both(p256_point *sum, p256_point *difference, p256_point a, p256_point b, p256_fe inverse)
{
    p256_fe zero = {{0}};
    p256_point minus = {b.x, p256_sub(zero, b.y, p256_prime)};
    *sum = p256_add_points(a, b, inverse, p256_prime);
    *difference = p256_add_points(a, minus, inverse, p256_prime);
}

static void p256_note(uint64_t *hits, uint64_t hit_limit, int64_t *found, uint64_t index, uint64_t goal)
{
    if ((uint64_t)*found < hit_limit) {
        hits[2 * *found] = index;
        hits[2 * *found + 1] = goal;
    }
    ++*found;
}

// Bits [first, first + CHUNK_BITS) of a little-endian number of 32 bytes.
static unsigned p256_chunk(const uint8_t *number, unsigned first)
{
    unsigned value = 0;
    for (unsigned byte = first / 8; byte < 32 && byte < first / 8 + 3; byte++) {
        value |= (unsigned)number[byte] << (8 * (byte - first / 8));
    }
    return value >> (first % 8) & ((1u << CHUNK_BITS) - 1);
}

// The little-endian numbers, 32 bytes each, whose double less 2^256 − 1 gives a goal or its negative.
// Goals come as x, y in plain limbs. A hit is a pair (number, goal). Returns as the window scans do.
EXPORT int64_t p256_numbers(const uint8_t *numbers, uint64_t count, const uint64_t *generator, const uint64_t *goals,
                            uint64_t goal_count, uint64_t *hits, uint64_t hit_limit)
{
    p256_desk *desk = malloc(sizeof(*desk));
    p256_fe *goal = malloc(sizeof(*goal) * (goal_count + 1));
    int64_t found = -1;
    if (desk == NULL || goal == NULL) {
        goto done;
    }
    found = 0;
    p256_fe one = p256_from_plain(NULL);
    for (uint64_t i = 0; i < goal_count; i++) {
        goal[i] = p256_from_plain(goals + 8 * i);
    }
    p256_powers(desk->power, generator, one);
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        unsigned at[CHUNK_BITS], bits = 0;
        for (unsigned bit = chunk * CHUNK_BITS; bits < CHUNK_BITS && bit < 256; bit++) {
            at[bits++] = bit;
        }
        p256_signed_table(desk->table + (chunk << CHUNK_BITS), at, bits, desk->power, desk->scratch, desk->prefix, one);
    }
    for (uint64_t begin = 0; begin < count; begin += PLANES * LANES) {
        size_t lanes = count - begin < PLANES * LANES ? count - begin : PLANES * LANES;
        for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
            const p256_point *table = desk->table + (chunk << CHUNK_BITS);
            const uint8_t *number = numbers + 32 * begin;
            for (size_t lane = 0; lane < lanes; lane++) {
                const p256_point *term = table + p256_chunk(number + 32 * lane, chunk * CHUNK_BITS);
                if (chunk == 0) {
                    desk->sum[lane] = *term;
                } else {
                    desk->scratch[lane] = p256_sub(term->x, desk->sum[lane].x, p256_prime);
                }
            }
            if (chunk == 0) {
                continue;
            }
            p256_invert_differences(desk, lanes, one);
            for (size_t lane = 0; lane < lanes; lane++) {
                const p256_point *term = table + p256_chunk(number + 32 * lane, chunk * CHUNK_BITS);
                desk->sum[lane] = p256_add_points(desk->sum[lane], *term, desk->scratch[lane], p256_prime);
            }
        }
        for (size_t lane = 0; lane < lanes; lane++) {
            for (uint64_t i = 0; i < goal_count; i++) {
                if (p256_is_equal(desk->sum[lane].x, goal[i])) {
                    p256_note(hits, hit_limit, &found, begin + lane, i);
                }
            }
        }
    }
done:
    free(desk);
    free(goal);
    return found;
}

// Bit `plane` of eight bytes, the first byte's lowest.
static unsigned p256_plane(const uint8_t *bytes, unsigned plane)
{
    return (unsigned)(((load_le64(bytes) >> plane & 0x0101010101010101) * 0x0102040810204080) >> 56);
}

// desk->sum[plane·lanes + lane] = F_plane of each number.
static void p256_plane_sums(p256_desk *desk, const uint8_t *numbers, size_t lanes, p256_fe one)
{
    for (unsigned part = 0; part < 4; part++) {
        for (size_t i = 0; i < PLANES * lanes; i++) {
            unsigned plane = (unsigned)(i / lanes);
            const uint8_t *bytes = numbers + 32 * (i % lanes) + 8 * part;
            const p256_point *term = desk->table + ((4 * plane + part) << 8) + p256_plane(bytes, plane);
            if (part == 0) {
                desk->sum[i] = *term;
            } else {
                desk->scratch[i] = p256_sub(term->x, desk->sum[i].x, p256_prime);
            }
        }
        if (part == 0) {
            continue;
        }
        p256_invert_differences(desk, PLANES * lanes, one);
        for (size_t i = 0; i < PLANES * lanes; i++) {
            unsigned plane = (unsigned)(i / lanes);
            const uint8_t *bytes = numbers + 32 * (i % lanes) + 8 * part;
            const p256_point *term = desk->table + ((4 * plane + part) << 8) + p256_plane(bytes, plane);
            desk->sum[i] = p256_add_points(desk->sum[i], *term, desk->scratch[i], p256_prime);
        }
    }
}

// From F_0 … F_7: x of the eight ±F0 ±F1 ±F2 ±F3 into desk->low, the eight ±F4 ±F5 ±F6 ±F7 into desk->sum.
static void p256_signed_halves(p256_desk *desk, size_t lanes, p256_fe one)
{
    const uint64_t *p = p256_prime;
    for (size_t i = 0; i < 4 * lanes; i++) {
        size_t pair = i / lanes, lane = i % lanes;
        desk->scratch[i] =
            p256_sub(desk->sum[(2 * pair + 1) * lanes + lane].x, desk->sum[2 * pair * lanes + lane].x, p);
    }
    p256_invert_differences(desk, 4 * lanes, one);
    for (size_t i = 0; i < 4 * lanes; i++) {
        size_t pair = i / lanes, lane = i % lanes;
        p256_both(&desk->half[0][i], &desk->half[1][i], desk->sum[2 * pair * lanes + lane],
                  desk->sum[(2 * pair + 1) * lanes + lane], desk->scratch[i]);
    }
    for (size_t i = 0; i < 8 * lanes; i++) { // which half of the planes, and two signs
        size_t upper = i / lanes / 4, first = i / lanes % 2, second = i / lanes / 2 % 2, lane = i % lanes;
        desk->scratch[i] = p256_sub(desk->half[second][(2 * upper + 1) * lanes + lane].x,
                                    desk->half[first][2 * upper * lanes + lane].x, p);
    }
    p256_invert_differences(desk, 8 * lanes, one);
    for (size_t i = 0; i < 8 * lanes; i++) {
        size_t upper = i / lanes / 4, first = i / lanes % 2, second = i / lanes / 2 % 2, lane = i % lanes;
        p256_point a = desk->half[first][2 * upper * lanes + lane], b = desk->half[second][(2 * upper + 1) * lanes + lane];
        size_t both = 2 * (2 * second + first);
        if (upper == 0) {
            desk->low[both][lane] = p256_x_of_sum(a, b, desk->scratch[i], 1);
            desk->low[both + 1][lane] = p256_x_of_sum(a, b, desk->scratch[i], -1);
        } else {
            p256_both(&desk->sum[both * lanes + lane], &desk->sum[(both + 1) * lanes + lane], a, b, desk->scratch[i]);
        }
    }
}

static int p256_meets(const p256_desk *desk, size_t lane, p256_fe x)
{
    int meets = 0;
    for (size_t i = 0; i < PLANES; i++) {
        meets |= desk->low[i][lane].limb[0] == x.limb[0] && p256_is_equal(desk->low[i][lane], x);
    }
    return meets;
}

// As p256_numbers, for numbers under a mask of one byte: any of the 256.
EXPORT int64_t p256_masked(const uint8_t *numbers, uint64_t count, const uint64_t *generator, const uint64_t *goals,
                           uint64_t goal_count, uint64_t *hits, uint64_t hit_limit)
{
    p256_desk *desk = malloc(sizeof(*desk));
    int64_t found = -1;
    if (desk == NULL) {
        return found;
    }
    found = 0;
    p256_fe one = p256_from_plain(NULL);
    p256_powers(desk->power, generator, one);
    for (unsigned plane = 0; plane < PLANES; plane++) {
        for (unsigned part = 0; part < 4; part++) {
            unsigned at[8];
            for (unsigned i = 0; i < 8; i++) {
                at[i] = 8 * (8 * part + i) + plane;
            }
            p256_signed_table(desk->table + ((4 * plane + part) << 8), at, 8, desk->power, desk->scratch, desk->prefix,
                              one);
        }
    }
    for (uint64_t begin = 0; begin < count; begin += LANES) {
        size_t lanes = count - begin < LANES ? count - begin : LANES;
        p256_plane_sums(desk, numbers + 32 * begin, lanes, one);
        p256_signed_halves(desk, lanes, one);
        for (uint64_t goal = 0; goal < goal_count; goal++) {
            p256_point r = {p256_from_plain(goals + 8 * goal), p256_from_plain(goals + 8 * goal + 4)};
            for (size_t i = 0; i < PLANES * lanes; i++) {
                desk->scratch[i] = p256_sub(desk->sum[i].x, r.x, p256_prime);
            }
            p256_invert_differences(desk, PLANES * lanes, one);
            for (size_t lane = 0; lane < lanes; lane++) {
                int meets = 0;
                for (size_t i = lane; i < PLANES * lanes; i += lanes) {
                    meets |= p256_meets(desk, lane, p256_x_of_sum(r, desk->sum[i], desk->scratch[i], 1));
                    meets |= p256_meets(desk, lane, p256_x_of_sum(r, desk->sum[i], desk->scratch[i], -1));
                }
                if (meets) {
                    p256_note(hits, hit_limit, &found, begin + lane, goal);
                }
            }
        }
    }
    free(desk);
    return found;
}
