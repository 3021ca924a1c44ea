package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;

/**
 * Which commit an entry is of.
 *
 * @param sequence its number among the kernel's commits, from 1; unsigned
 * @param epoch of the writer; unsigned
 * @param nonce tells this save from every other, also after an answer was lost
 */
record CommitMark(long sequence, long epoch, ObjectId nonce) {}
