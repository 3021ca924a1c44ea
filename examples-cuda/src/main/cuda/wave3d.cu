/*
 * A persistent kernel to copy from: the acoustic wave equation in three dimensions, stepped by one
 * launch that never ends, and checkpointed without ending it. CudaWave.java is its host side;
 * WaveSolver.java computes the same bits on the CPU.
 *
 *   next = 2 p - older + c^2 (sum of the six neighbours - 6 p)
 *
 * with c half of a cell's speed; behind a wall, a neighbour is the cell itself. All state is in global
 * memory. A cell is computed by the same operations in the same order whichever thread does it, so the
 * bits do not depend on the grid.
 */
#include "rkcp/handshake.cuh"

#define WAVE_SOURCES 4
#define WAVE_SAMPLES 256
#define WAVE_ABSORBING 1u

typedef struct {
  rkcp_u64 start; /* the step it begins at */
  rkcp_u32 x, y, z;
  float amplitude, period;
  rkcp_u32 reserved;
} wave_source;

/* ControlBlock.java has the same layout: 256 bytes. */
typedef struct {
  rkcp_u64 magic;
  rkcp_u32 version;
  rkcp_u32 flags;
  rkcp_u64 step;
  rkcp_u32 current; /* 0: field a is the newest, 1: field b is */
  rkcp_u32 size;    /* cells on each side */
  rkcp_u32 report_every;
  rkcp_u32 sources; /* bit i: source i is at work */
  rkcp_u64 commands;
  rkcp_u64 reports;
  rkcp_u64 unused[9];
  wave_source source[WAVE_SOURCES];
} wave_control;

/* How far the host wants it, and how far it is; not part of the state. In host memory that is mapped:
 * lines of 64 bytes with one writer each. */
typedef struct {
  /* Host, once. */
  rkcp_u64 turns; /* device address of two words: whether to do a step in an even, in an odd turn */
  rkcp_u64 size;  /* cells on each side that there is memory for, whatever a restored state says */
  rkcp_u64 unused[6];
  /* Host. */
  rkcp_u64 ticket; /* number of the newest wish; released last */
  rkcp_u64 until;  /* it rests when it has done so many steps */
  rkcp_u64 unused2[6];
  /* Kernel. */
  rkcp_u64 seen;    /* number of the newest wish it knows of; released last */
  rkcp_u64 reached; /* whole steps done */
  rkcp_u64 unused3[6];
} wave_gate;

/* What one thread reads of the state before a step; the others' steps are the same. */
typedef struct {
  rkcp_u64 step;
  rkcp_u32 current;
  rkcp_u32 size;
  int absorbing;
} wave_position;

RKCP_DEVICE wave_position wave_read(const wave_control *control, const wave_gate *gate) {
  wave_position at;
  at.step = control->step;
  at.current = control->current;
  at.size = (rkcp_u32)gate->size;
  at.absorbing = (control->flags & WAVE_ABSORBING) != 0;
  return at;
}

RKCP_DEVICE float wave_next(
    const float *now, float older, float speed, rkcp_u32 at, rkcp_u32 size, int absorbing) {
  rkcp_u32 area = size * size;
  rkcp_u32 x = at % size;
  rkcp_u32 y = at / size % size;
  rkcp_u32 z = at / area;
  float here = now[at];
  float west = x > 0 ? now[at - 1] : here;
  float east = x + 1 < size ? now[at + 1] : here;
  float north = y > 0 ? now[at - size] : here;
  float south = y + 1 < size ? now[at + size] : here;
  float below = z > 0 ? now[at - area] : here;
  float above = z + 1 < size ? now[at + area] : here;
  float around = ((west + east) + (north + south)) + (below + above);
  float courant = 0.5f * speed;
  float square = courant * courant;
  float walls = 0;
  if (absorbing) {
    walls = (float)((x == 0) + (x + 1 == size) + (y == 0) + (y + 1 == size) + (z == 0) + (z + 1 == size));
  }
  if (walls == 0) {
    return (2 - 6 * square) * here + square * around - older;
  }
  float loss = courant * walls / 2;
  return (2 - 6 * square) / (1 + loss) * here + square / (1 + loss) * around +
         (loss - 1) / (1 + loss) * older;
}

/* What the sources give in the step that leads to `step`: each by the thread that computes its cell. */
RKCP_DEVICE void wave_add(
    const wave_control *control, rkcp_u32 size, const float *samples, float *next, rkcp_u64 step,
    rkcp_u32 first, rkcp_u32 threads) {
  RKCP_ONE_BY_ONE
  for (rkcp_u32 i = 0; i < WAVE_SOURCES; i++) {
    const wave_source *source = &control->source[i];
    if ((control->sources & (1u << i)) == 0 || step < source->start ||
        step - source->start >= WAVE_SAMPLES || source->x >= size || source->y >= size ||
        source->z >= size) {
      continue;
    }
    rkcp_u32 cell = (source->z * size + source->y) * size + source->x;
    if (cell % threads == first) {
      next[cell] += samples[i * WAVE_SAMPLES + (rkcp_u32)(step - source->start)];
    }
  }
}

RKCP_DEVICE void wave_step(
    const wave_control *control, const wave_position *position, float *a, float *b,
    const float *speed, const float *samples) {
  rkcp_u32 threads = rkcp_groups() * rkcp_threads();
  rkcp_u32 first = rkcp_group() * rkcp_threads() + rkcp_thread();
  rkcp_u32 size = position->size;
  rkcp_u32 cells = size * size * size;
  const float *now = position->current == 0 ? a : b;
  float *next = position->current == 0 ? b : a;
  RKCP_ONE_BY_ONE
  for (rkcp_u32 at = first; at < cells; at += threads) {
    next[at] = wave_next(now, next[at], speed[at], at, size, position->absorbing);
  }
  wave_add(control, size, samples, next, position->step + 1, first, threads);
}

RKCP_KERNEL RKCP_BOUNDS(256, 2) void wave3d(
    rkcp_handshake *handshake, wave_gate *gate, wave_control *control, float *a, float *b,
    float *speed, float *samples) {
  rkcp_session session = rkcp_begin(handshake);
  rkcp_u32 *turns = (rkcp_u32 *)gate->turns;
  wave_position position = wave_read(control, gate);
  /* One thread will overwrite what all have read. */
  rkcp_barrier(&session);
  rkcp_u64 ticket = 0;
  int told = RKCP_RUN;
  for (rkcp_u32 turn = 0; told != RKCP_STOP; turn = 1 - turn) {
    if (rkcp_leads()) {
      /* Two words in turns: who is late still reads the one before. */
      ticket = rkcp_load_acquire_system(&gate->ticket);
      turns[turn] = rkcp_load_acquire_system(&gate->until) > position.step;
    }
    /* Also the barrier between two steps. */
    told = rkcp_safe_point(&session, position.step);
    if (told == RKCP_RELOAD) {
      /* A state was restored: what registers hold is of another one. */
      position = wave_read(control, gate);
      rkcp_barrier(&session);
    }
    if (rkcp_leads()) {
      rkcp_store_release_system(&gate->reached, position.step);
      rkcp_store_release_system(&gate->seen, ticket);
    }
    if (told != RKCP_RUN || turns[turn] == 0) {
      continue;
    }
    wave_step(control, &position, a, b, speed, samples);
    position.step++;
    position.current = 1 - position.current;
    if (rkcp_leads()) {
      control->step = position.step;
      control->current = position.current;
    }
  }
  rkcp_end(&session, position.step);
}
