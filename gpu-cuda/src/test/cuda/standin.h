/* What the parts of the driver stand-in share. */
#ifndef STANDIN_H
#define STANDIN_H

#include <pthread.h>
#include <stddef.h>

/* The driver's codes that are used here. */
enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  INVALID_PTX = 218,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ALREADY_REGISTERED = 712
};

/* Every call that can be made to fail; the order is that of call_names. */
enum call {
  INIT, DRIVER_VERSION, DEVICE_COUNT, DEVICE_GET, DEVICE_ATTRIBUTE, CONTEXT_RETAIN, CONTEXT_RELEASE,
  CONTEXT_SET, CONTEXT_GET, CONTEXT_DEVICE, MEMORY_INFO, ALLOC, FREE, HOST_ALLOC, HOST_FREE,
  HOST_POINTER, HOST_FLAGS, HOST_REGISTER, HOST_UNREGISTER, COPY_IN, COPY_OUT, COPY_IN_ASYNC, COPY_OUT_ASYNC, COPY_ASYNC, MEMSET, STREAM_CREATE,
  STREAM_QUERY, STREAM_SYNCHRONIZE, STREAM_DESTROY, STREAM_WAIT, EVENT_CREATE, EVENT_RECORD, EVENT_QUERY, EVENT_DESTROY,
  MODULE_LOAD, MODULE_UNLOAD, MODULE_FUNCTION, FUNCTION_ATTRIBUTE, OCCUPANCY, LAUNCH, CALLS
};

enum kind { CONTEXTS, MODULES, STREAMS, EVENTS, DEVICE_MEMORY, HOST_MEMORY, KINDS };

enum { DEVICES = 2, MULTIPROCESSORS = 4, MAX_PARAMETERS = 8, MADE = 4096, PAGE = 4096, DEVICE_MAP = 2 };

typedef struct {
  int ordinal;
  size_t total, used;
  int retained;  /* uses of the primary context */
  int resident;  /* groups on multiprocessors: one each */
  int kernels;   /* launched and not ended */
  int lost;      /* the code every call ends with, or 0 */
  int live[KINDS];
} device;

typedef struct memory {
  enum kind kind;
  char *address;
  size_t size;
  device *owner;
  int registered;  /* the caller's own, locked in place */
  unsigned flags;  /* of host memory */
  struct memory *next;
} memory;

typedef struct event event;
typedef struct stream stream;

typedef struct {
  const char *name;
  void (*entry)(void *, void *, void *, void *, void *, void *, void *, void *);
  int parameters;
} known_kernel;

extern pthread_mutex_t lock;
extern pthread_cond_t changed;
extern device devices[DEVICES];
extern int held;          /* copies don't go on while this is set */
extern int pageable_copies; /* asynchronous copies to or from memory that is not pinned */
extern size_t pinned_peak;
extern size_t copied[3];  /* bytes of asynchronous copies: in, out, within a device */
extern int launches;
extern unsigned groups_launched; /* of the newest launch */

int enter(enum call call);
int ready(enum call call, int done);
device *current_device(void);
memory *memory_at(const void *address, size_t size);
int touches_pinned(const void *address, size_t size);
void wait_until_idle(device *owner);
void end_streams(device *owner);
const known_kernel *kernel_named(const char *name);

#endif
