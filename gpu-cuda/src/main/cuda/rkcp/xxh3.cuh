/*
 * XXH3, 128 bits, seed 0, default secret: the fingerprint of one block of state, computed by one warp.
 *
 * The value is that of every other implementation of XXH3_128bits; the tests compare it with hash4j's
 * over random lengths. The algorithm is public (BSD-2 and its specification in prose); this is written
 * from the specification.
 *
 * How a warp shares the work. Long input goes through 8 accumulators in rounds of 1,024 bytes: 16
 * stripes of 8 words each. Within a round all additions commute, so lane L takes word L % 8 of the
 * stripes L / 8, L / 8 + 4, + 8, + 12: a warp reads 256 consecutive bytes at once. Then the four lanes
 * that share an accumulator add up (two shuffles), and each of them keeps the whole.
 */
#ifndef RKCP_XXH3_CUH
#define RKCP_XXH3_CUH

#include "platform.cuh"

typedef struct {
  rkcp_u64 low;
  rkcp_u64 high;
} rkcp_hash;

#define RKCP_P32_1 0x9E3779B1ull
#define RKCP_P32_2 0x85EBCA77ull
#define RKCP_P32_3 0xC2B2AE3Dull
#define RKCP_P64_1 0x9E3779B185EBCA87ull
#define RKCP_P64_2 0xC2B2AE3D27D4EB4Full
#define RKCP_P64_3 0x165667B19E3779F9ull
#define RKCP_P64_4 0x85EBCA77C2B2AE63ull
#define RKCP_P64_5 0x27D4EB2F165667C5ull

#define RKCP_STRIPE 64
#define RKCP_ROUND 1024
/*
 * Rounds on their way: with 16 warps on a multiprocessor, enough to fill its share of the bandwidth. A
 * block of 4, 16, 64 ... KiB has three times so many rounds, and a shorter last one.
 */
#define RKCP_AHEAD 3
/* Longer input is hashed by the whole warp. */
#define RKCP_SHORT 240

/* The default secret, as little-endian words. */
RKCP_CONSTANT rkcp_u64 rkcp_secret[24] = {
    0xBE4BA423396CFEB8ull, 0x1CAD21F72C81017Cull, 0xDB979083E96DD4DEull, 0x1F67B3B7A4A44072ull,
    0x78E5C0CC4EE679CBull, 0x2172FFCC7DD05A82ull, 0x8E2443F7744608B8ull, 0x4C263A81E69035E0ull,
    0xCB00C391BB52283Cull, 0xA32E531B8B65D088ull, 0x4EF90DA297486471ull, 0xD8ACDEA946EF1938ull,
    0x3F349CE33F76FAA8ull, 0x1D4F0BC7C7BBDCF9ull, 0x3159B4CD4BE0518Aull, 0x647378D9C97E9FC8ull,
    0xC3EBD33483ACC5EAull, 0xEB6313FAFFA081C5ull, 0x49DAF0B751DD0D17ull, 0x9E68D429265516D3ull,
    0xFCA1477D58BE162Bull, 0xCE31D07AD1B8F88Full, 0x280416958F3ACB45ull, 0x7E404BBBCAFBD7AFull};

/* The word of the secret at any byte, 0 to 184. */
RKCP_DEVICE rkcp_u64 rkcp_secret_at(rkcp_u32 at) {
  rkcp_u32 shift = at % 8 * 8;
  rkcp_u64 word = rkcp_secret[at / 8];
  return shift == 0 ? word : word >> shift | rkcp_secret[at / 8 + 1] << (64 - shift);
}

RKCP_DEVICE rkcp_u32 rkcp_read32(const rkcp_u8 *at) {
  return (rkcp_u32)at[0] | (rkcp_u32)at[1] << 8 | (rkcp_u32)at[2] << 16 | (rkcp_u32)at[3] << 24;
}

RKCP_DEVICE_RARE rkcp_u64 rkcp_read64_unaligned(const rkcp_u8 *at) {
  return (rkcp_u64)rkcp_read32(at) | (rkcp_u64)rkcp_read32(at + 4) << 32;
}

/* The word at any address; a device can load only from a multiple of its size. */
RKCP_DEVICE rkcp_u64 rkcp_read64(const rkcp_u8 *at) {
  return ((rkcp_u64)at & 7) == 0 ? *(const rkcp_u64 *)at : rkcp_read64_unaligned(at);
}

RKCP_DEVICE rkcp_u32 rkcp_swap32(rkcp_u32 x) {
  return x << 24 | (x << 8 & 0xff0000u) | (x >> 8 & 0xff00u) | x >> 24;
}

RKCP_DEVICE rkcp_u64 rkcp_swap64(rkcp_u64 x) {
  return (rkcp_u64)rkcp_swap32((rkcp_u32)x) << 32 | rkcp_swap32((rkcp_u32)(x >> 32));
}

RKCP_DEVICE rkcp_u64 rkcp_fold(rkcp_u64 a, rkcp_u64 b) { return a * b ^ rkcp_multiply_high(a, b); }

/* How XXH3 ends, and how XXH64 does. */
RKCP_DEVICE rkcp_u64 rkcp_avalanche(rkcp_u64 x) {
  x ^= x >> 37;
  x *= 0x165667919E3779F9ull;
  return x ^ x >> 32;
}

RKCP_DEVICE rkcp_u64 rkcp_avalanche64(rkcp_u64 x) {
  x ^= x >> 33;
  x *= RKCP_P64_2;
  x ^= x >> 29;
  x *= RKCP_P64_3;
  return x ^ x >> 32;
}

RKCP_DEVICE rkcp_hash rkcp_hash_to_3(const rkcp_u8 *in, rkcp_u32 length) {
  rkcp_u32 low =
      (rkcp_u32)in[0] << 16 | (rkcp_u32)in[length / 2] << 24 | in[length - 1] | length << 8;
  rkcp_u32 swapped = rkcp_swap32(low);
  rkcp_u32 high = swapped << 13 | swapped >> 19;
  rkcp_u64 first = rkcp_secret[0];
  rkcp_u64 second = rkcp_secret[1];
  rkcp_hash hash;
  hash.low = rkcp_avalanche64(low ^ (rkcp_u32)(first ^ first >> 32));
  hash.high = rkcp_avalanche64(high ^ (rkcp_u32)(second ^ second >> 32));
  return hash;
}

RKCP_DEVICE rkcp_hash rkcp_hash_to_8(const rkcp_u8 *in, rkcp_u32 length) {
  rkcp_u64 word = rkcp_read32(in) | (rkcp_u64)rkcp_read32(in + length - 4) << 32;
  rkcp_u64 keyed = word ^ rkcp_secret[2] ^ rkcp_secret[3];
  rkcp_u64 factor = RKCP_P64_1 + (length << 2);
  rkcp_hash hash;
  hash.low = keyed * factor;
  hash.high = rkcp_multiply_high(keyed, factor) + (hash.low << 1);
  hash.low ^= hash.high >> 3;
  hash.low ^= hash.low >> 35;
  hash.low *= 0x9FB21C651E98DF25ull;
  hash.low ^= hash.low >> 28;
  hash.high = rkcp_avalanche(hash.high);
  return hash;
}

RKCP_DEVICE rkcp_hash rkcp_hash_to_16(const rkcp_u8 *in, rkcp_u32 length) {
  rkcp_u64 first = rkcp_read64(in);
  rkcp_u64 last = rkcp_read64(in + length - 8);
  rkcp_u64 keyed = first ^ last ^ rkcp_secret[4] ^ rkcp_secret[5];
  rkcp_u64 low = keyed * RKCP_P64_1 + ((rkcp_u64)(length - 1) << 54);
  rkcp_u64 high = rkcp_multiply_high(keyed, RKCP_P64_1);
  last ^= rkcp_secret[6] ^ rkcp_secret[7];
  high += last + (rkcp_u64)(rkcp_u32)last * (RKCP_P32_2 - 1);
  low ^= rkcp_swap64(high);
  rkcp_hash hash;
  hash.low = rkcp_avalanche(low * RKCP_P64_2);
  hash.high = rkcp_avalanche(rkcp_multiply_high(low, RKCP_P64_2) + high * RKCP_P64_2);
  return hash;
}

RKCP_DEVICE rkcp_u64 rkcp_mix(const rkcp_u8 *in, rkcp_u32 secret) {
  return rkcp_fold(
      rkcp_read64(in) ^ rkcp_secret_at(secret), rkcp_read64(in + 8) ^ rkcp_secret_at(secret + 8));
}

RKCP_DEVICE_RARE rkcp_hash rkcp_mix_pair(
    rkcp_hash hash, const rkcp_u8 *first, const rkcp_u8 *second, rkcp_u32 secret) {
  hash.low += rkcp_mix(first, secret);
  hash.low ^= rkcp_read64(second) + rkcp_read64(second + 8);
  hash.high += rkcp_mix(second, secret + 16);
  hash.high ^= rkcp_read64(first) + rkcp_read64(first + 8);
  return hash;
}

RKCP_DEVICE rkcp_hash rkcp_end_mixed(rkcp_hash mixed, rkcp_u32 length) {
  rkcp_hash hash;
  hash.low = rkcp_avalanche(mixed.low + mixed.high);
  hash.high =
      0 - rkcp_avalanche(mixed.low * RKCP_P64_1 + mixed.high * RKCP_P64_4 + length * RKCP_P64_2);
  return hash;
}

RKCP_DEVICE rkcp_hash rkcp_hash_to_128(const rkcp_u8 *in, rkcp_u32 length) {
  rkcp_hash hash;
  hash.low = length * RKCP_P64_1;
  hash.high = 0;
  RKCP_ONE_BY_ONE
  for (int pair = (int)(length - 1) / 32; pair >= 0; pair--) {
    hash = rkcp_mix_pair(
        hash, in + 16 * pair, in + length - 16 * (pair + 1), 32 * (rkcp_u32)pair);
  }
  return rkcp_end_mixed(hash, length);
}

RKCP_DEVICE rkcp_hash rkcp_hash_to_240(const rkcp_u8 *in, rkcp_u32 length) {
  rkcp_hash hash;
  hash.low = length * RKCP_P64_1;
  hash.high = 0;
  rkcp_u32 at = 32;
  RKCP_ONE_BY_ONE
  for (; at < 160; at += 32) {
    hash = rkcp_mix_pair(hash, in + at - 32, in + at - 16, at - 32);
  }
  hash.low = rkcp_avalanche(hash.low);
  hash.high = rkcp_avalanche(hash.high);
  RKCP_ONE_BY_ONE
  for (; at <= length; at += 32) {
    hash = rkcp_mix_pair(hash, in + at - 32, in + at - 16, at - 160 + 3);
  }
  hash = rkcp_mix_pair(hash, in + length - 16, in + length - 32, 136 - 17 - 16);
  return rkcp_end_mixed(hash, length);
}

/* Up to 240 bytes, by one thread. */
RKCP_DEVICE_RARE rkcp_hash rkcp_hash_short(const rkcp_u8 *in, rkcp_u32 length) {
  if (length > 128) {
    return rkcp_hash_to_240(in, length);
  }
  if (length > 16) {
    return rkcp_hash_to_128(in, length);
  }
  if (length > 8) {
    return rkcp_hash_to_16(in, length);
  }
  if (length > 3) {
    return rkcp_hash_to_8(in, length);
  }
  if (length > 0) {
    return rkcp_hash_to_3(in, length);
  }
  rkcp_hash hash;
  hash.low = rkcp_avalanche64(rkcp_secret[8] ^ rkcp_secret[9]);
  hash.high = rkcp_avalanche64(rkcp_secret[10] ^ rkcp_secret[11]);
  return hash;
}

/* What a word of input adds to its own accumulator; to its neighbour it adds itself. */
RKCP_DEVICE rkcp_u64 rkcp_product(rkcp_u64 word, rkcp_u64 secret) {
  rkcp_u64 keyed = word ^ secret;
  return (keyed & 0xffffffffull) * (keyed >> 32);
}

/* Adds the lanes' sums to the accumulator that four of them share. */
RKCP_DEVICE rkcp_u64 rkcp_gather(rkcp_u64 accumulator, rkcp_u64 products, rkcp_u64 words) {
  rkcp_u64 sum = products + rkcp_shuffle_xor(words, 1);
  sum += rkcp_shuffle_xor(sum, 8);
  sum += rkcp_shuffle_xor(sum, 16);
  return accumulator + sum;
}

/* The accumulators' first values. */
RKCP_CONSTANT rkcp_u64 rkcp_start[8] = {RKCP_P32_3, RKCP_P64_1, RKCP_P64_2, RKCP_P64_3,
                                        RKCP_P64_4, RKCP_P32_2, RKCP_P64_5, RKCP_P32_1};

/* Half of the hash, of all accumulators; in every lane. */
RKCP_DEVICE rkcp_u64 rkcp_merge(
    rkcp_u64 accumulator, rkcp_u32 lane, rkcp_u32 secret, rkcp_u64 start) {
  rkcp_u64 own = accumulator ^ rkcp_secret_at(secret + lane % 8 * 8);
  rkcp_u64 sum = rkcp_fold(own, rkcp_shuffle_xor(own, 1));
  sum += rkcp_shuffle_xor(sum, 2);
  sum += rkcp_shuffle_xor(sum, 4);
  return rkcp_avalanche(start + sum);
}

/* A lane's share of a round: four words. */
typedef struct {
  rkcp_u64 words[4];
} rkcp_share;

RKCP_DEVICE rkcp_share rkcp_load_share(const rkcp_u8 *own, int aligned) {
  rkcp_share share;
  RKCP_ALL_AT_ONCE
  for (int i = 0; i < 4; i++) {
    const rkcp_u8 *at = own + 256 * i;
    share.words[i] = aligned ? rkcp_load_passing((const rkcp_u64 *)at) : rkcp_read64(at);
  }
  return share;
}

/* The accumulator after a whole round. */
RKCP_DEVICE rkcp_u64 rkcp_after_round(
    rkcp_u64 accumulator, rkcp_share share, rkcp_share secret, rkcp_u64 scramble) {
  rkcp_u64 words = 0;
  rkcp_u64 products = 0;
  RKCP_ALL_AT_ONCE
  for (int i = 0; i < 4; i++) {
    words += share.words[i];
    products += rkcp_product(share.words[i], secret.words[i]);
  }
  accumulator = rkcp_gather(accumulator, products, words);
  accumulator ^= accumulator >> 47;
  accumulator ^= scramble;
  return accumulator * RKCP_P32_1;
}

/* More than 240 bytes, by all lanes of a warp. The address is a multiple of 8 when aligned is set. */
RKCP_DEVICE rkcp_hash rkcp_hash_long(
    const rkcp_u8 *in, rkcp_u32 length, rkcp_u32 lane, int aligned) {
  rkcp_u32 word = lane % 8;
  rkcp_u32 stripe = lane / 8;
  rkcp_share secret;
  RKCP_ALL_AT_ONCE
  for (int i = 0; i < 4; i++) {
    secret.words[i] = rkcp_secret[stripe + 4 * i + word];
  }
  rkcp_u64 scramble = rkcp_secret[16 + word];
  rkcp_u64 accumulator = rkcp_start[word];
  const rkcp_u8 *own = in + lane * 8;
  rkcp_u32 rounds = (length - 1) / RKCP_ROUND;

  /* The next rounds are on their way while one is computed: no branch comes between. */
  rkcp_share next[RKCP_AHEAD];
  rkcp_u32 round = 0;
  if (rounds >= RKCP_AHEAD) {
    RKCP_ALL_AT_ONCE
    for (int i = 0; i < RKCP_AHEAD; i++) {
      next[i] = rkcp_load_share(own + i * RKCP_ROUND, aligned);
    }
    RKCP_ONE_BY_ONE
    for (; round + 2 * RKCP_AHEAD <= rounds; round += RKCP_AHEAD) {
      RKCP_ALL_AT_ONCE
      for (int i = 0; i < RKCP_AHEAD; i++) {
        rkcp_share now = next[i];
        next[i] = rkcp_load_share(own + (i + RKCP_AHEAD) * RKCP_ROUND, aligned);
        accumulator = rkcp_after_round(accumulator, now, secret, scramble);
      }
      own += RKCP_AHEAD * RKCP_ROUND;
    }
    RKCP_ALL_AT_ONCE
    for (int i = 0; i < RKCP_AHEAD; i++) {
      accumulator = rkcp_after_round(accumulator, next[i], secret, scramble);
    }
    own += RKCP_AHEAD * RKCP_ROUND;
    round += RKCP_AHEAD;
  }
  RKCP_ONE_BY_ONE
  for (; round < rounds; round++) {
    rkcp_share now = rkcp_load_share(own, aligned);
    accumulator = rkcp_after_round(accumulator, now, secret, scramble);
    own += RKCP_ROUND;
  }

  /* What is left: whole stripes, and the last 64 bytes again under a secret of their own. */
  rkcp_u32 stripes = (length - 1 - rounds * RKCP_ROUND) / RKCP_STRIPE;
  rkcp_u64 words = 0;
  rkcp_u64 products = 0;
  for (rkcp_u32 i = 0; i < 4; i++) {
    if (stripe + 4 * i < stripes) {
      rkcp_u64 value = rkcp_read64(own + 256 * i);
      words += value;
      products += rkcp_product(value, secret.words[i]);
    }
  }
  if (stripe == 0) {
    rkcp_u64 value = rkcp_read64(in + length - RKCP_STRIPE + word * 8);
    words += value;
    products += rkcp_product(value, rkcp_secret_at(192 - 64 - 7 + word * 8));
  }
  accumulator = rkcp_gather(accumulator, products, words);

  rkcp_hash hash;
  hash.low = rkcp_merge(accumulator, lane, 11, (rkcp_u64)length * RKCP_P64_1);
  hash.high = rkcp_merge(accumulator, lane, 192 - 64 - 11, ~((rkcp_u64)length * RKCP_P64_2));
  return hash;
}

/* More than 240 bytes at an address that is a multiple of 8: nearly every block. */
RKCP_DEVICE_RARE rkcp_hash rkcp_hash_long_aligned(
    const rkcp_u8 *in, rkcp_u32 length, rkcp_u32 lane) {
  return rkcp_hash_long(in, length, lane, 1);
}

/* More than 240 bytes at any address. */
RKCP_DEVICE_RARE rkcp_hash rkcp_hash_long_unaligned(
    const rkcp_u8 *in, rkcp_u32 length, rkcp_u32 lane) {
  return rkcp_hash_long(in, length, lane, 0);
}

/*
 * The fingerprint of length bytes, by one warp: all its lanes call this with the same arguments but
 * for lane, and all get the value.
 */
RKCP_DEVICE rkcp_hash rkcp_fingerprint(const rkcp_u8 *in, rkcp_u32 length, rkcp_u32 lane) {
  if (length <= RKCP_SHORT) {
    return rkcp_hash_short(in, length);
  }
  if (((rkcp_u64)in & 7) == 0) {
    return rkcp_hash_long_aligned(in, length, lane);
  }
  return rkcp_hash_long_unaligned(in, length, lane);
}

#endif
