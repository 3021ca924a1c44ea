/*
 * Runs the kernels' own source on the host: a group is a thread of the operating system, its threads are
 * fibers that take turns. Shuffles and barriers are where they do. A fiber that waits for another group
 * gives its turn away too, so that spinning works as on a device.
 */
#ifndef STANDIN_GRID_H
#define STANDIN_GRID_H

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#define GRID_MAX_THREADS 256
#define GRID_STACK (64 * 1024)

typedef void (*grid_kernel)(void *, void *, void *, void *, void *, void *, void *, void *);

typedef struct {
  unsigned arrived;
  unsigned opened;
} fiber_barrier;

typedef struct grid_group grid_group;

typedef struct {
  jmp_buf context;
  ucontext_t start;
  grid_group *group;
  unsigned number;
  unsigned shuffles;
  int done;
} fiber;

struct grid_group {
  grid_kernel kernel;
  void *arguments[8];
  unsigned number, groups, threads;
  fiber fibers[GRID_MAX_THREADS];
  unsigned now;
  fiber_barrier all;
  fiber_barrier warp[GRID_MAX_THREADS / 32];
  unsigned slots[2][GRID_MAX_THREADS];
  char *stacks;
  ucontext_t outside;
};

extern _Thread_local grid_group *this_group;

/* Runs one group to its end, on the calling thread. */
void run_group(grid_group *group);

/* Gives the turn to the next fiber that is not done; out of the group when all are. */
void fiber_switch(fiber *from);

static inline fiber *current(void) { return &this_group->fibers[this_group->now]; }

static inline void fiber_wait(fiber_barrier *barrier, unsigned expected) {
  unsigned before = barrier->opened;
  if (++barrier->arrived == expected) {
    barrier->arrived = 0;
    barrier->opened++;
    return;
  }
  while (barrier->opened == before) {
    fiber_switch(current());
  }
}

/* What platform.cuh asks for. */

static inline unsigned rkcp_thread(void) { return this_group->now; }
static inline unsigned rkcp_threads(void) { return this_group->threads; }
static inline unsigned rkcp_group(void) { return this_group->number; }
static inline unsigned rkcp_groups(void) { return this_group->groups; }
static inline void rkcp_sync_group(void) { fiber_wait(&this_group->all, this_group->threads); }
static inline void rkcp_fence_system(void) { atomic_thread_fence(memory_order_seq_cst); }
static inline unsigned long long rkcp_multiply_high(unsigned long long a, unsigned long long b) {
  return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}

/* Two sets of slots: a lane that is a shuffle ahead does not write into the one others still read. */
static inline unsigned rkcp_shuffle_xor32(unsigned value, unsigned mask) {
  grid_group *group = this_group;
  fiber *self = current();
  unsigned *slots = group->slots[self->shuffles++ & 1];
  slots[self->number] = value;
  fiber_wait(&group->warp[self->number / 32], 32);
  return slots[self->number ^ mask];
}

/* The machine may have fewer cores than the device has groups. */
static inline void rkcp_relax(void) {
  struct timespec pause = {0, 20000};
  nanosleep(&pause, NULL);
}

/* What the host last wrote is not seen meanwhile: as of a device that something else keeps busy. */
extern int kernels_are_deaf;

static inline unsigned long long rkcp_load_acquire_system(const unsigned long long *at) {
  while (__atomic_load_n(&kernels_are_deaf, __ATOMIC_ACQUIRE)) {
    rkcp_relax();
  }
  return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}
static inline void rkcp_store_release_system(unsigned long long *at, unsigned long long value) {
  __atomic_store_n(at, value, __ATOMIC_RELEASE);
}
static inline unsigned rkcp_load_acquire(const unsigned *at) {
  return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}
static inline void rkcp_store_release(unsigned *at, unsigned value) {
  __atomic_store_n(at, value, __ATOMIC_RELEASE);
}
static inline unsigned rkcp_add_acquire_release(unsigned *at, unsigned value) {
  return __atomic_fetch_add(at, value, __ATOMIC_ACQ_REL);
}

#endif
