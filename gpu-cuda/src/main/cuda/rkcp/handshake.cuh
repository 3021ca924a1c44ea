/*
 * How a persistent kernel is brought to stand still, has its state taken, and runs on. The protocol and
 * its ordering rules are written down in docs/gpu.md; Handshake.java is the other side.
 *
 *   extern "C" __global__ void simulate(rkcp_handshake *handshake, ...) {
 *     rkcp_session session = rkcp_begin(handshake);
 *     for (;;) {
 *       ... one step, all results in global memory ...
 *       int told = rkcp_safe_point(&session, step);
 *       if (told == RKCP_STOP) break;
 *       if (told == RKCP_RELOAD) { ... read again what is kept in registers ...; rkcp_barrier(&session); }
 *     }
 *     rkcp_end(&session, step);
 *   }
 *
 * All groups must be resident at once (a cooperative launch, or a grid no larger than the device
 * holds), and every group has at least 32 threads.
 */
#ifndef RKCP_HANDSHAKE_CUH
#define RKCP_HANDSHAKE_CUH

#include "capture.cuh"

/* What the host asks for. */
#define RKCP_ASK_NONE 0u
#define RKCP_ASK_QUIESCE 1u
#define RKCP_ASK_CAPTURE 2u
#define RKCP_ASK_RESUME 3u
#define RKCP_ASK_RELOAD 4u
#define RKCP_ASK_STOP 5u

/* Where the kernel is. */
#define RKCP_PHASE_RUNNING 1ull
#define RKCP_PHASE_QUIESCED 2ull
#define RKCP_PHASE_CAPTURING 3ull
#define RKCP_PHASE_ENDED 4ull

/* What rkcp_safe_point answers. */
#define RKCP_RUN 0
#define RKCP_RELOAD 1
#define RKCP_STOP 2

/* An ask that makes no sense in the phase the kernel is in. */
#define RKCP_ERROR_NOT_QUIESCED 1ull

/* In device memory, zero before the first launch: how the groups of one kernel find together. */
typedef struct {
  rkcp_u32 arrived;
  rkcp_u32 meeting; /* number of the last meeting << 3 | what was told there */
  rkcp_u32 ask;
  rkcp_u32 reserved;
  rkcp_u64 argument;
  rkcp_u64 request;
  rkcp_u64 handled;
  rkcp_u64 epoch;
} rkcp_team;

/* In pinned host memory that the device maps. Each line of 64 bytes has one writer. */
typedef struct {
  /* Host, once. */
  rkcp_u64 magic;
  rkcp_u32 version;
  rkcp_u32 size;
  rkcp_u64 team; /* device address */
  rkcp_u64 unused[5];
  /* Host. */
  rkcp_u64 request; /* released last */
  rkcp_u64 ask;
  rkcp_u64 argument;
  rkcp_u64 unused2[5];
  /* Kernel. */
  rkcp_u64 acknowledged; /* released last */
  rkcp_u64 step;
  rkcp_u64 epoch; /* how often it has come to stand still */
  rkcp_u64 phase;
  rkcp_u64 error;
  rkcp_u64 unused3[3];
} rkcp_handshake;

typedef struct {
  rkcp_handshake *handshake;
  rkcp_team *team;
} rkcp_session;

RKCP_DEVICE int rkcp_leads(void) { return rkcp_group() == 0 && rkcp_thread() == 0; }

/*
 * A barrier for the whole grid; tells every thread what the leader had set to be told. It takes the
 * word from the very value that opens the barrier: the leader may be a meeting ahead.
 */
RKCP_DEVICE rkcp_u32 rkcp_meet(rkcp_team *team) {
  RKCP_SHARED rkcp_u32 told;
  rkcp_fence_system();
  rkcp_sync_group();
  if (rkcp_thread() == 0) {
    rkcp_u32 before = rkcp_load_acquire(&team->meeting);
    rkcp_u32 now = before;
    if (rkcp_add_acquire_release(&team->arrived, 1) == rkcp_groups() - 1) {
      team->arrived = 0;
      now = ((before >> 3) + 1) << 3 | team->ask;
      rkcp_store_release(&team->meeting, now);
    }
    while (now == before) {
      rkcp_relax();
      now = rkcp_load_acquire(&team->meeting);
    }
    told = now & 7;
    rkcp_fence_system();
  }
  rkcp_sync_group();
  rkcp_u32 answer = told;
  rkcp_fence_system();
  return answer;
}

/* Leader: takes the host's newest request, if it is a new one. */
RKCP_DEVICE void rkcp_listen(rkcp_session *session) {
  rkcp_team *team = session->team;
  rkcp_u64 request = rkcp_load_acquire_system(&session->handshake->request);
  if (request == team->handled) {
    team->ask = RKCP_ASK_NONE;
    return;
  }
  team->request = request;
  team->argument = session->handshake->argument;
  team->ask = (rkcp_u32)session->handshake->ask & 7;
}

/* Leader: says that the request is done, and where the kernel is now. */
RKCP_DEVICE void rkcp_acknowledge(rkcp_session *session, rkcp_u64 step, rkcp_u64 phase) {
  rkcp_handshake *handshake = session->handshake;
  handshake->step = step;
  handshake->epoch = session->team->epoch;
  handshake->phase = phase;
  session->team->handled = session->team->request;
  rkcp_store_release_system(&handshake->acknowledged, session->team->request);
}

/* Leader: answers at once what concerns a kernel that stands still, while this one runs. */
RKCP_DEVICE void rkcp_listen_running(rkcp_session *session, rkcp_u64 step) {
  rkcp_listen(session);
  rkcp_u32 ask = session->team->ask;
  if (ask == RKCP_ASK_CAPTURE || ask == RKCP_ASK_RESUME || ask == RKCP_ASK_RELOAD) {
    session->handshake->error = ask == RKCP_ASK_CAPTURE ? RKCP_ERROR_NOT_QUIESCED : 0;
    rkcp_acknowledge(session, step, RKCP_PHASE_RUNNING);
    session->team->ask = RKCP_ASK_NONE;
  }
}

/* All threads of the kernel, first. */
RKCP_DEVICE rkcp_session rkcp_begin(rkcp_handshake *handshake) {
  rkcp_session session;
  session.handshake = handshake;
  session.team = (rkcp_team *)handshake->team;
  if (rkcp_leads()) {
    /* What was asked of an earlier launch is not asked of this one. */
    session.team->handled = handshake->acknowledged;
    session.team->ask = RKCP_ASK_NONE;
    handshake->phase = RKCP_PHASE_RUNNING;
    rkcp_fence_system();
  }
  return session;
}

/*
 * A barrier for the whole grid and nothing else: all threads, for example between reading from the state
 * what one of them will overwrite and the step in which it does.
 */
RKCP_DEVICE void rkcp_barrier(rkcp_session *session) { rkcp_meet(session->team); }

/* Stands still: captures when told, until told to go on. */
RKCP_DEVICE rkcp_u32 rkcp_stand_still(rkcp_session *session, rkcp_u64 step) {
  rkcp_u32 told = RKCP_ASK_QUIESCE;
  if (rkcp_leads()) {
    session->team->epoch++;
    session->handshake->error = 0;
  }
  while (told == RKCP_ASK_QUIESCE || told == RKCP_ASK_CAPTURE) {
    if (told == RKCP_ASK_CAPTURE) {
      rkcp_capture_share((const rkcp_work *)session->team->argument);
      rkcp_meet(session->team);
    }
    if (rkcp_leads()) {
      rkcp_acknowledge(session, step, RKCP_PHASE_QUIESCED);
      do {
        rkcp_relax();
        rkcp_listen(session);
      } while (session->team->ask == RKCP_ASK_NONE);
      if (session->team->ask == RKCP_ASK_CAPTURE) {
        session->handshake->phase = RKCP_PHASE_CAPTURING;
      }
    }
    told = rkcp_meet(session->team);
  }
  return told;
}

/*
 * A consistent point: all threads of all groups come here after each step, with everything that
 * belongs to the state in global memory. It is a barrier for the whole grid, so that a kernel which
 * needs one between steps needs no other.
 */
RKCP_DEVICE int rkcp_safe_point(rkcp_session *session, rkcp_u64 step) {
  if (rkcp_leads()) {
    rkcp_listen_running(session, step);
  }
  rkcp_u32 told = rkcp_meet(session->team);
  if (told == RKCP_ASK_NONE) {
    return RKCP_RUN;
  }
  if (told == RKCP_ASK_QUIESCE) {
    told = rkcp_stand_still(session, step);
  }
  if (told == RKCP_ASK_STOP) {
    return RKCP_STOP;
  }
  if (rkcp_leads()) {
    rkcp_acknowledge(session, step, RKCP_PHASE_RUNNING);
  }
  return told == RKCP_ASK_RELOAD ? RKCP_RELOAD : RKCP_RUN;
}

/* All threads of the kernel, last: answers what is asked of it now, and says that nobody listens any more. */
RKCP_DEVICE void rkcp_end(rkcp_session *session, rkcp_u64 step) {
  rkcp_meet(session->team);
  if (rkcp_leads()) {
    rkcp_listen(session);
    session->team->ask = RKCP_ASK_NONE;
    rkcp_acknowledge(session, step, RKCP_PHASE_ENDED);
    rkcp_fence_system();
  }
}

#endif
