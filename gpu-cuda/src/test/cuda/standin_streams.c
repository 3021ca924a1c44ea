/* Streams, events, copies and launches: each stream is a thread that does one thing after the other. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "standin.h"

struct event {
  unsigned long recorded, reached;
  int users; /* the caller, and what waits in streams */
  device *owner;
};

enum what { COPY, RECORD, WAIT, RUN, END };

typedef struct work {
  enum what what;
  char *to;
  const char *from;
  size_t size;
  int on_device; /* a copy that takes a multiprocessor, as a device's copy to itself may */
  int fills;
  event *event;
  unsigned long mark;
  const known_kernel *kernel;
  unsigned groups, threads;
  void *arguments[MAX_PARAMETERS];
  struct work *next;
} work;

struct stream {
  device *owner;
  work *first, *last;
  int pending;
  stream *next;
};

static stream *streams; /* that live */

static void give_up(event *each) {
  if (--each->users == 0) {
    free(each);
  }
}

static void take_multiprocessor(device *owner) {
  while (owner->resident == MULTIPROCESSORS) {
    pthread_cond_wait(&changed, &lock);
  }
  owner->resident++;
}

static void leave_multiprocessor(device *owner) {
  owner->resident--;
  pthread_cond_broadcast(&changed);
}

static void copy(device *owner, work *each) {
  while (held) {
    pthread_cond_wait(&changed, &lock);
  }
  if (each->on_device) {
    take_multiprocessor(owner);
  }
  pthread_mutex_unlock(&lock);
  if (each->fills) {
    memset(each->to, each->fills & 0xff, each->size);
  } else {
    memcpy(each->to, each->from, each->size);
  }
  pthread_mutex_lock(&lock);
  if (each->on_device) {
    leave_multiprocessor(owner);
  }
}

typedef struct {
  grid_group group;
  device *owner;
} resident_group;

static void *group_main(void *argument) {
  resident_group *each = argument;
  run_group(&each->group);
  pthread_mutex_lock(&lock);
  leave_multiprocessor(each->owner);
  pthread_mutex_unlock(&lock);
  free(each);
  return NULL;
}

static void run(device *owner, work *each) {
  pthread_t *threads = calloc(each->groups, sizeof(pthread_t));
  for (unsigned i = 0; i < each->groups; i++) {
    resident_group *one = calloc(1, sizeof(resident_group));
    one->owner = owner;
    one->group.kernel = each->kernel->entry;
    memcpy(one->group.arguments, each->arguments, sizeof(each->arguments));
    one->group.number = i;
    one->group.groups = each->groups;
    one->group.threads = each->threads;
    take_multiprocessor(owner);
    pthread_create(&threads[i], NULL, group_main, one);
  }
  pthread_mutex_unlock(&lock);
  for (unsigned i = 0; i < each->groups; i++) {
    pthread_join(threads[i], NULL);
  }
  free(threads);
  pthread_mutex_lock(&lock);
  owner->kernels--;
}

static int perform(device *owner, work *each) {
  switch (each->what) {
    case COPY:
      copy(owner, each);
      break;
    case RECORD:
      each->event->reached = each->mark;
      give_up(each->event);
      break;
    case WAIT:
      while (each->event->reached < each->mark) {
        pthread_cond_wait(&changed, &lock);
      }
      give_up(each->event);
      break;
    case RUN:
      run(owner, each);
      break;
    case END:
      return 0;
  }
  return 1;
}

static void *stream_main(void *argument) {
  stream *self = argument;
  int goes_on = 1;
  pthread_mutex_lock(&lock);
  while (goes_on) {
    while (self->first == NULL) {
      pthread_cond_wait(&changed, &lock);
    }
    work *each = self->first;
    goes_on = perform(self->owner, each);
    self->first = each->next;
    self->pending--;
    free(each);
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&lock);
  free(self);
  return NULL;
}

static void append(stream *to, work what) {
  work *each = malloc(sizeof(work));
  *each = what;
  each->next = NULL;
  if (to->first == NULL) {
    to->first = each;
  } else {
    to->last->next = each;
  }
  to->last = each;
  to->pending++;
  pthread_cond_broadcast(&changed);
}

int cuStreamCreate(stream **made, unsigned flags) {
  int code = enter(STREAM_CREATE);
  if (code == SUCCESS) {
    (void)flags;
    stream *each = calloc(1, sizeof(stream));
    each->owner = current_device();
    each->next = streams;
    streams = each;
    current_device()->live[STREAMS]++;
    pthread_t thread;
    pthread_create(&thread, NULL, stream_main, each);
    pthread_detach(thread);
    *made = each;
  }
  pthread_mutex_unlock(&lock);
  return code;
}

static void end(stream *each) {
  stream **at = &streams;
  while (*at != each) {
    at = &(*at)->next;
  }
  *at = each->next;
  append(each, (work){.what = END});
}

/* With their context all streams are gone, once they are done. */
void end_streams(device *owner) {
  for (stream *each = streams; each != NULL;) {
    stream *next = each->next;
    if (each->owner == owner && each->pending > 0) {
      pthread_cond_wait(&changed, &lock);
      next = streams;
    } else if (each->owner == owner) {
      end(each);
    }
    each = next;
  }
}

int cuStreamDestroy_v2(stream *each) {
  int code = enter(STREAM_DESTROY);
  if (code == SUCCESS) {
    each->owner->live[STREAMS]--;
    end(each);
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuStreamQuery(stream *each) {
  pthread_mutex_lock(&lock);
  int code = ready(STREAM_QUERY, each->pending == 0);
  pthread_mutex_unlock(&lock);
  return code;
}

int cuStreamSynchronize(stream *each) {
  int code = enter(STREAM_SYNCHRONIZE);
  while (code == SUCCESS && each->pending > 0) {
    pthread_cond_wait(&changed, &lock);
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuStreamWaitEvent(stream *waits, event *each, unsigned flags) {
  int code = enter(STREAM_WAIT);
  if (code == SUCCESS) {
    (void)flags;
    each->users++;
    append(waits, (work){.what = WAIT, .event = each, .mark = each->recorded});
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuEventCreate(event **made, unsigned flags) {
  int code = enter(EVENT_CREATE);
  if (code == SUCCESS) {
    (void)flags;
    *made = calloc(1, sizeof(event));
    (*made)->users = 1;
    current_device()->live[EVENTS]++;
    (*made)->owner = current_device();
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuEventDestroy_v2(event *each) {
  int code = enter(EVENT_DESTROY);
  if (code == SUCCESS) {
    each->owner->live[EVENTS]--;
    give_up(each);
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuEventRecord(event *each, stream *in) {
  int code = enter(EVENT_RECORD);
  if (code == SUCCESS) {
    each->users++;
    append(in, (work){.what = RECORD, .event = each, .mark = ++each->recorded});
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuEventQuery(event *each) {
  pthread_mutex_lock(&lock);
  int code = ready(EVENT_QUERY, each->reached == each->recorded);
  pthread_mutex_unlock(&lock);
  return code;
}

/*
 * Both ends must be in one piece of live memory each; the device's must be of the stream's device, the
 * host's in one piece of pinned memory or without any: a driver refuses what is pinned in part.
 */
static int copies(
    enum call call, void *to, enum kind to_kind, const void *from, enum kind from_kind, size_t size,
    stream *in) {
  int code = enter(call);
  if (code == SUCCESS) {
    memory *target = memory_at(to, size);
    memory *source = memory_at(from, size);
    const void *host = to_kind == HOST_MEMORY ? to : from_kind == HOST_MEMORY ? from : NULL;
    int pageable = host != NULL && memory_at(host, size) == NULL;
    if ((pageable && touches_pinned(host, size)) ||
        (to_kind == DEVICE_MEMORY &&
         (target == NULL || target->kind != DEVICE_MEMORY || target->owner != in->owner)) ||
        (from_kind == DEVICE_MEMORY &&
         (source == NULL || source->kind != DEVICE_MEMORY || source->owner != in->owner))) {
      code = INVALID_VALUE;
    } else {
      copied[call - COPY_IN_ASYNC] += size;
      pageable_copies += pageable;
      append(in, (work){.what = COPY, .to = to, .from = from, .size = size,
                        .on_device = to_kind == from_kind});
    }
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int cuMemcpyHtoDAsync_v2(void *to, const void *from, size_t size, stream *in) {
  return copies(COPY_IN_ASYNC, to, DEVICE_MEMORY, from, HOST_MEMORY, size, in);
}

int cuMemcpyDtoHAsync_v2(void *to, const void *from, size_t size, stream *in) {
  return copies(COPY_OUT_ASYNC, to, HOST_MEMORY, from, DEVICE_MEMORY, size, in);
}

int cuMemcpyDtoDAsync_v2(void *to, const void *from, size_t size, stream *in) {
  return copies(COPY_ASYNC, to, DEVICE_MEMORY, from, DEVICE_MEMORY, size, in);
}

int cuLaunchKernel(
    const known_kernel *kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
    unsigned bz, unsigned shared, stream *in, void **parameters, void **extra) {
  int code = enter(LAUNCH);
  unsigned threads = bx * by * bz;
  if (code == SUCCESS && (threads == 0 || threads > GRID_MAX_THREADS || extra != NULL)) {
    code = INVALID_VALUE;
  }
  if (code == SUCCESS) {
    (void)shared;
    work each = {.what = RUN, .kernel = kernel, .groups = gx * gy * gz, .threads = threads};
    for (int i = 0; i < kernel->parameters; i++) {
      each.arguments[i] = *(void **)parameters[i];
    }
    in->owner->kernels++;
    launches++;
    groups_launched = each.groups;
    append(in, each);
  }
  pthread_mutex_unlock(&lock);
  return code;
}
