/*
 * What the device code needs of its platform, for three compilers:
 *
 *   nvcc, or clang with a CUDA toolkit   the toolkit's own declarations
 *   clang without a toolkit              RKCP_BARE_CLANG; how src/main/cuda/generate-ptx makes our PTX
 *   a C compiler for the host            RKCP_HOST; the driver stand-in of the tests
 *
 * All device code here keeps to what C11 and CUDA C++ have in common.
 */
#ifndef RKCP_PLATFORM_CUH
#define RKCP_PLATFORM_CUH

typedef unsigned char rkcp_u8;
typedef unsigned int rkcp_u32;
typedef unsigned long long rkcp_u64;

#define RKCP_WARP 32

/*
 * A "group" is what CUDA calls a thread block; a "block" here is always a block of state. Threads and
 * groups are numbered in one row, also those of grids in two or three dimensions. What is RARE is
 * called and not inlined: it would cost registers on the common path, and in the user's own kernel.
 */

/*
 * Before a loop that is not worth the registers which several of its rounds at once would take, and
 * before one whose array is to be in registers.
 */
#if !defined(RKCP_HOST)
#define RKCP_ONE_BY_ONE _Pragma("unroll 1")
#define RKCP_ALL_AT_ONCE _Pragma("unroll")
/* On a kernel: groups of so many threads, so many of them on one multiprocessor. */
#define RKCP_BOUNDS(threads, groups) __attribute__((launch_bounds(threads, groups)))
#endif

#if defined(RKCP_HOST)

/* The stand-in includes its own emulation of a grid before this. */
#define RKCP_DEVICE static inline
#define RKCP_DEVICE_RARE static
#define RKCP_ONE_BY_ONE
#define RKCP_ALL_AT_ONCE
#define RKCP_BOUNDS(threads, groups)
#define RKCP_KERNEL
#define RKCP_CONSTANT static const
#define RKCP_SHARED static _Thread_local

#elif defined(RKCP_BARE_CLANG)

#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __constant__ __attribute__((constant))
#define __shared__ __attribute__((shared))
#define RKCP_DEVICE static __device__ inline __attribute__((always_inline))
#define RKCP_DEVICE_RARE static __device__ __attribute__((noinline))
#define RKCP_KERNEL extern "C" __global__
#define RKCP_CONSTANT static __constant__ const
#define RKCP_SHARED static __shared__

RKCP_DEVICE rkcp_u32 rkcp_thread(void) {
  return (rkcp_u32)__nvvm_read_ptx_sreg_tid_x() +
         __nvvm_read_ptx_sreg_ntid_x() *
             (__nvvm_read_ptx_sreg_tid_y() +
              __nvvm_read_ptx_sreg_ntid_y() * __nvvm_read_ptx_sreg_tid_z());
}
RKCP_DEVICE rkcp_u32 rkcp_threads(void) {
  return (rkcp_u32)__nvvm_read_ptx_sreg_ntid_x() * __nvvm_read_ptx_sreg_ntid_y() *
         __nvvm_read_ptx_sreg_ntid_z();
}
RKCP_DEVICE rkcp_u32 rkcp_group(void) {
  return (rkcp_u32)__nvvm_read_ptx_sreg_ctaid_x() +
         __nvvm_read_ptx_sreg_nctaid_x() *
             (__nvvm_read_ptx_sreg_ctaid_y() +
              __nvvm_read_ptx_sreg_nctaid_y() * __nvvm_read_ptx_sreg_ctaid_z());
}
RKCP_DEVICE rkcp_u32 rkcp_groups(void) {
  return (rkcp_u32)__nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_nctaid_y() *
         __nvvm_read_ptx_sreg_nctaid_z();
}
RKCP_DEVICE void rkcp_sync_group(void) { __syncthreads(); }
RKCP_DEVICE void rkcp_fence_system(void) { __nvvm_membar_sys(); }
RKCP_DEVICE rkcp_u64 rkcp_multiply_high(rkcp_u64 a, rkcp_u64 b) {
  return (rkcp_u64)(((unsigned __int128)a * b) >> 64);
}
RKCP_DEVICE rkcp_u32 rkcp_shuffle_xor32(rkcp_u32 value, rkcp_u32 mask) {
  return (rkcp_u32)__nvvm_shfl_sync_bfly_i32(0xffffffffu, (int)value, (int)mask, 31);
}

#else

#define RKCP_DEVICE static __device__ __forceinline__
#define RKCP_DEVICE_RARE static __device__ __noinline__
#define RKCP_KERNEL extern "C" __global__
#define RKCP_CONSTANT static __constant__ const
#define RKCP_SHARED static __shared__

RKCP_DEVICE rkcp_u32 rkcp_thread(void) {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
RKCP_DEVICE rkcp_u32 rkcp_threads(void) { return blockDim.x * blockDim.y * blockDim.z; }
RKCP_DEVICE rkcp_u32 rkcp_group(void) {
  return blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
}
RKCP_DEVICE rkcp_u32 rkcp_groups(void) { return gridDim.x * gridDim.y * gridDim.z; }
RKCP_DEVICE void rkcp_sync_group(void) { __syncthreads(); }
RKCP_DEVICE void rkcp_fence_system(void) { __threadfence_system(); }
RKCP_DEVICE rkcp_u64 rkcp_multiply_high(rkcp_u64 a, rkcp_u64 b) { return __umul64hi(a, b); }
RKCP_DEVICE rkcp_u32 rkcp_shuffle_xor32(rkcp_u32 value, rkcp_u32 mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}

#endif

#if !defined(RKCP_HOST)

/* Loads and stores that other threads, or the host, order their own by (PTX 6.0, sm_70). */
RKCP_DEVICE rkcp_u64 rkcp_load_acquire_system(const rkcp_u64 *at) {
  rkcp_u64 value;
  asm volatile("ld.acquire.sys.u64 %0, [%1];" : "=l"(value) : "l"(at) : "memory");
  return value;
}
RKCP_DEVICE void rkcp_store_release_system(rkcp_u64 *at, rkcp_u64 value) {
  asm volatile("st.release.sys.u64 [%0], %1;" : : "l"(at), "l"(value) : "memory");
}
RKCP_DEVICE void rkcp_store_release(rkcp_u32 *at, rkcp_u32 value) {
  asm volatile("st.release.gpu.u32 [%0], %1;" : : "l"(at), "r"(value) : "memory");
}
RKCP_DEVICE rkcp_u32 rkcp_load_acquire(const rkcp_u32 *at) {
  rkcp_u32 value;
  asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(value) : "l"(at) : "memory");
  return value;
}
RKCP_DEVICE rkcp_u32 rkcp_add_acquire_release(rkcp_u32 *at, rkcp_u32 value) {
  rkcp_u32 before;
  asm volatile("atom.acq_rel.gpu.add.u32 %0, [%1], %2;"
               : "=r"(before)
               : "l"(at), "r"(value)
               : "memory");
  return before;
}
/* Between two looks at a flag. */
RKCP_DEVICE void rkcp_relax(void) {}

#endif

/* Two words that are loaded and stored at once, at a multiple of 16. */
typedef struct {
  rkcp_u64 low;
  rkcp_u64 high;
} __attribute__((aligned(16))) rkcp_pair;

/*
 * Loads and stores of what passes once: the caches are left to the kernel's own. In assembly, since a
 * compiler takes a pair apart, and halves of it cost nearly twice the time.
 */
#if defined(RKCP_HOST)

RKCP_DEVICE rkcp_u64 rkcp_load_passing(const rkcp_u64 *at) { return *at; }
RKCP_DEVICE rkcp_pair rkcp_load_pair_passing(const rkcp_pair *at) { return *at; }
RKCP_DEVICE void rkcp_store_pair_passing(rkcp_pair *at, rkcp_pair pair) { *at = pair; }

#else

RKCP_DEVICE rkcp_u64 rkcp_load_passing(const rkcp_u64 *at) {
  rkcp_u64 value;
  asm volatile("{ .reg .u64 from; cvta.to.global.u64 from, %1; ld.global.cs.u64 %0, [from]; }"
               : "=l"(value)
               : "l"(at)
               : "memory");
  return value;
}
RKCP_DEVICE rkcp_pair rkcp_load_pair_passing(const rkcp_pair *at) {
  rkcp_pair pair;
  asm volatile("{ .reg .u64 from; cvta.to.global.u64 from, %2; ld.global.cs.v2.u64 {%0, %1}, [from]; }"
               : "=l"(pair.low), "=l"(pair.high)
               : "l"(at)
               : "memory");
  return pair;
}
RKCP_DEVICE void rkcp_store_pair_passing(rkcp_pair *at, rkcp_pair pair) {
  asm volatile("{ .reg .u64 to; cvta.to.global.u64 to, %0; st.global.cs.v2.u64 [to], {%1, %2}; }"
               :
               : "l"(at), "l"(pair.low), "l"(pair.high)
               : "memory");
}

#endif

/* A lane's value of the lane whose number differs in the bits of mask. All 32 lanes take part. */
RKCP_DEVICE rkcp_u64 rkcp_shuffle_xor(rkcp_u64 value, rkcp_u32 mask) {
  rkcp_u32 low = rkcp_shuffle_xor32((rkcp_u32)value, mask);
  rkcp_u32 high = rkcp_shuffle_xor32((rkcp_u32)(value >> 32), mask);
  return (rkcp_u64)high << 32 | low;
}

#endif
