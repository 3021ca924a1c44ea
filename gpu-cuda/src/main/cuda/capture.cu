/*
 * The kernel that captures the state of kernels which launch and end: it runs in a stream, after them.
 * Compiled to PTX by generate-ptx; the PTX is what is shipped.
 */
#include "rkcp/capture.cuh"

/*
 * One parameter: the device address of a work table. Any grid; groups of a multiple of 32 threads, up to
 * 256. Two groups on a multiprocessor keep enough loads under way to fill its share of the bandwidth.
 */
RKCP_KERNEL RKCP_BOUNDS(256, 2) void rkcp_capture_state(const rkcp_work *work) { rkcp_capture_share(work); }
