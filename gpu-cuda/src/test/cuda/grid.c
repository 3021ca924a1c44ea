/* The fibers of grid.h: each is started once to have a context of its own, then they take turns. */
#define _GNU_SOURCE
#include "grid.h"

_Thread_local grid_group *this_group;
int kernels_are_deaf;

void fiber_switch(fiber *from) {
  grid_group *group = from->group;
  if (!from->done && _setjmp(from->context) != 0) {
    return;
  }
  for (unsigned i = 1; i <= group->threads; i++) {
    unsigned next = (from->number + i) % group->threads;
    if (!group->fibers[next].done) {
      group->now = next;
      _longjmp(group->fibers[next].context, 1);
    }
  }
  setcontext(&group->outside);
}

static void fiber_main(void) {
  /* Started once to have a context of its own, then waits for its first turn. */
  if (_setjmp(this_group->fibers[this_group->now].context) == 0) {
    setcontext(&this_group->outside);
  }
  void **a = this_group->arguments;
  this_group->kernel(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
  /* Not from locals: they are of before the first turn. */
  fiber *ended = &this_group->fibers[this_group->now];
  ended->done = 1;
  fiber_switch(ended);
}

void run_group(grid_group *group) {
  this_group = group;
  group->stacks = malloc((size_t)GRID_STACK * group->threads);
  for (unsigned i = 0; i < group->threads; i++) {
    fiber *each = &group->fibers[i];
    each->group = group;
    each->number = i;
    getcontext(&each->start);
    each->start.uc_stack.ss_sp = group->stacks + (size_t)GRID_STACK * i;
    each->start.uc_stack.ss_size = GRID_STACK;
    each->start.uc_link = NULL;
    makecontext(&each->start, fiber_main, 0);
    group->now = i;
    swapcontext(&group->outside, &each->start);
  }
  volatile int started = 0;
  getcontext(&group->outside);
  if (!started) {
    started = 1;
    group->now = 0;
    _longjmp(group->fibers[0].context, 1);
  }
  free(group->stacks);
}
