/*
 * A stand-in for libcuda.so.1, for tests on machines without a GPU: devices whose memory is the host's,
 * whose kernels are our own sources compiled for the host, and which wait where a driver may wait.
 *
 *   - copies, launches and events are done by a thread per stream (standin_streams.c);
 *   - a device has 4 multiprocessors, each with room for one group: a launch, a copy from device to
 *     device and a memset wait until one is free;
 *   - allocating, freeing, loading and unloading wait until no kernel is left in the context;
 *   - any call can be made to fail, by its number; what is live is counted.
 */
#define _GNU_SOURCE
#include "grid.h"
#include "standin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
device devices[DEVICES] = {{.ordinal = 0, .total = 256u << 20}, {.ordinal = 1, .total = 256u << 20}};
int held;
int pageable_copies;
size_t pinned_peak;
size_t copied[3];
int launches;
unsigned groups_launched;

static const char *const call_names[CALLS] = {
    "cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetAttribute",
    "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease", "cuCtxSetCurrent", "cuCtxGetCurrent",
    "cuCtxGetDevice", "cuMemGetInfo", "cuMemAlloc", "cuMemFree", "cuMemHostAlloc", "cuMemFreeHost",
    "cuMemHostGetDevicePointer", "cuMemHostGetFlags", "cuMemHostRegister", "cuMemHostUnregister", "cuMemcpyHtoD", "cuMemcpyDtoH", "cuMemcpyHtoDAsync",
    "cuMemcpyDtoHAsync", "cuMemcpyDtoDAsync", "cuMemsetD8", "cuStreamCreate", "cuStreamQuery",
    "cuStreamSynchronize", "cuStreamDestroy", "cuStreamWaitEvent", "cuEventCreate", "cuEventRecord", "cuEventQuery",
    "cuEventDestroy", "cuModuleLoadData", "cuModuleUnload", "cuModuleGetFunction",
    "cuFuncGetAttribute", "cuOccupancyMaxActiveBlocksPerMultiprocessor",
    "cuLaunchKernel"};

static _Thread_local device *current_context;
static memory *memories;
static size_t pinned;
static long calls, fail_at;
static enum call made[MADE]; /* the first calls, in order */
static int fail_code, fails_for_good, failed_call = -1;
static int initialized;
static _Thread_local int uncounted;
static int occupancy = 1;
static int stuck = -1; /* the call that does not return */

static int counted(enum call call) {
  if (uncounted) {
    return SUCCESS;
  }
  if (calls < MADE) {
    made[calls] = call;
  }
  calls++;
  if (calls != fail_at) {
    return SUCCESS;
  }
  failed_call = call;
  if (fails_for_good && current_context != NULL) {
    current_context->lost = fail_code;
  }
  return fail_code;
}

static int needs_context(enum call call) { return call > CONTEXT_GET; }

/* Starts a call: takes the lock, which the caller gives back. */
int enter(enum call call) {
  pthread_mutex_lock(&lock);
  while ((int)call == stuck && !uncounted) {
    pthread_cond_wait(&changed, &lock);
  }
  int code = counted(call);
  if (code == SUCCESS && call != INIT && call != DRIVER_VERSION && !initialized) {
    code = 3;
  }
  if (code == SUCCESS && needs_context(call)) {
    code = current_context == NULL ? INVALID_CONTEXT : current_context->lost;
  }
  return code;
}

/* The end of a call that asks whether something is done; only a definite answer counts as a call. */
int ready(enum call call, int done) {
  if (current_context == NULL) {
    return INVALID_CONTEXT;
  }
  if (current_context->lost) {
    return current_context->lost;
  }
  return done ? counted(call) : NOT_READY;
}

static int leave(int code) {
  pthread_mutex_unlock(&lock);
  return code;
}

#define ENTER(call)          \
  int code = enter(call);    \
  if (code != SUCCESS) {     \
    return leave(code);      \
  }

device *current_device(void) { return current_context; }

/* What a driver does before it changes a context's memory or code: waits for all of its kernels. */
void wait_until_idle(device *owner) {
  while (owner->kernels > 0) {
    pthread_cond_wait(&changed, &lock);
  }
}

memory *memory_at(const void *address, size_t size) {
  const char *at = address;
  for (memory *each = memories; each != NULL; each = each->next) {
    if (at >= each->address && size <= each->size &&
        (size_t)(at - each->address) <= each->size - size) {
      return each;
    }
  }
  return NULL;
}

/* Whether any of it is in pinned memory. */
int touches_pinned(const void *address, size_t size) {
  const char *at = address;
  for (memory *each = memories; each != NULL; each = each->next) {
    if (each->kind == HOST_MEMORY && at < each->address + each->size && each->address < at + size) {
      return 1;
    }
  }
  return 0;
}

int cuInit(unsigned flags) {
  (void)flags;
  int code = enter(INIT);
  initialized |= code == SUCCESS;
  return leave(code);
}

int cuDriverGetVersion(int *version) {
  ENTER(DRIVER_VERSION);
  *version = 12060;
  return leave(SUCCESS);
}

int cuDeviceGetCount(int *count) {
  ENTER(DEVICE_COUNT);
  *count = DEVICES;
  return leave(SUCCESS);
}

int cuDeviceGet(int *found, int ordinal) {
  ENTER(DEVICE_GET);
  *found = ordinal;
  return leave(ordinal >= 0 && ordinal < DEVICES ? SUCCESS : INVALID_DEVICE);
}

int cuDeviceGetName(char *name, int size, int ordinal) {
  snprintf(name, (size_t)size, "driver stand-in %d", ordinal);
  return SUCCESS;
}

/* One group on each multiprocessor, unless a test has a kernel that does not fit at all. */
int cuOccupancyMaxActiveBlocksPerMultiprocessor(
    int *groups, const known_kernel *function, int threads, size_t shared) {
  (void)function, (void)threads, (void)shared;
  ENTER(OCCUPANCY);
  *groups = occupancy;
  return leave(SUCCESS);
}

int cuDeviceGetAttribute(int *value, int attribute, int ordinal) {
  ENTER(DEVICE_ATTRIBUTE);
  (void)ordinal;
  switch (attribute) {
    case 16: /* multiprocessors */
      *value = MULTIPROCESSORS;
      break;
    case 19: /* can map host memory */
    case 41: /* unified addressing */
      *value = 1;
      break;
    case 75: /* compute capability */
      *value = 7;
      break;
    default:
      *value = 0;
  }
  return leave(SUCCESS);
}

int cuDevicePrimaryCtxRetain(device **context, int ordinal) {
  ENTER(CONTEXT_RETAIN);
  *context = &devices[ordinal];
  devices[ordinal].retained++;
  devices[ordinal].live[CONTEXTS]++;
  return leave(SUCCESS);
}

static void destroy_memory(memory *each) {
  for (memory **at = &memories; *at != NULL; at = &(*at)->next) {
    if (*at == each) {
      *at = each->next;
      break;
    }
  }
  each->owner->live[each->kind]--;
  if (each->kind == DEVICE_MEMORY) {
    each->owner->used -= each->size;
  } else {
    pinned -= each->size;
  }
  if (!each->registered) {
    free(each->address);
  }
  free(each);
}

int cuDevicePrimaryCtxRelease_v2(int ordinal) {
  ENTER(CONTEXT_RELEASE);
  device *owner = &devices[ordinal];
  owner->live[CONTEXTS]--;
  if (--owner->retained == 0) {
    wait_until_idle(owner);
    end_streams(owner);
    for (memory *each = memories; each != NULL;) {
      memory *next = each->next;
      if (each->owner == owner) {
        destroy_memory(each);
      }
      each = next;
    }
    memset(owner->live, 0, sizeof(owner->live));
    owner->lost = 0;
  }
  return leave(SUCCESS);
}

int cuCtxSetCurrent(device *context) {
  ENTER(CONTEXT_SET);
  current_context = context;
  return leave(SUCCESS);
}

int cuCtxGetCurrent(device **context) {
  ENTER(CONTEXT_GET);
  *context = current_context;
  return leave(SUCCESS);
}

int cuCtxGetDevice(int *ordinal) {
  ENTER(CONTEXT_DEVICE);
  *ordinal = current_context->ordinal;
  return leave(SUCCESS);
}

int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
  ENTER(MEMORY_INFO);
  *total = current_context->total;
  *free_bytes = current_context->total - current_context->used;
  return leave(SUCCESS);
}

static int allocate(enum kind kind, void **made, size_t size, unsigned flags) {
  device *owner = current_context;
  wait_until_idle(owner);
  if (size == 0) {
    return INVALID_VALUE;
  }
  if (kind == DEVICE_MEMORY && size > owner->total - owner->used) {
    return OUT_OF_MEMORY;
  }
  size_t unit = kind == HOST_MEMORY ? PAGE : 256;
  memory *each = malloc(sizeof(memory));
  *each = (memory){kind, aligned_alloc(unit, (size + unit - 1) / unit * unit), size, owner, 0, flags, memories};
  /* Nobody may lean on it being zero. */
  memset(each->address, 0xA5, size);
  memories = each;
  owner->live[kind]++;
  if (kind == DEVICE_MEMORY) {
    owner->used += size;
  } else {
    pinned += size;
    pinned_peak = pinned > pinned_peak ? pinned : pinned_peak;
  }
  *made = each->address;
  return SUCCESS;
}

static int release(enum kind kind, void *address) {
  wait_until_idle(current_context);
  memory *each = memory_at(address, 1);
  if (each == NULL || each->kind != kind || each->address != address) {
    return INVALID_VALUE;
  }
  destroy_memory(each);
  return SUCCESS;
}

int cuMemAlloc_v2(void **made, size_t size) {
  ENTER(ALLOC);
  return leave(allocate(DEVICE_MEMORY, made, size, 0));
}

int cuMemFree_v2(void *address) {
  ENTER(FREE);
  return leave(release(DEVICE_MEMORY, address));
}

int cuMemHostAlloc(void **made, size_t size, unsigned flags) {
  ENTER(HOST_ALLOC);
  return leave(allocate(HOST_MEMORY, made, size, flags));
}

int cuMemFreeHost(void *address) {
  ENTER(HOST_FREE);
  return leave(release(HOST_MEMORY, address));
}

/* Only of what was to be mapped, as is documented: a driver may answer for other pinned memory as well. */
int cuMemHostGetDevicePointer_v2(void **mapped, void *address, unsigned flags) {
  (void)flags;
  ENTER(HOST_POINTER);
  memory *each = memory_at(address, 1);
  if (each == NULL || each->kind != HOST_MEMORY || (each->flags & DEVICE_MAP) == 0) {
    return leave(INVALID_VALUE);
  }
  *mapped = address;
  return leave(SUCCESS);
}

/* Only of what was allocated, not of what was registered: likewise. */
int cuMemHostGetFlags(unsigned *flags, void *address) {
  ENTER(HOST_FLAGS);
  memory *each = memory_at(address, 1);
  if (each == NULL || each->kind != HOST_MEMORY || each->registered) {
    return leave(INVALID_VALUE);
  }
  *flags = each->flags;
  return leave(SUCCESS);
}

/* Pages are locked, whole ones: none can be registered twice. */
int cuMemHostRegister_v2(void *address, size_t size, unsigned flags) {
  ENTER(HOST_REGISTER);
  size_t before = (size_t)address % PAGE;
  size_t pages = (before + size + PAGE - 1) / PAGE;
  if (size == 0 || touches_pinned((char *)address - before, pages * PAGE)) {
    return leave(size == 0 ? INVALID_VALUE : ALREADY_REGISTERED);
  }
  memory *each = malloc(sizeof(memory));
  *each = (memory){HOST_MEMORY, address, size, current_context, 1, flags, memories};
  memories = each;
  current_context->live[HOST_MEMORY]++;
  pinned += size;
  return leave(SUCCESS);
}

int cuMemHostUnregister(void *address) {
  ENTER(HOST_UNREGISTER);
  memory *each = memory_at(address, 1);
  if (each == NULL || !each->registered || each->address != address) {
    return leave(INVALID_VALUE);
  }
  destroy_memory(each);
  return leave(SUCCESS);
}

static int copy_now(void *to, const void *from, size_t size, const void *on_device) {
  if (memory_at(on_device, size) == NULL) {
    return INVALID_VALUE;
  }
  memcpy(to, from, size);
  return SUCCESS;
}

int cuMemcpyHtoD_v2(void *to, const void *from, size_t size) {
  ENTER(COPY_IN);
  return leave(copy_now(to, from, size, to));
}

int cuMemcpyDtoH_v2(void *to, const void *from, size_t size) {
  ENTER(COPY_OUT);
  return leave(copy_now(to, from, size, from));
}

int cuMemsetD8_v2(void *to, unsigned char value, size_t size) {
  ENTER(MEMSET);
  while (current_context->resident == MULTIPROCESSORS) {
    pthread_cond_wait(&changed, &lock);
  }
  memory *each = memory_at(to, size);
  if (each == NULL || each->kind != DEVICE_MEMORY) {
    return leave(INVALID_VALUE);
  }
  memset(to, value, size);
  return leave(SUCCESS);
}

typedef struct {
  char *ptx;
  device *owner;
} module;

int cuModuleLoadData(module **made, const void *data) {
  ENTER(MODULE_LOAD);
  wait_until_idle(current_context);
  if (strstr(data, ".version 6.0") == NULL || strstr(data, ".target sm_70") == NULL) {
    return leave(INVALID_PTX);
  }
  *made = malloc(sizeof(module));
  (*made)->ptx = strdup(data);
  (*made)->owner = current_context;
  current_context->live[MODULES]++;
  return leave(SUCCESS);
}

int cuModuleUnload(module *each) {
  ENTER(MODULE_UNLOAD);
  wait_until_idle(current_context);
  each->owner->live[MODULES]--;
  free(each->ptx);
  free(each);
  return leave(SUCCESS);
}

/* A function is there when the PTX has an entry of its name, with as many parameters as the source. */
int cuModuleGetFunction(const known_kernel **found, module *in, const char *name) {
  ENTER(MODULE_FUNCTION);
  wait_until_idle(current_context);
  char entry[128];
  snprintf(entry, sizeof(entry), ".visible .entry %s(", name);
  const char *at = strstr(in->ptx, entry);
  *found = kernel_named(name);
  if (at == NULL || *found == NULL) {
    return leave(NOT_FOUND);
  }
  const char *end = strchr(at, ')');
  int parameters = 0;
  for (at = strstr(at, ".param"); at != NULL && at < end; at = strstr(at + 1, ".param")) {
    parameters++;
  }
  return leave(parameters == (*found)->parameters ? SUCCESS : INVALID_PTX);
}

int cuFuncGetAttribute(int *value, int attribute, const known_kernel *function) {
  (void)attribute;
  (void)function;
  ENTER(FUNCTION_ATTRIBUTE);
  *value = 256;
  return leave(SUCCESS);
}

/* What the tests ask for, as native methods of StandIn.java: static ones with numbers only. */
#define JAVA_NAME(name) Java_io_ringkernel_checkpoint_gpu_cuda_StandIn_##name
#define JAVA(type, name) type JAVA_NAME(name)

JAVA(void, failAt)(void *env, void *class, long long call, int with) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  calls = 0;
  fail_at = call;
  fail_code = with;
  fails_for_good = 0;
  failed_call = -1;
  leave(0);
}

JAVA(void, loseAt)(void *env, void *class, long long call, int with) {
  JAVA_NAME(failAt)(env, class, call, with);
  pthread_mutex_lock(&lock);
  fails_for_good = 1;
  leave(0);
}

JAVA(void, uncounted)(void *env, void *class, int on) {
  (void)env, (void)class;
  uncounted = on;
}

JAVA(long long, calls)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  long long count = calls;
  leave(0);
  return count;
}

JAVA(int, callAt)(void *env, void *class, long long at) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave(at < calls && at < MADE ? (int)made[at] : -1);
}

JAVA(int, failedCall)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave(failed_call);
}

JAVA(int, callNameByte)(void *env, void *class, int call, int at) {
  (void)env, (void)class;
  return call_names[call][at];
}

JAVA(int, callKinds)(void *env, void *class) {
  (void)env, (void)class;
  return CALLS;
}

JAVA(void, stick)(void *env, void *class, int call) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  stuck = call;
  pthread_cond_broadcast(&changed);
  leave(0);
}

JAVA(int, live)(void *env, void *class, int kind) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  int count = 0;
  for (int i = 0; i < DEVICES; i++) {
    count += devices[i].live[kind];
  }
  return leave(count);
}

JAVA(void, hold)(void *env, void *class, int hold) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  held = hold;
  pthread_cond_broadcast(&changed);
  leave(0);
}

JAVA(void, deaf)(void *env, void *class, int deaf) {
  (void)env, (void)class;
  __atomic_store_n(&kernels_are_deaf, deaf, __ATOMIC_RELEASE);
}

JAVA(void, lose)(void *env, void *class, int ordinal, int with) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  devices[ordinal].lost = with;
  leave(0);
}

JAVA(int, lost)(void *env, void *class, int ordinal) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave(devices[ordinal].lost);
}

JAVA(void, memory)(void *env, void *class, int ordinal, long long total) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  devices[ordinal].total = (size_t)total;
  leave(0);
}

JAVA(long long, memoryUsed)(void *env, void *class, int ordinal) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  long long used = (long long)devices[ordinal].used;
  leave(0);
  return used;
}

JAVA(void, occupancy)(void *env, void *class, int groups) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  occupancy = groups;
  leave(0);
}

JAVA(long long, copied)(void *env, void *class, int how) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  long long bytes = (long long)copied[how];
  copied[how] = 0;
  leave(0);
  return bytes;
}

JAVA(int, launches)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave(launches);
}

JAVA(int, groupsLaunched)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave((int)groups_launched);
}

JAVA(int, pageableCopies)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  return leave(pageable_copies);
}

JAVA(long long, pinnedPeak)(void *env, void *class) {
  (void)env, (void)class;
  pthread_mutex_lock(&lock);
  long long peak = (long long)pinned_peak;
  pinned_peak = pinned;
  leave(0);
  return peak;
}
