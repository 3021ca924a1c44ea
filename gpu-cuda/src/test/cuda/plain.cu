/* A kernel that launches and ends, for the tests of stream order: adds to every word of a region. */
#include "rkcp/platform.cuh"

RKCP_KERNEL void add_to_words(rkcp_u64 *words, rkcp_u64 count, rkcp_u64 value) {
  rkcp_u64 step = (rkcp_u64)rkcp_groups() * rkcp_threads();
  for (rkcp_u64 i = (rkcp_u64)rkcp_group() * rkcp_threads() + rkcp_thread(); i < count; i += step) {
    words[i] += value;
  }
}
