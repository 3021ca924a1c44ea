/* The kernels' own sources, compiled for the host. */
#define _GNU_SOURCE
#include <string.h>

#include "grid.h"
#include "standin.h"

#define RKCP_HOST
#include "capture.cu"
#include "plain.cu"
#include "persistent.cu"

/* When the stand-in is built for it. */
#if __has_include("wave3d.cu")
#include "wave3d.cu"
#define EXAMPLES KERNEL(wave3d, 7),
#else
#define EXAMPLES
#endif

#define KERNEL(name, parameters) {#name, (grid_kernel)(void (*)(void))name, parameters}

static const known_kernel kernels[] = {
    EXAMPLES KERNEL(rkcp_capture_state, 1), KERNEL(add_to_words, 3), KERNEL(persistent_wave, 4)};

const known_kernel *kernel_named(const char *name) {
  for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
    if (strcmp(kernels[i].name, name) == 0) {
      return &kernels[i];
    }
  }
  return NULL;
}
