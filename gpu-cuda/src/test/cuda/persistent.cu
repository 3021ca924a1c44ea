/*
 * A small persistent kernel for the tests: the acoustic wave equation in three dimensions, stepped for
 * ever by one launch that never ends. (The one to copy from is examples-cuda's wave3d.cu.)
 *
 *   next = 2 p - older + C^2 (sum of the six neighbours - 6 p),  C = 1/2, rigid walls, float32
 *
 * All its state is in global memory: the control block below and two fields of size^3 cells. A cell is
 * computed by the same operations in the same order whichever thread does it, so the bits do not depend
 * on the grid.
 */
#include "rkcp/handshake.cuh"

typedef struct {
  rkcp_u64 step;
  rkcp_u32 current; /* 0: field a is the newest, 1: field b is */
  rkcp_u32 size;    /* cells on each side */
} persistent_control;

RKCP_DEVICE float persistent_next(const float *now, float older, rkcp_u64 at, rkcp_u32 size) {
  rkcp_u64 area = (rkcp_u64)size * size;
  rkcp_u32 x = (rkcp_u32)(at % size);
  rkcp_u32 y = (rkcp_u32)(at / size % size);
  rkcp_u32 z = (rkcp_u32)(at / area);
  float here = now[at];
  float west = x > 0 ? now[at - 1] : here;
  float east = x + 1 < size ? now[at + 1] : here;
  float north = y > 0 ? now[at - size] : here;
  float south = y + 1 < size ? now[at + size] : here;
  float below = z > 0 ? now[at - area] : here;
  float above = z + 1 < size ? now[at + area] : here;
  float around = (west + east) + (north + south) + (below + above);
  return 0.5f * here + 0.25f * around - older;
}

RKCP_KERNEL RKCP_BOUNDS(64, 8) void persistent_wave(rkcp_handshake *handshake, persistent_control *control, float *a, float *b) {
  rkcp_session session = rkcp_begin(handshake);
  rkcp_u64 threads = (rkcp_u64)rkcp_groups() * rkcp_threads();
  rkcp_u64 first = (rkcp_u64)rkcp_group() * rkcp_threads() + rkcp_thread();
  rkcp_u64 step = control->step;
  rkcp_u32 current = control->current;
  /* One thread will overwrite both in the first step. */
  rkcp_barrier(&session);
  int told = RKCP_RUN;
  while (told != RKCP_STOP) {
    rkcp_u64 cells = (rkcp_u64)control->size * control->size * control->size;
    const float *now = current == 0 ? a : b;
    float *next = current == 0 ? b : a;
    for (rkcp_u64 at = first; at < cells; at += threads) {
      next[at] = persistent_next(now, next[at], at, control->size);
    }
    step++;
    current = 1 - current;
    if (rkcp_leads()) {
      control->step = step;
      control->current = current;
    }
    /* Also the barrier between two steps. */
    told = rkcp_safe_point(&session, step);
    if (told == RKCP_RELOAD) {
      /* A state was restored: what registers hold is of another one. */
      step = control->step;
      current = control->current;
      rkcp_barrier(&session);
    }
  }
  rkcp_end(&session, step);
}
