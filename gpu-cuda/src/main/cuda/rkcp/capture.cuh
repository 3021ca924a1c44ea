/*
 * Copies a state aside and fingerprints its blocks, by whichever warps are there: those of a kernel of
 * ours (capture.cu), or those of a persistent kernel that stands still (handshake.cuh).
 *
 * The host lays out what is to be done as a work table in device memory:
 *
 *   rkcp_work                      64 bytes
 *   rkcp_region x regions          48 bytes each
 *
 * A block belongs to one region: the last block of each may be shorter. Blocks are numbered over all
 * regions, in order.
 */
#ifndef RKCP_CAPTURE_CUH
#define RKCP_CAPTURE_CUH

#include "xxh3.cuh"

/* Copy every block to the shadow. */
#define RKCP_COPY 1ull
/* Fingerprint every block, compare it with the base's, and copy what differs to the shadow. */
#define RKCP_COMPARE 2ull
/* Loads of a copying thread that are under way at once. */
#define RKCP_LOADS 8

typedef struct {
  rkcp_u64 flags;
  rkcp_u64 block_size; /* bytes, 1 to 2^31 - 1 */
  rkcp_u64 regions;
  rkcp_u64 blocks;  /* of all regions */
  rkcp_u64 base;    /* address of 16 bytes for each block: the base's fingerprints */
  rkcp_u64 fresh;   /* address of 16 bytes for each block: where the new ones go */
  rkcp_u64 changed; /* address of 1 byte for each block: 1 when it differs from the base, else 0 */
  rkcp_u64 reserved;
} rkcp_work;

typedef struct {
  rkcp_u64 source;
  rkcp_u64 shadow; /* where copies go, at the same offsets; 0 when nothing is copied */
  rkcp_u64 length; /* bytes */
  rkcp_u64 first;  /* number of its first block */
  rkcp_u64 known;  /* 1 when the base has fingerprints of this region; else all of it has changed */
  rkcp_u64 reserved;
} rkcp_region;

/* Copies length bytes, by all lanes of a warp. */
RKCP_DEVICE void rkcp_copy(rkcp_u8 *to, const rkcp_u8 *from, rkcp_u32 length, rkcp_u32 lane) {
  rkcp_u32 at = 0;
  if ((((rkcp_u64)to | (rkcp_u64)from) & 15) == 0) {
    rkcp_pair *target = (rkcp_pair *)to;
    const rkcp_pair *source = (const rkcp_pair *)from;
    rkcp_u32 pairs = length / 16;
    rkcp_u32 i = lane;
    RKCP_ONE_BY_ONE
    for (; i + (RKCP_LOADS - 1) * RKCP_WARP < pairs; i += RKCP_LOADS * RKCP_WARP) {
      rkcp_pair loaded[RKCP_LOADS];
      RKCP_ALL_AT_ONCE
      for (rkcp_u32 j = 0; j < RKCP_LOADS; j++) {
        loaded[j] = rkcp_load_pair_passing(source + i + j * RKCP_WARP);
      }
      RKCP_ALL_AT_ONCE
      for (rkcp_u32 j = 0; j < RKCP_LOADS; j++) {
        rkcp_store_pair_passing(target + i + j * RKCP_WARP, loaded[j]);
      }
    }
    RKCP_ONE_BY_ONE
    for (; i < pairs; i += RKCP_WARP) {
      rkcp_store_pair_passing(target + i, rkcp_load_pair_passing(source + i));
    }
    at = pairs * 16;
  }
  RKCP_ONE_BY_ONE
  for (rkcp_u32 i = at + lane; i < length; i += RKCP_WARP) {
    to[i] = from[i];
  }
}

/* Fingerprints one block, and says in all lanes whether the base has another value for it. */
RKCP_DEVICE int rkcp_compare(
    const rkcp_work *work, const rkcp_region *region, rkcp_u64 block, const rkcp_u8 *from,
    rkcp_u32 length, rkcp_u32 lane) {
  rkcp_hash hash = rkcp_fingerprint(from, length, lane);
  const rkcp_u64 *base = (const rkcp_u64 *)work->base + 2 * block;
  int differs = region->known == 0 || base[0] != hash.low || base[1] != hash.high;
  if (lane == 0) {
    rkcp_u64 *fresh = (rkcp_u64 *)work->fresh + 2 * block;
    fresh[0] = hash.low;
    fresh[1] = hash.high;
    ((rkcp_u8 *)work->changed)[block] = (rkcp_u8)differs;
  }
  return differs;
}

/*
 * Does one warp's share: blocks warp, warp + warps, and so on. All its lanes call this with the same
 * arguments but for lane. Nothing is ordered: the caller fences before it tells anybody.
 */
RKCP_DEVICE void rkcp_capture(
    const rkcp_work *work, rkcp_u64 warp, rkcp_u64 warps, rkcp_u32 lane) {
  const rkcp_region *region = (const rkcp_region *)(work + 1);
  const rkcp_region *last = region + work->regions;
  RKCP_ONE_BY_ONE
  for (rkcp_u64 block = warp; block < work->blocks; block += warps) {
    while (region + 1 < last && block >= region[1].first) {
      region++;
    }
    rkcp_u64 offset = (block - region->first) * work->block_size;
    rkcp_u64 left = region->length - offset;
    rkcp_u32 length = (rkcp_u32)(left < work->block_size ? left : work->block_size);
    const rkcp_u8 *from = (const rkcp_u8 *)region->source + offset;
    int wanted = (work->flags & RKCP_COPY) != 0;
    if ((work->flags & RKCP_COMPARE) != 0) {
      wanted |= rkcp_compare(work, region, block, from, length, lane);
    }
    if (wanted && region->shadow != 0) {
      rkcp_copy((rkcp_u8 *)region->shadow + offset, from, length, lane);
    }
  }
}

/* The share of the calling thread's warp in the whole grid. Threads past the last whole warp rest. */
RKCP_DEVICE void rkcp_capture_share(const rkcp_work *work) {
  rkcp_u32 warps = rkcp_threads() / RKCP_WARP;
  rkcp_u32 warp = rkcp_thread() / RKCP_WARP;
  if (warp < warps) {
    rkcp_capture(
        work, (rkcp_u64)rkcp_group() * warps + warp, (rkcp_u64)rkcp_groups() * warps,
        rkcp_thread() % RKCP_WARP);
  }
}

#endif
