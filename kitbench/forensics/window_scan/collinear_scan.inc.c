// SPDX-License-Identifier: Apache-2.0
// The running-point scan for one curve. The includer defines LIMBS, INVERSE, NAME(x) and the field's constants.
//
// Theory of operation. A lane walks over a stretch of the image and keeps S[t+1] = S[t] + (b[t]+1)·256^t·G.
// The little-endian window at t is the private key of Q iff S[t+W] − S[t] = 256^t·(Q + c·G), where c = Σ 256^i
// undoes the +1 terms (they keep the point at infinity out). The x of that difference takes two multiplications and an
// inversion, shared by all lanes; to compare it with many goals then costs next to nothing. All lanes step together, so
// that one inversion and one table of the 256 multiples of 256^t·G serve them all. S[0] is random, so that exceptional
// additions do not happen; a difference of nothing, which a made-up window can give, is told and left out.

#define WINDOW (8 * LIMBS)

typedef struct {
    uint64_t limb[LIMBS];
} NAME(fe);
typedef struct {
    NAME(fe) x, y;
} NAME(point);

static NAME(fe) NAME(add)(NAME(fe) a, NAME(fe) b, const uint64_t *p)
{
    NAME(fe) sum, reduced;
    u128 carry = 0, borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)a.limb[i] + b.limb[i];
        sum.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    for (int i = 0; i < LIMBS; i++) {
        u128 difference = (u128)sum.limb[i] - p[i] - (uint64_t)borrow;
        reduced.limb[i] = (uint64_t)difference;
        borrow = (difference >> 64) & 1;
    }
    uint64_t keep = (uint64_t)0 - (uint64_t)(borrow > carry);
    for (int i = 0; i < LIMBS; i++) {
        reduced.limb[i] = (sum.limb[i] & keep) | (reduced.limb[i] & ~keep);
    }
    return reduced;
}

// Montgomery multiplication a·b/2^(64·LIMBS) mod p by operand scanning.
static inline NAME(fe) NAME(mul)(NAME(fe) a, NAME(fe) b)
{
    const uint64_t *p = NAME(prime);
    uint64_t t[LIMBS + 2] = {0};
#pragma clang loop unroll(full)
    for (int i = 0; i < LIMBS; i++) {
        u128 carry = 0;
#pragma clang loop unroll(full)
        for (int j = 0; j < LIMBS; j++) {
            carry += (u128)a.limb[j] * b.limb[i] + t[j];
            t[j] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += t[LIMBS];
        t[LIMBS] = (uint64_t)carry;
        t[LIMBS + 1] = (uint64_t)(carry >> 64);
#ifdef REDUCE
        REDUCE(t);
#else
        uint64_t m = t[0] * INVERSE;
        carry = ((u128)m * p[0] + t[0]) >> 64;
#pragma clang loop unroll(full)
        for (int j = 1; j < LIMBS; j++) {
            carry += (u128)m * p[j] + t[j];
            t[j - 1] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += t[LIMBS];
        t[LIMBS - 1] = (uint64_t)carry;
        t[LIMBS] = t[LIMBS + 1] + (uint64_t)(carry >> 64);
#endif
    }
    NAME(fe) reduced;
    u128 borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        u128 difference = (u128)t[i] - p[i] - (uint64_t)borrow;
        reduced.limb[i] = (uint64_t)difference;
        borrow = (difference >> 64) & 1;
    }
    uint64_t keep = (uint64_t)0 - (uint64_t)(borrow > t[LIMBS]);
    for (int i = 0; i < LIMBS; i++) {
        reduced.limb[i] = (t[i] & keep) | (reduced.limb[i] & ~keep);
    }
    return reduced;
}

// Montgomery form of a plain number, of 1 for NULL.
static NAME(fe) NAME(from_plain)(const uint64_t *plain)
{
    NAME(fe) value, square;
    for (int i = 0; i < LIMBS; i++) {
        value.limb[i] = plain == NULL ? NAME(unit)[i] : plain[i];
        square.limb[i] = NAME(square)[i];
    }
    return plain == NULL ? value : NAME(mul)(value, square);
}

static NAME(fe) NAME(sub)(NAME(fe) a, NAME(fe) b, const uint64_t *p)
{
    NAME(fe) difference;
    u128 borrow = 0, carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        u128 step = (u128)a.limb[i] - b.limb[i] - (uint64_t)borrow;
        difference.limb[i] = (uint64_t)step;
        borrow = (step >> 64) & 1;
    }
    uint64_t mask = (uint64_t)0 - (uint64_t)borrow;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)difference.limb[i] + (p[i] & mask);
        difference.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return difference;
}

static int NAME(is_equal)(NAME(fe) a, NAME(fe) b)
{
    uint64_t difference = 0;
    for (int i = 0; i < LIMBS; i++) {
        difference |= a.limb[i] ^ b.limb[i];
    }
    return difference == 0;
}

// 1/a by Fermat: a^(p-2), p odd and its lowest limb ≥ 2.
static NAME(fe) NAME(invert)(NAME(fe) a, const uint64_t *p, NAME(fe) one)
{
    NAME(fe) result = one;
    for (int i = LIMBS * 64 - 1; i >= 0; i--) {
        uint64_t exponent = i < 64 ? p[0] - 2 : p[i / 64];
        result = NAME(mul)(result, result);
        if ((exponent >> (i % 64)) & 1) {
            result = NAME(mul)(result, a);
        }
    }
    return result;
}

// Replace each of `count` values by its inverse: one inversion and three multiplications a value.
static void NAME(invert_all)(NAME(fe) *values, NAME(fe) *prefix, size_t count, const uint64_t *p, NAME(fe) one)
{
    // Four independent chains keep the multiplier busy.
    NAME(fe) product[CHAINS];
    for (int c = 0; c < CHAINS; c++) {
        product[c] = one;
    }
    for (size_t i = 0; i < count; i++) {
        prefix[i] = product[i % CHAINS];
        product[i % CHAINS] = NAME(mul)(product[i % CHAINS], values[i]);
    }
    NAME(fe) running[CHAINS + 1];
    running[0] = one;
    for (int c = 0; c < CHAINS; c++) {
        running[c + 1] = NAME(mul)(running[c], product[c]);
    }
    NAME(fe) inverse = NAME(invert)(running[CHAINS], p, one);
    for (int c = CHAINS - 1; c >= 0; c--) {
        NAME(fe) chain = NAME(mul)(inverse, running[c]);
        inverse = NAME(mul)(inverse, product[c]);
        product[c] = chain;
    }
    for (size_t i = count; i-- > 0;) {
        NAME(fe) value = values[i];
        values[i] = NAME(mul)(product[i % CHAINS], prefix[i]);
        product[i % CHAINS] = NAME(mul)(product[i % CHAINS], value);
    }
}

// a + b with 1/(x_b − x_a) given.
static NAME(point) NAME(add_points)(NAME(point) a, NAME(point) b, NAME(fe) inverse, const uint64_t *p)
{
    NAME(point) sum;
    NAME(fe) slope = NAME(mul)(NAME(sub)(b.y, a.y, p), inverse);
    sum.x = NAME(sub)(NAME(sub)(NAME(mul)(slope, slope), a.x, p), b.x, p);
    sum.y = NAME(sub)(NAME(mul)(slope, NAME(sub)(a.x, sum.x, p)), a.y, p);
    return sum;
}

// 2a with 1/(2·y_a) given; the curve's coefficient is −3.
static NAME(point) NAME(double_point)(NAME(point) a, NAME(fe) inverse, const uint64_t *p, NAME(fe) one)
{
    NAME(fe) numerator = NAME(sub)(NAME(mul)(a.x, a.x), one, p);
    numerator = NAME(add)(NAME(add)(numerator, numerator, p), numerator, p);
    NAME(fe) slope = NAME(mul)(numerator, inverse);
    NAME(point) twice;
    twice.x = NAME(sub)(NAME(sub)(NAME(mul)(slope, slope), a.x, p), a.x, p);
    twice.y = NAME(sub)(NAME(mul)(slope, NAME(sub)(a.x, twice.x, p)), a.y, p);
    return twice;
}

// table[i] = (i+1)·base for i < 256, by doubling the filled part eight times. On the way each of `count` points ← 256
// times itself: they double along, for the same inversions.
static void NAME(fill_table)(NAME(point) *table, NAME(point) base, NAME(point) *points, size_t count,
                             NAME(fe) *scratch, NAME(fe) *prefix, const uint64_t *p, NAME(fe) one)
{
    table[0] = base;
    for (size_t filled = 1; filled < 256; filled *= 2) {
        NAME(point) last = table[filled - 1];
        for (size_t i = 0; i + 1 < filled; i++) {
            scratch[i] = NAME(sub)(table[i].x, last.x, p);
        }
        scratch[filled - 1] = NAME(add)(last.y, last.y, p);
        for (size_t i = 0; i < count; i++) {
            scratch[filled + i] = NAME(add)(points[i].y, points[i].y, p);
        }
        NAME(invert_all)(scratch, prefix, filled + count, p, one);
        for (size_t i = 0; i + 1 < filled; i++) {
            table[filled + i] = NAME(add_points)(last, table[i], scratch[i], p);
        }
        table[2 * filled - 1] = NAME(double_point)(last, scratch[filled - 1], p, one);
        for (size_t i = 0; i < count; i++) {
            points[i] = NAME(double_point)(points[i], scratch[filled + i], p, one);
        }
    }
}

static int NAME(is_zero)(NAME(fe) a)
{
    uint64_t any = 0;
    for (int i = 0; i < LIMBS; i++) {
        any |= a.limb[i];
    }
    return any == 0;
}

// Scan `size` bytes for the little-endian private keys of `target_count` points.
// Points come as x, y in plain little-endian limbs; `targets` are Q + c·G. A hit is a pair (offset, target index).
// Returns the number of hits (at most hit_limit are stored), or −1 when memory ran out.
EXPORT int64_t NAME(scan)(const uint8_t *data, uint64_t size, uint64_t lanes, uint64_t steps,
                          const uint64_t *generator, const uint64_t *start, const uint64_t *targets,
                          uint64_t target_count, uint64_t *hits, uint64_t hit_limit)
{
    const uint64_t *p = NAME(prime);
    size_t scratch_count = lanes > 256 + target_count ? lanes : 256 + target_count;
    NAME(point) *ring = malloc(sizeof(*ring) * WINDOW * lanes);
    NAME(point) *goal = malloc(sizeof(*goal) * (target_count + 1));
    NAME(fe) *inverse = malloc(sizeof(*inverse) * scratch_count);
    NAME(fe) *prefix = malloc(sizeof(*prefix) * scratch_count);
    NAME(point) *fresh = malloc(sizeof(*fresh) * lanes);
    int64_t found = -1;
    if (ring == NULL || goal == NULL || inverse == NULL || prefix == NULL || fresh == NULL) {
        goto done;
    }
    found = 0;
    NAME(fe) one = NAME(from_plain)(NULL);
    NAME(point) table[256];
    NAME(point) base = {NAME(from_plain)(generator), NAME(from_plain)(generator + LIMBS)};
    NAME(point) origin = {NAME(from_plain)(start), NAME(from_plain)(start + LIMBS)};
    for (size_t i = 0; i < target_count; i++) {
        goal[i].x = NAME(from_plain)(targets + 2 * LIMBS * i);
        goal[i].y = NAME(from_plain)(targets + 2 * LIMBS * i + LIMBS);
    }
    for (size_t lane = 0; lane < lanes; lane++) {
        ring[lane] = origin;
    }
    for (uint64_t step = 0; step < steps + WINDOW - 1; step++) {
        NAME(point) *here = ring + lanes * (step % WINDOW);
        NAME(point) *next = ring + lanes * ((step + 1) % WINDOW);
        // The goals stand for the window that ends here.
        NAME(fill_table)(table, base, goal, step >= WINDOW ? target_count : 0, inverse, prefix, p, one);
        for (size_t lane = 0; lane < lanes; lane++) {
            uint64_t at = lane * steps + step;
            inverse[lane] = NAME(sub)(table[at < size ? data[at] : 0].x, here[lane].x, p);
        }
        NAME(invert_all)(inverse, prefix, lanes, p, one);
        int is_window = step + 1 >= WINDOW;
        uint64_t first = step + 1 - WINDOW;
        for (size_t lane = 0; lane < lanes; lane++) {
            uint64_t at = lane * steps + step;
            fresh[lane] = NAME(add_points)(here[lane], table[at < size ? data[at] : 0], inverse[lane], p);
            inverse[lane] = NAME(sub)(fresh[lane].x, next[lane].x, p);
            if (!is_window || NAME(is_zero)(inverse[lane])) {
                inverse[lane] = one;
            }
        }
        if (is_window) {
            NAME(invert_all)(inverse, prefix, lanes, p, one);
        }
        for (size_t lane = 0; lane < lanes; lane++) {
            uint64_t at = lane * steps + step;
            NAME(point) old = next[lane];
            next[lane] = fresh[lane];
            if (!is_window || at >= size) {
                continue;
            }
            NAME(fe) slope = NAME(mul)(NAME(add)(fresh[lane].y, old.y, p), inverse[lane]);
            NAME(fe) apart = NAME(sub)(NAME(sub)(NAME(mul)(slope, slope), fresh[lane].x, p), old.x, p);
            for (size_t i = 0; i < target_count; i++) {
                if (goal[i].x.limb[0] == apart.limb[0] && NAME(is_equal)(goal[i].x, apart)) {
                    if ((uint64_t)found < hit_limit) {
                        hits[2 * found] = lane * steps + first;
                        hits[2 * found + 1] = i;
                    }
                    found++;
                }
            }
        }
        base = table[255];
    }
done:
    free(ring);
    free(goal);
    free(inverse);
    free(prefix);
    free(fresh);
    return found;
}

#undef WINDOW
